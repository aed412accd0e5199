"""Who has what was sent, as far as an address can say: a host, and its port where it is not the usual one."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from earlid.edge.sinks.places import WYOMING_PORT

USUAL_PORTS: Final = {"http": 80, "https": 443, "tcp": WYOMING_PORT, "tls": WYOMING_PORT}


def whereabouts(url: str) -> str:
    """Who answers at `url`: nas.local, nas.local:8443, fd00::1 or [fd00::1]:8443; empty where nobody could.

    At another port of the same host there may be another program, which never had what was sent to this
    one. Earlier versions named no port: what they sent is taken to be at the usual one, and nowhere else.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return ""
    if not host or port is None or port == USUAL_PORTS.get(parts.scheme):
        return host or ""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
