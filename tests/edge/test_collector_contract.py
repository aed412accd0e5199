"""One contract for the collector that comes with Earlid and for the honest side of the fake."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from earlid.edge.collector import BODY_LIMIT_BYTES, Collector
from earlid.edge.sinks.http_sink import HttpSink
from earlid.edge.sinks.sink import Reach
from fakes.collector import LyingCollector
from fakes.kept_segments import kept_in
from fakes.waiting import SECONDS

Post = Callable[..., int]
KEY = "0123456789abcdef" * 2
WAV = b"RIFF" + bytes(5_000)


def post_to(url: str, body: bytes = WAV, **headers: str) -> int:
    """The status for `body`, sent as Earlid sends it unless `headers` say otherwise; "" leaves one out."""
    said = {"Idempotency-Key": KEY, "Content-Type": "audio/wav", "X-Earlid-Wake-Word": "hey_jarvis"}
    said |= {name.replace("_", "-"): value for name, value in headers.items()}
    parts = urlsplit(url)
    line = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=SECONDS)
    try:
        line.request("POST", parts.path, body, {name: value for name, value in said.items() if value})
        return line.getresponse().status
    finally:
        line.close()


@pytest.fixture(params=["in memory", "in a folder", "fake"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "fake":
        with LyingCollector() as fake:
            yield fake.url
    else:
        with Collector(tmp_path / "received" if request.param == "in a folder" else None) as real:
            yield real.url


def test_a_segment_is_taken_once_and_known_after_that(url: str) -> None:
    assert post_to(url) == 201
    assert post_to(url) == 409
    assert post_to(url, b"another body under the same key") == 409


def test_two_segments_are_two(url: str) -> None:
    assert post_to(url) == 201
    assert post_to(url, Idempotency_Key="f" * 32) == 201


def test_the_collector_keeps_the_bytes_that_were_sent() -> None:
    with Collector() as collector:
        post_to(collector.url)
        post_to(collector.url)
        (received,) = collector.received
    assert (received.id, received.model, received.wav) == (KEY, "hey_jarvis", WAV)


def test_recordings_in_a_folder_outlive_the_collector(tmp_path: Path) -> None:
    with Collector(tmp_path) as collector:
        assert post_to(collector.url) == 201
    with Collector(tmp_path) as collector:
        assert post_to(collector.url) == 409
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [(f"{KEY}.wav", WAV)]


def test_a_body_that_breaks_off_is_not_kept() -> None:
    with Collector() as collector:
        parts = urlsplit(collector.url)
        line = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=SECONDS)
        line.putrequest("POST", parts.path)
        for name, value in {"Idempotency-Key": KEY, "Content-Type": "audio/wav"}.items():
            line.putheader(name, value)
        line.putheader("Content-Length", "5000")
        line.endheaders(b"half a sentence")
        line.close()
        assert post_to(collector.url) == 201
        assert [received.wav for received in collector.received] == [WAV]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Idempotency_Key": ""}, 400),
        ({"Idempotency_Key": "../../etc/passwd"}, 400),
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Length": str(BODY_LIMIT_BYTES + 1)}, 413),
        ({"Content_Length": "many"}, 411),
    ],
)
def test_what_is_not_a_segment_is_refused(headers: dict[str, str], status: int, tmp_path: Path) -> None:
    with Collector(tmp_path / "received") as collector:
        assert post_to(collector.url, b"", **headers) == status
        assert collector.received == ()
    assert list((tmp_path / "received").iterdir()) == []


def test_whoever_asked_hears_of_each_segment_once() -> None:
    heard: list[str] = []
    with Collector(on_received=lambda received: heard.append(received.id)) as collector:
        post_to(collector.url)
        post_to(collector.url)
    assert heard == [KEY]


def test_the_collector_is_reachable_from_this_machine_only() -> None:
    with Collector() as collector:
        assert urlsplit(collector.url).hostname == "127.0.0.1"


def test_what_is_sealed_is_kept_under_a_name_that_says_so(tmp_path: Path) -> None:
    kept = kept_in(tmp_path, sealed=True)
    with Collector(tmp_path / "received") as collector:
        assert [HttpSink(collector.url, Reach()).send(kept).status for _ in range(2)] == [201, 409]
    (file,) = (tmp_path / "received").iterdir()
    assert (file.name, file.read_bytes()) == (f"{kept.id}.wav.age", kept.wav)


@pytest.mark.parametrize("in_folder", [True, False])
def test_a_collector_that_is_asked_to_forget_does(tmp_path: Path, in_folder: bool) -> None:
    kept = kept_in(tmp_path)
    with Collector(tmp_path / "received" if in_folder else None) as collector:
        sink = HttpSink(collector.url, Reach())
        sink.send(kept)
        assert [sink.forget(kept.id) for _ in range(2)] == [True, True]
        assert collector.received == ()
    assert list((tmp_path / "received").glob("*")) == []
