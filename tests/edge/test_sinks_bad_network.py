"""Every kind of destination on a bad network: whatever happens, there is a plain reason in time."""

from __future__ import annotations

import datetime
import json
import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import trustme
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from earlid.edge.kept import Kept
from earlid.edge.sinks.http_sink import HttpSink
from earlid.edge.sinks.mqtt_taker import MqttTaker
from earlid.edge.sinks.put_sink import PutSink
from earlid.edge.sinks.s3_signature import S3Signer
from earlid.edge.sinks.sink import Reach, Receipt
from earlid.edge.sinks.transcribe_sink import TranscribeSink, text_in
from earlid.edge.sinks.web import Web
from earlid.edge.sinks.words import CommandTaker, WebhookTaker, cleaned
from earlid.edge.sinks.wyoming_sink import WyomingSink
from earlid.errors import NotAllowed, Refused, TryLater
from fakes import collector as conducts
from fakes.collector import Call, Conduct, LyingCollector
from fakes.kept_segments import kept_in

TIMEOUT_S = 0.4
Sending = Callable[[str, Path | None, Kept], object]
"""Sends to the address of a server, trusting the certificates in a file, with little patience."""


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return kept_in(tmp_path)


class Nobody:
    """Takes words and keeps them in a list."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def take(self, text: str, kept: Kept) -> None:
        """Remember it."""
        self.told.append(text)


def over_http(url: str, ca: Path | None, kept: Kept) -> Receipt:
    return HttpSink(url, Reach(ca_file=ca, connect_timeout_s=1, timeout_s=TIMEOUT_S), as_form=True).send(kept)


def by_put(url: str, ca: Path | None, kept: Kept) -> Receipt:
    return PutSink(f"{url}/{{id}}", Reach(ca_file=ca, connect_timeout_s=1, timeout_s=TIMEOUT_S)).send(kept)


def into_a_store(url: str, ca: Path | None, kept: Kept) -> Receipt:
    sign = S3Signer("AKEXAMPLE", "s3cret", "eu-west-1", resolution_s=60, now=time.time)
    sink = PutSink(f"{url}/{{id}}", Reach(ca_file=ca, connect_timeout_s=1, timeout_s=TIMEOUT_S), sign=sign)
    return sink.send(kept)


def to_be_transcribed(url: str, ca: Path | None, kept: Kept) -> Receipt:
    sink = TranscribeSink(url, Nobody(), Reach(ca_file=ca, connect_timeout_s=1, timeout_s=TIMEOUT_S))
    return sink.send(kept)


def to_a_webhook(url: str, ca: Path | None, kept: Kept) -> None:
    web = Web(Reach(setting="sinks.w", ca_file=ca, connect_timeout_s=1, timeout_s=TIMEOUT_S))
    WebhookTaker(url, web, "sinks.w", {}).take("hello", kept)


def to_be_forgotten(url: str, ca: Path | None, kept: Kept) -> bool:
    return PutSink(f"{url}/{{id}}", Reach(ca_file=ca, connect_timeout_s=1, timeout_s=TIMEOUT_S)).forget(
        kept.id
    )


def over_wyoming(url: str, ca: Path | None, kept: Kept) -> Receipt:
    server = url.replace("https:", "tls:").replace("http:", "tcp:").removesuffix("/segments")
    sink = WyomingSink(server, Nobody(), Reach(ca_file=ca, connect_timeout_s=1, timeout_s=TIMEOUT_S))
    return sink.send(kept)


def to_a_broker(url: str, ca: Path | None, kept: Kept) -> None:
    broker = url.replace("https:", "mqtts:").replace("http:", "mqtt:")
    taker = MqttTaker(broker, Reach(setting="sinks.m", ca_file=ca, connect_timeout_s=1, timeout_s=TIMEOUT_S))
    taker.take("hello", kept)


HTTP: tuple[Sending, ...] = (over_http, by_put, into_a_store, to_be_transcribed, to_a_webhook)
ALL: tuple[Sending, ...] = (*HTTP, to_be_forgotten, over_wyoming, to_a_broker)


def named(way: object) -> str:
    return getattr(way, "__name__", "")


@contextmanager
def within(limit_s: float) -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < limit_s


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
    with pytest.raises(TryLater, match="refuses the connection"):
        send(url, None, kept)


@pytest.mark.parametrize("send", ALL, ids=named)
def test_a_name_that_nobody_knows_is_for_later(send: Sending, kept: Kept) -> None:
    with pytest.raises(TryLater) as told:
        send("https://collector.invalid:1/segments", None, kept)
    assert_plain(told.value)


def assert_plain(error: Exception) -> None:
    message = str(error)
    assert "\n" not in message and "127.0.0.1" not in message and ".invalid" not in message
    assert message == message.strip(" .") and message[0].islower()


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


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=300), is_http=st.booleans())
def test_whatever_a_server_answers_is_a_receipt_or_a_reason(kept: Kept, raw: bytes, is_http: bool) -> None:
    said = (b"HTTP/1.1 200 OK\r\n" if is_http else b"") + raw

    def conduct(call: Call) -> None:
        call.line.recv(65_536)
        call.say(said)

    for send in (over_http, to_be_transcribed, over_wyoming, to_a_broker):
        with LyingCollector(conduct) as server:
            try:
                send(server.url, None, kept)
            except (TryLater, Refused, NotAllowed) as error:
                assert str(error)


lines = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**12) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "data", "data_length", "payload_length", "text"]), inner)
    ),
    max_leaves=8,
)
events = st.dictionaries(
    st.sampled_from(["type", "data", "data_length", "payload_length"]),
    lines | st.sampled_from(["transcript", "error", 0, 3]),
)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(event=events, tail=st.binary(max_size=20))
def test_whatever_a_wyoming_server_says_is_words_or_a_reason(
    kept: Kept, event: dict[str, object], tail: bytes
) -> None:
    def conduct(call: Call) -> None:
        call.line.recv(65_536)
        call.say(json.dumps(event).encode() + b"\n" + tail)

    with LyingCollector(conduct) as server:
        try:
            over_wyoming(server.url, None, kept)
        except TryLater as error:
            assert_plain(error)


@given(st.binary(max_size=100) | lines.map(lambda each: json.dumps(each).encode()))
def test_whatever_a_speech_server_writes_is_text_or_a_reason(body: bytes) -> None:
    try:
        assert isinstance(text_in(body), str)
    except TryLater as error:
        assert "no text in it" in str(error)


@given(st.text(max_size=300))
def test_words_are_handed_over_as_one_line(text: str) -> None:
    assert len(cleaned(text * 100).splitlines()) <= 1
    assert len(cleaned(text * 100)) <= 10_000


def test_a_flood_over_wyoming_is_heard_no_further_than_the_limit(kept: Kept) -> None:
    def floods(call: Call) -> None:
        while not call.over.is_set():
            call.say(bytes(65_536))

    with LyingCollector(floods) as server, pytest.raises(TryLater, match="hung up without a transcript"):
        over_wyoming(server.url, None, kept)


def test_a_wyoming_server_that_takes_nothing_does_not_outlast_the_timeout(kept: Kept) -> None:
    long = replace(kept, wav=bytes(16_000_000))
    with within(3.0), LyingCollector(conducts.never_reads) as server:
        address = server.url.replace("http:", "tcp:").removesuffix("/segments")
        sink = WyomingSink(address, Nobody(), Reach(timeout_s=TIMEOUT_S, limit_bytes=20_000_000))
        with pytest.raises(TryLater, match="did not answer in time"):
            sink.send(long)


def test_where_nothing_was_made_out_nobody_is_told(kept: Kept) -> None:
    nobody = Nobody()
    with LyingCollector(conducts.answers(200, body=b'{"text": " \\n"}')) as server:
        TranscribeSink(server.url, nobody, Reach()).send(kept)
    assert nobody.told == []


@pytest.mark.parametrize("send", [to_be_transcribed, over_wyoming])
def test_what_is_sealed_is_not_sent_to_be_heard(send: Sending, tmp_path: Path) -> None:
    with LyingCollector() as server:
        with pytest.raises(Refused, match="sealed"):
            send(server.url, None, kept_in(tmp_path, sealed=True))
        assert server.requests == []


PYTHON = [sys.executable, "-S", "-c"]


@pytest.mark.parametrize(
    ("command", "error", "cause"),
    [
        ([*PYTHON, "raise SystemExit(75)"], TryLater, "another time"),
        ([*PYTHON, "raise SystemExit(3)"], Refused, r"refuses it \(3\)"),
        ([*PYTHON, "import os; os.kill(os.getpid(), 9)"], Refused, "refuses it"),
        ([*PYTHON, "input(); input(); import time; time.sleep(9)"], Refused, "refuses it"),
        (["/nowhere/at/all"], NotAllowed, "cannot be started"),
        (["sleep", "60"], TryLater, "did not end within"),
    ],
)
def test_a_command_that_does_not_take_the_words_is_a_reason(
    kept: Kept, command: list[str], error: type[Exception], cause: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with within(3.0), pytest.raises(error, match=cause) as told:
        CommandTaker(command, TIMEOUT_S).take("secret words", kept)
    assert "secret" not in str(told.value)
    capfd.readouterr()


def test_a_command_sees_no_more_of_the_environment_than_it_needs(
    kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "s3cret")
    look = f"import os; open({str(tmp_path / 'seen')!r}, 'w').write(' '.join(sorted(os.environ)))"
    CommandTaker([*PYTHON, look], 10.0).take("hello", kept)
    seen = set((tmp_path / "seen").read_text().split())
    assert seen <= {"PATH", "HOME", "LANG", "LC_CTYPE", "EARLID_ID", "EARLID_WAKE_WORD"}
