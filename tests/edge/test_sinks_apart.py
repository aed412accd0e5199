"""Several sinks, the ledger and the limits: each sink at its own pace, and all of it written down."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from datetime import UTC, datetime
from pathlib import Path

import pytest

from earlid.core.entry import Entry, What
from earlid.edge.kept import Kept
from earlid.edge.ledger import Ledger, check, entries, in_utc
from earlid.edge.shelf import Held, Shelf
from earlid.edge.sinks.sink import Receipt
from earlid.edge.slips import Slips
from earlid.edge.spool import Spool
from earlid.errors import ConfigError, DiskTrouble, NotAllowed, Refused, TryLater
from earlid.forgetting import Wish
from earlid.housekeeping import House, Limits
from earlid.upload import upload
from earlid.uploader import Pace
from fakes.disk import ForgetfulDisk
from fakes.segments import permitted

ROOT = Path("/state")
Event = dict[str, object]


class Sink:
    """Answers by `script`, then takes everything; knows what it has, and deletes when asked."""

    needs_plain = False

    def __init__(self, name: str, *script: Exception | None, deletes: bool | None = True) -> None:
        self.name, self.host = name, f"{name}.example"
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


class Home:
    """A state directory on a disk that forgets, its clocks, and one uploader at a time."""

    def __init__(self, limits: Limits | None = None, disk: ForgetfulDisk | None = None) -> None:
        self.disk = disk or ForgetfulDisk()
        self.limits = limits or Limits()
        self.clock, self.wall = 1000.0, 1.8e9
        self.disk.now_s = self.wall
        self.spool = Spool(ROOT / "spool", self.disk)
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

        spool = Spool(ROOT / "spool", self.disk)
        ledger = Ledger(
            ROOT / "ledger", self.disk, now=lambda: in_utc(datetime.fromtimestamp(self.wall, UTC))
        )
        with closing(spool), closing(ledger):
            house = House(
                Shelf(spool),
                ledger,
                ROOT / "forget",
                self.limits,
                self.told.append,
                lambda: self.clock,
                lambda: self.wall,
            )
            pace = Pace(wait, lambda: self.clock, lambda: 0.0, pulse_s=0.5)
            upload(sinks, house, self.told.append, threading.Event(), once=not turns, pace=pace)

    def pass_by(self, seconds: float) -> None:
        self.clock += seconds
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
        Slips(ROOT / "forget" / "requests", self.disk).put(wish.facts())


def test_the_ledger_knows_a_body_before_it_leaves_and_what_became_of_it_after() -> None:
    home = Home()
    (id_,) = home.put()
    sink = Sink("here")
    seen: list[list[str]] = []
    sink.before_send = lambda kept: seen.append(home.said(kept.id))
    home.run([sink])
    assert seen == [["intent here"]]
    intent, sent = home.entries
    body = sink.has[id_]
    assert (intent.what, sent.what, sent.status) == (What.INTENT, What.SENT, 201)
    for each in (intent, sent):
        assert (each.sink, each.host, each.bytes) == ("here", "here.example", len(body))
        assert each.sha256 == hashlib.sha256(body).hexdigest()
        assert (each.seconds, each.start_s, each.word) == (0.1, 0.0, "hey_jarvis")


def test_an_attempt_that_is_repeated_needs_no_second_intent_and_one_in_another_run_gets_one() -> None:
    home = Home()
    (id_,) = home.put()
    home.run([Sink("here", TryLater("down"), TryLater("down"))], turns=3)
    assert home.said(id_) == ["intent here"]
    home.run([Sink("here")])
    assert home.said(id_) == ["intent here", "intent here", "sent here"]


@pytest.mark.parametrize("trouble", [DiskTrouble("disk full"), ConfigError("read-only")])
def test_nothing_is_sent_while_the_ledger_cannot_be_written(trouble: Exception) -> None:
    home = Home()
    home.put(2)
    home.run([sink := Sink("here", TryLater("down"))], turns=1)
    sink.came.clear()
    home.put()

    def fail(verb: str, path: Path) -> None:
        if path.parent == ROOT / "ledger" and verb in ("append", "create"):
            raise trouble

    home.disk.before_verb = fail
    with pytest.raises(type(trouble)):
        home.run([sink])
    assert sink.came == []
    home.disk.before_verb = lambda verb, path: None
    assert home.spool.waiting() == 3
    home.run([sink])
    assert home.spool.waiting() == 0


def test_a_sink_that_is_down_holds_up_only_itself() -> None:
    home = Home()
    ids = home.put(3)
    up, down = Sink("up"), Sink("down", *[TryLater("down")] * 3)
    home.run([down, up], turns=2)
    assert up.came == ids
    assert set(down.came) == {ids[0]}
    assert [held.sent for held in home.waiting()] == [{"up"}] * 3
    home.run([down, up], turns=9)
    assert up.came == ids, "what it has is not sent again, nor after a restart"
    assert list(down.has) == ids
    assert home.spool.waiting() == 0
    assert [each["id"] for each in home.told if each["event"] == "sent"] == ids


def test_with_once_many_segments_leave_whenever_each_answer_comes() -> None:
    for _ in range(6):
        home = Home()
        ids = home.put(100)
        home.run([sink := Sink("here")])
        assert sink.came == ids
        assert home.told[-1] == {"event": "drained"}


def test_a_sink_that_does_not_know_us_is_left_alone_while_others_go_on() -> None:
    home = Home()
    ids = home.put(2)
    stranger, friend = Sink("stranger", NotAllowed("401")), Sink("friend")
    home.run([stranger, friend], turns=3)
    assert friend.came == ids
    assert stranger.came == ids[:1]


def test_what_one_sink_refuses_goes_to_the_others_and_is_then_set_aside() -> None:
    home = Home()
    (id_,) = home.put()
    home.run([Sink("strict", Refused("too long (413)")), easy := Sink("easy")])
    assert easy.came == [id_]
    (aside,) = Shelf(home.spool).aside()
    assert home.disk.read(aside.folder / "why.txt", 100) == b"strict: too long (413)\n"
    assert sorted(home.said(id_)) == ["intent easy", "intent strict", "refused strict", "sent easy"]


def test_a_sink_that_is_slow_does_not_keep_the_others_waiting() -> None:
    home = Home()
    ids = home.put(3)
    all_came = threading.Event()
    slow, quick = Sink("slow"), Sink("quick")
    quick.before_send = lambda kept: all_came.set() if kept.id == ids[-1] else None
    slow.before_send = lambda kept: all_came.wait(5)
    home.run([slow, quick])
    assert all_came.is_set()
    assert slow.came == quick.came == ids


def test_what_waited_too_long_is_erased_instead_of_sent_and_written_down() -> None:
    home = Home(Limits(longest_s=30))
    old = home.put()[0]
    home.pass_by(31)
    young = home.put()[0]
    home.run([sink := Sink("here")])
    assert sink.came == [young]
    assert home.said(old) == ["expired"]
    assert home.spool.waiting() == 0


def test_what_grows_too_old_between_two_attempts_is_not_tried_again() -> None:
    home = Home(Limits(longest_s=1.2))
    (id_,) = home.put()
    sink = Sink("here", TryLater("down"), TryLater("down"))
    home.run([sink], turns=12)
    assert sink.came == [id_] * 2
    assert home.said(id_) == ["intent here", "expired"]


@pytest.mark.parametrize("what", [What.EVICTED, What.EXPIRED, What.ERASED])
def test_what_the_ledger_says_is_gone_is_not_sent_after_a_crash_that_left_it_there(what: What) -> None:
    home = Home()
    (id_,) = home.put()
    with closing(Ledger(ROOT / "ledger", home.disk)) as ledger:
        ledger.append(Entry(what=What.SENT, id=id_, sink="there"))
        ledger.append(Entry(what=what, id=id_))
    home.run([sink := Sink("here")])
    assert sink.came == []
    assert home.said(id_)[1:] == [what.value]
    assert home.spool.waiting() == 0


def test_a_receipt_is_written_down_once_however_often_the_disk_refuses_to_let_go() -> None:
    home = Home()
    (id_,) = home.put()
    left = [2]

    def fail(verb: str, path: Path) -> None:
        if verb == "rename" and path.parent.name == "outbox" and left[0]:
            left[0] -= 1
            raise DiskTrouble("cannot rename: input/output error")

    home.disk.before_verb = fail
    home.run([Sink("here")], turns=6)
    assert left == [0]
    assert home.said(id_) == ["intent here", "sent here"]


def test_what_is_on_its_way_is_forgotten_only_once_it_is_known_what_became_of_it() -> None:
    home = Home()
    (id_,) = home.put()
    sink = Sink("here")

    def wish(kept: Kept) -> None:
        home.wish(Wish())
        threading.Event().wait(0.2)

    sink.before_send = wish
    home.run([sink])
    assert home.said(id_) == ["intent here", "sent here", "deletion asked here", "deleted remotely here"]
    assert sink.has == {}


@pytest.mark.parametrize("jump_s", [-3.2e7, 3.2e7])
def test_a_clock_that_jumps_a_year_ages_nothing_that_was_seen_before(jump_s: float) -> None:
    home = Home(Limits(longest_s=60))
    (id_,) = home.put()
    sink = Sink("here", *[TryLater("down")] * 3)

    def jump() -> None:
        home.wall += jump_s

    home.run([sink], turns=20, during=jump)
    assert list(sink.has) == [id_]


def test_beyond_the_room_there_is_the_oldest_are_erased_in_order_and_none_silently() -> None:
    home = Home(Limits(max_bytes=8_000))
    ids = home.put(5)
    home.run([Sink("here", NotAllowed("401"))], turns=1)
    gone = [str(each["id"]) for each in home.told if each["event"] == "evicted"]
    assert gone == ids[: len(gone)]
    assert 0 < len(gone) < 5
    left = [held.id for held in home.waiting()]
    assert gone + left == ids
    assert sum(held.size_bytes for held in home.waiting()) <= 8_000
    assert all(home.said(id_) == ["evicted"] for id_ in gone[1:])
    evicted = next(each for each in home.entries if each.what is What.EVICTED)
    assert (evicted.word, evicted.seconds) == ("hey_jarvis", 0.1)


def test_what_is_asked_to_be_forgotten_is_destroyed_here_and_deleted_where_it_went() -> None:
    home = Home()
    sent = home.put(2)
    sink = Sink("here")
    home.run([sink])
    waiting = home.put()[0]
    home.wish(Wish())
    home.run([sink])
    assert sink.has == {}
    assert waiting not in sink.came
    assert home.said(waiting) == ["erased"]
    assert home.said(sent[0])[2:] == ["deletion asked here", "deleted remotely here"]
    assert home.disk.list(ROOT / "forget" / "requests") == []
    assert home.disk.list(ROOT / "forget" / "deletions") == []


def test_one_id_is_forgotten_and_no_other() -> None:
    home = Home()
    ids = home.put(3)
    home.run([sink := Sink("here")])
    home.wish(Wish(id=ids[1]))
    home.run([sink])
    assert list(sink.has) == [ids[0], ids[2]]


def test_a_deletion_is_tried_until_it_is_answered_also_after_a_restart() -> None:
    home = Home()
    (id_,) = home.put()
    home.run([sink := Sink("here")])
    home.wish(Wish())
    sink.script = [TryLater("down")] * 3
    home.run([sink], turns=2)
    assert sink.has
    home.run([sink], turns=9)
    assert not sink.has
    assert home.said(id_)[-1] == "deleted remotely here"


@pytest.mark.parametrize("deletes", [False, None])
def test_a_destination_that_does_not_delete_is_asked_once_and_told_as_unconfirmed(
    deletes: bool | None,
) -> None:
    home = Home(Limits(delete_after_days=1))
    (id_,) = home.put()
    home.run([sink := Sink("here", deletes=deletes)])
    for _ in range(2):
        home.pass_by(100_000)
        home.run([sink])
    assert home.said(id_)[2:] == ["deletion asked here", "deletion unconfirmed here"]
    assert home.entries[-1].cause


def test_after_so_many_days_collectors_are_asked_to_delete_without_anybody_saying_so() -> None:
    home = Home(Limits(delete_after_days=2))
    home.put()
    home.run([sink := Sink("here")], turns=1)
    home.run([sink], turns=1)
    assert sink.has
    home.pass_by(3 * 86_400)
    young = home.put()[0]
    home.run([sink])
    assert list(sink.has) == [young]


def test_what_a_mute_discarded_is_written_down_once() -> None:
    home = Home()
    notes = Slips(ROOT / "spool" / "notes", home.disk)
    name = notes.put({"word": "alexa", "seconds": "1.5", "at": "2026-01-01T00:00:00Z"})
    home.run([Sink("here")])
    (entry,) = home.entries
    assert (entry.what, entry.id, entry.word, entry.seconds) == (What.DISCARDED, name, "alexa", 1.5)
    assert notes.names() == []


@pytest.mark.parametrize("note", [b"{}", b"[]", b"\xff", b'{"forget": 1}', b'{"all": "yes"}'])
def test_a_note_that_is_no_wish_forgets_nothing(note: bytes) -> None:
    home = Home()
    home.put()
    home.disk.make_folder(ROOT / "forget" / "requests")
    home.disk.create(ROOT / "forget" / "requests" / "x.json", note)
    home.run([Sink("here", NotAllowed("401"))], turns=1)
    assert home.spool.waiting() == 1


def test_all_that_was_kept_is_delivered_set_aside_evicted_or_erased() -> None:
    home = Home(Limits(max_bytes=14_000))
    ids = home.put(6)
    home.run([Sink("here", None, Refused("no"), NotAllowed("401"))], turns=1)
    first_left = home.waiting()[0].id
    home.wish(Wish(id=first_left))
    home.run([Sink("here", NotAllowed("401"))], turns=1)
    ends = Counter(
        each.what
        for each in home.entries
        if each.what in (What.SENT, What.REFUSED, What.EVICTED, What.ERASED)
    )
    assert sum(ends.values()) + home.spool.waiting() == len(ids)
    assert len(ends) == 4
    assert check(ROOT / "ledger", disk=home.disk).flaws == ()
