"""What may be asked of an uploader: each wish comes back from its note as it was, and rubbish is no wish."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earlid.asking.forgetting import Wish
from earlid.asking.wishes import Again, GiveUp, wish_in
from earlid.core.entry import What
from earlid.errors import NotAllowed, Refused
from fakes.home import Home, Sink
from fakes.waiting import until

ID = "0123456789abcdef" * 2


@pytest.mark.parametrize(
    "wish", [Wish(), Wish(id=ID), Again(), Again(ID), GiveUp("cloud"), GiveUp("cloud", "b.example")]
)
def test_a_wish_comes_back_from_its_note_as_it_was(wish: Wish | Again | GiveUp) -> None:
    assert wish_in(wish.facts()) == wish


words = st.sampled_from(["forget", "since", "id", "again", "give up", "sink", "but at", "yes"]) | st.text(
    max_size=5
)


@given(st.dictionaries(words, words))
def test_rubbish_is_a_wish_only_where_it_says_all_that_one_says(facts: dict[str, str]) -> None:
    with suppress(ValueError):
        assert wish_in(facts).facts().keys() == facts.keys()


@pytest.mark.parametrize("answers_last", ["easy", "strict"])
def test_what_is_put_back_goes_to_those_only_that_had_refused_it(answers_last: str) -> None:
    home = Home()
    (id_,) = home.put()
    easy, strict = Sink("easy"), Sink("strict", Refused("too long (413)"))
    last = easy if answers_last == "easy" else strict
    last.before_send = lambda kept: until("the other's answer", lambda: home.told)
    home.run([easy, strict])
    last.before_send = lambda kept: None
    home.ask(Again(id_).facts())
    home.run([easy, strict])
    assert easy.came == [id_]
    assert list(strict.has) == [id_]
    assert home.spool.waiting() == 0
    assert home.said(id_)[-3:] == ["put back", "intent strict", "sent strict"]


def test_what_was_refused_just_now_and_is_put_back_at_once_is_sent_again() -> None:
    home = Home()
    ids = home.put(3)
    strict = Sink("strict", *[Refused("no")] * 3)
    strict.before_send = lambda kept: home.ask(Again().facts()) if len(strict.came) == 2 else None
    home.run([strict])
    assert list(strict.has) == ids
    assert home.spool.waiting() == 0


def test_a_crash_after_it_was_put_back_does_not_bring_the_refusal_back() -> None:
    home = Home()
    (id_,) = home.put()
    strict = Sink("strict", Refused("no"))
    home.run([strict])
    home.ask(Again().facts())
    home.run([Sink("strict", NotAllowed("401"))], turns=1)
    home.run([strict])
    assert list(strict.has) == [id_]


def test_what_was_given_up_is_not_asked_for_its_age_but_when_its_owner_asks_again() -> None:
    home = Home()
    (id_,) = home.put()
    home.run([sink := Sink("gone")])
    home.wish(Wish())
    home.run([Sink("other")], turns=1)
    home.ask(GiveUp("gone").facts())
    home.run([Sink("other")], turns=1)
    assert home.entries[-1].what is What.GIVEN_UP
    home.run([sink])
    assert sink.has
    home.wish(Wish(id=id_))
    home.run([sink])
    assert not sink.has


def test_a_sink_that_forbids_deleting_still_gets_what_is_new() -> None:
    home = Home()
    home.put()
    home.run([sink := Sink("writes-only")])
    home.wish(Wish())
    home.run([Sink("other")], turns=1)
    (new,) = home.put()
    sink.script = [NotAllowed("403")]
    home.run([sink], turns=3)
    assert new in sink.has
    assert [event["cause"] for event in home.told if event["event"] == "paused"] == ["403"]
