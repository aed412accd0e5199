"""Errands are run in order by somebody else, and none is begun that should not be."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from earlid.errors import DiskTrouble, NotAllowed, Refused, TryLater, Violation
from earlid.uploading.courier import HELD_S, Courier, Errand
from fakes.waiting import SECONDS


class Road:
    """A courier, what he did in order, and how often he set out."""

    def __init__(self) -> None:
        self.bell, self.stop = threading.Event(), threading.Event()
        self.now = 0.0
        self.done: list[str] = []
        self.bursts = 0
        self.courier = Courier(self._burst, self.bell, self.stop, lambda: self.now)

    @contextmanager
    def _burst(self) -> Iterator[None]:
        self.bursts += 1
        yield

    def errand(self, name: str, error: BaseException | None = None, late_at: float = 1e9) -> Errand:
        """One that does as it is told."""

        def go() -> str:
            self.done.append(name)
            if error is not None:
                raise error
            return name

        return Errand(name, go, late_at=late_at)

    def back(self, count: int) -> list[Errand]:
        """The next so many that come back."""
        found: list[Errand] = []
        while len(found) < count:
            assert self.bell.wait(SECONDS)
            self.bell.clear()
            found += self.courier.back()
        return found


def test_errands_come_back_in_order_and_follow_each_other_in_one_burst() -> None:
    road = Road()
    road.courier.send(*[road.errand(f"{number}") for number in range(20)])
    came = road.back(20)
    assert [errand.answer for errand in came] == [f"{number}" for number in range(20)]
    assert road.bursts == 1
    assert not road.courier.is_out


def test_what_is_sent_as_the_courier_is_about_to_leave_is_carried(monkeypatch: pytest.MonkeyPatch) -> None:
    road = Road()
    late = [road.errand("late")]

    def time_is_over(_timeout_s: float) -> bool:
        if late:
            road.courier.send(late.pop())  # in the very moment: nobody waits any more to be told
        return False

    monkeypatch.setattr(road.courier._turn, "wait", time_is_over)
    road.courier.send(road.errand("first"))
    assert [errand.answer for errand in road.back(2)] == ["first", "late"]


def test_after_one_that_failed_none_is_begun_until_the_rest_is_recalled() -> None:
    road = Road()
    rest = [road.errand("second"), road.errand("third")]
    road.courier.send(road.errand("first", TryLater("down")), *rest)
    (failed,) = road.back(1)
    assert isinstance(failed.error, TryLater)
    while road.courier.is_under_way:
        pass
    assert road.courier.recall() == rest
    assert road.done == ["first"]
    road.courier.send(*rest)
    assert road.back(2) == rest


def test_a_refusal_is_an_answer_and_holds_up_nobody() -> None:
    road = Road()
    road.courier.send(road.errand("first", Refused("no")), road.errand("second"))
    assert [errand.refusal for errand in road.back(2)] == ["no", None]


def test_what_is_too_late_comes_back_and_was_not_begun() -> None:
    road = Road()
    road.now = 10.0
    road.courier.send(road.errand("old", late_at=10.0), road.errand("young", late_at=11.0))
    assert [errand.is_begun for errand in road.back(2)] == [False, True]
    assert road.done == ["young"]


def test_once_it_is_time_to_stop_none_is_begun() -> None:
    road = Road()
    road.stop.set()
    waiting = [road.errand("first")]
    road.courier.send(*waiting)
    assert road.courier.recall() == waiting
    assert road.done == []


def test_what_no_sink_should_raise_is_tried_later_and_told_without_what_came_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    road = Road()
    road.courier.send(road.errand("first", ValueError("what was said")))
    error = road.back(1)[0].error
    assert isinstance(error, TryLater)
    (line,) = caplog.messages
    for told in (str(error), line):
        assert "ValueError" in told
        assert "said" not in told
    assert "test_courier.py:" in line


@pytest.mark.parametrize("error", [Violation("no"), DiskTrouble("full"), NotAllowed("no"), SystemExit()])
def test_what_was_meant_is_carried_back_as_it_is(error: BaseException) -> None:
    road = Road()
    road.courier.send(road.errand("first", error))
    assert road.back(1)[0].error is error


def test_what_is_back_waits_for_more_that_comes_at_once_and_not_for_long() -> None:
    road, reached, gate = Road(), threading.Event(), threading.Event()

    def slow() -> str:
        reached.set()
        assert gate.wait(SECONDS)
        return "slow"

    quick = [road.errand(f"{number}") for number in range(2)]
    rest = [Errand("slow", slow), *(road.errand(f"late {number}") for number in range(9))]
    road.courier.send(*quick, *rest)
    assert reached.wait(SECONDS)
    assert road.courier.back() == []
    assert not road.bell.is_set()
    road.now += HELD_S
    assert road.courier.back() == quick
    gate.set()
    assert road.back(10) == rest
