"""What a collector's answer means for a segment, and how long to wait before the next attempt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

LONGEST_WISH_S: Final = 3600.0
"""A collector that asks for more patience than this is asked again after this long."""

NOT_ALLOWED_PAUSE_S: Final = 300.0
"""How long to leave a collector alone that does not accept our credentials."""

_ALREADY_HAVE_IT: Final = 409
_GONE: Final = frozenset({204, 404, 410})
_NO_DELETING: Final = 405


class Verdict(Enum):
    """What to do with the segment that was answered."""

    DELIVERED = auto()  # there is a receipt: it may leave the outbox
    LATER = auto()  # keep it and try again
    REFUSED = auto()  # this body will never be taken: quarantine
    NOT_ALLOWED = auto()  # nothing is taken from us, or there: keep everything and pause


_CREDENTIALS: Final = "the collector does not accept our credentials", "token_file"
_PLACE: Final = "url"
_ASK_AGAIN: Final = {
    408: "the collector lost patience with the upload",
    425: "the collector is not ready for it",
    429: "the collector asks to slow down",
}
_MISCONFIGURED: Final = {
    401: _CREDENTIALS,
    402: ("the collector wants to be paid first", _PLACE),
    403: _CREDENTIALS,
    404: ("there is no such place", _PLACE),
    405: ("nothing can be sent there", _PLACE),
    407: ("a proxy wants credentials first", _PLACE),
    410: ("there is no such place any more", _PLACE),
    421: ("another server is meant to answer there", _PLACE),
    426: ("another protocol is spoken there", _PLACE),
}
"""What is wrong with where or as whom we send, and the setting to look at: no body is to blame for it."""
_NO_SUCH_FOLDER: Final = "the folder it should go into is not there"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a collector said: its status, its wish to be asked later, and whether it was a page for people."""

    status: int
    is_web_page: bool = False
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, the cause in words, and the wait the collector wished for, if it named one."""

    verdict: Verdict
    cause: str
    after_s: float | None = None


def judge(answer: Answer, setting: str = "upload", *, names_the_place: bool = False) -> Judgement:
    """Give every answer exactly one verdict; what is not clearly a receipt is never taken for one.

    `setting` is the table of the configuration that a cause points to. Where the request itself
    `names_the_place`, a file on a server, 409 is about that place and no receipt. Nothing that a mistake
    in the configuration brings about refuses a body: only what is left of 4xx does.
    """
    status = answer.status
    cause, after_s = f"the collector is in trouble ({status})", answer.retry_after_s
    if status == _ALREADY_HAVE_IT and names_the_place:
        return Judgement(Verdict.NOT_ALLOWED, f"{_NO_SUCH_FOLDER} ({status}): check {setting}.url")
    if status == _ALREADY_HAVE_IT or (200 <= status < 300 and not answer.is_web_page):
        return Judgement(Verdict.DELIVERED, f"receipt {status}")
    if status in _MISCONFIGURED:
        what, key = _MISCONFIGURED[status]
        return Judgement(Verdict.NOT_ALLOWED, f"{what} ({status}): check {setting}.{key}")
    if status in _ASK_AGAIN:
        cause = f"{_ASK_AGAIN[status]} ({status})"
    elif 400 <= status < 500:
        return Judgement(Verdict.REFUSED, f"the collector refuses it ({status})")
    elif 300 <= status < 400:
        cause = f"the collector points elsewhere ({status}), not followed: set {setting}.url to where it is"
    elif 200 <= status < 300:
        cause = f"the network answered with a web page ({status}), not a receipt: check {setting}.url"
    return Judgement(Verdict.LATER, cause, after_s)


def gone(answer: Answer, setting: str = "upload") -> Judgement:
    """What the answer to a request to delete means; DELIVERED is that it is there no more."""
    if answer.status in _GONE:
        return Judgement(Verdict.DELIVERED, f"gone {answer.status}")
    if answer.status == _ALREADY_HAVE_IT:
        return Judgement(Verdict.LATER, f"it cannot be deleted now ({answer.status})", answer.retry_after_s)
    if answer.status == _NO_DELETING:
        return Judgement(Verdict.REFUSED, f"nothing can be deleted there ({answer.status})")
    return judge(answer, setting)


def wait_s(wish_s: float | None, backoff_s: float) -> float:
    """The longer of the collector's wish and our own backoff, but never past `LONGEST_WISH_S`."""
    return max(backoff_s, min(max(wish_s or 0.0, 0.0), LONGEST_WISH_S))
