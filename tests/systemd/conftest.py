"""One booted system for all tests that need real systemd; where there can be none they say so loudly."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from fakes.booted_system import Booted, booted
from fakes.debian_systems import Unavailable
from systemd.household import Household, household


@pytest.fixture(scope="session")
def there() -> Iterator[Booted]:
    """A small Debian with real systemd and Earlid's units. $EARLID_MUST_BOOT makes its absence a failure."""
    holding = booted()
    try:
        system = holding.__enter__()
    except Unavailable as why:
        said = f"THE UNITS WERE NOT BOOTED, NO SANDBOX WAS ATTACKED: {why}"
        if os.environ.get("EARLID_MUST_BOOT"):
            pytest.fail(said)
        pytest.skip(said)
    try:
        yield system
    finally:
        holding.__exit__(None, None, None)


@pytest.fixture(scope="module")
def moved_in(there: Booted) -> Iterator[Household]:
    """A household in it, for all tests of one file."""
    with household(there) as house:
        yield house


@pytest.fixture
def house(moved_in: Household) -> Household:
    """The same, in which nothing has happened yet."""
    moved_in.begin_again()
    return moved_in
