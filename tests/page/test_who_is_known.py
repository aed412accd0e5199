"""How long a code and a browser hold, and what is taken back or erased, by a clock that the test turns."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from earlid.core.field import Kind, Label
from earlid.edge.field.store import FieldStore, Wanted
from earlid.edge.page.doings import GRACE_S, Doings
from earlid.edge.page.pairing import CODE_S, LENGTH, LETTERS, MOST_SESSIONS, SESSION_S, Pairing, Tried
from earlid.errors import DiskTrouble, UsageError
from fakes.waiting import SECONDS


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_code_holds_for_ten_minutes(clock: Clock) -> None:
    pairing = Pairing(clock)
    code = pairing.new_code()
    clock.now_s += CODE_S - 1
    assert pairing.is_open
    clock.now_s += 1
    assert not pairing.is_open
    assert pairing.pair(code) == (Tried.CLOSED, "")


def test_codes_are_long_enough_and_none_is_like_another(clock: Clock) -> None:
    pairing = Pairing(clock)
    codes = {pairing.new_code() for _ in range(500)}
    assert len(codes) == 500
    assert {len(code) for code in codes} == {LENGTH}
    assert set("".join(codes)) == set(LETTERS)
    assert not set("01OIL") & set(LETTERS)


def test_a_browser_is_known_as_long_as_it_asks_now_and_then(clock: Clock) -> None:
    pairing = Pairing(clock)
    _, cookie = pairing.pair(pairing.new_code())
    for _ in range(5):
        clock.now_s += SESSION_S - 1
        assert pairing.knows(cookie)
    clock.now_s += SESSION_S + 1
    assert not pairing.knows(cookie)


def test_only_so_many_are_known_and_the_one_longest_silent_is_forgotten(clock: Clock) -> None:
    pairing = Pairing(clock)
    cookies = []
    for _ in range(MOST_SESSIONS + 1):
        clock.now_s += 1
        cookies.append(pairing.pair(pairing.new_code())[1])
    assert [pairing.knows(one) for one in cookies] == [False] + [True] * MOST_SESSIONS


def test_a_token_is_of_one_cookie_and_of_one_run(clock: Clock) -> None:
    pairing, other = Pairing(clock), Pairing(clock)
    token = pairing.token_of("a")
    assert pairing.is_token_of(token, "a")
    assert not pairing.is_token_of(token, "b")
    assert not other.is_token_of(token, "a")
    assert not pairing.is_token_of(pairing.token_of(""), "")


class Erasing:
    """Erases peaks, or fails to, and says when."""

    def __init__(self) -> None:
        self.gone: list[str] = []
        self.fails = False
        self.was_called = threading.Event()

    def __call__(self, id_: str) -> None:
        self.was_called.set()
        if self.fails:
            raise DiskTrouble("the disk is full")
        self.gone.append(id_)


@pytest.fixture
def erasing() -> Erasing:
    return Erasing()


@pytest.fixture
def doings(store: FieldStore, erasing: Erasing, clock: Clock) -> Iterator[Doings]:
    made = Doings(store, erasing, clock)
    yield made
    made.close()


def two(store: FieldStore) -> tuple[str, str]:
    first, second, *_ = store.peaks(Wanted(kind=Kind.WAKE, has_label=False))
    return first.id, second.id


def test_labels_and_erasures_are_taken_back_in_the_order_in_which_they_were_done(
    store: FieldStore, doings: Doings, erasing: Erasing
) -> None:
    first, second = two(store)
    doings.label(first, Label.TRUE)
    doings.erase(second)
    doings.label(first, Label.FALSE)
    assert doings.going == {second}
    undone = [doings.undo() for _ in range(3)]
    assert [one.id for one in undone if one] == [first, second, first]
    assert (store.peak(first).label, doings.going, erasing.gone) == (None, frozenset(), [])


def test_what_is_erased_stays_so_and_the_step_before_it_can_still_be_taken_back(
    store: FieldStore, doings: Doings, erasing: Erasing, clock: Clock
) -> None:
    first, second = two(store)
    doings.label(first, Label.TRUE)
    doings.erase(second)
    clock.now_s += GRACE_S
    doings.erase(first)  # wakes whoever waits
    assert erasing.was_called.wait(SECONDS)
    undone = doings.undo()
    assert undone
    assert (undone.id, doings.going) == (first, frozenset())
    with pytest.raises(UsageError, match="nothing brings it back"):
        doings.undo()
    assert doings.undo()
    assert store.peak(first).label is None
    assert erasing.gone == [second]


def test_what_was_still_to_be_erased_is_erased_when_the_page_is_closed(
    store: FieldStore, doings: Doings, erasing: Erasing
) -> None:
    first, second = two(store)
    doings.erase(first)
    doings.erase(second)
    doings.erase(first)
    doings.close()
    doings.close()
    assert sorted(erasing.gone) == sorted([first, second])


def test_an_erasure_that_fails_stops_nothing_else(
    store: FieldStore, doings: Doings, erasing: Erasing
) -> None:
    erasing.fails = True
    doings.erase(two(store)[0])
    doings.close()
    assert erasing.was_called.is_set()
    assert erasing.gone == []
