"""Several sinks and the ledger: each sink at its own pace, and all of it written down."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest

from earlid.core.entry import What
from earlid.edge.spool.shelf import Shelf
from earlid.errors import ConfigError, DiskTrouble, NotAllowed, Refused, TryLater
from fakes.home import ROOT, Home, Sink
from fakes.waiting import SECONDS


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
    slow.before_send = lambda kept: all_came.wait(SECONDS)
    home.run([slow, quick])
    assert all_came.is_set()
    assert slow.came == quick.came == ids


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
