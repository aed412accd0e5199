"""Segments leave by HTTP: one POST each, bounded in time and size, and a receipt or it did not happen."""

from __future__ import annotations

import contextlib
import email.utils
import http.client
import io
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import requests
from requests.adapters import HTTPAdapter

from earlid.core.delivery import Answer, Verdict, judge
from earlid.core.units import RATE_HZ
from earlid.edge.address import fault_in
from earlid.edge.kept import Kept
from earlid.errors import ConfigError, NotAllowed, Refused, TryLater

ANSWER_LIMIT_BYTES: Final = 65_536
"""No more than this is read of an answer, whatever its length."""
_PAGE_TYPES: Final = ("text/html", "application/xhtml")
_PAGE_STARTS: Final = (b"<!doctype html", b"<html")


@dataclass(frozen=True, slots=True)
class Receipt:
    """A collector has the segment. `status` is how it said so."""

    status: int


class HttpSink:
    """Sends segments to one collector; proxies, netrc and certificates of the environment play no part."""

    def __init__(
        self,
        url: str,
        *,
        connect_timeout_s: float = 5.0,
        timeout_s: float = 30.0,
        token: str | None = None,
        ca_file: Path | None = None,
        allow_plaintext: bool = False,
    ) -> None:
        """Raise ConfigError now for whatever could never work later."""
        fault = fault_in(url, allow_plaintext=allow_plaintext)
        if fault is not None:
            raise ConfigError(f"upload.url: {fault}")
        if ca_file is not None:
            _insist_on_certificates(ca_file)
        self._url = url
        self._connect_timeout_s, self._timeout_s = connect_timeout_s, timeout_s
        self._token = token
        self._verify: bool | str = True if ca_file is None else str(ca_file)
        try:
            requests.Request("POST", url).prepare()
        except requests.RequestException:
            raise ConfigError("upload.url: not an address: write it as https://host/path") from None

    def send(self, kept: Kept) -> Receipt:
        """Return with a receipt, or raise TryLater, Refused or NotAllowed: there is no third way.

        Takes at most `timeout_s` (the name look-up excepted, which the system bounds), however slowly the
        other side drips. Raising TryLater does not mean that nothing arrived: the id makes a repeat harmless.
        """
        with _Line(self._timeout_s) as line, requests.Session() as session:
            session.trust_env = False
            session.mount("https://", _Adapter(line))
            session.mount("http://", _Adapter(line))
            try:
                answer = self._exchange(session, kept)
            except (requests.RequestException, OSError) as error:
                raise TryLater(self._too_late if line.was_cut else _cause(error)) from error
            if line.was_cut:  # an answer cut short in its headers looks whole to the HTTP library
                raise TryLater(self._too_late)
        return _receipt(answer)

    @property
    def _too_late(self) -> str:
        return f"no receipt within {self._timeout_s:g} s"

    def _exchange(self, session: requests.Session, kept: Kept) -> Answer:
        with session.post(
            self._url,
            data=io.BytesIO(kept.wav),
            headers=self._headers(kept),
            timeout=(self._connect_timeout_s, self._timeout_s),
            verify=self._verify,
            allow_redirects=False,
            stream=True,
        ) as response:
            beginning = _beginning(response)
            return Answer(
                response.status_code,
                is_web_page=_is_web_page(response.headers.get("Content-Type", ""), beginning),
                retry_after_s=retry_after_s(response.headers.get("Retry-After"), time.time()),
            )

    def _headers(self, kept: Kept) -> dict[str, str]:
        lookback = max(0, -kept.facts.start)
        headers = {
            "Content-Type": "audio/wav",
            "User-Agent": "earlid",
            "Accept-Encoding": "identity",
            "Idempotency-Key": kept.id,
            "X-Earlid-Wake-Word": quote(kept.facts.model, safe=" "),
            "X-Earlid-Duration-Ms": str(_ms(kept.facts.samples)),
            "X-Earlid-Lookback-Ms": str(_ms(lookback)),
        }
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        return headers


def _receipt(answer: Answer) -> Receipt:
    """The receipt that `answer` is, or the error that says what to do instead."""
    judgement = judge(answer)
    if judgement.verdict is Verdict.LATER:
        raise TryLater(judgement.cause, judgement.after_s)
    if judgement.verdict is Verdict.REFUSED:
        raise Refused(judgement.cause)
    if judgement.verdict is Verdict.NOT_ALLOWED:
        raise NotAllowed(judgement.cause)
    return Receipt(answer.status)


class _Line:
    """The one connection of one exchange, cut from outside when its time is up.

    A second descriptor of the socket is kept, because TLS and the HTTP library take the first one over.
    """

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._twin: socket.socket | None = None
        self.was_cut = False
        self._timer = threading.Timer(timeout_s, self.cut)
        self._timer.daemon = True

    def __enter__(self) -> _Line:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            if self._twin is not None:
                self._twin.close()
                self._twin = None

    def hold(self, connection: socket.socket) -> None:
        """Remember `connection`, and give it the whole time for a large body on a slow uplink."""
        connection.settimeout(self._timeout_s)
        with self._lock:
            self._twin = connection.dup()
            if self.was_cut:
                self._shut()

    def cut(self) -> None:
        """End the connection in both directions; whoever waits on it wakes up at once."""
        with self._lock:
            self.was_cut = True
            self._shut()

    def _shut(self) -> None:
        if self._twin is not None:
            with contextlib.suppress(OSError):
                self._twin.shutdown(socket.SHUT_RDWR)


class _Adapter(HTTPAdapter):
    """requests' own transport, with its sockets held by a line."""

    def __init__(self, line: _Line) -> None:
        super().__init__(max_retries=0)
        self._line = line

    def get_connection_with_tls_context(self, *args: Any, **named: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **named)
        kind = pool.ConnectionCls

        def connection(*args: Any, **named: Any) -> Any:
            made = kind(*args, **named)
            dial = made._new_conn

            def held() -> socket.socket:
                dialled: socket.socket = dial()
                self._line.hold(dialled)
                return dialled

            made._new_conn = held
            return made

        pool.ConnectionCls = connection
        return pool


def retry_after_s(header: str | None, now_s: float) -> float | None:
    """The wait a Retry-After header asks for, in seconds or as a date; None where it asks for nothing."""
    if header is None:
        return None
    if header.strip().isascii() and header.strip().isdigit():
        return float(header)
    try:
        date = email.utils.parsedate_to_datetime(header)
    except (ValueError, TypeError):
        return None
    return max(0.0, date.timestamp() - now_s)


def _beginning(response: requests.Response) -> bytes:
    """The answer's body as far as the limit; an answer that breaks off before its end raises."""
    parts, length = [], 0
    for part in response.iter_content(4096):
        parts.append(part)
        length += len(part)
        if length >= ANSWER_LIMIT_BYTES:
            break
    return b"".join(parts)


def _is_web_page(content_type: str, beginning: bytes) -> bool:
    """Whether an answer is for people: a captive portal or a proxy spoke, not a collector."""
    return content_type.lower().strip().startswith(_PAGE_TYPES) or (
        beginning.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_PAGE_STARTS)
    )


def _ms(samples: int) -> int:
    return samples * 1000 // RATE_HZ


def _insist_on_certificates(ca_file: Path) -> None:
    try:
        ssl.create_default_context(cafile=str(ca_file))
    except OSError as error:
        why = "has no certificates in PEM" if isinstance(error, ssl.SSLError) else "cannot be read"
        raise ConfigError(f"upload.ca_file: {ca_file} {why}: correct the setting") from error


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and everything it was raised from or carries, outermost first."""
    todo, seen = [error], set()
    while todo:
        each = todo.pop(0)
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        inner = (each.__cause__, each.__context__, getattr(each, "reason", None), *each.args)
        todo.extend(found for found in inner if isinstance(found, BaseException))


_CAUSES: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (ssl.SSLCertVerificationError, "the collector's certificate is not trusted: check upload.ca_file"),
    (ssl.SSLError, "the encrypted connection failed: check upload.url and the clock"),
    (requests.ConnectTimeout, "the collector's host does not answer"),
    (socket.gaierror, "the collector's name was not found: check the network"),
    (ConnectionRefusedError, "the collector's host refuses the connection: is it running"),
    (requests.Timeout, "the collector does not answer"),
    (TimeoutError, "the collector does not take what is sent"),
    (ConnectionError, "the connection broke off"),
    (http.client.BadStatusLine, "what answers there is no collector: check upload.url"),
    (requests.exceptions.ChunkedEncodingError, "the answer broke off"),
    (requests.ConnectionError, "the connection failed"),
)


def _cause(error: BaseException) -> str:
    """Why an exchange failed, in plain words; never the address, which may carry a secret."""
    chain = tuple(_chain(error))
    for kind, words in _CAUSES:
        if any(isinstance(each, kind) for each in chain):
            return words
    return f"the exchange failed ({type(error).__name__})"
