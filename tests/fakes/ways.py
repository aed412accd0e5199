"""Every way in which something leaves for a network, with little patience: one function each."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from earlid.edge.sinks.http_sink import HttpSink
from earlid.edge.sinks.mqtt_taker import MqttTaker
from earlid.edge.sinks.put_sink import PutSink
from earlid.edge.sinks.s3_signature import S3Signer
from earlid.edge.sinks.sink import Reach, Receipt
from earlid.edge.sinks.transcribe_sink import TranscribeSink
from earlid.edge.sinks.web import Web
from earlid.edge.sinks.words import WebhookTaker
from earlid.edge.sinks.wyoming_sink import WyomingSink
from earlid.edge.spool.kept import Kept

TIMEOUT_S = 0.4
Sending = Callable[[str, Path | None, Kept], object]
"""Sends to the address of a server, trusting the certificates in a file, with little patience."""


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


def assert_plain(error: Exception) -> None:
    message = str(error)
    assert "\n" not in message and "127.0.0.1" not in message and ".invalid" not in message
    assert message == message.strip(" .") and message[0].islower()
