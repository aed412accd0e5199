"""Field recording as the listener sees it: told of every hop, wake and mute, and of no disk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from earlid.core.detector import Word
from earlid.core.epoch import Epoch
from earlid.core.field import Ended, Kind
from earlid.core.frame import Frame
from earlid.core.gate import State
from earlid.core.segment import Wake
from earlid.core.units import Scores
from earlid.field.clock import FieldClock
from earlid.field.recorder import Recorder
from earlid.field.scribe import Over, Scribe
from earlid.field.settings import FieldSettings


class NoFieldwork:
    """Records nothing, ever."""

    @property
    def is_wanted(self) -> bool:
        """Whether a recording is to be made now, and the lamp has to say so."""
        return False

    def hear(self, frame: Frame, scores: Scores) -> None:
        """One hop and its scores, heard while the lamp says that it is recorded."""

    def woke(self, wake: Wake, kind: Kind = Kind.WAKE) -> None:
        """The hop just heard completed a wake, or one that a verifier vetoed."""

    def look(self, state: State) -> None:
        """Begin, go on, or end, as the order and the clock say. Call it at every turn of the loop."""

    def wipe(self) -> None:
        """Overwrite all sound that is held here; the numbers stay. Before the lamp says muted."""


class Fieldwork(NoFieldwork):
    """Records while the owner wants it, and while the lamp says so: `beside` sees to that.

    Everything is for the thread that listens; nothing here waits for a disk after `open`.
    """

    def __init__(
        self,
        folder: Path,
        words: Sequence[Word],
        setup: dict[str, object],
        settings: FieldSettings,
        epoch: Epoch,
        clock: FieldClock | None = None,
    ) -> None:
        self._words = tuple(words)
        self._clock = clock or FieldClock()
        self._scribe = Scribe(folder, setup, settings, epoch, self._clock)
        self._recorder: Recorder | None = None
        self._ended: list[Recorder] = []
        """Those whose last clips may still wait to be sealed: a mute has to reach them, too."""
        self._over: int | None = None

    @property
    def is_wanted(self) -> bool:
        wanted = self._scribe.wanted
        return wanted is not None and wanted.order.session != self._over

    def open(self) -> None:
        """Look for a recording that was wanted before, and from now on every second."""
        self._scribe.open()
        self.look(State.LISTENING)

    def hear(self, frame: Frame, scores: Scores) -> None:
        if self._recorder:
            self._recorder.hear(frame, scores)

    def woke(self, wake: Wake, kind: Kind = Kind.WAKE) -> None:
        if self._recorder:
            self._recorder.woke(wake, kind)

    def look(self, state: State) -> None:
        wanted, recorder = self._scribe.wanted, self._recorder
        if recorder and (wanted is None or wanted.order != recorder.order):
            self._end(recorder, None)
        elif recorder:
            recorder.pass_time(state)
            if recorder.is_over:
                self._end(recorder, Ended.TIME)
        elif wanted and wanted.order.session != self._over:
            self._scribe.begun = wanted.order.session
            self._recorder = Recorder(
                wanted.order, self._words, self._clock, self._scribe.post, wanted.passed
            )

    def wipe(self) -> None:
        if self._recorder:
            self._recorder.wipe()
        while self._ended:
            self._ended.pop().wipe()

    def close(self) -> None:
        """Write down what is known, and let go; the recording goes on at the next start. Harmless twice."""
        if self._recorder:
            self._end(self._recorder, None)
        self._scribe.close()
        self.wipe()  # what a slow disk left

    def _end(self, recorder: Recorder, why: Ended | None) -> None:
        self._recorder = None
        if why:
            self._over = recorder.order.session
        recorder.finish()
        self._ended = [one for one in (*self._ended, recorder) if one.holds_sound]
        self._scribe.post(Over(recorder.order.session, why))


class Told(Protocol):
    """Whoever else is told of wakes."""

    def woke(self, wake: Wake) -> None:
        """A word was recognised."""

    def vetoed(self, wake: Wake) -> None:
        """A word was recognised, and its verifier refused it."""


def beside(
    field: NoFieldwork,
    is_told: Callable[[], bool],
    told: Told,
    scored: Callable[[Frame, Scores], None] | None,
) -> tuple[Callable[[Wake], None], Callable[[Wake], None], Callable[[Frame, Scores], None]]:
    """What a listener calls at a wake, a veto and a hop: `field` hears it, too, while the lamp says so."""

    def woke(wake: Wake) -> None:
        told.woke(wake)
        field.woke(wake)

    def vetoed(wake: Wake) -> None:
        told.vetoed(wake)
        field.woke(wake, Kind.VETOED)

    def heard(frame: Frame, scores: Scores) -> None:
        if is_told():
            field.hear(frame, scores)
        if scored:
            scored(frame, scores)

    return woke, vetoed, heard
