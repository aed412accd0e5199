"""A listener with a scripted engine and voice, a lamp and a drawer, all of which can be looked into."""

from __future__ import annotations

from earlid.core.detector import Detector, Word
from earlid.core.epoch import Epoch
from earlid.core.frame import Frame
from earlid.core.gate import Gate, Permit, State
from earlid.core.listener import Listener, Ports
from earlid.core.ring import Ring
from earlid.core.segment import Endpoint, Segment, Wake
from earlid.core.segmenter import Segmenter, rules
from earlid.core.units import HOP, Scores, samples
from earlid.errors import EarlidError
from fakes.counting_sound import counted_frame
from fakes.scripted import Lamp, ScriptedEngine, ScriptedVoice


class House:
    """Everything around one listener; `order` is what happened at its ports, in order."""

    def __init__(
        self,
        *,
        lookback: int = 0,
        refractory: int = 0,
        nobody_spoke: int = samples(3.0),
        hangover: int = samples(0.8),
        longest: int = samples(12.0),
    ) -> None:
        self.epoch = Epoch()
        self.engine = ScriptedEngine()
        self.voice = ScriptedVoice()
        self.lamp = Lamp()
        self.ring = Ring(20 * HOP)
        self.segmenter = Segmenter(rules(nobody_spoke, hangover, longest), self.voice)
        self.order: list[str] = []
        self.kept: list[Segment] = []
        self.handed: list[Segment] = []
        self.wakes: list[Wake] = []
        self.discarded: list[tuple[Wake, int]] = []
        self.scored: list[tuple[int, int]] = []
        self.disk_trouble: EarlidError | None = None
        self.left = samples(30.0)
        self.listener = Listener(
            engine=self.engine,
            detector=Detector([Word("a", 0.5)], refractory),
            segmenter=self.segmenter,
            gate=Gate(lookback),
            ring=self.ring,
            epoch=self.epoch,
            ports=Ports(
                self._show,
                self._keep,
                self._woke,
                self._scored,
                self._close,
                self.samples_left,
                lambda wake, length: self.discarded.append((wake, length)),
            ),
        )

    def hear(self, *hops: int, epoch: int | None = None) -> None:
        """Hear the hops of counting sound with these numbers, in the epoch of now or in `epoch`."""
        for hop in hops:
            now = self.epoch.value if epoch is None else epoch
            self.listener.hear(counted_frame(hop * HOP, now))

    def wake_at(self, *hops: int) -> None:
        """Let the word be heard in these hops."""
        self.engine.wakes.update(hop * HOP for hop in hops)

    def press(self) -> None:
        """Mute, as a hand does: the epoch first, the listener next."""
        self.epoch.bump()
        self.listener.mute()

    @property
    def state(self) -> State:
        return self.listener.state

    @property
    def blank(self) -> bool:
        """Whether no sound is left in any memory of the core."""
        return not self.ring._memory.any() and not self.segmenter._memory.any() and not self.engine.heard

    @property
    def spans(self) -> list[tuple[int, int, Endpoint]]:
        return [(one.start, one.stop, one.endpoint) for one in self.kept]

    def samples_left(self) -> int:
        """What the hour still has room for."""
        return self.left

    def _show(self, state: State, cause: str) -> None:
        self.order.append(f"{state.value} over open sound" if self.segmenter.is_open else state.value)
        self.lamp.show(state, cause)

    def _keep(self, segment: Segment, permit: Permit) -> None:
        assert permit.wake is segment.wake
        self.handed.append(segment)
        self.order.append("keep")
        if self.disk_trouble:
            raise self.disk_trouble
        self.kept.append(Segment(segment.wake, segment.start, segment.samples.copy(), segment.endpoint))

    def _woke(self, wake: Wake) -> None:
        self.wakes.append(wake)
        self.order.append("wake")

    def _scored(self, frame: Frame, scores: Scores) -> None:
        self.scored.append((frame.start, len(scores)))

    def _close(self) -> None:
        assert self.blank
        self.order.append("close")
