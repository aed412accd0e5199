"""The sink against real sockets that delay, cut and lie: a receipt, or a plain reason why not."""

from __future__ import annotations

import ssl
import threading
from contextlib import closing
from pathlib import Path

import pytest
import trustme

from earlid.edge.sinks.http_sink import HttpSink
from earlid.edge.sinks.sink import Reach
from earlid.edge.sinks.web import retry_after_s
from earlid.edge.spool.kept import Kept
from earlid.edge.spool.spool import Spool
from earlid.errors import ConfigError, NotAllowed, Refused, TryLater
from fakes import collector as conducts
from fakes.collector import Conduct, LyingCollector
from fakes.segments import permitted
from fakes.waiting import within

PAGE = b"\xef\xbb\xbf\n<!DOCTYPE html><html>welcome to the hotel</html>"


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return put(tmp_path, 16_000)


def put(folder: Path, length: int) -> Kept:
    with closing(Spool(folder / "spool")) as spool:
        spool.put(*permitted(length, lookback=3_200))
        return next(spool.pending())


def send(url: str, kept: Kept, timeout_s: float = 5.0, token: str | None = None) -> int:
    sink = HttpSink(
        url, Reach(connect_timeout_s=1.0, timeout_s=timeout_s, token=token, limit_bytes=9_000_000)
    )
    return sink.send(kept).status


def later(kept: Kept, conduct: Conduct, timeout_s: float = 5.0) -> TryLater:
    with LyingCollector(conduct) as collector, pytest.raises(TryLater) as told:
        send(collector.url, kept, timeout_s)
    message = str(told.value)
    assert "\n" not in message
    assert "127.0.0.1" not in message
    assert message == message.strip(" .")
    return told.value


def test_a_segment_arrives_as_it_was_kept_with_these_headers_and_no_others(kept: Kept) -> None:
    with LyingCollector() as collector:
        assert send(collector.url, kept, token="open sesame") == 201
        (request,) = collector.requests
    assert request.body == kept.wav
    assert request.headers.pop("host").startswith("127.0.0.1:")
    assert request.headers == {
        "": "POST /segments HTTP/1.1",
        "accept": "*/*",
        "accept-encoding": "identity",
        "authorization": "Bearer open sesame",
        "connection": "keep-alive",
        "content-length": str(len(kept.wav)),
        "content-type": "audio/wav",
        "idempotency-key": kept.id,
        "user-agent": "earlid",
        "x-earlid-duration-ms": "1000",
        "x-earlid-lookback-ms": "200",
        "x-earlid-wake-word": "hey_jarvis",
    }


def test_a_repeat_is_a_receipt_too(kept: Kept) -> None:
    with LyingCollector() as collector:
        assert [send(collector.url, kept) for _ in range(2)] == [201, 409]
        assert collector.kept == {kept.id: kept.wav}


@pytest.mark.parametrize("status", [200, 202, 204])
def test_any_success_is_a_receipt(kept: Kept, status: int) -> None:
    with LyingCollector(conducts.answers(status)) as collector:
        assert send(collector.url, kept) == status


@pytest.mark.parametrize(
    ("conduct", "cause"),
    [
        (conducts.resets_in_the_body, "the connection broke off"),
        (conducts.keeps_it_and_resets, "the connection broke off"),
        (conducts.hangs_up_without_a_word, "the connection broke off"),
        (conducts.gives_half_an_answer, "the answer broke off"),
        (conducts.talks_nonsense, "no collector: check upload.url"),
        (conducts.answers(500), r"in trouble \(500\)"),
        (conducts.answers(429, "Retry-After: 7"), r"slow down \(429\)"),
        (conducts.answers(302, "Location: http://127.0.0.1:9/"), r"points elsewhere \(302\)"),
        (conducts.answers(200, "Content-Type: text/html; charset=utf-8", body=b"hello"), "web page"),
        (conducts.answers(200, "Content-Type: application/json", body=PAGE), "web page"),
    ],
)
def test_what_is_not_a_receipt_is_for_later(kept: Kept, conduct: Conduct, cause: str) -> None:
    with within(3.0):
        assert_says(later(kept, conduct), cause)


def assert_says(error: Exception, cause: str) -> None:
    with pytest.raises(type(error), match=cause):
        raise error


@pytest.mark.parametrize("conduct", [conducts.stalls, conducts.drips_headers, conducts.drips_a_body])
def test_no_slowness_outlasts_the_timeout(kept: Kept, conduct: Conduct) -> None:
    with within(2.0):
        assert_says(later(kept, conduct, timeout_s=0.4), "no receipt within 0.4 s|does not answer")


def test_a_collector_that_takes_nothing_does_not_outlast_the_timeout(tmp_path: Path) -> None:
    long = Kept(1, tmp_path, put(tmp_path, 10).facts, bytes(8_000_000))
    with within(2.0):
        later(long, conducts.never_reads, timeout_s=0.4)


def test_a_slow_uplink_may_take_longer_than_the_connection_did(tmp_path: Path) -> None:
    long = Kept(1, tmp_path, put(tmp_path, 10).facts, bytes(8_000_000))
    with LyingCollector(conducts.reads_slowly) as collector:
        sink = HttpSink(collector.url, Reach(connect_timeout_s=0.1, timeout_s=10.0, limit_bytes=9_000_000))
        assert sink.send(long).status == 201


def test_a_flood_is_read_no_further_than_the_limit(kept: Kept) -> None:
    with within(3.0), LyingCollector(conducts.floods) as collector:
        assert send(collector.url, kept) == 201


def test_a_refused_connection_is_for_later(kept: Kept) -> None:
    with LyingCollector() as collector:
        url = collector.url
    with pytest.raises(TryLater, match=r"refuses the connection: is it running\?"):
        send(url, kept)


def test_a_name_that_nobody_knows_is_for_later(kept: Kept) -> None:
    with pytest.raises(TryLater, match=r"name was not found|does not answer"):
        HttpSink("https://collector.invalid/x", Reach(connect_timeout_s=1.0, timeout_s=5.0)).send(kept)


def test_a_wish_to_wait_comes_along(kept: Kept) -> None:
    assert later(kept, conducts.answers(429, "Retry-After: 7")).after_s == 7.0
    assert later(kept, conducts.answers(503)).after_s is None


@pytest.mark.parametrize(
    ("header", "wish_s"),
    [
        (None, None),
        ("7", 7.0),
        (" 0 ", 0.0),
        ("soon", None),
        ("-3", None),
        ("1.5", None),
        ("\u00b2", None),
        ("Wed, 21 Oct 2015 07:28:30 GMT", 30.0),
        ("Wed, 21 Oct 2015 07:27:00 GMT", 0.0),
        ("Mon, 01 Jan 2026 00:00:00 +99999999999999999999", None),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
    ],
)
def test_a_wish_to_wait_is_seconds_or_a_date(header: str | None, wish_s: float | None) -> None:
    assert retry_after_s(header, 1_445_412_480.0) == wish_s


@pytest.mark.parametrize("status", [401, 403])
def test_a_collector_that_does_not_know_us_is_told_apart(kept: Kept, status: int) -> None:
    with LyingCollector(conducts.answers(status)) as collector, pytest.raises(NotAllowed) as told:
        send(collector.url, kept, token="open sesame")
    assert "upload.token_file" in str(told.value)
    assert "sesame" not in str(told.value)


@pytest.mark.parametrize("conduct", [conducts.answers(413), conducts.answers_before_reading(413)])
def test_a_body_that_will_never_be_taken_is_refused(kept: Kept, conduct: Conduct) -> None:
    with LyingCollector(conduct) as collector, pytest.raises(Refused, match=r"refuses it \(413\)"):
        send(collector.url, kept)


def test_the_environment_has_no_say(kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with LyingCollector() as collector:
        assert send(collector.url, kept) == 201
        assert "authorization" not in collector.requests[0].headers


@pytest.mark.parametrize(
    "url", ["", "collector", "ftp://host/x", "http://example.org/x", "https://", "https://host:port/x"]
)
def test_an_address_that_can_never_work_is_a_setting_to_correct(url: str) -> None:
    with pytest.raises(ConfigError, match=r"upload\.url"):
        HttpSink(url, Reach())


@pytest.mark.parametrize("url", ["http://localhost:1/x", "http://[::1]:1/x", "https://example.org/x"])
def test_an_address_that_could_work_is_taken(url: str) -> None:
    HttpSink(url, Reach())


def test_plaintext_needs_to_be_allowed_by_name() -> None:
    HttpSink("http://example.org/x", Reach(allow_plaintext=True))


def test_certificates_that_cannot_be_read_are_a_setting_to_correct(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_bytes(b"")
    for name in ("absent.pem", "empty.pem"):
        with pytest.raises(ConfigError, match=r"upload\.ca_file"):
            HttpSink("https://localhost/x", Reach(ca_file=tmp_path / name))


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def server_side(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)
    return context


def test_a_collector_with_a_certificate_we_trust_gets_the_segment(
    kept: Kept, authority: trustme.CA, tmp_path: Path
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with LyingCollector(tls=server_side(authority, "127.0.0.1")) as collector:
        sink = HttpSink(collector.url, Reach(ca_file=tmp_path / "ca.pem", timeout_s=5.0))
        assert sink.send(kept).status == 201
        assert collector.kept == {kept.id: kept.wav}


@pytest.mark.parametrize(("name", "trusted"), [("127.0.0.1", False), ("example.org", True)])
def test_a_certificate_of_somebody_else_gets_nothing(
    kept: Kept, authority: trustme.CA, tmp_path: Path, name: str, trusted: bool
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with LyingCollector(tls=server_side(authority, name)) as collector:
        sink = HttpSink(collector.url, Reach(ca_file=tmp_path / "ca.pem" if trusted else None, timeout_s=5.0))
        with pytest.raises(TryLater, match="certificate is not trusted"):
            sink.send(kept)
        assert collector.requests == []


def test_a_plain_server_behind_an_encrypted_address_is_for_later(kept: Kept) -> None:
    with LyingCollector(conducts.talks_nonsense) as collector, pytest.raises(TryLater):
        send(collector.url.replace("http:", "https:"), kept, timeout_s=0.3)


def test_slowness_is_bounded_behind_tls_too(kept: Kept, authority: trustme.CA, tmp_path: Path) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    for conduct in (conducts.drips_headers, conducts.drips_a_body):
        with within(2.0), LyingCollector(conduct, tls=server_side(authority, "127.0.0.1")) as collector:
            sink = HttpSink(collector.url, Reach(ca_file=tmp_path / "ca.pem", timeout_s=0.5))
            with pytest.raises(TryLater, match="no receipt within"):
                sink.send(kept)


def test_no_thread_outlives_a_delivery(kept: Kept) -> None:
    with LyingCollector() as collector:
        send(collector.url, kept)
    assert [thread.name for thread in threading.enumerate() if "Timer" in type(thread).__name__] == []
