"""What can be learned from labelled wakes: too little is refused, every figure is of what was held back."""

from __future__ import annotations

import numpy as np
import pytest

from earlid.core.teaching import LEAST_CALLS, LEAST_FALSE, Example, Gain, fault_in, gain, learned
from earlid.core.verifier import SHAPE
from earlid.edge.field.regression import plane

HOUR_S = 3600.0


def example(is_call: bool, at_s: float, dice: np.random.Generator, apart: float = 1.0) -> Example:
    """Noise, and `apart` of what tells calls from the rest."""
    hops = dice.normal(size=(2, *SHAPE)).astype(np.float32)
    hops[:, 3] += apart if is_call else -apart
    return Example(at_s, is_call, hops)


def examples(calls: int, false: int, *, apart: float = 1.0, seed: int = 1) -> list[Example]:
    dice = np.random.default_rng(seed)
    kinds = [True] * calls + [False] * false
    return [example(kind, HOUR_S * number, dice, apart) for number, kind in enumerate(kinds)]


def test_enough_of_both_kinds_has_no_fault() -> None:
    assert fault_in(examples(LEAST_CALLS, LEAST_FALSE)) is None


@pytest.mark.parametrize(
    ("calls", "false", "says"),
    [
        (0, 0, "there are only false wakes and no calls"),
        (40, 0, "there are only calls and no false wakes"),
        (0, 40, "there are only false wakes and no calls"),
        (LEAST_CALLS - 1, LEAST_FALSE, f"too few: {LEAST_CALLS - 1} calls"),
        (LEAST_CALLS, LEAST_FALSE - 1, f"{LEAST_FALSE - 1} false wakes of at least {LEAST_FALSE}"),
    ],
)
def test_too_few_and_one_sided_labels_are_refused_in_one_line(calls: int, false: int, says: str) -> None:
    fault = fault_in(examples(calls, false))
    assert fault
    assert says in fault
    assert "\n" not in fault


def test_near_misses_do_not_make_up_for_wakes() -> None:
    near = [Example(one.at_s, one.is_call, one.hops, woke=False) for one in examples(50, 50)]
    assert fault_in([*near, *examples(3, 3)])


def test_what_all_happened_on_one_occasion_cannot_be_tested_and_is_refused() -> None:
    dice = np.random.default_rng(1)
    evening = [example(False, 60.0 * number, dice) for number in range(LEAST_FALSE)]
    fault = fault_in([*examples(LEAST_CALLS, 0), *evening])
    assert fault
    assert "one occasion" in fault


def test_what_can_be_told_apart_is_and_the_figures_say_so() -> None:
    found = gain(examples(40, 20), plane)
    assert found.calls == 40
    assert found.false == 20
    assert found.lost <= 1
    assert found.removed >= 18
    assert found.is_worth_it
    taught = learned("w", examples(40, 20), plane)
    fresh = examples(30, 30, seed=2)
    refused = [taught.margin(one.hops[0]) < 0 for one in fresh]
    assert sum(refused[:30]) <= 1
    assert sum(refused[30:]) >= 27


def test_where_there_is_nothing_to_learn_the_figures_promise_nothing() -> None:
    found = gain(examples(40, 20, apart=0.0), plane)
    assert found.removed <= 5, "of what was held back, though all that was taught can be told apart"
    assert not Gain(40, 3, 20, 20).is_worth_it
    assert not Gain(40, 0, 20, 0).is_worth_it
    assert Gain(40, 1, 20, 10).is_worth_it


def test_one_occasion_never_teaches_and_examines() -> None:
    """Copies a minute apart would be known by heart: held back together, they are strangers."""
    dice = np.random.default_rng(1)
    one_by_one = examples(40, 20, apart=0.0)
    copies = []
    for one in one_by_one:
        again = one.hops + dice.normal(scale=0.01, size=one.hops.shape).astype(np.float32)
        copies.append(Example(one.at_s + 60.0, one.is_call, again))
    found = gain([*one_by_one, *copies], plane)
    assert found.removed <= 10, f"{found.removed} of 40 though nothing but memory tells them apart"


def test_near_misses_teach_and_are_not_counted() -> None:
    some = examples(30, 15)
    near = [Example(one.at_s + 1.0, one.is_call, one.hops, woke=False) for one in examples(10, 10, seed=3)]
    found = gain([*some, *near], plane)
    assert (found.calls, found.false) == (30, 15)
    alone, helped = (learned("w", each, plane) for each in (some, [*some, *near]))
    assert not np.array_equal(alone.weights, helped.weights)
