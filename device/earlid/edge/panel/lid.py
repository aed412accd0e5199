"""The lid on the ear: what everybody who may mute has said, and the epoch that their word bumps at once."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

from earlid.core.epoch import Epoch
from earlid.core.mute import Answer, Mute


class Lid:
    """Takes words from any thread; the one that listens is woken, does it, and says so with `done`.

    Whoever mutes bumps the epoch before this returns: from that moment nothing is heard, however long the
    listening thread takes. `nudge` wakes that thread out of a read. No lock is held while a file, a stream
    or a lamp is waited for.
    """

    def __init__(
        self,
        epoch: Epoch,
        begin: Mute,
        nudge: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` is the one by which the panel says when its switch was moved."""
        self._epoch = epoch
        self._clock = clock
        self._mute = begin
        self._nudge = nudge
        self._words = threading.Condition()
        self._news = threading.Event()
        self._turn = 0
        self._done = (False, -1)
        self._is_over = False

    @property
    def state(self) -> Mute:
        """What holds now."""
        return self._mute

    def mute(self) -> None:
        """Software, or a momentary button, mutes."""
        self._say(lambda state: state.mute(self._clock()))

    def unmute(self, *, in_words: bool = False) -> Answer:
        """Software, which asks `in_words`, or a momentary button wants to hear again, and may or may not."""
        answers: list[Answer] = []

        def change(state: Mute) -> Mute:
            after, answer = state.unmute(in_words=in_words)
            answers.append(answer)
            return after

        self._say(change)
        return answers[0]

    def move(self, closed: bool, moved_s: float = math.inf) -> None:
        """A latching switch is at this level since `moved_s`."""
        self._say(lambda state: state.move(closed, moved_s))

    def tell_time(self, quiet_until: str) -> None:
        """Quiet hours hold until then, or do not (empty)."""
        if quiet_until != self._mute.quiet_until:
            self._say(lambda state: state.tell_time(quiet_until))

    def stir(self) -> None:
        """Wake the one that waits: something else is worth a look."""
        self._news.set()

    def wait(self, timeout_s: float) -> None:
        """Until somebody says something or stirs, or for so long."""
        self._news.wait(timeout_s)
        self._news.clear()

    @property
    def turn(self) -> int:
        """How many words were said so far; what `done` is told."""
        return self._turn

    def done(self, muted: bool, turn: int) -> None:
        """The listening thread has done all that was said up to `turn`: the microphone is closed, or open."""
        if (muted, turn) != self._done:
            with self._words:
                self._done = (muted, turn)
                self._words.notify_all()

    def give_up(self) -> None:
        """Nobody listens any more: whoever waits need not."""
        with self._words:
            self._is_over = True
            self._words.notify_all()

    def await_done(self, timeout_s: float) -> bool | None:
        """Whether it is muted once all that was said until now was done; None if that takes longer."""
        with self._words:
            turn = self._turn
            self._words.wait_for(lambda: self._done[1] >= turn or self._is_over, timeout_s)
            return self._done[0] if self._done[1] >= turn else None

    def _say(self, change: Callable[[Mute], Mute]) -> None:
        with self._words:
            before, self._mute = self._mute, change(self._mute)
            self._turn += 1
            if self._mute.muted and not before.muted:
                self._epoch.bump()
        self._news.set()
        self._nudge()
