"""No hour carries more audio than its budget, whatever the clocks say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earlid.core.budget import HOUR_S, Budget, Spent, resumed
from earlid.errors import Violation

STEPS = st.lists(
    st.tuples(
        st.one_of(st.floats(-8000.0, 8000.0), st.just(0.0)),
        st.floats(0.1, 30.0),
        st.sampled_from(["keep", "keep", "keep", "restart", "reboot"]),
    ),
    max_size=60,
)


@given(STEPS, st.sampled_from([0.0, 20.0, 60.0, 180.0]))
def test_no_hour_carries_more_than_its_budget_whatever_the_clock_does(
    steps: list[tuple[float, float, str]], most_s: float
) -> None:
    budget = Budget(most_s)
    clock_s = true_s = 0.0
    kept: list[tuple[float, float]] = []
    for step_s, wanted_s, what in steps:
        clock_s += step_s
        true_s += max(0.0, step_s)  # a step back is a clock that was set, and no time at all
        if what == "restart":
            budget = Budget(most_s, budget.spent)
        elif what == "reboot":  # the clock begins anew, and the device was off for who knows how long
            budget = Budget(most_s, resumed(budget.spent, clock_s, 5.0))
            clock_s = 5.0
        took_s = min(wanted_s, budget.left_s(clock_s))
        budget.spend(clock_s, took_s)
        kept.append((true_s, took_s))
        for at_s, _ in kept:
            within = [one_s for other_s, one_s in kept if at_s - HOUR_S < other_s <= at_s]
            assert sum(within) <= most_s + 1e-6


@given(st.lists(st.tuples(st.floats(0.0, 900.0), st.floats(0.5, 40.0)), max_size=20), st.floats(0.5, 60.0))
def test_what_it_says_to_wait_is_exactly_enough(steps: list[tuple[float, float]], wanted_s: float) -> None:
    budget, now_s = Budget(60.0), 0.0
    for step_s, spent_s in steps:
        now_s += step_s
        budget.spend(now_s, min(spent_s, budget.left_s(now_s)))
    wait_s = budget.wait_s(now_s, wanted_s)
    assert wait_s is not None
    if wait_s > 0.0:
        assert Budget(60.0, budget.spent).left_s(now_s + wait_s - 0.01) < wanted_s
    assert budget.left_s(now_s + wait_s + 1e-6) >= wanted_s - 1e-6


def test_an_hour_later_all_of_it_is_there_again() -> None:
    budget = Budget(180.0)
    budget.spend(10.0, 180.0)
    assert budget.left_s(10.0 + HOUR_S - 0.1) == 0.0
    assert budget.left_s(10.0 + HOUR_S) == 180.0
    assert budget.spent == ()


def test_a_clock_that_goes_back_gives_nothing_and_one_that_comes_back_neither() -> None:
    budget = Budget(100.0)
    budget.spend(5000.0, 100.0)
    assert budget.left_s(100.0) == 0.0
    assert budget.left_s(5001.0) == 0.0
    assert budget.wait_s(100.0, 1.0) == HOUR_S - 1.0


def test_while_the_machine_is_off_no_time_passes() -> None:
    budget = Budget(100.0)
    budget.spend(900.0, 100.0)
    again = Budget(100.0, resumed(budget.spent, 1000.0, 3.0))
    assert again.spent == (Spent(-97.0, 100.0),)
    assert again.left_s(3.0 + HOUR_S - 101.0) == 0.0
    assert again.left_s(3.0 + HOUR_S - 100.0) == 100.0


def test_what_was_kept_later_than_the_last_look_counts_from_then() -> None:
    assert resumed([Spent(50.0, 1.0)], 40.0, 0.0) == [Spent(0.0, 1.0)]


def test_more_than_the_whole_budget_never_comes() -> None:
    assert Budget(5.0).wait_s(0.0, 6.0) is None
    assert Budget(5.0).wait_s(0.0, 5.0) == 0.0


@pytest.mark.parametrize("most_s", [-1.0, float("nan")])
def test_a_budget_is_a_number_of_seconds(most_s: float) -> None:
    with pytest.raises(Violation):
        Budget(most_s)
