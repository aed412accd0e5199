"""Segments leave to be written down: a server with OpenAI's interface hears them, and its text goes on."""

from __future__ import annotations

from contextlib import AbstractContextManager

from earlid.core.delivery import judge
from earlid.edge.schema import from_json
from earlid.edge.sinks.credentials import authorization
from earlid.edge.sinks.http_sink import form_of, receipt
from earlid.edge.sinks.sink import Reach, Receipt, insist_on_plain, insist_on_size
from earlid.edge.sinks.web import Web
from earlid.edge.sinks.whereabouts import whereabouts
from earlid.edge.sinks.words import Taker, hand_over
from earlid.edge.spool.kept import Kept
from earlid.errors import TryLater


class TranscribeSink:
    """Asks `url` for the words of each segment and hands them over. Only then is there a receipt."""

    needs_plain = True

    def __init__(
        self,
        url: str,
        taker: Taker,
        reach: Reach,
        *,
        model: str = "whisper-1",
        language: str = "",
    ) -> None:
        """Raise ConfigError now for whatever could never work later."""
        self._web = Web(reach)
        self._web.insist_on_address(url)
        self.name, self._setting, self._url = reach.name, reach.setting, url
        self.host = whereabouts(url)
        self._authorization = authorization("", reach.token)
        self._fields = {"model": model, "response_format": "json"} | (
            {"language": language} if language else {}
        )
        self._limit_bytes, self._taker = reach.limit_bytes, taker

    def burst(self) -> AbstractContextManager[None]:
        """One connection may serve several deliveries."""
        return self._web.burst()

    def send(self, kept: Kept) -> Receipt:
        """Return once the words are in other hands, or raise TryLater, Refused or NotAllowed."""
        insist_on_plain(kept)
        insist_on_size(kept, self._limit_bytes)
        body, kind = form_of(kept, **self._fields)
        headers = {"Content-Type": kind, **self._authorization}
        reply = self._web.exchange("POST", self._url, headers, body)
        taken = receipt(judge(reply.answer, self._setting, names_the_place=True), reply.answer.status)
        hand_over(text_in(reply.beginning), self._taker, kept)
        return taken

    def forget(self, id_: str) -> None:
        """None: such a server has no way to be asked."""


def text_in(body: bytes) -> str:
    """The words in an answer, or TryLater where there are none to be found."""
    try:
        answer = from_json(body, dict[str, object])
    except (ValueError, RecursionError):
        answer = {}
    text = answer.get("text")
    if not isinstance(text, str):
        raise TryLater("the answer has no text in it: see whether a speech server answers there")
    return text
