"""A hand, software, a clock on the wall and a listening thread at once: the later word holds.

Muting and the panel are the real ones, on mock pins and a clock that the test moves. What must hold is kept
beside them in three facts: what the switch's wire says, whether software's mute still is the last word, and
whether the microphone is open.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.strategies import booleans, integers, sampled_from

from earlid.core.boards import BoardName, LampKind, MuteKind, wiring
from earlid.core.epoch import Epoch
from earlid.core.lamp import Look
from earlid.core.mute import Answer, Remembered
from earlid.edge.disk import RealDisk
from earlid.edge.panel.panel import Panel
from earlid.listening.muting import Muting
from earlid.privacy import PrivacySettings
from fakes.wires import Bench, Hands

MUTE, RED, GREEN, BLUE, POWER = 17, 5, 6, 13, 26
RGB = {"lamp": LampKind.RGB, "red_pin": RED, "green_pin": GREEN, "blue_pin": BLUE}
STILL_S = 0.03


class QuickDisk(RealDisk):
    """No power is cut here, so it waits for nothing."""

    def sync(self, path: Path) -> None:
        assert path.is_file()

    def sync_dir(self, path: Path) -> None:
        assert path.is_dir()


class Porch(RuleBasedStateMachine):
    """Everything that can mute, and a listening thread that takes its turns when it is told to."""

    @initialize(kind=sampled_from(MuteKind), at_boot=booleans(), held=booleans())
    def hang(self, kind: MuteKind, at_boot: bool, held: bool) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.bench, self.hands, self.epoch = Bench(), Hands(), Epoch()
        self.kind = kind
        self.wired = wiring(board=BoardName.CUSTOM, mute_pin=MUTE, mute_kind=kind, mic_power_pin=POWER, **RGB)
        self.is_touched = False
        self.words = self.touched = 0
        self.software: int | None = None
        self.is_open = False
        self.was_muted = True
        self.last_epoch = 0
        self.muting = Muting(
            state=self.folder / "state",
            runtime=self.folder / "run",
            privacy=PrivacySettings(muted_at_boot=at_boot),
            disk=QuickDisk(),
            epoch=self.epoch,
            nudge=lambda: None,
            panel_of=self._panel,
            mute_kind=kind,
            clock=self.hands.clock,
        )
        if held:
            pin = self.bench.pin(MUTE)
            low = self._low_means_muted
            self.bench.hang(
                lambda number, level: pin.drive_low() if number == MUTE and level and low else None
            )
        self.muting.panel.open()
        self.bench._hooks.clear()
        self.muting.look()
        self.muting.panel.tell(self.muting.muted)
        self.muting.panel.show(Look.MUTED)
        self.was_muted = self.muting.muted
        self.last_epoch = self.epoch.value
        self.turn(0, 0)

    def _panel(self, says: Callable[[bool], None]) -> Panel:
        hands = self.hands
        return Panel(
            self.wired,
            self.folder,
            says,
            pins=self.bench.pins,
            clock=hands.clock,
            rest=hands.rest,
            pulse=hands.pulse,
        )

    def _next_word(self) -> int:
        self.words += 1
        return self.words

    @property
    def _low_means_muted(self) -> bool:
        return self.kind is MuteKind.MOMENTARY

    @property
    def _wire_says_muted(self) -> bool:
        return (self.bench.level(MUTE) > 0) is not self._low_means_muted

    @rule()
    def touch(self) -> None:
        """The switch is put to muted, or the button pressed."""
        was = self._wire_says_muted
        pin = self.bench.pin(MUTE)
        (pin.drive_low if self._low_means_muted else pin.drive_high)()
        if not was and self.kind is MuteKind.MOMENTARY:
            self.touched = self._next_word()

    @rule()
    def let_go(self) -> None:
        """The switch is put to open, or the button let go."""
        was = self._wire_says_muted
        pin = self.bench.pin(MUTE)
        (pin.drive_high if self._low_means_muted else pin.drive_low)()
        if was and self.kind is MuteKind.LATCHING:
            self.touched = self._next_word()

    @rule(times=integers(1, 5), gap_ms=sampled_from([0.3, 1.0, 9.0]))
    def bounce(self, times: int, gap_ms: float) -> None:
        """The contact closes and opens, and ends as it began."""
        begins = self._wire_says_muted
        for _ in range(times):
            for do in (self.let_go, self.touch) if begins else (self.touch, self.let_go):
                do()
                self.hands.pass_s(gap_ms / 1000)

    @rule(span_s=sampled_from([0.001, 0.01, STILL_S - 0.005, STILL_S + 0.05, 0.3, 2.0]))
    def wait(self, span_s: float) -> None:
        """Time passes, and the panel's thread takes its beats."""
        self.hands.pass_s(span_s)

    @rule()
    def press_shortly(self) -> None:
        self.touch()
        self.hands.pass_s(0.1)
        self.let_go()
        self.hands.pass_s(0.1)

    @rule()
    def software_mutes(self) -> None:
        self.muting._mute_by_software()
        self.software = self._next_word()
        assert self.muting.muted

    @rule()
    def software_unmutes(self) -> None:
        if self.muting.lid.unmute() is Answer.GRANTED:
            self.software = None
            assert not self.muting.muted

    @rule(until=sampled_from(["", "06:30"]))
    def an_hour_begins(self, until: str) -> None:
        self.muting.lid.tell_time(until)

    @rule(before_power=integers(0, 3), while_opening=integers(0, 3))
    def turn(self, before_power: int, while_opening: int) -> None:
        """The listening thread looks once, and somebody may press while it opens the microphone."""
        muting = self.muting
        muting.look()
        if self.is_open and muting.muted:
            self._close()
        elif not self.is_open and not muting.muted:
            if before_power == 1:
                self.bench.hang(self._press_at_power)
            muting.may_unmute()
            self.bench._hooks.clear()
            assert not (muting.muted and muting.panel.mic_powered), "given too late to be taken away"
            if while_opening == 1:
                self.touch()
            elif while_opening == 2:
                self.software_mutes()
            if muting.muted:
                muting.cut_power()
                self._close()
            else:
                self.is_open = True
                muting.panel.show(Look.LISTENING)

    def _press_at_power(self, number: int, level: float) -> None:
        if number == POWER and level:
            self.bench._hooks.clear()
            self.muting.lid.mute()  # software's thread, before it comes to tell the panel

    def _close(self) -> None:
        self.is_open = False
        self.muting.cut_power()
        self.muting.panel.show(Look.MUTED)
        self.muting.has_muted()
        assert self.muting._memory._file.read() is (
            Remembered.MUTED if self.muting.lid.state.kept else Remembered.OPEN
        )

    @invariant()
    def a_wire_that_says_muted_is_obeyed(self) -> None:
        if self.kind is MuteKind.LATCHING and self._wire_says_muted:
            assert self.muting.muted

    @invariant()
    def software_s_mute_holds_until_a_later_word(self) -> None:
        if self.software is not None and self.touched < self.software:
            assert self.muting.muted

    @invariant()
    def muted_has_no_power_once_the_listening_thread_or_the_hand_has_seen_it(self) -> None:
        if self.muting.panel.muted or (self.muting.muted and not self.is_open):
            assert not self.muting.panel.mic_powered

    @invariant()
    def muted_is_red_or_between_two_winks(self) -> None:
        if self.muting.panel.muted or (self.muting.muted and not self.is_open):
            levels = [self.bench.level(pin) for pin in (GREEN, BLUE)]
            assert levels == [0, 0], "red, or dark for a wink"

    @invariant()
    def every_mute_begins_an_epoch(self) -> None:
        if self.muting.muted and not self.was_muted:
            assert self.epoch.value > self.last_epoch
        self.was_muted, self.last_epoch = self.muting.muted, self.epoch.value

    @precondition(lambda self: hasattr(self, "muting"))
    @rule()
    def the_hand_can_always_unmute(self) -> None:
        """Out of any state: no quiet hour, the switch closed and opened or the button pressed: it hears."""
        self.muting.lid.tell_time("")
        self.let_go()
        self.hands.pass_s(0.2)
        if self.kind is MuteKind.LATCHING:
            self.touch()
            self.hands.pass_s(0.2)
            self.let_go()
            self.hands.pass_s(0.2)
        else:
            self.turn(0, 0)
            if self.muting.muted:
                self.press_shortly()
        assert not self.muting.muted
        self.software = None
        self.turn(0, 0)
        assert self.is_open

    def teardown(self) -> None:
        if hasattr(self, "muting"):
            self.muting.close(at_fault=False)
            shutil.rmtree(self.folder)
