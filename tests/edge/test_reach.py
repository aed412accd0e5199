"""Whether a collector answers is found out without sound and without the token."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from earlid.edge.reach import reach
from earlid.errors import TryLater


@contextmanager
def answering(reply: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """A server that takes one question and sends `reply`; yields its address and what was asked."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                asked.append(connection.recv(65536))
                connection.sendall(reply)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}/ear?key=hunter2", asked
        finally:
            thread.join()


def test_a_collector_that_answers_is_reached_and_asked_nothing() -> None:
    with answering(b"HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n") as (url, asked):
        assert (
            reach(url, None, 2.0)
            == "unencrypted, answers; whether it takes segments shows with the first one"
        )
    assert asked[0].startswith(b"OPTIONS /ear HTTP/1.1\r\n")
    assert asked[0].endswith(b"\r\n\r\n")
    assert b"hunter2" not in asked[0]


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_proxy_without_a_collector_behind_it_is_told(status: int) -> None:
    reply = f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode()
    with answering(reply) as (url, _), pytest.raises(TryLater, match="see whether the collector runs"):
        reach(url, None, 2.0)


@pytest.mark.parametrize("reply", [b"", b"220 mail ready\r\n"])
def test_what_is_no_web_server_is_told(reply: bytes) -> None:
    with answering(reply) as (url, _), pytest.raises(TryLater, match=r"http|breaks"):
        reach(url, None, 2.0)


def test_a_host_that_speaks_no_tls_is_told() -> None:
    with answering(b"HTTP/1.1 400 No\r\n\r\n") as (url, _), pytest.raises(TryLater, match="no encrypted"):
        reach(url.replace("http:", "https:"), None, 2.0)


def test_a_collector_that_is_down_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(TryLater, match="refuses"):
        reach(f"http://127.0.0.1:{port}/", None, 2.0)


def test_a_collector_that_never_answers_is_told_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(TryLater, match="in time"):
        reach(f"http://127.0.0.1:{server.getsockname()[1]}/", None, 0.1)


def test_a_name_that_does_not_exist_is_told() -> None:
    with pytest.raises(TryLater, match=r"not known|breaks"):
        reach("http://collector.invalid/", None, 2.0)
