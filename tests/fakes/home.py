"""A state directory on a disk that forgets, clocks that can be set, and sinks that do as they are told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path

from earlid.asking.forgetting import Wish
from earlid.core.entry import Entry
from earlid.edge.budget_file import Uptime
from earlid.edge.ledger import Ledger, entries, in_utc
from earlid.edge.sinks.sink import Receipt
from earlid.edge.spool.kept import Kept
from earlid.edge.spool.shelf import Held, Shelf
from earlid.edge.spool.slips import Slips
from earlid.edge.spool.spool import Spool
from earlid.upload import upload
from earlid.uploading.housekeeping import House, Limits
from earlid.uploading.uploader import Pace
from fakes.disk import ForgetfulDisk
from fakes.segments import permitted

ROOT = Path("/state")
Event = dict[str, object]


class Sink:
    """Answers by `script`, then takes everything; knows what it has, and deletes when asked."""

    needs_plain = False

    def __init__(
        self, name: str, *script: Exception | None, deletes: bool | None = True, host: str = ""
    ) -> None:
        self.name, self.host = name, host or f"{name}.example"
        self.script: list[Exception | None] = list(script)
        self.came: list[str] = []
        self.has: dict[str, bytes] = {}
        self.deletes = deletes
        self.before_send: Callable[[Kept], object] = lambda kept: None

    def send(self, kept: Kept) -> Receipt:
        self.before_send(kept)
        self.came.append(kept.id)
        error = self.script.pop(0) if self.script else None
        if error is not None:
            raise error
        self.has[kept.id] = kept.wav
        return Receipt(201)

    def burst(self) -> AbstractContextManager[None]:
        return nullcontext()

    def forget(self, id_: str) -> bool | None:
        error = self.script.pop(0) if self.script else None
        if error is not None:
            raise error
        if self.deletes:
            self.has.pop(id_, None)
        return self.deletes


class Ticking(Uptime):
    """How long this machine has been on, as it is told; `boot_again` switches it off and on."""

    boot = "first"
    now_s = 60.0

    def __call__(self) -> float:
        return self.now_s

    def boot_again(self) -> None:
        """Begin at nothing."""
        self.boot, self.now_s = f"{self.boot} again", 0.0


class Home:
    """A state directory on a disk that forgets, its clocks, and one uploader at a time."""

    def __init__(self, limits: Limits | None = None, disk: ForgetfulDisk | None = None) -> None:
        self.disk = disk or ForgetfulDisk()
        self.uptime, self.is_right = Ticking(), True
        self.limits = limits or Limits()
        self.clock, self.wall = 1000.0, 1.8e9
        self.disk.now_s = self.wall
        self.spool = Spool(ROOT / "spool", self.disk, uptime=self.uptime)
        self.told: list[Event] = []

    def run(self, sinks: Sequence[Sink], turns: int = 0, during: Callable[[], object] = lambda: None) -> None:
        """Upload until nothing is left to do, or for so many waits."""
        waits = 0

        def wait(seconds: float) -> bool:
            nonlocal waits
            waits += 1
            self.pass_by(seconds)
            during()
            return waits >= turns

        with self.house() as house:
            pace = Pace(wait, lambda: self.clock, lambda: 0.0, pulse_s=0.5)
            upload(sinks, house, self.told.append, threading.Event(), once=not turns, pace=pace)

    @contextmanager
    def house(self) -> Iterator[House]:
        """What an uploader has beside its sinks."""
        spool = Spool(ROOT / "spool", self.disk, uptime=self.uptime)
        ledger = Ledger(
            ROOT / "ledger", self.disk, now=lambda: in_utc(datetime.fromtimestamp(self.wall, UTC))
        )
        with closing(spool), closing(ledger):
            yield House(
                Shelf(spool),
                ledger,
                ROOT / "forget",
                self.limits,
                self.told.append,
                lambda: self.clock,
                lambda: self.wall,
                self.uptime,
                lambda: self.is_right,
            )

    def pass_by(self, seconds: float) -> None:
        self.clock += seconds
        self.uptime.now_s += seconds
        self.wall += seconds
        self.disk.now_s = self.wall

    def put(self, count: int = 1) -> list[str]:
        return [self.spool.put(*permitted(1_600)) for _ in range(count)]

    @property
    def entries(self) -> list[Entry]:
        return list(entries(ROOT / "ledger", self.disk))

    def waiting(self) -> list[Held]:
        shelf = Shelf(self.spool)
        return [shelf.look(held) for held in shelf.waiting()]

    def said(self, id_: str) -> list[str]:
        return [f"{each.what.value} {each.sink}".strip() for each in self.entries if each.id == id_]

    def wish(self, wish: Wish) -> None:
        """Ask for something to be forgotten."""
        self.ask(wish.facts())

    def ask(self, facts: Mapping[str, str]) -> None:
        """Leave a note for the uploader."""
        Slips(ROOT / "forget" / "requests", self.disk).put(facts)
