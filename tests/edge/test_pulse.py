"""A thread that plays the lamp can die, and then it is told."""

import threading
from collections.abc import Iterator

import pytest

from earlid.edge import pulse
from earlid.edge.pulse import Pulse
from earlid.errors import DeviceLost, PinsLost
from fakes.waiting import SECONDS


@pytest.fixture
def threads() -> Iterator[list[Pulse]]:
    made: list[Pulse] = []
    yield made
    for each in made:
        each.stop()


def test_it_beats_until_it_is_stopped(threads: list[Pulse]) -> None:
    beats = threading.Semaphore(0)

    def beat() -> float:
        beats.release()
        return 0.001

    one = Pulse(beat)
    threads.append(one)
    one.start()
    assert all(beats.acquire(timeout=SECONDS) for _ in range(5))
    one.check()
    one.stop()
    one.stop()
    with pytest.raises(DeviceLost, match="ended by itself"):
        one.check()


def test_a_nudge_does_not_wait_for_its_turn(threads: list[Pulse], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "_LONGEST_S", 1000.0)
    beats = threading.Semaphore(0)

    def beat() -> float:
        beats.release()
        return 1000.0

    one = Pulse(beat)
    threads.append(one)
    one.start()
    assert beats.acquire(timeout=SECONDS)
    one.nudge()
    assert beats.acquire(timeout=SECONDS)


def test_one_that_died_says_of_what(threads: list[Pulse]) -> None:
    def beat() -> float:
        raise ZeroDivisionError("of its own")

    one = Pulse(beat)
    threads.append(one)
    one.start()
    one._thread.join(SECONDS)
    with pytest.raises(PinsLost, match="ZeroDivisionError: of its own"):
        one.check()


def test_one_that_hangs_is_told_and_one_that_was_only_paused_is_not(
    threads: list[Pulse], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulse, "STALLED_S", -1.0)  # as if the last beat were long ago
    stuck, inside = threading.Event(), threading.Event()

    def beat() -> float:
        inside.set()
        stuck.wait(SECONDS)
        return 0.001

    one = Pulse(beat)
    threads.append(one)
    one.start()
    assert inside.wait(SECONDS)
    with pytest.raises(DeviceLost, match="has hung") as told:
        one.check()
    assert not isinstance(told.value, PinsLost), "it may go on"
    monkeypatch.setattr(pulse, "_GRACE_S", SECONDS)  # or whoever others keep waiting would have hung
    stuck.set()
    one.check()


def test_one_that_was_never_started_is_no_pulse() -> None:
    with pytest.raises(DeviceLost, match="never started"):
        Pulse(lambda: 1.0).check()
