"""What is forgotten: destroyed here, deleted where it went, and all of it written down once."""

from __future__ import annotations

import threading
from contextlib import closing
from datetime import UTC, datetime

import pytest

from earlid.asking.forgetting import Wish
from earlid.core.entry import Entry, What
from earlid.edge.ledger import Ledger, in_utc
from earlid.edge.spool.kept import Kept
from earlid.edge.spool.slips import Slips
from earlid.errors import NotAllowed, TryLater
from earlid.uploading.housekeeping import Limits
from fakes.home import ROOT, Home, Sink


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


@pytest.mark.parametrize("room", ["ledger", "forget/requests", "forget/deletions"])
def test_a_folder_that_cannot_be_listed_for_a_moment_only_delays_what_is_forgotten(room: str) -> None:
    home = Home()
    home.put(2)
    waiting: list[str] = []

    def trouble() -> None:
        if not waiting:
            waiting.extend(home.put())
            home.wish(Wish())
            home.disk.make_folder(ROOT / room)
            home.disk.unlistable = {ROOT / room}
        elif home.clock > 1_003:
            home.disk.unlistable = set()

    home.run([sink := Sink("here")], turns=40, during=trouble)
    assert sink.has == {}
    assert waiting[0] not in sink.came
    assert home.said(waiting[0]) == ["erased"]
    assert any(event["event"] == "trouble" for event in home.told)


def test_what_is_old_is_asked_for_soon_after_the_ledger_could_not_be_listed() -> None:
    home = Home(Limits(delete_after_days=2))
    home.put()
    sink = Sink("here")
    until = home.clock + 3 * 86_400 + 3

    def trouble() -> None:
        if home.clock < until - 3:
            home.pass_by(3 * 86_400)
            home.disk.unlistable = {ROOT / "ledger"}
        elif home.clock > until:
            home.disk.unlistable = set()

    home.run([sink], turns=40, during=trouble)
    assert sink.has == {}


def test_one_id_is_forgotten_and_no_other() -> None:
    home = Home()
    ids = home.put(3)
    home.run([sink := Sink("here")])
    home.wish(Wish(id=ids[1]))
    home.run([sink])
    assert list(sink.has) == [ids[0], ids[2]]


def since(seconds: float) -> Wish:
    return Wish(since=in_utc(datetime.fromtimestamp(seconds, UTC)))


@pytest.mark.parametrize("wrong_s", [-3.0e7, -1e8, -1.79e9, 3.0e7])
@pytest.mark.parametrize("is_old", [True, False])
def test_what_was_kept_while_the_clock_was_wrong_is_as_old_as_the_machine_was_on_since(
    wrong_s: float, *, is_old: bool
) -> None:
    home = Home()
    home.disk.now_s = home.wall + wrong_s
    (id_,) = home.put()
    home.pass_by(7_200 if is_old else 60)
    home.wish(since(home.wall - 1_800))
    home.run([Sink("here", NotAllowed("401"))], turns=1)
    assert home.said(id_) == (["intent here"] if is_old else ["erased"])


@pytest.mark.parametrize(("kept_s", "is_meant"), [(30.0, True), (1.7999e9, True), (1.79e9, False)])
def test_of_an_earlier_boot_what_was_kept_at_a_time_that_cannot_be_is_forgotten(
    kept_s: float, *, is_meant: bool
) -> None:
    home = Home()
    home.disk.now_s = kept_s
    (id_,) = home.put()
    home.uptime.boot_again()
    home.wish(since(1.7998e9))
    home.run([Sink("here", NotAllowed("401"))], turns=1)
    assert home.said(id_) == (["erased"] if is_meant else ["intent here"])


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
