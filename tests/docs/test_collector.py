"""The collector that the README shows does what a collector has to do, for the sink that is really used."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from earlid.edge.sinks.http_sink import HttpSink
from earlid.edge.sinks.sink import Reach
from fakes.kept_segments import kept_in
from fakes.waiting import SECONDS

README = Path(__file__).parents[2] / "README.md"
PORT = "8123"


def shown() -> str:
    """Its source, as it stands in the README."""
    part = README.read_text("utf-8").split("<!-- collector -->")[1].split("<!-- /collector -->")[0]
    return part.strip().removeprefix("```python\n").removesuffix("```")


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """Where it listens; what it keeps lies in `tmp_path`."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert shown().count(PORT) == 1
    command = [sys.executable, "-c", shown().replace(PORT, str(port))]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL) as process:
        try:
            until_s = time.monotonic() + SECONDS
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                except ConnectionRefusedError:
                    assert process.poll() is None and time.monotonic() < until_s
            yield f"http://127.0.0.1:{port}/segments"
        finally:
            process.kill()


def test_it_keeps_each_segment_once_and_forgets_it_when_asked(url: str, tmp_path: Path) -> None:
    kept = kept_in(tmp_path / "state")
    sink = HttpSink(url, Reach())
    with sink.burst():
        assert [sink.send(kept).status for _ in range(2)] == [201, 409]
        assert (tmp_path / f"{kept.id}.wav").read_bytes() == kept.wav
        assert sink.forget(kept.id) is True
    assert list(tmp_path.glob("*.wav")) == []


def test_what_is_sealed_gets_the_name_that_the_steps_for_opening_it_give(url: str, tmp_path: Path) -> None:
    kept = kept_in(tmp_path / "state", sealed=True)
    sink = HttpSink(url, Reach())
    with sink.burst():
        assert [sink.send(kept).status for _ in range(2)] == [201, 409]
        assert [path.name for path in tmp_path.glob("*.wav*")] == [f"{kept.id}.wav.age"]
        assert sink.forget(kept.id) is True
    assert list(tmp_path.glob("*.wav*")) == []


def test_half_a_body_is_not_kept(url: str, tmp_path: Path) -> None:
    port = urlsplit(url).port
    with socket.create_connection(("127.0.0.1", port)) as line:
        head = f"POST /segments HTTP/1.1\r\nIdempotency-Key: {'a' * 32}\r\nContent-Length: 100\r\n\r\nhalf"
        line.sendall(head.encode())
        line.shutdown(socket.SHUT_WR)
        assert line.recv(100) == b""
    assert [path.name for path in tmp_path.iterdir()] == []


def test_it_is_as_short_as_it_is_said_to_be() -> None:
    assert len([line for line in shown().splitlines() if line.strip()]) <= 25
