"""The whole loop against all that can go wrong on a network: every segment is accounted for."""

from __future__ import annotations

import datetime
import os
import random
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import trustme

from earlid.asking.forgetting import Wish
from earlid.edge.ledger import Ledger
from earlid.edge.sinks.folder_sink import FolderSink
from earlid.edge.sinks.http_sink import HttpSink
from earlid.edge.sinks.sink import Sink
from earlid.edge.spool.shelf import Shelf
from earlid.edge.spool.slips import Slips
from earlid.edge.spool.spool import Spool
from earlid.errors import NotAllowed, TryLater
from earlid.upload import upload
from earlid.uploading.housekeeping import House, Limits
from fakes import collector as conducts
from fakes.collector import Conduct, LyingCollector
from fakes.place import Place, reach


@pytest.fixture
def place() -> Iterator[Place]:
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Place(Path(folder), {})


def of_wrong_length(call: conducts.Call) -> None:
    """Keep it, and announce a shorter answer than is sent."""
    call.collector.take(call.request())
    call.say(b"HTTP/1.1 201 Created\r\nContent-Length: -5\r\n\r\nlonger")


FAULTS: dict[str, Conduct] = {
    "reset in the body": conducts.resets_in_the_body,
    "kept, and the receipt lost": conducts.keeps_it_and_resets,
    "hangs up without a word": conducts.hangs_up_without_a_word,
    "half an answer": conducts.gives_half_an_answer,
    "a wrong length": of_wrong_length,
    "stalls past the timeout": conducts.stalls,
    "reads nothing": conducts.never_reads,
    "drips headers": conducts.drips_headers,
    "drips a body": conducts.drips_a_body,
    "another protocol": conducts.talks_nonsense,
    "reads slowly": conducts.reads_slowly,
    "500 before reading": conducts.answers_before_reading(500),
    "500": conducts.answers(500),
    "503": conducts.answers(503, "Retry-After: 1"),
    "429": conducts.answers(429, "Retry-After: 3"),
    "a redirect": conducts.answers(302, "Location: http://127.0.0.1:9/"),
    "a page for people": conducts.answers(200, "Content-Type: text/html", body=b"<html>hello</html>"),
    "no such place": conducts.answers(404),
    "wrong credentials": conducts.answers(401),
}


RECEIPTS = {"reads slowly", "a wrong length"}
"""These two give a receipt all the same."""


@pytest.mark.parametrize("fault", FAULTS)
def test_after_a_fault_everything_arrives_or_is_kept_and_is_told(fault: str, place: Place) -> None:
    place.put(3)
    there = place.state / "there"
    there.mkdir()
    with LyingCollector(FAULTS[fault], conducts.is_honest, *[FAULTS[fault]] * 2) as server:
        second = FolderSink(there, name="folder", now=time.time)
        told = place.upload([HttpSink(server.url, reach()), second])
        in_folder = {file.stem: file.read_bytes() for file in there.glob("*.wav")}
        found = place.account(upload=server.kept, folder=in_folder)
    assert found.delivered == set(place.bodies)
    assert {"later", "paused"} & {event["event"] for event in told} or fault in RECEIPTS


def test_a_storm_of_errors_is_outlasted(place: Place) -> None:
    place.put(4)
    storm = [conducts.answers(status) for status in (500, 502, 503, 504, 507, 429, 408, 425) * 2]
    with LyingCollector(*storm) as server:
        place.upload([HttpSink(server.url, reach())])
        assert place.account(upload=server.kept).delivered == set(place.bodies)


@contextmanager
def first(sink: Sink, place: Place) -> Iterator[None]:
    """A run with `sink` that comes to nothing, and then whatever comes after."""
    stop = threading.Event()
    with closing(Spool(place.state / "spool")) as spool, closing(Ledger(place.state / "ledger")) as ledger:
        house = House(Shelf(spool), ledger, place.state / "forget", Limits(), lambda event: None)
        with pytest.raises((TryLater, NotAllowed)):
            upload([sink], house, lambda event: None, stop, once=True)
    assert place.account(upload={}).waiting == set(place.bodies)
    yield


def test_a_server_that_is_not_there_and_a_name_nobody_knows_cost_nothing(place: Place) -> None:
    place.put(3)
    with LyingCollector() as gone:
        nowhere = gone.url
    for url in (nowhere, "https://collector.invalid/segments"):
        with first(HttpSink(url, reach()), place):
            pass
    with LyingCollector() as server:
        place.upload([HttpSink(server.url, reach())])
        assert place.account(upload=server.kept).delivered == set(place.bodies)


@pytest.mark.parametrize("what", ["expired", "of another host", "of another authority"])
def test_a_server_with_a_wrong_certificate_gets_nothing_until_it_has_a_right_one(
    what: str, place: Place
) -> None:
    place.put(2)
    authority, ca = trustme.CA(), place.state / "ca.pem"
    authority.cert_pem.write_to_path(ca)
    long_ago = [datetime.datetime(year, 1, 1, tzinfo=datetime.UTC) for year in (2000, 2001)]
    issuer = trustme.CA() if what == "of another authority" else authority
    name = "elsewhere.example" if what == "of another host" else "127.0.0.1"
    since, until = long_ago if what == "expired" else (None, None)
    contexts = []
    for certificate in (
        issuer.issue_cert(name, not_before=since, not_after=until),
        authority.issue_cert("127.0.0.1"),
    ):
        contexts.append(ssl.create_default_context(ssl.Purpose.CLIENT_AUTH))
        certificate.configure_cert(contexts[-1])
    with LyingCollector(tls=contexts[0]) as server, first(HttpSink(server.url, reach(ca)), place):
        assert server.requests == []
    with LyingCollector(tls=contexts[1]) as server:
        place.upload([HttpSink(server.url, reach(ca))])
        assert place.account(upload=server.kept).delivered == set(place.bodies)


@pytest.mark.parametrize("seed", range(6))
def test_in_any_weather_kept_is_delivered_quarantined_evicted_and_erased(seed: int, place: Place) -> None:
    dice = random.Random(seed)
    place.put(12)
    weather = [FAULTS[name] for name in FAULTS if name not in ("reads nothing", "stalls past the timeout")]
    weather += [conducts.is_honest] * 12 + [conducts.answers(413), conducts.answers(422)] * 2
    script = [dice.choice(weather) for _ in range(20)]
    wished = dice.choice(list(place.bodies))
    Slips(place.state / "forget" / "requests").put(Wish(id=wished).facts())
    with LyingCollector(*script) as server:
        place.upload([HttpSink(server.url, reach())], Limits(max_bytes=19_000))
        found = place.account(upload=server.kept)
    assert found.waiting == frozenset()
    assert found.evicted
    assert len(found.delivered) + len(found.quarantined) + len(found.evicted) + len(found.erased) == 12
