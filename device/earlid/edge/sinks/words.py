"""Where the words go that were made out of a segment: handed over once, and kept nowhere else."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from typing import Final, Protocol

from earlid.core.delivery import judge
from earlid.edge.schema import to_json
from earlid.edge.sinks.http_sink import Alias, receipt
from earlid.edge.sinks.sink import milliseconds
from earlid.edge.sinks.web import Web
from earlid.edge.spool.kept import Kept
from earlid.errors import NotAllowed, Refused, TryLater

TEXT_LIMIT_LETTERS: Final = 10_000
"""Nobody says more than this after a wake word."""
_LATER: Final = 75
"""What a command leaves with when it is to be asked again; EX_TEMPFAIL of sysexits.h."""


class Taker(Protocol):
    """Somebody who is told what was said."""

    def take(self, text: str, kept: Kept) -> None:
        """Return once `text` is in other hands, or raise TryLater, Refused or NotAllowed."""


class CommandTaker:
    """Runs a program for each text, which it reads from stdin; nothing of it is in the list of processes."""

    def __init__(self, command: Sequence[str], timeout_s: float) -> None:
        self._command, self._timeout_s = list(command), timeout_s

    def take(self, text: str, kept: Kept) -> None:
        """Leaving with 0 is a receipt and 75 asks for another time; anything else refuses this text."""
        known = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
        known |= {"EARLID_ID": kept.id, "EARLID_WAKE_WORD": kept.facts.model}
        try:
            child = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                env=known,
                start_new_session=True,
            )
        except OSError as error:
            raise NotAllowed(
                f"the command cannot be started: {(error.strerror or 'unknown').lower()}"
            ) from error
        with child:
            try:
                child.communicate(text.encode() + b"\n", self._timeout_s)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                raise TryLater(f"the command did not end within {self._timeout_s:g} s") from None
        if child.returncode == _LATER:
            raise TryLater("the command asks for another time (75)")
        if child.returncode:
            raise Refused(f"the command refuses it ({child.returncode})")


class WebhookTaker:
    """Posts each text as JSON to one address."""

    def __init__(
        self, url: str, web: Web, setting: str, headers: dict[str, str], alias: Alias | None = None
    ) -> None:
        web.insist_on_address(url, "then_webhook")
        self._url, self._web, self._setting = url, web, setting
        self._headers, self._alias = headers, alias

    def take(self, text: str, kept: Kept) -> None:
        """An answer means what it means for a segment."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": kept.id, **self._headers}
        answer = self._web.exchange("POST", self._url, headers, told(text, kept, self._alias)).answer
        receipt(judge(answer, self._setting), answer.status)


def told(text: str, kept: Kept, alias: Alias | None) -> bytes:
    """What a program is told: the text, and what would have travelled with the sound."""
    facts = {
        "id": kept.id,
        "wake_word": kept.facts.model,
        "duration_ms": milliseconds(kept.facts.samples),
        "text": text,
    }
    return to_json(facts if alias is None else {**facts, "device": alias()})


def cleaned(text: str) -> str:
    """One line of `text`, no longer than anybody could have said it, and a `?` for each half of a letter."""
    whole = text[:TEXT_LIMIT_LETTERS].encode(errors="replace").decode()
    return " ".join(whole.split())


def hand_over(text: str, taker: Taker, kept: Kept) -> None:
    """Give `text` to `taker`; where nothing was made out, there is nothing to give."""
    line = cleaned(text)
    if line:
        taker.take(line, kept)
