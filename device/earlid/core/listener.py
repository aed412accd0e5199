"""What happens to each frame, in order: one place, the same for a microphone, a recording and a program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from earlid.core.detector import Detector
from earlid.core.epoch import Epoch
from earlid.core.frame import Frame
from earlid.core.gate import LONGEST, Do, Event, Gate, Permit, State
from earlid.core.ring import Ring
from earlid.core.segment import Endpoint, Segment, Wake
from earlid.core.segmenter import Segmenter
from earlid.core.units import Samples, Scores, samples
from earlid.errors import ConfigError, DeviceLost, DiskTrouble, Violation

LEAST: Final = samples(1.0)
"""With less than this left to keep within the hour no segment is begun: no question is that short."""


class Engine(Protocol):
    """Scores hops, with a memory of the hops before."""

    def step(self, hop: Samples) -> Scores:
        """Scores of shape (words,) for int16 `hop` of shape (1280,); NaN where there is none yet."""

    def wipe(self) -> None:
        """Overwrite that memory with zeros and start cold."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where a listener's doings go. `show` raises DeviceLost if the lamp cannot be lit; `keep` returns once
    the segment is safe or a mute came first and destroyed it, or raises DiskTrouble or ConfigError, and its
    samples may be overwritten then; `close` stops the source of sound for a mute;
    `vetoed` is told of a wake that a verifier refused, from which nothing follows;
    `left` is how many samples may still be kept within this hour; `discarded` is told, once all else is
    done, which wake's segment a mute destroyed, and of how many samples.
    """

    show: Callable[[State, str], None]
    keep: Callable[[Segment, Permit], None]
    woke: Callable[[Wake], None]
    scored: Callable[[Frame, Scores], None] | None = None
    close: Callable[[], None] = lambda: None
    left: Callable[[], int] = lambda: LONGEST
    discarded: Callable[[Wake, int], None] = lambda wake, samples: None
    vetoed: Callable[[Wake], None] = lambda wake: None


class Listener:
    """Hears frames and lets only what the gate permits out of memory.

    Not for two threads at once: `epoch.bump()` is the one thing another thread or a signal may do, and
    from that moment every frame heard so far is stale, and nothing is heard until `mute()` and `unmute()`
    have been called.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        detector: Detector,
        segmenter: Segmenter,
        gate: Gate,
        ring: Ring,
        epoch: Epoch,
        ports: Ports,
    ) -> None:
        self._engine = engine
        self._detector = detector
        self._segmenter = segmenter
        self._gate = gate
        self._ring = ring
        self._epoch = epoch
        self._ports = ports
        self._hearing = epoch.value  # the only epoch whose sound is heard
        self._wake: Wake | None = None
        self._most = LONGEST
        self._destroyed: tuple[Wake, int] | None = None
        self._endpoint = Endpoint.STOPPED
        self._causes: dict[str, str] = {}
        self._next = -1
        self.now = 0
        self.heard = 0
        self.stale = 0

    @property
    def state(self) -> State:
        """What the lamp says."""
        return self._gate.state

    @property
    def is_behind(self) -> bool:
        """Whether the epoch went on since the last `mute`: nothing is heard until `mute` was called again."""
        return self._hearing != self._epoch.value

    @property
    def cause(self) -> str:
        """Why the lamp says fault, in a person's words; empty when it does not."""
        return next(iter(self._causes.values()), "")

    def start(self) -> None:
        """Bring the lamp to the first state."""
        self._show()

    def hear(self, frame: Frame) -> None:
        """Take in one frame, and do all that follows from it before returning."""
        muted = self._gate.state is State.MUTED or self.is_behind
        if muted or frame.epoch != self._hearing:
            self.stale += 1
            return
        if frame.start != self._next and self._next >= 0:
            self._engine.wipe()  # scores across a gap would be scores of a sound that never was
            self._detector.forget()
        self._next = self.now = frame.stop
        self.heard += len(frame.samples)
        self._ring.write(frame)
        scores = self._engine.step(frame.samples)
        wake = self._detector.judge(scores, frame.stop)
        if self._ports.scored:
            self._ports.scored(frame, scores)
        if self._segmenter.is_open and (endpoint := self._segmenter.hear(frame)):
            self._endpoint = endpoint
            self._happen(Event.ENDPOINT)
        if wake:
            self._ports.woke(wake)
            self._answer(wake)
        elif self._detector.vetoed:
            self._ports.vetoed(self._detector.vetoed)

    def mute(self) -> None:
        """Destroy all that was heard, then say so. Call `epoch.bump()` first, where the press is noticed."""
        self._hearing = self._epoch.value
        self._happen(Event.MUTE)

    def unmute(self) -> None:
        """Listen again, from nothing."""
        self._happen(Event.UNMUTE)
        if self._causes:
            self._happen(Event.LOST)

    def lose(self, what: str, cause: str) -> None:
        """`what` (microphone, disk, sound) is gone: say so, with the latest `cause`, until it is found."""
        was_lost, self._causes[what] = what in self._causes, cause
        if not was_lost:
            self._endpoint = Endpoint.SOURCE_ENDED
            self._happen(Event.LOST)

    def find(self, what: str) -> None:
        """`what` is back."""
        if self._causes.pop(what, None) is not None and not self._causes:
            self._happen(Event.FOUND)

    def lacks(self, what: str) -> bool:
        """Whether `what` was lost and not found since."""
        return what in self._causes

    def darken(self, cause: str) -> None:
        """The lamp is out, though nothing was to be shown: keep nothing until `find("lamp")`."""
        self._causes.setdefault("lamp", cause)
        self._happen(Event.DARK)

    def stop(self, endpoint: Endpoint = Endpoint.STOPPED) -> None:
        """Decide an open segment's fate, then overwrite all that was heard."""
        self._endpoint = endpoint
        self._happen(Event.STOP)

    def _happen(self, event: Event) -> None:
        permit, length = self._segmenter.permit, self._segmenter.length
        row = self._gate.take(event)
        state = self._gate.state
        for work in row:
            if work is Do.SHOW:
                if self._gate.state is state:  # else what happened on the way has shown the state it led to
                    self._show()
            elif work is Do.OPEN:
                self._open()
            elif work is Do.KEEP:
                self._keep()
            elif work is Do.DISCARD:
                self._segmenter.discard()
            elif work is Do.CLOSE:
                self._ports.close()
            else:
                self._wipe()
        if event is Event.MUTE and permit is not None and length:
            self._destroyed = (permit.wake, length)
        if self._destroyed and event in {Event.MUTE, Event.STOP}:
            told, self._destroyed = self._destroyed, None
            self._ports.discarded(*told)

    def _show(self) -> None:
        try:
            self._ports.show(self._gate.state, self.cause)
        except DeviceLost as error:
            self.darken(str(error))

    def _answer(self, wake: Wake) -> None:
        """A wake opens a segment, if there is audio left in the hour's budget."""
        self._wake, self._most = wake, LONGEST
        if self._gate.state is State.LISTENING:
            self._most = min(self._ports.left(), LONGEST)
        self._happen(Event.WAKE if self._most >= LEAST else Event.SPENT)

    def _open(self) -> None:
        if self._gate.state is not State.CAPTURING:
            return  # the lamp could not be lit a moment ago: nothing is kept
        if self._wake is None:
            raise Violation("a segment was asked for without a wake")
        permit = self._gate.permit(self._wake, self._hearing, most=self._most)
        self._segmenter.open(permit, self._ring)

    def _keep(self) -> None:
        permit = self._segmenter.permit
        if permit is None:
            return
        segment = self._segmenter.close(self._endpoint)
        if segment is None:
            return
        if permit.epoch != self._epoch.value:
            segment.wipe()  # muted while the last words were weighed: the hand wins
            self._destroyed = (permit.wake, len(segment.samples))
            return
        try:
            self._ports.keep(segment, permit)
        except (DiskTrouble, ConfigError) as error:
            self.lose("disk", str(error))
        finally:
            segment.wipe()

    def _wipe(self) -> None:
        self._ring.wipe()
        self._engine.wipe()
        self._detector.forget()
        self._segmenter.discard()
        self._next = -1
