"""`earlid listen` with a switch on a mock pin, pressed from outside: a real process all the same.

`python -m fakes.pressed CONFIG RATE` hears the configured microphone and obeys lines on stdin: `press` and
`release` move a latching switch's pin, `mute` and `unmute` are said on the control socket. Each is answered
by a line of JSON once it was done: how long that took from the moment the pin moved, and what was found then.
The switch begins as one with a broken wire does: muted. A button is touched (`touch`), `let go`, both at
once (`tap`), or made to `bounce` for a second at 1 kHz; with `held` as a third argument it is held from
before the start. The lamp's LED is `cut`; `lamp` tells how long it was on and off. Only what measures is
added to the product's own code.
"""

from __future__ import annotations

import gc
import json
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

from earlid.config_file import load
from earlid.core.epoch import Epoch
from earlid.core.ring import Ring
from earlid.core.segmenter import Segmenter
from earlid.core.sparing import Sparing
from earlid.edge.control import ask
from earlid.edge.model.engine import Engine
from earlid.edge.panel import panel
from earlid.edge.panel.lid import Lid
from earlid.edge.sound.microphone import Microphone
from earlid.edge.spool.spool import Spool
from earlid.errors import EarlidError
from earlid.listen import listen
from earlid.listening.muting import Muting
from fakes.alsa_microphone import OneRate
from fakes.wires import Bench

MUTE_PIN, LED_PIN, SENSE_PIN = 17, 5, 22
MUTES = {"press": True, "touch": True, "mute": True, "release": False, "unmute": False}
"""What is waited for after these: muted, or not."""
SHORTEST_S = 0.1
"""No hand is quicker."""


@dataclass
class Gauge:
    """When the epoch was bumped, when it was done, and how many samples reached anything in between."""

    pressed_s: float = float("inf")
    read_s: float = 0.0
    late: int = 0
    is_muted: bool | None = None
    changed: threading.Condition = field(default_factory=threading.Condition)
    done_s: float = 0.0
    found: dict[str, bool] = field(default_factory=dict)

    def reaches(self, is_muted: bool) -> bool:
        """Whether it is muted, or not, within half a minute: the machine may be busy."""
        with self.changed:
            return self.changed.wait_for(lambda: self.is_muted is is_muted, 30.0)

    def watch(self, kind: type, name: str) -> None:
        """Count the samples of every call of `kind.name` for what was read after the press."""
        real: Callable[..., Any] = getattr(kind, name)

        def counted(this: Any, *rest: Any, **more: Any) -> Any:
            if self.read_s > self.pressed_s:
                self.late += 1_280
            return real(this, *rest, **more)

        setattr(kind, name, counted)

    def read(self) -> None:
        """Note when each frame is handed to the listener."""
        real = Microphone.read

        def noted(this: Microphone, timeout_s: float) -> Any:
            frame = real(this, timeout_s)
            self.read_s = time.perf_counter()
            return frame

        setattr(Microphone, "read", noted)  # noqa: B010 - mypy knows what a method is

    def finish(self) -> None:
        """Note when the listening thread is done, and look then whether that is true."""
        has_muted, done, bump = Muting.has_muted, Lid.done, Epoch.bump

        def bumped(this: Epoch) -> None:
            bump(this)
            self.pressed_s = time.perf_counter()

        def muted(this: Muting) -> None:
            self.done_s = time.perf_counter()
            self.found = remains()
            has_muted(this)

        def noted(this: Lid, is_muted: bool, turn: int) -> None:
            if not is_muted:
                self.pressed_s = float("inf")
            if is_muted is not self.is_muted:
                self.done_s = self.done_s if is_muted else time.perf_counter()
                with self.changed:
                    self.is_muted = is_muted
                    self.changed.notify_all()
            done(this, is_muted, turn)

        setattr(Epoch, "bump", bumped)  # noqa: B010 - as below
        setattr(Muting, "has_muted", muted)  # noqa: B010 - mypy knows what a method is
        setattr(Lid, "done", noted)  # noqa: B010 - as above


def remains() -> dict[str, bool]:
    """Whether sound is left in any memory that is Earlid's, and whether the stream is still there."""
    found = {"stream": False, "waiting": False, "ring": False, "segment": False, "engine": False}
    for one in gc.get_objects():
        if isinstance(one, Microphone):
            found["stream"] |= one._stream is not None
            found["waiting"] |= not one.blank
        elif isinstance(one, Ring):
            found["ring"] |= bool(one._memory.any())
        elif isinstance(one, Segmenter):
            found["segment"] |= one.is_open or bool(one._memory.any())
        elif isinstance(one, Sparing):
            found["engine"] |= bool(one._memory.any())
        elif isinstance(one, Engine):
            found["engine"] |= bool(one._sound.any()) or any(
                bool(each.any()) for memory in one._memory for each in memory.values()
            )
    return found


class Table:
    """What stands around the process: a switch, and a lamp whose light is seen.

    A button is closed to ground, and so is a latching switch that does not mute.
    """

    def __init__(self, *, is_held: bool) -> None:
        self.bench = Bench()
        self.bench.sense(SENSE_PIN, LED_PIN)
        self.bench.hang(self._moved)
        self._is_held = is_held
        self._seen = threading.Condition()
        self._lit: list[tuple[float, float]] = []

    def move(self, wish: str) -> dict[str, Any] | None:
        """Do `wish` with a pin or a wire, and what to answer; None if it is for the socket."""
        pin = self.bench.pin(MUTE_PIN)
        if wish in {"touch", "release"}:
            pin.drive_low()
        elif wish == "press":
            pin.drive_high()
        elif wish == "let go":
            self._is_held = False
            pin.drive_high()
            time.sleep(SHORTEST_S)
        elif wish == "tap":
            self._strike(1, SHORTEST_S)
        elif wish == "bounce":
            self._strike(1_000, 0.0005)
            time.sleep(SHORTEST_S)
        elif wish == "cut":
            self.bench.cut(LED_PIN)
        elif wish == "lamp":
            return {"lit": self._news()}
        else:
            return None
        return {}

    def _strike(self, times: int, each_s: float) -> None:
        for _ in range(times):
            self.bench.pin(MUTE_PIN).drive_low()
            time.sleep(each_s)
            self.bench.pin(MUTE_PIN).drive_high()
            time.sleep(each_s)

    def _news(self) -> list[tuple[float, float]]:
        """What the LED did since it was last asked, once it did something: each level, and its seconds."""
        with self._seen:
            self._seen.wait_for(lambda: len(self._lit) > 1, 5.0)
            lit, self._lit = self._lit, self._lit[-1:]
        return [(level, until - since) for (since, level), (until, _) in pairwise(lit)]

    def _moved(self, number: int, level: float) -> None:
        if number == MUTE_PIN and level and self._is_held:
            self.bench.pin(MUTE_PIN).drive_low()
        if number == LED_PIN:
            with self._seen:
                self._lit.append((time.monotonic(), level))
                self._seen.notify_all()


def asked(runtime: Path, wish: str) -> dict[str, Any]:
    """What the socket answers, or why it did not: whoever waits for this is told in any case."""
    try:
        return ask(runtime, wish)
    except EarlidError as error:
        return {"ok": False, "refused": str(error)}


def obey(gauge: Gauge, table: Table, runtime: Path) -> None:
    """Move the pin, or speak on the socket, as stdin says."""
    for line in sys.stdin:
        wish = line.strip()
        began_s = time.perf_counter()
        moved = table.move(wish)
        answer = asked(runtime, wish) if moved is None else moved
        done = not answer.get("refused") and (wish not in MUTES or gauge.reaches(MUTES[wish]))
        told = {"done": done, "took_ms": 1000 * (gauge.done_s - began_s), "late": gauge.late}
        obeyed = {"event": "obeyed", "wish": wish, **told, "found": gauge.found, "answer": answer}
        sys.stdout.write(json.dumps(obeyed) + "\n")
        sys.stdout.flush()


def main(file: Path, rate_hz: int, *more: str) -> int:
    """Be that process; with a `rate_hz`, on a microphone that knows no other rate."""
    config = load(file, secrets=False)
    table = Table(is_held="held" in more)
    setattr(panel, "pins_of", lambda *_named: table.bench.pins())  # noqa: B010 - as above
    if rate_hz:
        sys.modules["pyaudio"] = OneRate(import_module("pyaudio"), rate_hz)  # type: ignore[assignment]
    gauge = Gauge()
    gauge.read()
    gauge.finish()
    for kind, name in ((Ring, "write"), (Engine, "step"), (Segmenter, "hear"), (Segmenter, "open")):
        gauge.watch(kind, name)
    gauge.watch(Spool, "prepare")
    threading.Thread(target=obey, args=(gauge, table, config.paths.runtime), daemon=True).start()
    return listen(config, None, None, as_json=True, meter=False)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]))
