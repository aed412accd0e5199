"""The owner of the virtual Pi: speaks, presses, looks at the lamp, and asks the kernel, not the program."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from pi.virtual.hands import Failed, Hands
from pi.virtual.house import Home, for_the_agent, words
from pi.virtual.machine import Machine
from pi.virtual.recipe import BLUE, GREEN, MUTE, RED
from pi.virtual.settings import AUTHORITY, settings

FIRMWARE: Final = "/boot/firmware"
SPOOL: Final = "/var/lib/earlid/spool"
OUTBOX: Final = f"{SPOOL}/outbox"
DRAFT: Final = f"{SPOOL}/draft"
LISTEN, UPLOAD = "earlid-listen.service", "earlid-upload.service"
COLOURS: Final = {RED: "red", GREEN: "green", BLUE: "blue"}
PATIENCE_S: Final = 150.0
_EVERY_S: Final = 0.1


class Broken(AssertionError):
    """What should be so is not; the message says what was seen instead."""


class NotRun(Exception):
    """This could not be tried here; the message says why."""


def check(is_so: bool, seen: str) -> None:
    """Go on only if it is so."""
    if not is_so:
        raise Broken(seen)


@dataclass(slots=True)
class Owner:
    """One virtual Pi and the home it is in."""

    machine: Machine
    home: Home
    more: str = ""
    is_well: bool = True

    @property
    def hands(self) -> Hands:
        """The hands in there; Broken while it is off."""
        if self.machine.hands is None:
            raise Broken("the virtual Pi is off")
        return self.machine.hands

    def start(self, *, clock: str = "utc") -> float:
        """Settings on the card, power, and wait until it listens or is muted; seconds that took."""
        began = time.monotonic()
        self.machine.put("earlid.toml", settings(self.home.port, self.more))
        self.machine.put(AUTHORITY, self.home.authority)
        hands = self.machine.switch_on(clock=clock)
        hands.do("look", pins=list(COLOURS), folders=[DRAFT, OUTBOX])
        self.until(lambda: self.unit(LISTEN)["ActiveState"] == "active", "the listener is ready", 300)
        return time.monotonic() - began

    def go_on(self, memory: str) -> None:
        """Power, and this home's settings, for a machine that goes on from `memory`: it listens already."""
        hands = self.machine.switch_on(memory=memory)
        hands.do(
            "write", path=f"{FIRMWARE}/earlid.toml", text=settings(self.home.port, self.more), mode=0o755
        )
        hands.do("write", path=f"{FIRMWARE}/{AUTHORITY}", text=self.home.authority, mode=0o755)
        hands.do("look", pins=list(COLOURS), folders=[DRAFT, OUTBOX])

    def start_again(self) -> None:
        """Off and on, with an honest collector and an open microphone, after something went wrong."""
        self.machine.cut_power()
        self.home.open()
        self.start()
        if self.microphone() == "closed":
            self.press()
        self.is_well = True

    def until(self, happens: Callable[[], Any], what: str, limit_s: float = PATIENCE_S) -> Any:
        """What `happens` gives, once that is something; Broken if it is nothing for too long."""
        end = time.monotonic() + limit_s
        while not (seen := happens()):
            if time.monotonic() > end:
                raise Broken(f"not in {limit_s:.0f} s: {what}; {self.story()}")
            time.sleep(_EVERY_S)
        return seen

    def story(self) -> str:
        """Where things stand, for a row that failed."""
        try:
            unit = self.unit(LISTEN)
            waiting = len(self.waiting())
            last = self.journal(LISTEN, 3).splitlines()
            return (
                f"lamp {self.lamp()}, microphone {self.microphone()}, listener {unit['ActiveState']},"
                f" {waiting} waiting, journal: {' / '.join(last)}"
            )
        except (Failed, TimeoutError) as error:
            return str(error)

    # --- what can be seen from outside ---

    def lamp(self) -> str:
        """The colours that shine now, such as "red" or "red green"; or dark."""
        now = self.hands.do("levels")["now"]
        return " ".join(name for pin, name in COLOURS.items() if now[str(pin)]) or "dark"

    def changes(self, since_s: float) -> list[tuple[float, str, int]]:
        """When a colour went on (1) or off (0), on the guest's clock."""
        seen = self.hands.do("levels")["changes"]
        return [(at, COLOURS[pin], level) for at, pin, level in seen if at >= since_s]

    def shone(self, colour: str, since_s: float) -> bool:
        """Whether a colour went on since then."""
        return any(name == colour and level for _, name, level in self.changes(since_s))

    def names(self, since_s: float) -> list[tuple[float, str, str]]:
        """When a name came into or went out of draft and outbox: (time, "draft +" and the like, name)."""
        return [(at, what, name) for at, what, name in self.hands.do("names") if at >= since_s]

    def microphone(self) -> str:
        """What the kernel says of the sound card's capture side: running, closed, gone."""
        return str(self.hands.do("microphone"))

    def waiting(self) -> list[str]:
        """The folders in the outbox."""
        return [path.rpartition("/")[2] for path in self.hands.do("glob", pattern=f"{OUTBOX}/[0-9]*-*")]

    def unit(self, name: str) -> dict[str, str]:
        """What systemd knows of a unit."""
        said = self.hands.run(
            *("systemctl", "show", name, "-p"),
            "ActiveState,SubState,MainPID,NRestarts,Result,StatusText,MemoryCurrent,ExecMainStartTimestampMonotonic,"
            "ActiveEnterTimestampMonotonic,ExecMainStatus,MemoryPeak",
        )
        return dict(line.split("=", 1) for line in said.splitlines())

    def pid(self, name: str) -> int:
        """A unit's process."""
        return int(self.unit(name)["MainPID"])

    def journal(self, unit: str, lines: int = 20) -> str:
        """The last lines that a unit wrote."""
        return self.hands.run("journalctl", "-q", "-o", "cat", "-b", "-u", unit, "-n", str(lines)).strip()

    def said(self, unit: str, text: str) -> bool:
        """Whether a unit wrote that in this boot."""
        return bool(
            self.hands.run(
                *("journalctl", "-q", "-o", "cat", "-b", "-u", unit, "-g", text, "-n", "1"), fails=True
            )
        )

    def status(self) -> dict[str, Any]:
        """What `earlid status` tells a program."""
        told: dict[str, Any] = json.loads(self.hands.run("earlid", "status", "--json"))
        return told

    def heard_s(self) -> float:
        """How much sound the listener says it has heard, read where `earlid status` reads it."""
        return float(json.loads(self.hands.do("read", path="/run/earlid/listen.json"))["heard_s"])

    def now(self) -> float:
        """The guest's clock since its boot."""
        return float(self.hands.do("clocks")["monotonic"])

    # --- what an owner does ---

    def press(self, seconds: float = 0.3) -> float:
        """Touch the button and let go; when, on the guest's clock."""
        return float(self.hands.do("press", pin=MUTE, seconds=seconds))

    def close_by_hand(self) -> tuple[float, float]:
        """Touch the button: when, and how long until the kernel said that nobody captures any more."""
        touched, took_s = self.hands.do("close", pin=MUTE)
        return float(touched), float(took_s)

    def say(self) -> float:
        """Say the name and a question; when the last of it was said, on the guest's clock."""
        return float(self.hands.do("say", sound=for_the_agent(words()))[1])

    def begin_to_say(self) -> int:
        """The same, without waiting: a number for `hands.answer`."""
        return self.hands.begin("say", sound=for_the_agent(words()))

    # --- what must be so before and after ---

    def settle(self) -> None:
        """Wait for calm: it listens, nothing waits, and no part of the lamp is on."""

        def is_calm() -> bool:
            return self.microphone() == "running" and not self.waiting() and self.lamp() in {"dark", "green"}

        self.until(is_calm, "calm: listening, nothing waiting", 240)

    def hear_one(self) -> bytes:
        """Say the name and a question, and the body that the collector has of it then."""
        before = set(self.home.kept)
        self.say()
        (key,) = self.until(lambda: set(self.home.kept) - before, "the collector has the segment")
        return self.home.kept[key]
