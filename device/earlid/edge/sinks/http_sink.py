"""Segments leave by HTTP: one POST each, bounded in time and size, and a receipt or it did not happen."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from urllib.parse import quote, urlsplit

from earlid.core.delivery import Judgement, Verdict, gone, judge
from earlid.edge.sinks.credentials import authorization
from earlid.edge.sinks.sink import Reach, Receipt, insist_on_size, milliseconds
from earlid.edge.sinks.web import Web
from earlid.edge.sinks.whereabouts import whereabouts
from earlid.edge.spool.kept import Kept
from earlid.errors import NotAllowed, Refused, TryLater

Alias = Callable[[], str]
"""How this device calls itself today: at random, and not for long."""


class HttpSink:
    """Sends segments to one collector, as the body itself or as a form with a file in it."""

    needs_plain = False

    def __init__(
        self,
        url: str,
        reach: Reach,
        *,
        user: str = "",
        as_form: bool = False,
        alias: Alias | None = None,
    ) -> None:
        """Raise ConfigError now for whatever could never work later."""
        self._web = Web(reach)
        self._web.insist_on_address(url)
        self.name, self._setting, self._url = reach.name, reach.setting, url
        self.host = whereabouts(url)
        self._authorization = authorization(user, reach.token)
        self._as_form, self._limit_bytes, self._alias = as_form, reach.limit_bytes, alias

    def burst(self) -> AbstractContextManager[None]:
        """One connection may serve several deliveries."""
        return self._web.burst()

    def send(self, kept: Kept) -> Receipt:
        """Return with a receipt, or raise TryLater, Refused or NotAllowed: there is no third way."""
        insist_on_size(kept, self._limit_bytes)
        body, kind = form_of(kept) if self._as_form else (kept.wav, media_type(kept))
        headers = {"Content-Type": kind, **facts_of(kept, self._alias), **self._authorization}
        reply = self._web.exchange("POST", self._url, headers, body)
        return receipt(judge(reply.answer, self._setting), reply.answer.status)

    def forget(self, id_: str) -> bool:
        """DELETE the address with the id behind it: True once the collector says that it has it no more."""
        parts = urlsplit(self._url)
        url = parts._replace(path=f"{parts.path.rstrip('/')}/{id_}").geturl()
        headers = {"Idempotency-Key": id_, **self._authorization}
        return erased(gone(self._web.exchange("DELETE", url, headers).answer, self._setting))


def receipt(judgement: Judgement, status: int) -> Receipt:
    """The receipt that an answer was judged to be, or the error that says what to do instead."""
    if judgement.verdict is Verdict.LATER:
        raise TryLater(judgement.cause, judgement.after_s)
    if judgement.verdict is Verdict.REFUSED:
        raise Refused(judgement.cause)
    if judgement.verdict is Verdict.NOT_ALLOWED:
        raise NotAllowed(judgement.cause)
    return Receipt(status)


def erased(judgement: Judgement) -> bool:
    """Whether something asked to be deleted is gone; what is only for later is raised."""
    try:
        receipt(judgement, 0)
    except Refused:
        return False
    return True


def media_type(kept: Kept) -> str:
    """What the body is; of something sealed, nothing."""
    return "application/octet-stream" if kept.sealed else "audio/wav"


def facts_of(kept: Kept, alias: Alias | None) -> Mapping[str, str]:
    """All that travels beside the sound, as headers."""
    headers = {
        "Idempotency-Key": kept.id,
        "X-Earlid-Wake-Word": quote(kept.facts.model, safe=" "),
        "X-Earlid-Duration-Ms": str(milliseconds(kept.facts.samples)),
        "X-Earlid-Lookback-Ms": str(milliseconds(max(0, -kept.facts.start))),
    }
    return headers if alias is None else {**headers, "X-Earlid-Device": alias()}


def form_of(kept: Kept, **fields: str) -> tuple[bytes, str]:
    """A multipart form: `fields`, then the recording as `file`, and the form's media type."""
    boundary = uuid.uuid4().hex
    name = "segment.wav.age" if kept.sealed else "segment.wav"
    head = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in fields.items()
    )
    head += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
    head += f"Content-Type: {media_type(kept)}\r\n\r\n"
    body = head.encode() + kept.wav + f"\r\n--{boundary}--\r\n".encode()
    return body, f"multipart/form-data; boundary={boundary}"
