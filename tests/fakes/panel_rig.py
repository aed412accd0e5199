"""A panel on a bench: mock pins, a clock and hands that are the test's, and everything it says is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from earlid.core.boards import BoardName, LampKind, MuteKind, wiring
from earlid.edge.panel.panel import Panel
from fakes.wires import Bench, Hands

MUTE, RED, GREEN, BLUE, SENSE, POWER = 17, 5, 6, 13, 22, 26

RGB = {"lamp": LampKind.RGB, "red_pin": RED, "green_pin": GREEN, "blue_pin": BLUE}


class Rig:
    """A panel on a bench, and all that it said."""

    def __init__(self, bench: Bench, hands: Hands, tmp: Path, **chosen: Any) -> None:
        self.bench, self.hands = bench, hands
        self.wired = wiring(board=BoardName.CUSTOM, **{"mute_pin": MUTE, **RGB, **chosen})
        self.mutes: list[bool] = []
        self.holds: list[float | None] = []
        self.erased = 0
        self.panel = Panel(
            self.wired,
            tmp,
            self.mutes.append,
            self._erase,
            self.holds.append,
            pins=bench.pins,
            clock=hands.clock,
            rest=hands.rest,
            pulse=hands.pulse,
        )

    def _erase(self) -> None:
        self.erased += 1

    def open(self, muted: bool = False) -> Rig:
        self.panel.open()
        self.panel.tell(muted)
        return self

    def down(self) -> None:
        self.bench.pin(MUTE).drive_low()

    def up(self) -> None:
        self.bench.pin(MUTE).drive_high()

    def press(self, seconds: float = 0.1) -> None:
        self.down()
        self.hands.pass_s(seconds)
        self.up()
        self.hands.pass_s(0.2)

    @property
    def colour(self) -> tuple[float, float, float]:
        return (self.bench.level(RED), self.bench.level(GREEN), self.bench.level(BLUE))


def rig(bench: Bench, hands: Hands, tmp_path: Path, **chosen: Any) -> Rig:
    return Rig(bench, hands, tmp_path, **chosen)


def latching(bench: Bench, hands: Hands, tmp_path: Path, **chosen: Any) -> Rig:
    return Rig(bench, hands, tmp_path, mute_kind=MuteKind.LATCHING, **chosen)
