"""Every kind of destination against the real thing: nginx, an S3 server, a broker, a recogniser."""

from __future__ import annotations

import json
import ssl
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from earlid.edge.sinks.mqtt_taker import MqttTaker
from earlid.edge.sinks.put_sink import PutSink
from earlid.edge.sinks.s3_signature import S3Signer
from earlid.edge.sinks.sink import Reach
from earlid.edge.sinks.transcribe_sink import TranscribeSink
from earlid.edge.sinks.web import Web
from earlid.edge.sinks.words import CommandTaker, WebhookTaker
from earlid.edge.sinks.wyoming_sink import WyomingSink
from earlid.edge.spool.kept import Kept
from earlid.errors import NotAllowed, Refused, TryLater
from fakes import peers
from fakes.collector import LyingCollector
from fakes.kept_segments import kept_in, spoken
from fakes.speech_servers import Recogniser, openai_like, wyoming_server
from fakes.waiting import SECONDS
from fakes.wire import Wire


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return kept_in(tmp_path)


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("nginx")
    with peers.nginx(folder) as port:
        yield f"http://127.0.0.1:{port}", folder / "www"


def test_a_file_server_gets_each_segment_under_its_id_and_once(web: tuple[str, Path], kept: Kept) -> None:
    url, files = web
    sink = PutSink(f"{url}/here/{{id}}.wav", Reach())
    assert [sink.send(kept).status for _ in range(2)] == [201, 204]
    assert [(files / f"here/{kept.id}.wav").read_bytes()] == [kept.wav]


def test_what_a_file_server_was_sent_is_deleted_there_and_that_is_confirmed(
    web: tuple[str, Path], kept: Kept
) -> None:
    url, files = web
    sink = PutSink(f"{url}/here/{{id}}.wav", Reach())
    sink.send(kept)
    assert sink.forget(kept.id) is True
    assert not (files / f"here/{kept.id}.wav").exists()
    assert sink.forget(kept.id) is True  # it is not there: that is what was wished for


def test_a_folder_that_is_not_there_is_no_receipt(web: tuple[str, Path], kept: Kept) -> None:
    with pytest.raises(TryLater, match=r"in trouble \(500\)"):
        PutSink(f"{web[0]}/absent/{{id}}.wav", Reach()).send(kept)


def test_a_redirect_is_not_followed(web: tuple[str, Path], kept: Kept) -> None:
    with pytest.raises(TryLater, match="points elsewhere"):
        PutSink(f"{web[0]}/moved/{{id}}.wav", Reach()).send(kept)
    assert not list((web[1] / "here").glob(f"{kept.id}*"))


def test_a_body_the_server_finds_too_large_is_refused(web: tuple[str, Path], tmp_path: Path) -> None:
    large = kept_in(tmp_path, 600_000)
    with pytest.raises(Refused, match=r"413"):
        PutSink(f"{web[0]}/here/{{id}}.wav", Reach()).send(large)


def test_a_password_opens_what_is_closed_and_a_wrong_one_loses_nothing(
    web: tuple[str, Path], kept: Kept
) -> None:
    url, files = web
    with pytest.raises(NotAllowed) as told:
        PutSink(f"{url}/closed/{{id}}.wav", Reach(token="wrong"), user="mrs").send(kept)
    assert "wrong" not in str(told.value)
    assert PutSink(f"{url}/closed/{{id}}.wav", Reach(token="sesame"), user="mrs").send(kept).status == 201
    assert (files / f"closed/{kept.id}.wav").exists()


def test_a_file_server_behind_tls_is_believed_by_its_certificate_only(tmp_path: Path, kept: Kept) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    chain, key, ca = (tmp_path / name for name in ("chain.pem", "key.pem", "ca.pem"))
    certificate.cert_chain_pems[0].write_to_path(chain)
    certificate.private_key_pem.write_to_path(key)
    authority.cert_pem.write_to_path(ca)
    with peers.nginx(tmp_path / "nginx", tls=(chain, key)) as port:
        url = f"https://127.0.0.1:{port}/here/{{id}}.wav"
        with pytest.raises(TryLater, match=r"certificate is not trusted: check upload\.ca_file"):
            PutSink(url, Reach()).send(kept)
        assert PutSink(url, Reach(ca_file=ca)).send(kept).status == 201


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    server = pytest.importorskip("moto.server", reason="no moto here: pip install '.[test]'")
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=peers.free_port(), verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    requests.put(f"http://{host}:{port}/earlid", timeout=SECONDS)
    try:
        yield f"http://{host}:{port}/earlid"
    finally:
        running.stop()


def signer(now_s: float) -> S3Signer:
    return S3Signer("AKEXAMPLE", "s3cret", "eu-west-1", resolution_s=60, now=lambda: now_s)


def fetched(url: str) -> requests.Response:
    return requests.get(url, headers=signer(time.time())("GET", url, {}, b""), timeout=SECONDS)


def test_a_store_keeps_the_segment_and_its_facts_and_deletes_it_again(store: str, kept: Kept) -> None:
    sink = PutSink(f"{store}/{{id}}.wav", Reach(), sign=signer(time.time()), alias=lambda: "0" * 16)
    assert [sink.send(kept).status for _ in range(2)] == [200, 200]
    found = fetched(f"{store}/{kept.id}.wav")
    assert found.content == kept.wav
    assert found.headers["x-amz-meta-x-earlid-wake-word"] == "hey_jarvis"
    assert sink.forget(kept.id) is True
    assert fetched(f"{store}/{kept.id}.wav").status_code == 404


def test_a_bucket_that_is_not_there_keeps_every_segment(store: str, kept: Kept) -> None:
    with pytest.raises(NotAllowed, match="no such place"):
        PutSink(f"{store}-absent/{{id}}.wav", Reach(), sign=signer(time.time())).send(kept)


def test_a_signature_is_the_one_that_botocore_makes(monkeypatch: pytest.MonkeyPatch) -> None:
    auth = pytest.importorskip("botocore.auth")
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    url, body = "https://s3.example.org/earlid/some%20folder/x.wav", b"RIFF"
    ours = signer(1_800_000_000.0)("PUT", url, {"Content-Type": "audio/wav", "x-amz-meta-a": "b c"}, body)
    request: Any = AWSRequest("PUT", url, {k: v for k, v in ours.items() if k != "Authorization"}, body)
    request.context["timestamp"] = ours["x-amz-date"]
    theirs = auth.S3SigV4Auth(Credentials("AKEXAMPLE", "s3cret"), "s3", "eu-west-1")
    canonical = theirs.canonical_request(request)
    signed = theirs.signature(theirs.string_to_sign(request, canonical), request)
    assert ours["Authorization"].endswith(f"Signature={signed}")


def test_a_signature_tells_no_more_of_the_time_than_it_must() -> None:
    ours = signer(1_800_000_059.9)("DELETE", "https://s3.example.org/x", {}, b"")
    assert ours["x-amz-date"] == datetime.fromtimestamp(1_800_000_000, UTC).strftime("%Y%m%dT%H%M%SZ")


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return Recogniser()


SAID = "set a timer for ten minutes"
WRITER = """
import os, sys
open(sys.argv[1], "w").write(os.environ["EARLID_WAKE_WORD"] + ": " + sys.stdin.read())
"""


def writing_to(file: Path) -> CommandTaker:
    return CommandTaker([sys.executable, "-S", "-c", WRITER, str(file)], 10.0)


def test_a_speech_server_like_openai_s_hears_it_and_a_command_gets_the_words(
    tmp_path: Path, recogniser: Recogniser
) -> None:
    asked: list[dict[str, str]] = []
    with openai_like(recogniser, asked) as port:
        url = f"http://127.0.0.1:{port}/v1/audio/transcriptions"
        sink = TranscribeSink(url, writing_to(tmp_path / "said"), Reach(), model="tiny", language="en")
        assert sink.send(spoken(tmp_path, SAID)).status == 200
    assert (tmp_path / "said").read_text().startswith("hey_jarvis: set a timer")
    assert asked == [{"model": "tiny", "response_format": "json", "language": "en"}]


def test_a_speech_server_at_another_path_keeps_every_segment(
    tmp_path: Path, kept: Kept, recogniser: Recogniser
) -> None:
    with openai_like(recogniser, []) as port, pytest.raises(NotAllowed, match="no such place"):
        TranscribeSink(f"http://127.0.0.1:{port}/", writing_to(tmp_path / "said"), Reach()).send(kept)
    assert not (tmp_path / "said").exists()


def test_a_wyoming_server_hears_it_and_a_webhook_gets_the_words(
    tmp_path: Path, recogniser: Recogniser
) -> None:
    with wyoming_server(recogniser) as port, LyingCollector() as house:
        taker = WebhookTaker(
            house.url, Web(Reach(setting="sinks.w")), "sinks.w", {"Authorization": "Bearer t"}
        )
        heard = spoken(tmp_path, SAID)
        assert WyomingSink(f"tcp://127.0.0.1:{port}", taker, Reach()).send(heard).status == 200
        (request,) = house.requests
    told = json.loads(request.body)
    assert told.pop("text").startswith("set a timer")
    assert told == {"id": heard.id, "wake_word": "hey_jarvis", "duration_ms": round(heard.duration_s * 1000)}
    assert request.headers["idempotency-key"] == heard.id


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with peers.mosquitto(tmp_path_factory.mktemp("mosquitto")) as port:
        yield port


def test_a_broker_gets_the_words_and_acknowledges_them(broker: int, kept: Kept) -> None:
    heard: list[MQTTMessage] = []
    home = Client(CallbackAPIVersion.VERSION2)
    home.username_pw_set("mrs", "sesame")
    home.on_message = lambda _client, _data, message: heard.append(message)
    subscribed: list[int] = []
    home.on_subscribe = lambda *_: subscribed.append(1)
    connected: list[int] = []
    home.on_connect = lambda *_: connected.append(1)
    home.connect("127.0.0.1", broker)
    turn(home, connected)
    home.subscribe("house/+", 1)
    turn(home, subscribed)
    taker = MqttTaker(
        f"mqtt://127.0.0.1:{broker}/house/said", Reach(setting="sinks.m", token="sesame"), user="mrs"
    )
    taker.take("hello there", kept)
    turn(home, heard)
    home.disconnect()
    (message,) = heard
    assert (message.topic, message.qos, message.retain) == ("house/said", 1, False)
    assert json.loads(message.payload)["text"] == "hello there"


@pytest.fixture
def encrypted(tmp_path: Path) -> tuple[ssl.SSLContext, Path]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context, tmp_path / "ca.pem"


def test_a_broker_behind_tls_gets_the_words(
    broker: int, kept: Kept, encrypted: tuple[ssl.SSLContext, Path]
) -> None:
    context, ca = encrypted
    with Wire(broker, context) as wire:
        url = f"mqtts://127.0.0.1:{wire.port}/house/said"
        MqttTaker(url, Reach(setting="sinks.m", token="sesame", ca_file=ca), user="mrs").take("hello", kept)
    assert b"hello" in wire.said


def test_a_wyoming_server_behind_tls_hears_it(
    tmp_path: Path, recogniser: Recogniser, encrypted: tuple[ssl.SSLContext, Path]
) -> None:
    context, ca = encrypted
    with wyoming_server(recogniser) as port, Wire(port, context) as wire:
        sink = WyomingSink(f"tls://127.0.0.1:{wire.port}", writing_to(tmp_path / "said"), Reach(ca_file=ca))
        assert sink.send(spoken(tmp_path, SAID)).status == 200
    assert "set a timer" in (tmp_path / "said").read_text()


def turn(client: Client, until: list[Any]) -> None:
    deadline = time.monotonic() + SECONDS
    while not until and time.monotonic() < deadline:
        client.loop(0.05)
    assert until


def test_a_broker_that_does_not_know_us_loses_nothing(broker: int, kept: Kept) -> None:
    for password in ("wrong", None):
        url = f"mqtt://127.0.0.1:{broker}/house/said"
        taker = MqttTaker(url, Reach(setting="sinks.m", token=password), user="mrs")
        with pytest.raises(NotAllowed, match=r"check sinks\.m\.then_token_file"):
            taker.take("hello", kept)
