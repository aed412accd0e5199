"""A port that somebody else has is the command's mistake, and it is told what to do."""

from __future__ import annotations

import socket
from contextlib import closing

import pytest

from earlid.errors import UsageError

pytest.importorskip("uvicorn", reason="no page without the extra field")

from earlid.edge.page.server import bind


def test_a_port_that_is_taken_asks_for_another() -> None:
    with closing(bind("127.0.0.1", 0)) as taken, pytest.raises(UsageError, match="choose another --port"):
        taken.listen()
        bind("127.0.0.1", taken.getsockname()[1])


def test_a_port_that_is_free_is_had() -> None:
    with closing(bind("127.0.0.1", 0)) as had:
        assert had.family == socket.AF_INET
