"""An uploader of which every step is drawn: who answers next, and what; what fails; when it dies.

Nothing here depends on threads: one seed is one history.
"""

from __future__ import annotations

import random
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from earlid.asking.forgetting import Wish
from earlid.asking.wishes import Again, GiveUp
from earlid.core.entry import What
from earlid.edge.ledger import check
from earlid.edge.sinks.sink import Receipt
from earlid.edge.spool.kept import Kept
from earlid.edge.spool.shelf import Shelf
from earlid.edge.spool.slips import Slips
from earlid.edge.spool.spool import Spool
from earlid.errors import DiskTrouble, NotAllowed, Refused, TryLater
from earlid.upload import upload
from earlid.uploading import lane
from earlid.uploading.courier import Courier, Errand
from earlid.uploading.uploader import Pace
from fakes.disk import PowerCut
from fakes.home import ROOT, Home, Sink

PULSE_S = 20.0
ENDINGS = (What.SENT, What.REFUSED)


class Stepped(Courier):
    """A courier without a thread: it begins or ends an errand when it is told to."""

    all: list[Stepped]

    def __init__(
        self,
        burst: Callable[[], AbstractContextManager[None]],
        bell: threading.Event,
        stop: threading.Event,
        clock: Callable[[], float],
    ) -> None:
        super().__init__(burst, bell, stop, clock)
        self.bell = bell
        self.all.append(self)

    def send(self, *errands: Errand) -> None:
        self._todo.extend(errands)

    @property
    def can_step(self) -> bool:
        return self._under_way is not None or (bool(self._todo) and not self._is_halted)

    def step(self) -> None:
        if self._under_way is not None:
            self._carry(self._under_way)
        else:
            self._under_way = self._todo.popleft()

    def arrive_unheard(self) -> None:
        """What is on its way arrives, and nobody is left to be told."""
        if self._under_way is not None:
            self._under_way.run()


class Moody(Sink):
    """Answers as the dice say; has what it has taken, and takes that again without a word."""

    def __init__(self, name: str, room: Mailroom) -> None:
        super().__init__(name)
        self._room = room

    def send(self, kept: Kept) -> Receipt:
        room, key = self._room, (self.name, kept.id)
        room.arrives(*key)
        mood = room.dice.choices(["take", "refuse", "later", "cut off", "stranger"], room.moods)[0]
        if mood == "refuse" and kept.id not in self.has:
            room.answers[key] += 1
            raise Refused("not its kind (422)")
        if mood == "later":
            raise TryLater("busy", room.dice.choice([None, 3.0]))
        if mood == "stranger":
            raise NotAllowed("it does not know us (401)")
        self.has[kept.id] = kept.wav
        room.in_doubt.discard(key)
        if mood == "cut off":
            room.in_doubt.add(key)
            raise TryLater("cut off")
        room.answers[key] += 1
        return Receipt(201)

    def forget(self, id_: str) -> bool:
        if self._room.dice.choices([False, True], [4, self._room.moods[2]])[0]:
            raise TryLater("busy")
        self.has.pop(id_, None)
        return True


@contextmanager
def mailroom(seed: int) -> Iterator[Mailroom]:
    """One whose every name and step comes from `seed`."""
    dice = random.Random(seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uuid, "uuid4", lambda: uuid.UUID(int=dice.getrandbits(128)))
        patch.setattr(lane, "Courier", Stepped)
        yield Mailroom(seed)


class Mailroom:
    """A home, its sinks, and what is known of every body from outside; each check raises AssertionError."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.home = Home()
        self.sinks = [Moody(name, self) for name in ("one", "two", "three")[: self.dice.randint(2, 3)]]
        self.moods = [5, 2, 2, 1, 1]
        self.answers: Counter[tuple[str, str]] = Counter()
        self.in_doubt: set[tuple[str, str]] = set()
        """Who has what although no receipt can be known here: such a body may come once more."""
        self.forgotten: dict[str, str] = {}
        """The ids that are to be forgotten, by the request that asks for it."""
        self.given_up: set[str] = set()
        self.ids = self.home.put(self.dice.randint(1, 4))
        self.broken: list[str] = []
        """What was promised and is not so; whoever sends would take an exception for trouble."""
        self._is_sound = True
        self._faults: set[int] = set()
        self._calls = 0

    def live(self, runs: int) -> None:
        """So many runs of the uploader, each with its own destinations, troubles and end."""
        for _ in range(runs):
            some = self.dice.sample(self.sinks, self.dice.randint(1, len(self.sinks)))
            faults = self.dice.sample(range(150), self.dice.choice([0, 1, 3]))
            self.run(some, faults, dies_after=self.dice.choice([None, None, self.dice.randrange(80)]))

    def come_to_an_end(self) -> None:
        """Everybody takes everything, and after some last trouble nothing more is in the way."""
        self.moods = [1, 0, 0, 0, 0]
        self.home.ask(Again().facts())
        self.run(self.sinks, self.dice.sample(range(90), 3), turns=60, is_quiet=True)
        if not self._is_sound:  # it could not even begin
            self.run(self.sinks, (), turns=60, is_quiet=True)
        assert self.home.spool.waiting() == 0, "it stays in the outbox though everybody has it"
        self.home.ask(Again().facts())
        self.run(self.sinks, (), turns=5, is_quiet=True)
        rooms = [self.home.spool.outbox, self.home.spool.quarantined, self.home.spool.trash]
        assert [self.home.disk.list(room) for room in rooms] == [[], [], []]
        assert self._slips("requests").names() == self._slips("deletions").names() == []
        assert check(ROOT / "ledger", disk=self.home.disk).flaws == ()
        for sink in self.sinks:
            if sink.name not in self.given_up:
                assert not sink.has.keys() & self.forgotten.keys(), "it still has what is forgotten"

    def run(
        self,
        sinks: Sequence[Moody],
        faults: Sequence[int],
        *,
        dies_after: int | None = None,
        turns: int | None = None,
        is_quiet: bool = False,
    ) -> None:
        """One run of the uploader, with `sinks` in its configuration, and what must be so after it."""
        before, crash = self._held(), False
        self._faults, self._calls, self._is_sound = set(faults), 0, True
        self.home.disk.before_verb = self.home.disk.before_look = self._count
        self.home.disk.plan_cut(dies_after)
        try:
            self._upload(sinks, turns or self.dice.randint(1, 12), is_quiet)
        except PowerCut:
            crash = True
        except DiskTrouble:
            self._is_sound = False  # it is started again
        self.home.disk.plan_cut(None)
        self._faults = set()
        if crash:
            self._die()
        for id_ in before - self._held() - self.forgotten.keys():
            missing = [sink.name for sink in sinks if id_ not in sink.has]
            assert not missing, f"{id_} is gone, and {missing} never got it"
        self._compare(is_sure=self._is_sound and not crash)
        assert not self.broken, "; ".join(self.broken)

    def arrives(self, sink: str, id_: str) -> None:
        """A body comes: was it announced, is it not there yet, and does nobody want it forgotten?"""
        with self._no_trouble():
            self._look_at(sink, id_)

    def _look_at(self, sink: str, id_: str) -> None:
        said = [each.what for each in self.home.entries if (each.sink, each.id) == (sink, id_)]
        last = [what for what in said if what in (What.INTENT, *ENDINGS)][-1:]
        if last != [What.INTENT]:
            self.broken.append("it left without an intent")
        has = next(each.has for each in self.sinks if each.name == sink)
        if id_ in has and (sink, id_) not in self.in_doubt:
            self.broken.append(f"{sink} gets twice what it has")
        request = self.forgotten.get(id_)
        if request is not None and request not in self._slips("requests").names():
            self.broken.append("it was forgotten, and still it leaves")

    def _upload(self, sinks: Sequence[Moody], turns: int, is_quiet: bool) -> None:
        waits = 0

        def beat() -> None:
            if not is_quiet and self.dice.random() < 0.03:
                self._somebody_comes()
            able = [courier for courier in Stepped.all if courier.can_step]
            if able and self.dice.random() < 0.8:
                self.dice.choice(able).step()
            for courier in Stepped.all:
                courier.bell.set()

        def wait(seconds: float) -> bool:
            nonlocal waits
            waits += 1
            self.home.pass_by(seconds)
            return waits >= turns

        Stepped.all = []
        with self.home.house() as house:
            pace = Pace(wait, lambda: self.home.clock, lambda: 0.5, pulse_s=PULSE_S, beat=beat)
            upload(sinks, house, self.home.told.append, threading.Event(), pace=pace)

    def _somebody_comes(self) -> None:
        """Speaks, or asks for something."""
        with self._no_trouble():
            id_ = self.dice.choice(self.ids)
            what = self.dice.choice(["speak", "again", "again all", "forget", "give up"])
            requests = self._slips("requests")
            if what == "speak":
                self.ids += self.home.put()
            elif what == "forget" and id_ not in self.forgotten:
                self.forgotten[id_] = requests.put(Wish(id=id_).facts())
            elif what == "give up":
                self.given_up.add(name := self.dice.choice(self.sinks).name)
                requests.put(GiveUp(name).facts())
            elif what.startswith("again"):
                requests.put(Again("" if what == "again all" else id_).facts())

    def _die(self) -> None:
        for courier in Stepped.all:
            if self.dice.random() < 0.5:
                courier.arrive_unheard()
        if self.dice.random() < 0.5:
            self.home.disk = self.home.disk.after_power_cut(self.dice)
        self.home.spool.close()
        self.home.spool = Spool(ROOT / "spool", self.home.disk, uptime=self.home.uptime)
        self.home.spool.claim_drafts()

    def _compare(self, *, is_sure: bool) -> None:
        """The ledger has one outcome for every answer; where a crash was in between, none at the most."""
        said = Counter((each.sink, each.id) for each in self.home.entries if each.what in ENDINGS)
        for key in self.answers | said:
            assert said[key] <= self.answers[key], f"{key} was answered once and told twice"
            assert not is_sure or said[key] == self.answers[key], f"{key} was answered and not told"
        sent = {(each.sink, each.id) for each in self.home.entries if each.what is What.SENT}
        self.in_doubt |= {(sink.name, id_) for sink in self.sinks for id_ in sink.has} - sent
        self.answers = said

    def _held(self) -> set[str]:
        shelf = Shelf(self.home.spool)
        with self._no_trouble():
            return {held.id for held in [*shelf.waiting(), *shelf.aside()]}

    def _slips(self, name: str) -> Slips:
        return Slips(ROOT / "forget" / name, self.home.disk)

    def _count(self, verb: str, path: Path) -> None:
        self._calls += 1
        if self._calls in self._faults:
            raise DiskTrouble(f"cannot {verb} {path}: input/output error")

    @contextmanager
    def _no_trouble(self) -> Iterator[None]:
        faults, self._faults = self._faults, set()
        try:
            yield
        finally:
            self._faults = faults
