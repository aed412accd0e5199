"""A virtual Pi that is on already: its memory and its card, written down while it listened, beside the card.

Starting from it takes seconds where a boot takes a minute. What is in it is not what a boot would make of
another card, so it is made again whenever the card is.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pi.virtual.card import Cards
from pi.virtual.host import CHECKOUT, Unavailable, begin, digest, emulator, finish, is_made
from pi.virtual.house import home
from pi.virtual.machine import Card, Machine, machine
from pi.virtual.owner import UPLOAD, Owner

_LIMIT_S: Final = 120.0
_AGENT_RETURNS_S: Final = 5.0
_MADE_BY: Final = [CHECKOUT / "tests/pi/virtual" / f"{one}.py" for one in ("frozen", "machine", "settings")]


@dataclass(frozen=True, slots=True)
class Frozen:
    """The folder where it is kept."""

    folder: Path

    @property
    def memory(self) -> str:
        """Where the emulator finds the memory, and all else that is no disk, in its own words."""
        return f"exec:cat {shlex.quote(str(self.folder / 'memory'))}"

    def keep(self, board: Machine) -> None:
        """Write down `board` as it is now; it is off afterwards. Unavailable where that fails."""
        self.folder.mkdir()
        with _monitor(board.monitor) as tell:
            tell("migrate", uri=f"exec:cat >{shlex.quote(str(self.folder / 'memory'))}")
            end = time.monotonic() + _LIMIT_S
            while (said := tell("query-migrate").get("status")) != "completed":
                if said in {"failed", "cancelled"} or time.monotonic() > end:
                    raise Unavailable(f"the virtual Pi's memory was not written down: {said}")
                time.sleep(0.1)
        board.cut_power()
        for disk in (board.disk, board.firmware):
            shutil.copyfile(disk, self.folder / disk.name)

    def lend(self, board: Machine) -> None:
        """Give `board` its disks; `memory` belongs to just these."""
        for disk in (board.disk, board.firmware):
            shutil.copyfile(self.folder / disk.name, disk)


def frozen(cards: Cards, card: Card) -> Frozen:
    """One that was started from `card` and has delivered a segment; written down once, and found again."""
    made = Frozen(cards.home / "awake")
    marks = digest((cards.home / "card.complete").read_text("ascii"), emulator(), *_MADE_BY)
    if is_made(made.folder, marks):
        return made
    begin(made.folder)
    print("starting it once more, to go on from there in seconds", flush=True)
    with home() as house, machine(card, cards.home / "first") as board:
        house.open()
        owner = Owner(board, house)
        owner.start()
        owner.hear_one()
        owner.settle()
        gone = "the uploader, which knows this home and no other, leaves"
        owner.until(lambda: owner.unit(UPLOAD)["ActiveState"] == "inactive", gone, 300)
        hands = owner.hands
        hands.do("leave")
        hands.close()
        time.sleep(_AGENT_RETURNS_S)
        made.keep(board)
    finish(made.folder, marks)
    return made


@contextmanager
def _monitor(door: Path) -> Iterator[Callable[..., dict[str, Any]]]:
    """A way to tell the emulator behind `door` something, and hear what it returns."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(_LIMIT_S)
        line.connect(os.path.relpath(door))
        with closing(line.makefile("rw", encoding="utf-8")) as talk:

            def tell(command: str, **arguments: Any) -> dict[str, Any]:
                talk.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
                talk.flush()
                for text in talk:
                    said: dict[str, Any] = json.loads(text)
                    if "error" in said:
                        raise Unavailable(f"the emulator does not {command}: {said['error']['desc']}")
                    if "return" in said:
                        returned: dict[str, Any] = said["return"]
                        return returned
                raise Unavailable(f"the emulator went while it was told to {command}")

            talk.readline()  # its greeting
            tell("qmp_capabilities")
            yield tell
