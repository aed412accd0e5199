"""What tests of the edge may ask for."""

from __future__ import annotations

import pytest

from fakes.wires import Bench, Hands


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def hands() -> Hands:
    return Hands()
