"""A bounded queue between the thread that hears and the one that reads: blocks go in, whole hops come out."""

from __future__ import annotations

from queue import Empty, SimpleQueue
from typing import Final

import numpy as np

from earlid.core.frame import Frame
from earlid.core.units import HOP, Samples

WAITING: Final = 50
"""Hops that may wait to be read: four seconds."""


class Hops:
    """Keeps hops in one array that never grows, and overwrites each with zeros once it was read.

    One thread takes blocks, one asks for frames, and any may wipe. When `waiting` hops wait, the newest
    is dropped and counted; indices go on, so that the gap can be seen.
    """

    def __init__(self, first: int = 0, waiting: int = WAITING) -> None:
        if waiting < 1:
            raise ValueError(f"at least one hop must be able to wait, not {waiting}")
        self._rows = np.zeros((waiting + 2, HOP), np.int16)  # one being filled, one being read
        self._waiting = waiting
        self._queue: SimpleQueue[tuple[int, int, int] | None] = SimpleQueue()
        self._row = 0
        self._filled = 0
        self._epoch = 0
        self.next_start = first
        self.lost = {"overflow": 0, "backlog": 0, "device": 0}

    def take(self, block: Samples, epoch: int) -> None:
        """Append `block`, whose samples were heard in `epoch` or later. Never waits."""
        taken = 0
        while taken < len(block):
            if not self._filled:
                self._epoch = epoch  # epochs only grow: a hop is as old as its first block
            count = min(HOP - self._filled, len(block) - taken)
            self._rows[self._row, self._filled : self._filled + count] = block[taken : taken + count]
            taken += count
            self._filled += count
            if self._filled == HOP:
                self._publish()

    def lose(self, hops: int, cause: str) -> None:
        """Leave a gap of `hops` where sound is missing, and count it. A hop begun is part of the gap."""
        self.lost[cause] += hops
        self.jump(hops)

    def jump(self, hops: int) -> None:
        """Leave a gap of `hops` that is nobody's loss, such as a mute."""
        self._rows[self._row].fill(0)
        self._filled = 0
        self.next_start += hops * HOP

    def next(self, timeout_s: float) -> Frame | None:
        """The oldest waiting hop, or None when there is none within `timeout_s` or a nudge came."""
        try:
            told = self._queue.get(timeout=max(0.0, timeout_s))
        except Empty:
            return None
        if told is None:
            return None
        start, epoch, row = told
        frame = Frame(start, epoch, self._rows[row].copy())
        self._rows[row].fill(0)
        return frame

    def nudge(self) -> None:
        """Let a `next` that waits return at once; behind hops that wait, nobody waits."""
        if self._queue.empty():
            self._queue.put(None)

    def wipe(self) -> None:
        """Forget every hop that waits and the one begun, and overwrite all of them with zeros."""
        while True:
            try:
                self._queue.get_nowait()
            except Empty:
                break
        self._filled = 0
        self._rows.fill(0)

    @property
    def blank(self) -> bool:
        """Whether nothing heard is left in memory here."""
        return self._queue.empty() and not self._rows.any()

    def _publish(self) -> None:
        if self._queue.qsize() < self._waiting:
            self._queue.put((self.next_start, self._epoch, self._row))
            self._row = (self._row + 1) % len(self._rows)
        else:
            self.lost["backlog"] += 1
        self._filled = 0
        self.next_start += HOP
