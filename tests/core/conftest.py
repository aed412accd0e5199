"""What tests of the core may ask for."""

from __future__ import annotations

import pytest

from fakes.house import House


@pytest.fixture
def house() -> House:
    """One in which a word is heard in hop 5."""
    made = House()
    made.wake_at(5)
    made.listener.start()
    return made
