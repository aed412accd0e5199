"""Whether a collector can be reached: a connection and an empty question, never sound, never the token."""

from __future__ import annotations

import http.client
import socket
import ssl
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from earlid.errors import TryLater

_NOBODY_BEHIND: Final = frozenset({502, 503, 504})
"""What a proxy answers for a server that is down. All else may be said of a question without sound."""


def reach(url: str, ca_file: Path | None, timeout_s: float, setting: str = "upload") -> str:
    """What answered at `url`, in a few words; TryLater says why nothing did. Never repeats the address."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    connection: http.client.HTTPConnection
    try:
        if parts.scheme == "https":
            trusted = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
            connection = http.client.HTTPSConnection(host, parts.port, timeout=timeout_s, context=trusted)
        else:
            connection = http.client.HTTPConnection(host, parts.port, timeout=timeout_s)
    except OSError as error:
        raise TryLater(_cause(error, setting)) from None
    try:
        connection.request("OPTIONS", parts.path or "/", headers={"User-Agent": "earlid"})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise TryLater(_cause(error, setting)) from None
    finally:
        connection.close()
    if status in _NOBODY_BEHIND:
        raise TryLater(
            f"its host answers that nothing is behind it ({status}): see whether the collector runs"
        )
    how = "encrypted" if parts.scheme == "https" else "unencrypted"
    return f"{how}, answers; whether it takes segments shows with the first one"


def greet(host: str, port: int, timeout_s: float, setting: str) -> str:
    """Whether somebody takes connections there; nothing is said to them."""
    try:
        socket.create_connection((host, port), timeout_s).close()
    except OSError as error:
        raise TryLater(_cause(error, setting)) from None
    return "takes connections"


def _cause(error: Exception, setting: str) -> str:
    causes: tuple[tuple[type[Exception], str], ...] = (
        (
            ssl.SSLCertVerificationError,
            "its certificate is not trusted: check {setting}.ca_file and the clock",
        ),
        (ssl.SSLError, "no encrypted connection: check {setting}.url and {setting}.ca_file"),
        (socket.gaierror, "its name is not known: check {setting}.url and the network"),
        (ConnectionRefusedError, "its host refuses the connection: see whether the collector runs"),
        (
            TimeoutError,
            "it does not answer in time: see whether it runs, or raise {setting}.connect_timeout_s",
        ),
        (http.client.HTTPException, "it does not speak http: check {setting}.url"),
    )
    for kind, words in causes:
        if isinstance(error, kind):
            return words.format(setting=setting)
    return "the connection breaks: check the network"
