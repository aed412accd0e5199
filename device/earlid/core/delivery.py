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
_ASK_AGAIN: Final = {
    408: "the collector lost patience with the upload",
    425: "the collector is not ready for it",
    429: "the collector asks to slow down",
}
_NO_SUCH_PLACE: Final = {
    404: "there is no such place",
    405: "nothing can be put there",
    409: "the folder it should go into is not there",
}
_GONE: Final = frozenset({204, 404, 410})
_NOT_ALLOWED: Final = frozenset({401, 403})


class Verdict(Enum):
    """What to do with the segment that was answered."""

    DELIVERED = auto()  # there is a receipt: it may leave the outbox
    LATER = auto()  # keep it and try again
    REFUSED = auto()  # this body will never be taken: quarantine
    NOT_ALLOWED = auto()  # nothing will be taken from us: keep everything and pause


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
    `names_the_place`, a file on a server, 404, 405 and 409 are about that place and not about the body.
    """
    status = answer.status
    cause, after_s = f"the collector is in trouble ({status})", answer.retry_after_s
    if names_the_place and status in _NO_SUCH_PLACE:
        return Judgement(Verdict.NOT_ALLOWED, f"{_NO_SUCH_PLACE[status]} ({status}): check {setting}.url")
    if status == _ALREADY_HAVE_IT or (200 <= status < 300 and not answer.is_web_page):
        return Judgement(Verdict.DELIVERED, f"receipt {status}")
    if status in _NOT_ALLOWED:
        cause = f"the collector does not accept our credentials ({status}): check {setting}.token_file"
        return Judgement(Verdict.NOT_ALLOWED, cause)
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
    return judge(answer, setting)


def wait_s(wish_s: float | None, backoff_s: float) -> float:
    """The longer of the collector's wish and our own backoff, but never past `LONGEST_WISH_S`."""
    return max(backoff_s, min(max(wish_s or 0.0, 0.0), LONGEST_WISH_S))
