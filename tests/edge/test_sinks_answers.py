"""Whatever a server or a command answers, it is a receipt or a plain reason, and words stay words."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from earlid.edge.sinks.sink import Reach
from earlid.edge.sinks.transcribe_sink import TranscribeSink, text_in
from earlid.edge.sinks.words import CommandTaker, cleaned
from earlid.edge.sinks.wyoming_sink import WyomingSink
from earlid.edge.spool.kept import Kept
from earlid.errors import NotAllowed, Refused, TryLater
from fakes import collector as conducts
from fakes.collector import Call, LyingCollector
from fakes.kept_segments import kept_in
from fakes.waiting import SECONDS, within
from fakes.ways import (
    TIMEOUT_S,
    Nobody,
    Sending,
    assert_plain,
    into_a_store,
    over_http,
    over_wyoming,
    to_a_broker,
    to_be_transcribed,
)


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return kept_in(tmp_path)


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


@given(st.text(st.characters(codec=None, categories=["Cs", "L"]), min_size=1, max_size=9))
def test_half_a_letter_in_the_words_holds_up_nobody(text: str) -> None:
    assert cleaned(text).encode().decode() == cleaned(text)


def test_words_with_half_a_letter_in_them_reach_a_command(kept: Kept, tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    write = f"import sys; open({str(heard)!r}, 'wb').write(sys.stdin.buffer.read())"

    def conduct(call: Call) -> None:
        with call.line.makefile("rb") as question:
            while b"audio-stop" not in question.readline():
                pass
        call.say(b'{"type": "transcript", "data": {"text": "hm \\ud83d"}}\n')

    with LyingCollector(conduct) as server:
        address = server.url.replace("http:", "tcp:").removesuffix("/segments")
        WyomingSink(address, CommandTaker([*PYTHON, write], 10.0), Reach()).send(kept)
    assert heard.read_bytes() == b"hm ?\n"


@pytest.mark.parametrize("location", [b"\xff", b"http://[", b"/elsewhere"])
def test_an_address_that_is_pointed_to_is_not_even_read(kept: Kept, location: bytes) -> None:
    def conduct(call: Call) -> None:
        call.request()
        call.say(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location + b"\r\n\r\n")

    with LyingCollector(conduct) as server, pytest.raises(TryLater, match="points elsewhere"):
        over_http(server.url, None, kept)


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
    patience_s = TIMEOUT_S if command[0] == "sleep" else SECONDS  # the others end by themselves
    with within(3.0), pytest.raises(error, match=cause) as told:
        CommandTaker(command, patience_s).take("secret words", kept)
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


def test_a_store_that_does_not_accept_how_it_was_asked_sets_nothing_aside(kept: Kept) -> None:
    with LyingCollector(conducts.answers(400)) as server, pytest.raises(NotAllowed, match=r"upload\.region"):
        into_a_store(server.url, None, kept)
