"""Intervals against printed tables, and against scipy's own statistics."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from earlid.edge.intervals import exposure_for, rate, share
from earlid.errors import Violation


@pytest.mark.parametrize(
    ("found", "of", "low", "high"),
    [(0, 10, 0.0, 0.3085), (1, 10, 0.0025, 0.4450), (5, 10, 0.1871, 0.8129), (10, 10, 0.6915, 1.0)],
)
def test_shares_are_those_of_the_printed_table(found: int, of: int, low: float, high: float) -> None:
    found_interval = share(found, of)
    assert found_interval.value == found / of
    assert found_interval.low == pytest.approx(low, abs=5e-5)
    assert found_interval.high == pytest.approx(high, abs=5e-5)


@pytest.mark.parametrize(
    ("events", "low", "high"), [(1, 0.0253, 5.5716), (3, 0.6187, 8.7673), (10, 4.7954, 18.3904)]
)
def test_rates_are_those_of_the_printed_table(events: int, low: float, high: float) -> None:
    assert rate(events, 1.0).low == pytest.approx(low, abs=5e-5)
    assert rate(events, 2.0).high == pytest.approx(high / 2, abs=5e-5)


def test_no_event_claims_no_less_than_the_rule_of_three() -> None:
    assert rate(0, 4.0).high == pytest.approx(2.9957 / 4, abs=1e-4)
    assert exposure_for(0.1) == pytest.approx(29.957, abs=1e-3)


@given(st.integers(0, 400), st.integers(0, 400), st.sampled_from([0.8, 0.95, 0.99]))
def test_both_are_what_scipy_says(found: int, others: int, confidence: float) -> None:
    of = found + others
    if of:
        exact = stats.binomtest(found, of).proportion_ci(confidence, method="exact")
        ours = share(found, of, confidence)
        assert (ours.low, ours.high) == pytest.approx((exact.low, exact.high), abs=1e-9)
    if found:
        low, high = (stats.chi2.ppf(q, 2 * n) / 2 for q, n in _chi(found, confidence))
        assert (rate(found, 1, confidence).low, rate(found, 1, confidence).high) == pytest.approx((low, high))


def _chi(events: int, confidence: float) -> list[tuple[float, int]]:
    tail = (1 - confidence) / 2
    return [(tail, events), (1 - tail, events + 1)]


def test_of_nothing_everything_is_possible() -> None:
    assert math.isnan(share(0, 0).value)
    assert (share(0, 0).low, share(0, 0).high) == (0.0, 1.0)
    assert rate(0, 0).high == math.inf


@pytest.mark.parametrize(("found", "of"), [(-1, 3), (4, 3)])
def test_what_is_no_share_is_refused(found: int, of: int) -> None:
    with pytest.raises(Violation, match="no share"):
        share(found, of)
