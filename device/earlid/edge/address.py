"""Where segments may be sent: what is wrong with an address, and how to show one without its secrets."""

from __future__ import annotations

import ipaddress
from typing import Final
from urllib.parse import SplitResult, urlsplit, urlunsplit

MASK: Final = "***"


def is_loopback(host: str) -> bool:
    """Whether `host` is certainly this machine; a name other than localhost never is."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def fault_in(url: str, *, allow_plaintext: bool) -> str | None:
    """What to correct in `url` before anything is sent there, or None; never repeats the address."""
    parts = _split(url)
    if parts is None or any(letter.isspace() or not letter.isprintable() for letter in url):
        return "not an address: write it as https://host/path"
    if parts.scheme not in ("http", "https"):
        return "must begin with https:// (or http:// for this machine)"
    if not parts.hostname:
        return "has no host: write it as https://host/path"
    if parts.fragment:
        return "has a # part, which is never sent: remove it"
    if parts.scheme == "http" and not allow_plaintext and not is_loopback(parts.hostname):
        return "would send speech unencrypted: use https://, or set upload.allow_plaintext = true"
    return None


def masked(url: str) -> str:
    """`url` without the credentials in front of the host and the values of its query."""
    parts = _split(url)
    if parts is None:
        return MASK if url else ""
    host = parts.netloc.rpartition("@")[2]
    netloc = f"{MASK}@{host}" if "@" in parts.netloc else host
    query = "&".join(
        f"{pair.partition('=')[0]}={MASK}" if "=" in pair else MASK for pair in parts.query.split("&")
    )
    return urlunsplit((parts.scheme, netloc, parts.path, query if parts.query else "", ""))


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts
