"""What a browser asks and what it is answered, as plain values: whoever judges them needs no server."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs

from earlid.edge.schema import from_json
from earlid.errors import UsageError

COOKIE: Final = "earlid"
_COOKIE: Final = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. Names in `headers` are lower case; `here` is the address and port at which it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    here: tuple[str, int]
    peer: str

    @property
    def cookie(self) -> str:
        """The session's name in the browser, or nothing."""
        for pair in self.headers.get("cookie", "").split(";"):
            name, _, value = pair.strip().partition("=")
            if name == COOKIE and _COOKIE.fullmatch(value):
                return value
        return ""

    @property
    def is_for_programs(self) -> bool:
        """Whether a script of the page asks, and not somebody who looks at the answer."""
        return self.path.startswith(("/api/", "/sound/"))

    def form(self) -> dict[str, str]:
        """The fields of a form that was sent; UsageError if that is not what was sent."""
        try:
            fields = parse_qs(self.body.decode("utf-8"), strict_parsing=bool(self.body), max_num_fields=8)
        except ValueError:
            raise UsageError("this is no form: reload the page") from None
        return {name: values[0] for name, values in fields.items()}

    def told(self) -> dict[str, Any]:
        """The JSON object that was sent; UsageError if that is not what was sent."""
        try:
            return from_json(self.body, dict[str, Any])
        except (ValueError, RecursionError):
            raise UsageError("this is no object of json: reload the page") from None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the browser gets. `kind` is its media type."""

    body: bytes
    kind: str = "text/html; charset=utf-8"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def as_json(value: object, status: int = 200) -> Answer:
    """An answer for a script of the page."""
    return Answer(json.dumps(value, allow_nan=False).encode(), "application/json", status)


def elsewhere(path: str, headers: Mapping[str, str] | None = None) -> Answer:
    """Look at `path` instead."""
    return Answer(b"", "text/plain", 303, {"location": path, **(headers or {})})
