"""Whose mistake it is: the command's (64) for what it named, the configuration's (78) for what that says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from earlid.errors import ConfigError, UsageError


@contextmanager
def as_asked() -> Iterator[None]:
    """Within it, only what a command line named is seen to: a ConfigError about that becomes a UsageError."""
    try:
        yield
    except ConfigError as error:
        raise UsageError(str(error)) from None
