"""The device's name for others: random, steady for a while, then another."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earlid.edge.alias import Alias
from earlid.errors import ConfigError

DAY_S = 86_400.0
START_S = 1_800_000_000.0


def names(file: Path, *days: float) -> list[str]:
    moments = iter(START_S + day * DAY_S for day in days)
    alias = Alias(file, 30, lambda: next(moments))
    return [alias() for _ in days]


def test_a_name_holds_for_its_days_and_then_there_is_another(tmp_path: Path) -> None:
    first, same, later, again = names(tmp_path / "alias.json", 0, 29.9, 30, 59.9)
    assert first == same
    assert later == again != first


def test_a_clock_that_went_back_gives_a_new_name(tmp_path: Path) -> None:
    now, before = names(tmp_path / "alias.json", 0, -365)
    assert now != before


def test_a_clock_that_was_a_year_ahead_is_got_over(tmp_path: Path) -> None:
    ahead, back, still = names(tmp_path / "alias.json", 365, 0, 1)
    assert ahead != back == still


def test_two_devices_alike_in_everything_have_two_names(tmp_path: Path) -> None:
    assert names(tmp_path / "one.json", 0) != names(tmp_path / "two.json", 0)


@given(st.binary(max_size=200))
def test_a_damaged_file_gives_a_new_name(tmp_path_factory: pytest.TempPathFactory, junk: bytes) -> None:
    file = tmp_path_factory.mktemp("alias") / "alias.json"
    file.write_bytes(junk)
    first, second = names(file, 0, 1)
    assert first == second
    assert len(first) == 16


def test_the_file_is_for_its_owner_and_where_it_cannot_be_written_nothing_is_sent(tmp_path: Path) -> None:
    names(tmp_path / "alias.json", 0)
    assert (tmp_path / "alias.json").stat().st_mode & 0o777 == 0o600
    with pytest.raises(ConfigError, match=r"paths\.state"):
        names(tmp_path / "absent/alias.json", 0)
