"""Every sample of a field recording is heard, muted or lost, and none is two of these."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earlid.core.deafness import LIMIT
from earlid.core.field import Kind
from earlid.core.tally import Tally, dbfs_of
from earlid.core.units import HOP, dbfs

LOUD = np.full(HOP, 1000, np.int16)
SILENT = np.zeros(HOP, np.int16)
DEAF_HOPS = LIMIT // HOP - 1  # the next one makes it deaf, and is not heard


def test_ten_seconds_of_exact_silence_were_not_heard_and_less_was_a_pause() -> None:
    for hops, is_deaf in ((DEAF_HOPS - 1, False), (DEAF_HOPS, True)):
        tally = Tally()
        tally.hear(LOUD)
        for _ in range(hops):
            tally.hear(SILENT)
        waiting = tally.take()
        assert (waiting.listened, waiting.deaf) == (HOP, 0), "nothing is said of silence before it is over"
        tally.hear(LOUD)
        found = tally.take()
        assert (found.listened, found.deaf) == ((HOP, hops * HOP) if is_deaf else ((hops + 1) * HOP, 0))


def test_silence_before_a_mute_or_the_end_was_heard() -> None:
    tally = Tally()
    tally.hear(SILENT)
    tally.mute(5)
    assert (tally.take().listened, tally.take().listened) == (HOP, 0)
    tally.hear(SILENT)
    assert tally.take(is_last=True).listened == HOP


def test_wakes_and_near_misses_are_counted_and_a_veto_is_neither() -> None:
    tally = Tally()
    for kind in (Kind.WAKE, Kind.NEAR_MISS, Kind.NEAR_MISS, Kind.VETOED):
        tally.find(kind)
    found = tally.take()
    assert (found.wakes, found.near_misses) == (1, 2)
    assert tally.take().is_nothing


def test_the_level_is_that_of_what_was_heard() -> None:
    tally = Tally()
    assert tally.take().power is None
    tally.hear(LOUD)
    tally.mute(100_000)
    power = tally.take().power
    assert power is not None
    assert dbfs_of(power) == pytest.approx(dbfs(LOUD))
    assert dbfs_of(0.0) == -120.0


@given(st.lists(st.sampled_from(["loud", "silent", "mute", "lose", "take"]), max_size=400))
def test_no_sample_is_lost_or_counted_twice(doings: list[str]) -> None:
    tally, passed, told = Tally(), 0, 0
    for doing in doings:
        if doing == "take":
            told += tally.take().passed
            continue
        passed += HOP
        if doing in {"loud", "silent"}:
            tally.hear(LOUD if doing == "loud" else SILENT)
        else:
            (tally.mute if doing == "mute" else tally.lose)(HOP)
    assert told + tally.take(is_last=True).passed == passed
