"""How long segments wait, how much room they take, how old what was sent may get, whatever the clock says."""

from __future__ import annotations

from collections import Counter

import pytest

from earlid.asking.forgetting import Wish
from earlid.core.entry import What
from earlid.edge.ledger import check
from earlid.errors import NotAllowed, Refused, TryLater
from earlid.uploading.housekeeping import Limits
from fakes.home import ROOT, Home, Sink


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


@pytest.mark.parametrize("jump_s", [-3.2e7, 3.2e7])
def test_a_clock_that_jumps_a_year_before_a_restart_ages_nothing_either(jump_s: float) -> None:
    home = Home(Limits(longest_s=60))
    (id_,) = home.put()
    home.wall += jump_s
    home.run([sink := Sink("here")])
    assert list(sink.has) == [id_]


def test_what_was_kept_before_the_clock_was_set_is_not_half_a_century_old() -> None:
    home = Home(Limits(longest_s=60))
    home.wall = home.disk.now_s = 30.0
    (id_,) = home.put()
    home.wall = 1.8e9
    home.run([sink := Sink("here")])
    assert list(sink.has) == [id_]


@pytest.mark.parametrize("is_right", [True, False])
def test_what_an_earlier_boot_kept_is_aged_by_a_clock_that_is_known_to_be_right_alone(is_right: bool) -> None:
    home = Home(Limits(longest_s=60))
    home.is_right = is_right
    (id_,) = home.put()
    home.uptime.boot_again()
    home.wall += 3.2e7
    home.run([sink := Sink("here")])
    assert list(sink.has) == ([] if is_right else [id_])


def test_it_ages_by_the_clock_from_when_that_is_known_to_be_right() -> None:
    home = Home(Limits(longest_s=600))
    (id_,) = home.put()
    home.uptime.boot_again()
    home.is_right = False
    home.wall += 1_000
    down = Sink("here", *[TryLater("down")] * 9)
    home.run([down], turns=3)
    assert home.said(id_) == ["intent here"]
    home.is_right = True
    home.run([Sink("here", *[TryLater("down")] * 9)], turns=3)
    assert home.said(id_)[-1] == "expired"


def test_a_clock_that_is_not_known_to_be_right_never_expires_what_waits_less_than_its_time_here() -> None:
    home = Home(Limits(longest_s=5))
    (id_,) = home.put()
    home.uptime.boot_again()
    home.is_right = False
    home.run([sink := Sink("here", *[TryLater("down")] * 99)], turns=30)
    assert home.said(id_)[-1] == "expired", "it waited long enough in this run of the machine"
    assert sink.came


def test_nobody_is_asked_to_delete_for_age_by_a_clock_that_is_not_known_to_be_right() -> None:
    home = Home(Limits(delete_after_days=2))
    home.put()
    home.run([sink := Sink("here")])
    home.is_right = False
    home.wall += 3.2e7
    home.run([sink])
    assert sink.has
    home.is_right = True
    home.run([sink])
    assert not sink.has


def test_what_was_sent_before_the_clock_was_set_counts_from_when_it_was_known() -> None:
    home = Home(Limits(delete_after_days=2))
    home.wall = 30.0
    home.put()
    home.run([sink := Sink("here")])
    home.wall = 1.8e9
    home.put()
    home.run([sink])
    assert len(sink.has) == 2
    home.pass_by(3 * 86_400)
    home.run([sink])
    assert not sink.has
