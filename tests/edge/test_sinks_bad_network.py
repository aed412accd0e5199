"""Every kind of destination on a bad network: whatever happens, there is a plain reason in time."""

from __future__ import annotations

import datetime
import ssl
import threading
from pathlib import Path

import pytest
import trustme

from earlid.edge.spool.kept import Kept
from earlid.errors import TryLater
from fakes import collector as conducts
from fakes.collector import Call, Conduct, LyingCollector
from fakes.kept_segments import kept_in
from fakes.waiting import within
from fakes.ways import (
    ALL,
    HTTP,
    Sending,
    assert_plain,
    named,
)


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return kept_in(tmp_path)


def waits(call: Call) -> None:
    """Accept the connection, read whatever comes, and never say a word."""
    call.line.settimeout(0.02)
    while not call.over.is_set():
        try:
            if not call.line.recv(65_536):
                return
        except TimeoutError:
            continue
        except OSError:
            return


def drips(call: Call) -> None:
    """Say a byte now and then that never becomes an answer."""
    reader = threading.Thread(target=waits, args=(call,), daemon=True)
    reader.start()
    while not call.over.wait(0.02):
        call.say(b" ")


def hangs_up_hard(call: Call) -> None:
    """Reset the connection after the first bytes."""
    call.line.recv(10)
    call.reset()


def hangs_up(call: Call) -> None:
    """Close the connection before anything was said."""


@pytest.mark.parametrize("send", ALL, ids=named)
@pytest.mark.parametrize("conduct", [waits, drips, hangs_up_hard, hangs_up, conducts.never_reads], ids=named)
def test_whatever_a_connection_does_there_is_a_reason_in_time(
    send: Sending, conduct: Conduct, kept: Kept
) -> None:
    with within(3.0), LyingCollector(conduct, conduct, conduct) as server, pytest.raises(TryLater) as told:
        send(server.url, None, kept)
    assert_plain(told.value)


@pytest.mark.parametrize("send", ALL, ids=named)
def test_a_server_that_is_not_there_is_for_later(send: Sending, kept: Kept) -> None:
    with LyingCollector() as server:
        url = server.url
    with pytest.raises(TryLater, match=r"refuses the connection: is it running\?"):
        send(url, None, kept)


@pytest.mark.parametrize("send", ALL, ids=named)
def test_a_name_that_nobody_knows_is_for_later(send: Sending, kept: Kept) -> None:
    with pytest.raises(TryLater) as told:
        send("https://collector.invalid:1/segments", None, kept)
    assert_plain(told.value)


@pytest.mark.parametrize("send", HTTP, ids=named)
def test_a_storm_of_errors_is_for_later_each_time_and_then_over(send: Sending, kept: Kept) -> None:
    storm = [conducts.answers(status) for status in (500, 502, 503, 504, 507, 429, 408)]
    ending = conducts.answers(200, 'ETag: "x"', body=b'{"text": ""}')
    with LyingCollector(*storm, ending) as server:
        for _ in storm:
            with pytest.raises(TryLater):
                send(server.url, None, kept)
        send(server.url, None, kept)


@pytest.mark.parametrize("send", HTTP, ids=named)
def test_half_an_answer_is_no_receipt(send: Sending, kept: Kept) -> None:
    wrong_lengths = (conducts.gives_half_an_answer, conducts.talks_nonsense, conducts.drips_a_body)
    for conduct in wrong_lengths:
        with within(3.0), LyingCollector(conduct) as server, pytest.raises(TryLater):
            send(server.url, None, kept)


@pytest.mark.parametrize("send", HTTP, ids=named)
def test_a_page_for_people_is_no_receipt(send: Sending, kept: Kept) -> None:
    page = conducts.answers(200, "Content-Type: text/html", body=b"<html>welcome to the hotel</html>")
    with LyingCollector(page) as server, pytest.raises(TryLater, match="web page"):
        send(server.url, None, kept)


@pytest.mark.parametrize("send", HTTP, ids=named)
def test_a_redirect_is_followed_nowhere(send: Sending, kept: Kept) -> None:
    with LyingCollector() as other:
        for status in (301, 302, 303, 307, 308):
            elsewhere = conducts.answers(status, f"Location: {other.url}")
            with LyingCollector(elsewhere) as server, pytest.raises(TryLater, match="points elsewhere"):
                send(server.url, None, kept)
        assert other.requests == []


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def tls(authority: trustme.CA, name: str, *, over: bool = False) -> ssl.SSLContext:
    until = datetime.datetime(2001, 1, 1, tzinfo=datetime.UTC) if over else None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    since = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC) if over else None
    authority.issue_cert(name, not_before=since, not_after=until).configure_cert(context)
    return context


@pytest.mark.parametrize("send", ALL, ids=named)
@pytest.mark.parametrize("what", ["expired", "of another host", "of another authority"])
def test_a_certificate_that_is_wrong_gets_nothing(
    send: Sending, what: str, kept: Kept, authority: trustme.CA, tmp_path: Path
) -> None:
    ca = tmp_path / "ca.pem"
    (trustme.CA() if what == "of another authority" else authority).cert_pem.write_to_path(ca)
    name = "elsewhere.example" if what == "of another host" else "127.0.0.1"
    server_side = tls(authority, name, over=what == "expired")
    with LyingCollector(tls=server_side) as server:
        with pytest.raises(TryLater, match="certificate is not trusted"):
            send(server.url, ca, kept)
        assert server.requests == []


@pytest.mark.parametrize("send", ALL, ids=named)
def test_a_server_that_stalls_in_the_handshake_is_not_waited_for(send: Sending, kept: Kept) -> None:
    with within(3.0), LyingCollector(waits, waits) as server, pytest.raises(TryLater):
        send(server.url.replace("http:", "https:"), None, kept)
