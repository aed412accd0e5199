"""A destination that is another machine now is not asked about what the one before it got."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earlid.asking.forgetting import Wish, deliveries
from earlid.asking.slip_names import id_in, is_for, sink_in, slip_name
from earlid.asking.wishes import GiveUp
from earlid.core.entry import What
from earlid.edge.spool.slips import Slips
from earlid.errors import TryLater
from earlid.uploading.housekeeping import Limits
from fakes.home import ROOT, Home, Sink

ID = "0123456789abcdef" * 2
sinks = st.from_regex(r"[A-Za-z0-9_.-]{1,64}", fullmatch=True)


def here(host: str, *script: Exception | None) -> Sink:
    return Sink("here", *script, host=host)


def slips(home: Home) -> Slips:
    return Slips(ROOT / "forget" / "deletions", home.disk)


def test_a_collector_that_moved_is_not_asked_and_nothing_is_said_to_be_deleted() -> None:
    home = Home()
    (id_,) = home.put()
    home.run([old := here("old.example")])
    home.wish(Wish())
    home.run([here("new.example")])
    assert home.said(id_) == ["intent here", "sent here"]
    assert slips(home).names() == [slip_name(id_, "here", "old.example")]
    home.run([old])
    assert old.has == {}
    assert home.said(id_)[2:] == ["deletion asked here", "deleted remotely here"]
    assert {entry.host for entry in home.entries} == {"old.example"}
    assert slips(home).names() == []


def test_whoever_may_have_got_it_is_asked_each_of_them() -> None:
    home = Home()
    home.put()
    old = here("old.example", TryLater("cut off"))
    home.run([old], turns=1)
    old.has[old.came[0]] = b"it had arrived"
    home.run([new := here("new.example")])
    home.wish(Wish())
    home.run([new])
    assert new.has == {}
    home.run([old])
    assert old.has == {}
    assert deliveries(ROOT / "ledger", home.disk) == []


def test_what_is_too_old_is_asked_of_the_machine_that_has_it() -> None:
    home = Home(Limits(delete_after_days=2))
    home.put()
    home.run([old := here("old.example")])
    home.pass_by(3 * 86_400)
    home.run([here("new.example")])
    assert [each.host for each in deliveries(ROOT / "ledger", home.disk)] == ["old.example"]
    home.run([old])
    assert old.has == {}


def test_a_request_that_an_earlier_version_left_is_offered_to_the_sink_of_that_name() -> None:
    home = Home()
    (id_,) = home.put()
    home.run([sink := here("old.example")])
    slips(home).put({"id": id_, "sink": "here", "cause": "forget"}, f"{id_}-here")
    home.wish(Wish())
    home.run([sink])
    assert sink.has == {}
    assert home.said(id_)[2:] == ["deletion asked here", "deleted remotely here"]
    assert slips(home).names() == []


@pytest.mark.parametrize("but_at", ["new.example", ""])
def test_what_is_given_up_is_what_only_the_machine_before_could_delete(but_at: str) -> None:
    home = Home(Limits(delete_after_days=2))
    home.put()
    home.run([old := here("old.example")])
    home.put()
    home.run([new := here("new.example")])
    home.wish(Wish())
    home.run([Sink("other")], turns=1)
    home.ask(GiveUp("here", but_at).facts())
    home.run([Sink("other")], turns=1)
    given_up = {entry.host for entry in home.entries if entry.what is What.GIVEN_UP}
    assert given_up == {"old.example"} | ({"new.example"} if not but_at else set())
    home.pass_by(3 * 86_400)
    home.run([old])
    assert old.has
    home.run([new])
    assert bool(new.has) is not bool(but_at)


@given(sinks, sinks, st.text(min_size=1, max_size=300), st.text(min_size=1, max_size=300))
def test_a_request_is_for_one_destination_on_one_machine(a: str, b: str, host: str, other: str) -> None:
    name = slip_name(ID, a, host)
    assert (id_in(name), sink_in(name)) == (ID, a)
    assert Slips(ROOT, Home().disk).put({}, name) == name
    assert is_for(name, b, other) == ((a, host) == (b, other))
    assert is_for(name, a, host)
