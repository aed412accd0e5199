"""Quiet hours follow the clock on the wall, over midnight and where it jumps for summer time."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earlid.core.quiet import DAY, Quiet, quiet_from, quiet_until

MINUTES = st.integers(0, DAY - 1)
SPANS = st.tuples(MINUTES, MINUTES).filter(lambda ends: ends[0] != ends[1]).map(lambda ends: Quiet(*ends))


def clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


@given(SPANS, MINUTES)
def test_a_span_and_its_opposite_share_out_the_day(span: Quiet, minute: int) -> None:
    assert span.holds(minute) is not Quiet(span.stop, span.start).holds(minute)


@given(SPANS, MINUTES)
def test_what_a_person_writes_is_what_holds(span: Quiet, minute: int) -> None:
    assert quiet_from(f"{clock(span.start)}-{clock(span.stop)}") == span
    length, since = (span.stop - span.start) % DAY, (minute - span.start) % DAY
    assert span.holds(minute) is (since < length)


@given(st.lists(SPANS, max_size=4), MINUTES)
def test_it_is_quiet_until_the_first_minute_that_no_span_holds(spans: list[Quiet], minute: int) -> None:
    told = quiet_until(spans, minute // 60, minute % 60)
    later = [(minute + step) % DAY for step in range(DAY)]
    first = next((one for one in later if not any(span.holds(one) for span in spans)), None)
    assert told == ("further notice" if first is None else "" if first == minute else clock(first))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "22:00",
        "22-06",
        "22:00-22:00",
        "24:00-06:00",
        "22:60-06:00",
        "\u0662\u0662:\u0660\u0660-06:00",
        "-1:00-2:00",
        "a-b",
    ],
)
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"write it as|a day goes|are the same"):
        quiet_from(text)


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A clock with summer time: on from 29 March 2026 02:00 to 25 October 2026 03:00."""
    before = os.environ.get("TZ")
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    yield
    if before is None:
        monkeypatch.delenv("TZ")
    else:
        monkeypatch.setenv("TZ", before)
    time.tzset()


@pytest.mark.usefixtures("berlin")
@pytest.mark.parametrize(
    ("written", "midnight_s", "quiet_minutes"),
    [
        ("22:00-06:30", 1_774_738_800, 7 * 60 + 30),  # the night before 29 March is an hour short
        ("22:00-06:30", 1_792_879_200, 9 * 60 + 30),  # the night before 25 October is an hour long
        ("02:15-02:45", 1_774_738_800, 0),  # these minutes do not happen
        ("02:15-02:45", 1_792_879_200, 60),  # these happen twice
        ("01:30-03:30", 1_774_738_800, 60),
    ],
)
def test_where_the_clock_jumps_what_it_shows_counts(
    written: str, midnight_s: int, quiet_minutes: int
) -> None:
    spans = (quiet_from(written),)
    noon_s = midnight_s - 12 * 3600
    assert time.localtime(midnight_s)[3:5] == (0, 0)
    count = 0
    for minute in range(24 * 60):
        shown = time.localtime(noon_s + 60 * minute)
        count += bool(quiet_until(spans, shown.tm_hour, shown.tm_min))
    assert count == quiet_minutes
