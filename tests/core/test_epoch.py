"""The epoch counts mutes and never goes back."""

from __future__ import annotations

import signal
import threading

import pytest

from earlid.core.epoch import Epoch


def test_it_counts_the_mutes_from_none() -> None:
    epoch = Epoch()
    assert epoch.value == 0
    epoch.bump()
    epoch.bump()
    assert epoch.value == 2


def test_it_cannot_be_set_back() -> None:
    with pytest.raises(AttributeError):
        Epoch().value = 0  # type: ignore[misc]


def test_a_press_in_another_thread_is_seen_at_once() -> None:
    epoch = Epoch()
    presser = threading.Thread(target=epoch.bump)
    presser.start()
    presser.join()
    assert epoch.value == 1


def test_a_press_in_a_signal_handler_is_seen_at_once() -> None:
    epoch = Epoch()
    before = signal.signal(signal.SIGUSR1, lambda _number, _frame: epoch.bump())
    try:
        signal.raise_signal(signal.SIGUSR1)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert epoch.value == 1
