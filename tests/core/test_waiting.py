"""What is judged by the clock is judged the same on a machine that others use."""

from __future__ import annotations

import pytest

from fakes import waiting
from fakes.waiting import within


def took(monkeypatch: pytest.MonkeyPatch, took_s: float, *waited_s: float | None) -> None:
    """From here on a block takes so long, and has waited that much before it and after it."""
    monkeypatch.setattr("fakes.waiting.time.monotonic", iter([100.0, 100.0 + took_s]).__next__)
    monkeypatch.setattr(waiting, "_waited_s", iter(waited_s).__next__)


def test_who_waits_for_nobody_and_takes_too_long_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    took(monkeypatch, 3.0, 7.0, 7.0)
    with pytest.raises(AssertionError, match=r"it took 3\.00 s"), within(2.0):
        pass


def test_what_others_made_it_wait_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    took(monkeypatch, 3.0, 7.0, 8.5)
    with within(2.0):
        pass


@pytest.mark.parametrize(("took_s", "is_in_time"), [(19.0, True), (21.0, False)])
def test_where_the_kernel_does_not_say_it_may_take_ten_times_as_long(
    monkeypatch: pytest.MonkeyPatch, took_s: float, is_in_time: bool
) -> None:
    took(monkeypatch, took_s, None)
    try:
        with within(2.0):
            pass
    except AssertionError:
        assert not is_in_time
    else:
        assert is_in_time


def test_what_has_waited_so_far_only_grows() -> None:
    sooner, later = waiting._waited_s(), waiting._waited_s()
    assert (sooner is None) == (later is None)
    assert (sooner or 0.0) <= (later or 0.0)
