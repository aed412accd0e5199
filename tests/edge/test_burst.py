"""Deliveries that follow closely upon each other share a connection, and lose nothing by it."""

from __future__ import annotations

import gc
import threading
from pathlib import Path

import pytest

from earlid.edge.sinks.http_sink import HttpSink
from earlid.edge.sinks.sink import Reach
from earlid.edge.spool.kept import Kept
from earlid.errors import NotAllowed, Refused, TryLater
from fakes.collector import Call, Conduct, LyingCollector, Request
from fakes.kept_segments import kept_in
from fakes.waiting import until


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return kept_in(tmp_path)


def stays(*statuses: int, then_stalls: bool = False, then_drips: bool = False) -> Conduct:
    """Answer one request after the other on the same connection, then hang up, wait, or drip."""

    def conduct(call: Call) -> None:
        for status in statuses:
            headers = call.head()
            while len(call._seen) < int(headers["content-length"]):
                call._more()
            length = int(headers["content-length"])
            call.collector.note(Request(headers, bytes(call._seen[:length])))
            call._seen = call._seen[length:]
            call.say(f"HTTP/1.1 {status} whatever\r\nContent-Length: 0\r\n\r\n".encode())
        if then_stalls:
            call.over.wait(10)
        if then_drips:
            call.head()
            call.say(b"HTTP/1.1 201 whatever\r\nX: ")
            while not call.over.wait(0.02):
                call.say(b"x")

    return conduct


def sink_to(server: LyingCollector, timeout_s: float = 5.0) -> HttpSink:
    return HttpSink(server.url, Reach(timeout_s=timeout_s))


def test_within_a_burst_one_connection_serves_them_all(kept: Kept) -> None:
    with LyingCollector(stays(201, 409, 201)) as server:
        sink = sink_to(server)
        with sink.burst():
            assert [sink.send(kept).status for _ in range(3)] == [201, 409, 201]
        assert len(server.requests) == 3
        assert {request.body for request in server.requests} == {kept.wav}


def watchers() -> int:
    return sum(thread.name == "line" for thread in threading.enumerate())


def test_one_thread_watches_the_time_of_a_whole_burst_and_goes_with_it(kept: Kept) -> None:
    before = watchers()
    with LyingCollector(stays(*[201] * 20)) as server:
        sink, seen = sink_to(server, timeout_s=60.0), []
        with sink.burst():
            for _ in range(20):
                sink.send(kept)
                seen.append(watchers() - before)
        assert set(seen) == {1}
        until("it waits for nothing", lambda: watchers() == before)


def test_a_line_that_was_idle_for_its_whole_time_still_cuts_the_next_exchange(kept: Kept) -> None:
    with LyingCollector(stays(201, then_drips=True)) as server:
        sink, idle = sink_to(server, timeout_s=0.6), threading.Event()
        with sink.burst():
            sink.send(kept)
            idle.wait(1.3)  # whoever watched has gone
            with pytest.raises(TryLater, match=r"no receipt within 0\.6 s"):
                sink.send(kept)


def test_without_one_each_has_its_own(kept: Kept) -> None:
    with LyingCollector(stays(201, 500), stays(202, 500)) as server:
        sink = sink_to(server)
        assert [sink.send(kept).status for _ in range(2)] == [201, 202]


@pytest.mark.parametrize(("status", "error"), [(500, TryLater), (413, Refused), (404, NotAllowed)])
def test_an_answer_that_is_no_receipt_is_heard_on_a_shared_connection_too(
    kept: Kept, status: int, error: type[Exception]
) -> None:
    with LyingCollector(stays(201, status, 201)) as server:
        sink = sink_to(server)
        with sink.burst():
            sink.send(kept)
            with pytest.raises(error):
                sink.send(kept)
            assert sink.send(kept).status == 201


def test_a_connection_that_the_server_gave_up_is_for_later_or_made_anew_and_then_all_is_well(
    kept: Kept,
) -> None:
    with LyingCollector(stays(201), stays(202), stays(203)) as server:
        sink = sink_to(server)
        with sink.burst():
            statuses = []
            for _ in range(5):
                try:
                    statuses.append(sink.send(kept).status)
                except TryLater as error:
                    assert "broke off" in str(error)
        assert statuses[:3] == [201, 202, 203]


def test_the_time_is_counted_for_each_and_one_that_was_cut_takes_its_connection_with_it(kept: Kept) -> None:
    with LyingCollector(stays(201, 201, then_stalls=True), stays(202)) as server:
        sink = sink_to(server, timeout_s=0.3)
        with sink.burst():
            assert [sink.send(kept).status for _ in range(2)] == [201, 201]
            with pytest.raises(TryLater, match=r"no receipt within 0\.3 s"):
                sink.send(kept)
            assert sink.send(kept).status == 202


def test_after_a_burst_nothing_is_left_open(kept: Kept) -> None:
    open_before = len(list(Path("/proc/self/fd").iterdir()))
    with LyingCollector(stays(201, 201, then_stalls=True)) as server:
        sink = sink_to(server)
        listening = len(list(Path("/proc/self/fd").iterdir()))
        with sink.burst():
            sink.send(kept)
            assert len(list(Path("/proc/self/fd").iterdir())) > listening
        gc.collect()
        assert (
            len(list(Path("/proc/self/fd").iterdir())) <= listening + 1
        )  # the server's end may be there yet
    assert open_before <= listening
