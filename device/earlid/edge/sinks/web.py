"""One HTTP exchange, bounded in time and size; proxies, netrc and names of the environment play no part."""

from __future__ import annotations

import contextlib
import email.utils
import http.client
import io
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter

from earlid.core.delivery import Answer
from earlid.edge.address import fault_in
from earlid.edge.sinks.line import Line
from earlid.edge.sinks.sink import Reach
from earlid.errors import ConfigError, TryLater

ANSWER_LIMIT_BYTES: Final = 65_536
"""No more than this is read of an answer, whatever its length."""
_PAGE_TYPES: Final = ("text/html", "application/xhtml")
_PAGE_STARTS: Final = (b"<!doctype html", b"<html")


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the answer in short, the beginning of its body as far as the limit, its ETag."""

    answer: Answer
    beginning: bytes
    etag: str = ""


class Web:
    """How one destination is reached over HTTP."""

    def __init__(self, reach: Reach) -> None:
        """Raise ConfigError now for certificates that could never work later."""
        if reach.ca_file is not None:
            _insist_on_certificates(reach.ca_file, reach.setting)
        self._setting = reach.setting
        self._connect_timeout_s, self._timeout_s = reach.connect_timeout_s, reach.timeout_s
        self._allow_plaintext = reach.allow_plaintext
        self._verify: bool | str = True if reach.ca_file is None else str(reach.ca_file)
        self._here = _Here()

    @contextlib.contextmanager
    def burst(self) -> Iterator[None]:
        """Within it, and in one thread, exchanges that went well leave their connection to the next."""
        self._here.is_burst = True
        try:
            yield
        finally:
            self._here.is_burst = False
            self._let_go()

    def insist_on_address(self, url: str, key: str = "url") -> None:
        """Raise ConfigError for an address that can never work, or that would send speech in the open."""
        fault = fault_in(url, allow_plaintext=self._allow_plaintext)
        if fault is None:
            try:
                requests.Request("POST", url).prepare()
            except requests.RequestException:
                fault = "not an address: write it as https://host/path"
        if fault is not None:
            raise ConfigError(f"{self._setting}.{key}: {fault}")

    def exchange(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Reply:
        """The reply to one request, or TryLater. Redirects are not followed.

        Takes at most `timeout_s` (the name look-up excepted, which the system bounds), however slowly the
        other side drips. Raising TryLater does not mean that nothing arrived.
        """
        talk = self._here.talk or _Talk(self._timeout_s)
        self._here.talk, is_whole = talk, False
        try:
            with talk.line.exchange():
                reply = self._exchange(talk.session, method, url, headers, body)
            is_whole = not talk.line.was_cut  # cut short in its headers, an answer looks whole to the library
        except Exception as error:  # what an answer can make a library raise, nobody has counted
            raise TryLater(self._too_late if talk.line.was_cut else _cause(error, self._setting)) from error
        finally:
            if not (is_whole and self._here.is_burst):
                self._let_go()
        if not is_whole:
            raise TryLater(self._too_late)
        return reply

    def _let_go(self) -> None:
        talk, self._here.talk = self._here.talk, None
        if talk is not None:
            talk.close()

    @property
    def _too_late(self) -> str:
        return f"no receipt within {self._timeout_s:g} s"

    def _exchange(
        self, session: requests.Session, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> Reply:
        with session.request(
            method,
            url,
            data=io.BytesIO(body) if body else None,
            headers={"User-Agent": "earlid", "Accept-Encoding": "identity", **headers},
            timeout=(self._connect_timeout_s, self._timeout_s),
            verify=self._verify,
            allow_redirects=False,
            stream=True,
        ) as response:
            beginning = _beginning(response)
            answer = Answer(
                response.status_code,
                is_web_page=_is_web_page(response.headers.get("Content-Type", ""), beginning),
                retry_after_s=retry_after_s(response.headers.get("Retry-After"), time.time()),
            )
            return Reply(answer, beginning, response.headers.get("ETag", ""))


class _Talk:
    """A session and the line that holds its connection."""

    def __init__(self, timeout_s: float) -> None:
        self.line = Line(timeout_s)
        self.session = _Session()
        self.session.trust_env = False
        for scheme in ("https://", "http://"):
            self.session.mount(scheme, _Adapter(self.line))

    def close(self) -> None:
        """Hang up."""
        self.session.close()
        self.line.close()


class _Session(requests.Session):
    """requests' own, which otherwise reads where an answer points to even if it is not followed."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None, wherever it points."""


class _Here(threading.local):
    """What each thread has of its own: the talk it is in, and whether it goes on after an exchange."""

    talk: _Talk | None = None
    is_burst = False


class _Adapter(HTTPAdapter):
    """requests' own transport, with its sockets held by a line."""

    def __init__(self, line: Line) -> None:
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
    except (ValueError, TypeError, OverflowError):
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


def _insist_on_certificates(ca_file: Path, setting: str) -> None:
    try:
        ssl.create_default_context(cafile=str(ca_file))
    except OSError as error:
        why = "has no certificates in PEM" if isinstance(error, ssl.SSLError) else "cannot be read"
        raise ConfigError(f"{setting}.ca_file: {ca_file} {why}: correct the setting") from error


_CAUSES: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (ssl.SSLCertVerificationError, "the collector's certificate is not trusted: check {setting}.ca_file"),
    (ssl.SSLError, "the encrypted connection failed: check {setting}.url and the clock"),
    (requests.ConnectTimeout, "the collector's host does not answer"),
    (socket.gaierror, "the collector's name was not found: check the network"),
    (ConnectionRefusedError, "the collector's host refuses the connection: is it running?"),
    (requests.Timeout, "the collector does not answer"),
    (TimeoutError, "the collector does not take what is sent"),
    (ConnectionError, "the connection broke off"),
    (http.client.BadStatusLine, "what answers there is no collector: check {setting}.url"),
    (requests.exceptions.ChunkedEncodingError, "the answer broke off"),
    (requests.ConnectionError, "the connection failed"),
)


def _cause(error: BaseException, setting: str) -> str:
    """Why an exchange failed, in plain words; never the address, which may carry a secret."""
    chain = tuple(_chain(error))
    for kind, words in _CAUSES:
        if any(isinstance(each, kind) for each in chain):
            return words.format(setting=setting)
    return f"the exchange failed ({type(error).__name__})"
