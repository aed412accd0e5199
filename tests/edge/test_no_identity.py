"""What goes over the wire to every kind of destination, byte for byte: nothing says who or what we are."""

from __future__ import annotations

import getpass
import os
import platform
import pwd
import re
import socket
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

import pytest

from earlid.edge.alias import Alias
from earlid.edge.sinks.folder_sink import FolderSink
from earlid.edge.sinks.http_sink import HttpSink
from earlid.edge.sinks.mqtt_taker import MqttTaker
from earlid.edge.sinks.put_sink import PutSink
from earlid.edge.sinks.s3_signature import S3Signer
from earlid.edge.sinks.sink import Reach, Sink
from earlid.edge.sinks.transcribe_sink import TranscribeSink
from earlid.edge.sinks.web import Web
from earlid.edge.sinks.words import WebhookTaker
from earlid.edge.sinks.wyoming_sink import WyomingSink
from earlid.edge.spool.kept import Kept
from fakes import collector as conducts
from fakes import peers
from fakes.collector import LyingCollector
from fakes.kept_segments import kept_in, spoken
from fakes.speech_servers import Recogniser, wyoming_server
from fakes.wire import Wire

NOW_S = 1_800_000_059.0
LIBRARIES = ("earlid", "requests", "urllib3", "minio", "wyoming", "paho-mqtt", "pyrage", "numpy", "msgspec")
Sent = Callable[[Path], bytes]
"""Sends something to one kind of destination, and gives what the wire saw."""


def fingerprints() -> Iterator[tuple[str, str]]:
    """Everything that could tell this machine, its user or its software from another."""
    yield "host name", socket.gethostname()
    yield "host name", os.uname().nodename
    yield "user", getpass.getuser()
    yield "user", pwd.getpwuid(os.getuid()).pw_name
    yield "home", str(Path.home())
    mac = f"{uuid.getnode():012x}"
    yield "mac", mac
    yield "mac", ":".join(mac[at : at + 2] for at in range(0, 12, 2))
    for card in Path("/sys/class/net").glob("*/address"):
        address = card.read_text().strip()
        if address.strip("0:"):
            yield "mac", address
            yield "mac", address.replace(":", "")
    for file in (
        "/etc/machine-id",
        "/proc/sys/kernel/random/boot_id",
        "/sys/firmware/devicetree/base/serial-number",
    ):
        try:
            yield file, Path(file).read_text().strip("\n\0")
        except OSError:
            continue
    yield "kernel", platform.release()
    yield "python", f"Python/{platform.python_version()}"
    yield "python", platform.python_version()
    yield "folder", str(Path.cwd())
    for library in LIBRARIES:
        yield library, f"{library}/{metadata.version(library)}"
        if metadata.version(library).count(".") > 1:
            yield library, metadata.version(library)
    for word in (
        "python",
        "urllib",
        "requests",
        "minio",
        "paho",
        "botocore",
        "linux",
        sys.platform,
        "x86_64",
        "aarch64",
    ):
        yield "software", word


def traces(said: bytes) -> list[tuple[str, str]]:
    """What in `said` could tell this machine from another."""
    low = said.lower()
    return [(what, text) for what, text in fingerprints() if len(text) > 3 and text.lower().encode() in low]


def alias_in(folder: Path) -> Alias:
    return Alias(folder / "alias.json", 30, lambda: NOW_S)


@pytest.fixture(autouse=True)
def _called_something(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real names may be too short to be looked for: whoever asks gets these."""
    for where, name in ((socket, "gethostname"), (socket, "getfqdn"), (platform, "node")):
        monkeypatch.setattr(where, name, lambda *_: "kitchen-of-mrs-smith")
    for name in ("USER", "LOGNAME", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "mrs-smith")


def over_http(
    make: Callable[[str, Path], Sink], kept: Kept, folder: Path, conduct: conducts.Conduct
) -> bytes:
    with LyingCollector(conduct) as collector:
        port = port_of(collector)
        with Wire(port) as wire:
            make(f"http://127.0.0.1:{wire.port}/here", folder).send(kept)
    return wire.said


def posted(folder: Path) -> bytes:
    return over_http(
        lambda url, at: HttpSink(url, Reach(), alias=alias_in(at)),
        kept_in(folder),
        folder,
        conducts.is_honest,
    )


def posted_as_a_form(folder: Path) -> bytes:
    def make(url: str, at: Path) -> Sink:
        return HttpSink(url, Reach(), as_form=True, alias=alias_in(at))

    return over_http(make, kept_in(folder), folder, conducts.is_honest)


def posted_sealed(folder: Path) -> bytes:
    kept = kept_in(folder, sealed=True)
    return over_http(
        lambda url, at: HttpSink(url, Reach(), alias=alias_in(at)), kept, folder, conducts.is_honest
    )


def put(folder: Path) -> bytes:
    def make(url: str, at: Path) -> Sink:
        return PutSink(f"{url}/{{id}}.wav", Reach(), alias=alias_in(at))

    return over_http(make, kept_in(folder), folder, conducts.answers(201))


def put_into_a_store(folder: Path) -> bytes:
    def make(url: str, at: Path) -> Sink:
        sign = S3Signer("AKEXAMPLE", "s3cret", "eu-west-1", resolution_s=60, now=lambda: NOW_S)
        return PutSink(f"{url}/{{id}}.wav", Reach(), sign=sign, alias=alias_in(at))

    return over_http(make, kept_in(folder), folder, conducts.answers(200, 'ETag: "x"'))


def asked_to_forget(folder: Path) -> bytes:
    with LyingCollector(deletes) as collector, Wire(port_of(collector)) as wire:
        assert HttpSink(f"http://127.0.0.1:{wire.port}/here", Reach()).forget("0" * 32) is True
    return wire.said


def asked_to_forget_a_file(folder: Path) -> bytes:
    with LyingCollector(deletes) as collector, Wire(port_of(collector)) as wire:
        url = f"http://127.0.0.1:{wire.port}/here/{{id}}.wav"
        assert PutSink(url, Reach(token="sesame"), user="somebody").forget("0" * 32) is True
    return wire.said


def asked_to_forget_in_a_store(folder: Path) -> bytes:
    sign = S3Signer("AKEXAMPLE", "s3cret", "eu-west-1", resolution_s=60, now=lambda: NOW_S)
    with LyingCollector(deletes) as collector, Wire(port_of(collector)) as wire:
        url = f"http://127.0.0.1:{wire.port}/here/{{id}}.wav"
        assert PutSink(url, Reach(), sign=sign).forget("0" * 32) is True
    return wire.said


def posted_in_a_burst(folder: Path) -> bytes:
    with LyingCollector() as collector, Wire(port_of(collector)) as wire:
        sink = HttpSink(f"http://127.0.0.1:{wire.port}/here", Reach(), alias=alias_in(folder))
        kept = kept_in(folder)
        with sink.burst():
            sink.send(kept)
            sink.send(kept)
    assert wire.said.count(b"POST /here") == 2
    return wire.said


def deletes(call: conducts.Call) -> None:
    call.head()
    call.answer(204)


def port_of(collector: LyingCollector) -> int:
    return int(collector.url.split(":")[2].split("/")[0])


class Nobody:
    """Takes words and drops them."""

    def take(self, text: str, kept: Kept) -> None:
        """Nothing is done with it."""


def transcribed(folder: Path) -> bytes:
    def make(url: str, _: Path) -> Sink:
        return TranscribeSink(url, Nobody(), Reach())

    return over_http(make, kept_in(folder), folder, conducts.answers(200, body=b'{"text": "hello"}'))


def told_to_a_webhook(folder: Path) -> bytes:
    with LyingCollector() as collector, Wire(port_of(collector)) as wire:
        url = f"http://127.0.0.1:{wire.port}/here"
        WebhookTaker(url, Web(Reach(setting="x")), "x", {}, alias_in(folder)).take("hello", kept_in(folder))
    return wire.said


def asked_over_wyoming(folder: Path) -> bytes:
    with wyoming_server(Recogniser()) as port, Wire(port) as wire:
        WyomingSink(f"tcp://127.0.0.1:{wire.port}", Nobody(), Reach()).send(
            spoken(folder, "what's the weather today")
        )
    return wire.said


def told_to_a_broker(folder: Path) -> bytes:
    with peers.mosquitto(folder) as port, Wire(port) as wire:
        url = f"mqtt://127.0.0.1:{wire.port}/house/said"
        taker = MqttTaker(url, Reach(setting="x", token="sesame"), user="mrs", alias=alias_in(folder))
        taker.take("hello", kept_in(folder))
    return wire.said


WAYS: tuple[Sent, ...] = (
    posted,
    posted_as_a_form,
    posted_sealed,
    put,
    put_into_a_store,
    posted_in_a_burst,
    asked_to_forget,
    asked_to_forget_a_file,
    asked_to_forget_in_a_store,
    transcribed,
    told_to_a_webhook,
    asked_over_wyoming,
    told_to_a_broker,
)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_nothing_on_the_wire_tells_this_machine_from_another(way: Sent, tmp_path: Path) -> None:
    found = []
    for once in ("once", "again"):
        (tmp_path / once).mkdir()
        said = way(tmp_path / once)
        assert len(said) > 100
        found.append(set(traces(said)))
        if not found[0]:
            return
    # four letters can stand in random bytes by chance, but hardly twice
    assert found[0] & found[1] == set()


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_no_time_goes_over_the_wire_but_one_that_is_rounded(way: Sent, tmp_path: Path) -> None:
    text = way(tmp_path).decode("latin-1")
    assert not re.search(r"(?i)^(date|last-modified|if-modified-since):", text, re.MULTILINE)
    assert str(int(time.time()))[:7] not in text
    stamps = re.findall(r"\d{8}T(\d{6})Z", text)
    assert set(stamps) <= {"080000"}, "NOW_S is 08:00:59"
    assert time.strftime("%Y-%m-%d") not in text


def test_a_client_of_a_broker_has_another_name_each_time(tmp_path: Path) -> None:
    for at in ("a", "b"):
        (tmp_path / at).mkdir()
    names = [told_to_a_broker(tmp_path / at)[14 : 14 + 32] for at in ("a", "b")]
    assert all(re.fullmatch(rb"[0-9a-f]{32}", name) for name in names)
    assert names[0] != names[1]


def test_a_folder_gets_no_name_and_no_time_of_this_machine(tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    kept = kept_in(tmp_path)
    FolderSink(there, alias=alias_in(tmp_path), now=lambda: NOW_S).send(kept)
    files = sorted(there.iterdir())
    assert [each.name for each in files] == [f"{kept.id}.json", f"{kept.id}.wav"]
    for each in files:
        assert traces(each.read_bytes()) == []
        assert each.stat().st_mtime == NOW_S // 60 * 60


def test_the_search_finds_what_libraries_say_of_themselves(tmp_path: Path) -> None:
    import requests

    with LyingCollector() as collector, Wire(port_of(collector)) as wire:
        requests.post(
            f"http://127.0.0.1:{wire.port}/", data=b"x", headers={"Idempotency-Key": "x"}, timeout=5
        )
    assert ("software", "python") in traces(wire.said)
    assert traces(f"from {socket.gethostname()}".encode())
