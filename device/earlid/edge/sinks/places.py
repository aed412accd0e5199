"""Addresses of other kinds than a collector's: what is wrong with one, before anything is sent there."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

from earlid.edge.address import is_loopback

ID: Final = "{id}"
"""What the segment's random id takes the place of in an address."""
TOKEN: Final = "{token}"  # noqa: S105 - the place for one
"""What the token takes the place of, where an address carries it: it is then shown nowhere else."""
WYOMING_PORT: Final = 10_300
MQTT_PORTS: Final = {"mqtt": 1883, "mqtts": 8883}


_SIGNED: Final = re.compile(r"[?&](x-amz-signature|signature|x-goog-signature|sig)=", re.IGNORECASE)
"""What an address carries that a store has signed beforehand: it is good for the file it names."""


def fault_in_template(url: str) -> str | None:
    """What to correct in an address in which every segment's id is to have a place, or None."""
    if ID not in url:
        return f"write {ID} where each file's own name goes: https://host/folder/{ID}.wav"
    if _SIGNED.search(url):
        return 'is signed for one file alone, and each has another name: use kind = "s3" with its keys'
    if ID in url.partition("://")[2].partition("/")[0]:
        return f"{ID} has no place in the host's name"
    return None


def fault_in_server(url: str, *, allow_plaintext: bool) -> str | None:
    """What to correct in the address of a Wyoming server, or None."""
    parts = _split(url)
    if parts is None or parts.scheme not in ("tcp", "tls") or not parts.hostname:
        return "write it as tcp://host:10300, or as tls://host:10300 where the server is behind tls"
    if parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
        return "is a host and a port and nothing else: write it as tcp://host:10300"
    if parts.scheme == "tcp" and not allow_plaintext and not is_loopback(parts.hostname):
        return "would send speech unencrypted: use tls://, or set allow_plaintext = true"
    return None


def fault_in_topic_url(url: str, *, allow_plaintext: bool) -> str | None:
    """What to correct in the address of a topic, or None."""
    parts = _split(url)
    if parts is None or parts.scheme not in MQTT_PORTS or not parts.hostname:
        return "write it as mqtts://host/topic (or mqtt:// for this machine)"
    if "@" in parts.netloc or parts.query:
        return "has no place for a password or a question: use then_user and then_token_file"
    topic = parts.path.lstrip("/")
    if not topic or "#" in url or set(topic) & set("+#\0"):
        return "has no topic one could publish to: write it as mqtts://host/topic"
    if parts.scheme == "mqtt" and not allow_plaintext and not is_loopback(parts.hostname):
        return "would send words unencrypted: use mqtts://, or set allow_plaintext = true"
    return None


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts
