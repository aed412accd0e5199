"""Segments leave as files on a server: PUT to an address with the id in it, as WebDAV and S3 take them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Final, Protocol

from earlid.core.delivery import Answer, gone, judge
from earlid.edge.sinks.credentials import authorization
from earlid.edge.sinks.http_sink import Alias, erased, facts_of, media_type, receipt
from earlid.edge.sinks.places import ID, TOKEN, fault_in_template
from earlid.edge.sinks.sink import Reach, Receipt, insist_on_size
from earlid.edge.sinks.web import Reply, Web
from earlid.edge.sinks.whereabouts import whereabouts
from earlid.edge.spool.kept import Kept
from earlid.errors import ConfigError, NotAllowed

_EXAMPLE_ID: Final = "0" * 32
_OK: Final = 200
_BAD_REQUEST: Final = 400
"""What a store says to a signature for another region; a body that it does not want gets another answer."""


class Signer(Protocol):
    """Adds what proves who sends."""

    def __call__(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> dict[str, str]:
        """All headers to send, the proof among them."""


class PutSink:
    """Puts each segment at an address of its own. Putting it there twice leaves one file."""

    needs_plain = False

    def __init__(
        self,
        url: str,
        reach: Reach,
        *,
        user: str = "",
        alias: Alias | None = None,
        sign: Signer | None = None,
    ) -> None:
        """Raise ConfigError now for whatever could never work later."""
        self._web, token = Web(reach), reach.token
        if (fault := fault_in_template(url)) is not None:
            raise ConfigError(f"{reach.setting}.url: {fault}")
        self.host = whereabouts(url)  # before the token is in it, which nobody shall read
        if TOKEN in url:
            if token is None:
                raise ConfigError(
                    f"{reach.setting}.token_file: name the file with what takes the place of {TOKEN}"
                )
            url, token = url.replace(TOKEN, token), None
        self._web.insist_on_address(url.replace(ID, _EXAMPLE_ID))
        self.name, self._setting, self._url = reach.name, reach.setting, url
        self._authorization = {} if sign else authorization(user, token)
        self._limit_bytes, self._alias, self._sign = reach.limit_bytes, alias, sign

    def burst(self) -> AbstractContextManager[None]:
        """One connection may serve several deliveries."""
        return self._web.burst()

    def send(self, kept: Kept) -> Receipt:
        """Return with a receipt, or raise TryLater, Refused or NotAllowed."""
        insist_on_size(kept, self._limit_bytes)
        facts = facts_of(kept, self._alias)
        if self._sign is not None:  # a store keeps these, and no others, beside the file
            facts = {f"x-amz-meta-{key.lower()}": value for key, value in facts.items()}
        headers = {"Content-Type": media_type(kept), **facts, **self._authorization}
        answer = self._believed(self._ask("PUT", kept.id, headers, kept.wav))
        if self._sign is not None and answer.status == _BAD_REQUEST:
            known = f"{self._setting}.region and {self._setting}.access_key"
            raise NotAllowed(f"the store does not accept how it was asked ({answer.status}): check {known}")
        return receipt(judge(answer, self._setting, names_the_place=True), answer.status)

    def forget(self, id_: str) -> bool:
        """DELETE the file: True once the server says that it is not there."""
        return erased(gone(self._ask("DELETE", id_, self._authorization, b"").answer, self._setting))

    def _ask(self, method: str, id_: str, headers: Mapping[str, str], body: bytes) -> Reply:
        url = self._url.replace(ID, id_)
        proven = self._sign(method, url, headers, body) if self._sign else headers
        return self._web.exchange(method, url, proven, body)

    def _believed(self, reply: Reply) -> Answer:
        """Whether a success is one. File servers say 201 with a page; a store says 200 with an ETag."""
        if self._sign is not None:
            return replace(reply.answer, is_web_page=not reply.etag)
        return replace(reply.answer, is_web_page=reply.answer.is_web_page and reply.answer.status == _OK)
