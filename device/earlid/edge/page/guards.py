"""What every request must pass before anything is done for it, and what every answer says to the browser."""

from __future__ import annotations

import ipaddress
from typing import Final

from earlid.edge.page.asked import Answer, Asked, as_json, elsewhere
from earlid.edge.page.pairing import Pairing

LONGEST_BODY: Final = 16_384
OPEN_TO_ALL: Final = ("/pair", "/static/")
"""What a browser needs before it is paired: nothing in it is anybody's."""
TOKEN: Final = "x-earlid-token"  # noqa: S105 - the name of a header, not what is in it

HEADERS: Final = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "microphone=(), camera=(), geolocation=(), display-capture=()",
    "cache-control": "no-store",
}
"""No script but ours, no other host, no frame, no copy on a disk. (`no-referrer` would take Origin away.)"""


def refusal(asked: Asked, pairing: Pairing) -> Answer | None:
    """Why `asked` is not done, as the answer to it; None if it may be done."""
    return _wrong_place(asked) or _wrong_origin(asked) or _not_paired(asked, pairing)


def is_addressed_to(host: str, here: tuple[str, int]) -> bool:
    """Whether `host`, as a browser says it, is the very address at which it arrived.

    A page that has its own name point here (DNS rebinding) says that name, and a name is no address; only
    `localhost` is one, on this machine. The port may be another: ssh -L has ports of its own.
    """
    name, _, port = host.rpartition(":") if not host.endswith("]") and ":" in host else (host, "", "80")
    if not (port.isascii() and port.isdigit()):
        return False
    try:
        arrived = ipaddress.ip_address(here[0])
        if name == "localhost":
            return arrived.is_loopback
        return ipaddress.ip_address(name.removeprefix("[").removesuffix("]")) == arrived
    except ValueError:
        return False


def _wrong_place(asked: Asked) -> Answer | None:
    if is_addressed_to(asked.headers.get("host", ""), asked.here):
        return None
    return _said(421, "this page answers to its address only: open the one that the terminal shows")


def _wrong_origin(asked: Asked) -> Answer | None:
    site = asked.headers.get("sec-fetch-site", "none")
    is_visit = asked.method == "GET" and asked.headers.get("sec-fetch-mode") == "navigate"
    if site not in {"same-origin", "none"} and not is_visit:
        return _said(403, "another page asked for this: open this page itself")
    if asked.method == "GET":
        return None
    if asked.headers.get("origin") != f"http://{asked.headers.get('host', '')}":
        return _said(403, "another page sent this: open this page itself")
    return None


def _not_paired(asked: Asked, pairing: Pairing) -> Answer | None:
    if not asked.path.startswith(OPEN_TO_ALL) and not pairing.knows(asked.cookie):
        if asked.is_for_programs or asked.method != "GET":
            return _said(401, "this browser is not paired: open the page again")
        return elsewhere("/pair")
    if asked.method == "GET":
        return None
    token = asked.headers.get(TOKEN, "")
    if not token and asked.headers.get("content-type") == "application/x-www-form-urlencoded":
        token = asked.form().get("token", "")
    if not pairing.is_token_of(token, asked.cookie):
        return _said(403, "this page is too old: reload it")
    return None


def _said(status: int, message: str) -> Answer:
    return as_json({"error": message}, status)
