"""Segments leave to be written down by a Wyoming server, as Home Assistant and Rhasspy use them."""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import BinaryIO, Final, cast
from urllib.parse import urlsplit

from wyoming.asr import Transcribe, Transcript
from wyoming.error import Error
from wyoming.event import Event, read_event

from earlid.core.units import RATE_HZ
from earlid.edge.sinks.places import WYOMING_PORT, fault_in_server
from earlid.edge.sinks.sink import TAKEN, Reach, Receipt, insist_on_plain, insist_on_size
from earlid.edge.sinks.whereabouts import whereabouts
from earlid.edge.sinks.words import Taker, hand_over
from earlid.edge.spool.kept import Kept
from earlid.errors import ConfigError, TryLater

ANSWER_LIMIT_BYTES: Final = 262_144
"""No more than this is heard of a server, whatever it has to say."""
_HEADER_BYTES: Final = 44
_CHUNK_BYTES: Final = 8_192


class WyomingSink:
    """Asks a server for the words of each segment and hands them over. Only then is there a receipt."""

    needs_plain = True

    def __init__(
        self,
        url: str,
        taker: Taker,
        reach: Reach,
        *,
        language: str = "",
    ) -> None:
        fault = fault_in_server(url, allow_plaintext=reach.allow_plaintext)
        if fault is not None:
            raise ConfigError(f"{reach.setting}.url: {fault}")
        parts = urlsplit(url)
        self.name, self.host = reach.name, whereabouts(url)
        self._address = parts.hostname or "", parts.port or WYOMING_PORT
        self._tls: ssl.SSLContext | None = None
        if parts.scheme == "tls":
            self._tls = ssl.create_default_context(cafile=str(reach.ca_file) if reach.ca_file else None)
        self._language, self._limit_bytes, self._taker = language, reach.limit_bytes, taker
        self._connect_timeout_s, self._timeout_s = reach.connect_timeout_s, reach.timeout_s

    def burst(self) -> AbstractContextManager[None]:
        """Nothing is held open."""
        return nullcontext()

    def send(self, kept: Kept) -> Receipt:
        """Return once the words are in other hands, or raise TryLater, Refused or NotAllowed."""
        insist_on_plain(kept)
        insist_on_size(kept, self._limit_bytes)
        try:
            text = self._ask(kept.wav[_HEADER_BYTES:])
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise TryLater(_cause(error)) from error
        hand_over(text, self._taker, kept)
        return TAKEN

    def forget(self, id_: str) -> None:
        """None: such a server has no way to be asked."""

    def _ask(self, sound: bytes) -> str:
        deadline = time.monotonic() + self._timeout_s
        with socket.create_connection(self._address, self._connect_timeout_s) as plain:
            plain.settimeout(_left(deadline))
            line = self._tls.wrap_socket(plain, server_hostname=self._address[0]) if self._tls else plain
            with line:
                for event in _question(sound, self._language):
                    line.settimeout(_left(deadline))
                    line.sendall(told(event))
                return _answer(cast(BinaryIO, _Ear(line, deadline)))


class _Ear:
    """What a server says, as far as the time and the limit go; reads as the wyoming package wants to read."""

    def __init__(self, line: socket.socket, deadline: float) -> None:
        self._line, self._deadline = line, deadline
        self._heard, self._left_bytes = bytearray(), ANSWER_LIMIT_BYTES

    def readline(self) -> bytes:
        while (end := self._heard.find(b"\n")) < 0:
            if not self._more():
                return b""
        return self._take(end + 1)

    def read(self, count: int) -> bytes:
        if not isinstance(count, int) or not 0 <= count <= ANSWER_LIMIT_BYTES:
            raise ValueError("a length that no answer has")
        while len(self._heard) < count:
            if not self._more():
                return b""
        return self._take(count)

    def _take(self, count: int) -> bytes:
        part = bytes(self._heard[:count])
        del self._heard[:count]
        return part

    def _more(self) -> bool:
        self._line.settimeout(_left(self._deadline))
        part = self._line.recv(4096)
        self._left_bytes -= len(part)
        if self._left_bytes < 0:
            raise ValueError("more than anybody wants to hear")
        self._heard += part
        return bool(part)


def told(event: Event) -> bytes:
    """`event` as it goes over the wire; the package's own writer would add which version of it this is."""
    facts = {key: value for key, value in event.data.items() if value is not None}
    data = json.dumps(facts).encode() if facts else b""
    head: dict[str, object] = {"type": event.type}
    if data:
        head["data_length"] = len(data)
    if event.payload:
        head["payload_length"] = len(event.payload)
    return json.dumps(head).encode() + b"\n" + data + (event.payload or b"")


def _question(sound: bytes, language: str) -> Iterator[Event]:
    shape = {
        "rate": RATE_HZ,
        "width": 2,
        "channels": 1,
    }  # wyoming.audio would warn of audioop
    yield Transcribe(language=language or None).event()
    yield Event("audio-start", shape)
    for start in range(0, len(sound), _CHUNK_BYTES):
        yield Event("audio-chunk", shape, sound[start : start + _CHUNK_BYTES])
    yield Event("audio-stop")


def _answer(server: BinaryIO) -> str:
    """The transcript among what the server says; whatever else it says is passed over."""
    while (event := read_event(server)) is not None:
        if Transcript.is_type(event.type):
            text = Transcript.from_event(event).text
            if isinstance(text, str):
                return text
            break
        if Error.is_type(event.type):
            raise TryLater("the server could not make it out now")
    raise TryLater("the server hung up without a transcript: see whether it speaks wyoming")


def _left(deadline: float) -> float:
    left_s = deadline - time.monotonic()
    if left_s <= 0:
        raise TimeoutError
    return left_s


def _cause(error: Exception) -> str:
    causes: tuple[tuple[type[Exception], str], ...] = (
        (ssl.SSLCertVerificationError, "the server's certificate is not trusted: check ca_file"),
        (ssl.SSLError, "the encrypted connection failed: check url and the clock"),
        (socket.gaierror, "the server's name was not found: check the network"),
        (ConnectionRefusedError, "the server's host refuses the connection: is it running?"),
        (TimeoutError, "the server did not answer in time"),
        (ConnectionError, "the connection broke off"),
        (OSError, "the connection failed"),
    )
    for kind, words in causes:
        if isinstance(error, kind):
            return words
    return "what answers there does not speak wyoming: check url"
