"""An afternoon at a device: sound that counts itself, a hand on the switch, and things that break.

It knows from outside what was true of each hop: the epoch and the switch when the air moved, whether it
reached the listener, and what the lamp said then. Listener, gate and spool are the real ones, the disk too.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from earlid.core.budget import HOUR_S, Budget
from earlid.core.frame import Frame
from earlid.core.gate import Permit, State
from earlid.core.segment import Endpoint, Segment
from earlid.core.units import HOP, RATE_HZ, seconds
from earlid.edge.disk import RealDisk
from earlid.edge.spool.spool import Spool
from earlid.errors import DiskTrouble
from fakes.counting_sound import counted_frame
from fakes.house import House


class Act(Enum):
    """What can happen next. Most of it takes a number: of hops, or of frames until the listener is told."""

    PASS = auto()  # so many hops of sound
    CALL = auto()  # the word ends with the next hop
    TALK = auto()
    HUSH = auto()
    GAP = auto()  # so many hops are lost on the way
    PRESS = auto()  # mute; the listener is told so many hops later
    PRESS_WITHIN = auto()  # the same, while the next hop is being scored
    PRESS_OVER_DISK = auto()  # the same, so many steps into what the disk does for the next segment
    RELEASE = auto()
    UNPLUG = auto()
    PLUG = auto()
    FILL = auto()  # the disk is full
    CLEAR = auto()
    DARKEN = auto()  # the lamp cannot be lit
    DIE = auto()  # the lamp goes out, and that is noticed
    LIGHT = auto()
    REST = auto()  # nobody is there for so many minutes
    STOP = auto()


@dataclass(slots=True)
class Truth:
    """What was true of one hop of sound: when the air moved, and when the listener was given it."""

    epoch: int
    muted: bool
    talk: bool
    lamp: State | None = None


class FullDisk(RealDisk):
    """This machine's disk, without room while `full`. No power is cut here, so it waits for nothing."""

    full = False

    def __init__(self) -> None:
        self.step: Callable[[str], None] = lambda _verb: None

    def sync(self, path: Path) -> None:
        self.step("sync")
        assert path.is_file()

    def sync_dir(self, path: Path) -> None:
        self.step("sync")
        assert path.is_dir()

    def rename(self, old: Path, new: Path) -> None:
        super().rename(old, new)
        self.step("rename")

    def create(self, path: Path, body: bytes | bytearray) -> None:
        self.step("create")
        if self.full:
            raise DiskTrouble(f"disk full: cannot write {path}, make room")
        super().create(path, body)


class Afternoon(House):
    """Plays a script of acts. `lag` hops always wait in a queue between the air and the listener."""

    def __init__(
        self,
        root: Path,
        *,
        lag: int = 0,
        lookback: int = 0,
        refractory: int = 0,
        nobody_spoke: int = 8_000,
        hangover: int = 4_000,
        longest: int = 30_000,
        budget_s: float = HOUR_S,
    ) -> None:
        super().__init__(
            lookback=lookback,
            refractory=refractory,
            nobody_spoke=nobody_spoke,
            hangover=hangover,
            longest=longest,
        )
        self.disk = FullDisk()
        self.spool = Spool(root, self.disk)
        self.truth: dict[int, Truth] = {}
        self.put: list[str] = []
        self.kept_at: list[tuple[float, float]] = []
        self.budget = Budget(budget_s)
        self.budget_s, self.refractory, self.longest = budget_s, refractory, longest
        self.tally: Counter[str] = Counter()
        self.voice.speech = lambda at: self.truth[at // HOP].talk
        self.engine.during = self._while_scoring
        self._lag = lag
        self._queue: deque[Frame] = deque()
        self._hop = 0
        self._talking = self._called = self._muted = False
        self._plugged = True
        self._press_within: int | None = None
        self._press_over_disk: int | None = None
        self._told_in: int | None = None

    def play(self, script: Sequence[tuple[Act, int]]) -> None:
        """Let it all happen, then stop and close."""
        self.listener.start()
        for act, number in script:
            self._let(act, number)
            self.check()
        self.listener.stop(Endpoint.SOURCE_ENDED)
        self.spool.close()

    def check(self) -> None:
        """What holds at every moment, whatever happened: invariants 1, 3 and 7 of the design."""
        state = self.listener.state
        if self._muted and self._told_in is None:
            assert state is State.MUTED
            assert self.blank
        if self.segmenter.is_open and not self.listener.is_behind:
            assert state is State.CAPTURING
            assert self.lamp.states[-1] is State.CAPTURING
        if state is not State.CAPTURING:
            assert not self.segmenter.is_open
        if len(self.wakes) > 1:
            assert self.wakes[-1].at - self.wakes[-2].at >= self.refractory
        now_s = self.now_s
        kept_s = [length_s for at_s, length_s in self.kept_at if at_s > now_s - HOUR_S]
        assert sum(kept_s) <= self.budget_s + 1e-6
        assert all(length_s <= seconds(self.longest) for length_s in kept_s)

    @property
    def now_s(self) -> float:
        """Seconds of this afternoon that are over."""
        return seconds(self._hop * HOP)

    def samples_left(self) -> int:
        """What the hour still has room for, to the sample below."""
        return math.floor(self.budget.left_s(self.now_s) * RATE_HZ)

    def _let(self, act: Act, number: int) -> None:
        match act:
            case Act.PASS:
                for _ in range(number):
                    self._pass()
            case Act.CALL:
                self._called = True
            case Act.TALK | Act.HUSH:
                self._talking = act is Act.TALK
            case Act.GAP:
                self._hop += number
            case Act.REST:
                self._hop += number * 60 * RATE_HZ // HOP
            case Act.PRESS:
                self._press(number)
            case Act.PRESS_WITHIN:
                self._press_within = number
            case Act.PRESS_OVER_DISK:
                self._press_over_disk = number + 1  # the last that it is given is the sync of the outbox
            case Act.RELEASE:
                self._release()
            case _:
                self._break_or_mend(act)

    def _break_or_mend(self, act: Act) -> None:
        match act:
            case Act.UNPLUG:
                self._plugged = False
                self.listener.lose("microphone", "unplugged")
            case Act.PLUG:
                self._plugged = True
                self.listener.find("microphone")
            case Act.FILL:
                self.disk.full = True
            case Act.CLEAR:
                self.disk.full = False
                self.listener.find("disk")
            case Act.DARKEN:
                self.lamp.broken = True
            case Act.DIE:
                self.lamp.broken = True
                self.listener.darken("the lamp went out")
                assert not self.segmenter.is_open
                self.tally["died"] += 1
            case Act.LIGHT:
                self.lamp.broken = False
                self.listener.find("lamp")
            case Act.STOP:
                self.listener.stop()
                self.listener.start()

    def _pass(self) -> None:
        """One hop of time: the air moves, the microphone hears it, an older hop reaches the listener."""
        stream_is_open = not (self._muted and self._told_in is None)
        if self._plugged and stream_is_open:
            self.truth[self._hop] = Truth(self.epoch.value, self._muted, self._talking)
            self._queue.append(counted_frame(self._hop * HOP, self.epoch.value))
            if self._called:
                self.engine.wakes.add(self._hop * HOP)
        self._called = False
        self._hop += 1
        while len(self._queue) > self._lag:
            frame = self._queue.popleft()
            self.truth[frame.start // HOP].lamp = self.lamp.states[-1] if self.lamp.shown else None
            self.listener.hear(frame)
        if self._told_in is not None:
            self._told_in -= 1
            if self._told_in <= 0:
                self._tell()
        self.check()

    def _press(self, told_in: int) -> None:
        if not self._muted:
            self._muted = True
            self.epoch.bump()
            self._told_in = told_in
            self.tally["pressed"] += 1
            self.tally["pressed over open sound"] += self.segmenter.is_open
            if not told_in:
                self._tell()

    def _while_scoring(self, _start: int) -> None:
        if self._press_within is not None:
            self._press(1 + self._press_within)
            self._press_within = None

    def _tell(self) -> None:
        """The listener learns of the press; the stream is closed. A slower queue still holds older frames."""
        self._told_in = None
        self._queue = deque(frame for frame in self._queue if frame.epoch != self.epoch.value)
        self.listener.mute()
        assert self.blank
        assert self.order[-2:] != ["muted", "close"]

    def _release(self) -> None:
        if self._muted:
            if self._told_in is not None:
                self._tell()
            self._muted = False
            self.listener.unmute()

    def _keep(self, segment: Segment, permit: Permit) -> None:
        assert self.lamp.states[-1] is State.CAPTURING
        assert permit.epoch == self.epoch.value
        assert len(segment.samples) <= permit.most
        self.budget.spend(self.now_s, seconds(len(segment.samples)))
        self.kept_at.append((self.now_s, seconds(len(segment.samples))))
        draft = self.spool.prepare(segment, permit)
        done: list[str] = []
        done_before_press: list[str] = []

        def step(verb: str) -> None:
            done.append(verb)
            assert done.count("create") < 2 or not any(draft.sound), "on the disk, and still in memory"
            if self._press_over_disk is not None and not self._muted:
                self._press_over_disk -= 1
                if self._press_over_disk < 0:
                    done_before_press.extend(done)
                    self._press_over_disk = None
                    self._press(1)
                    draft.wipe()  # as the thread that listens does, whatever the disk is at

        self.disk.step = step
        try:
            is_kept = self.spool.write(draft, lambda: permit.epoch == self.epoch.value)
        finally:
            self.disk.step = lambda _verb: None
        assert is_kept is (not done_before_press or "rename" in done_before_press[:-1])
        if is_kept:
            self.put.append(draft.id)
            self.tally[segment.endpoint.value] += 1
        self.tally["pressed over the disk"] += bool(done_before_press)
        self.tally["kept all the same"] += is_kept and bool(done_before_press)
