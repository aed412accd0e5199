"""Says what happens, one line each: JSON on stdout for programs, key=value in the log for people."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping
from typing import Any

_LOG = logging.getLogger("earlid")


class Teller:
    """Called with one fact at a time, a mapping whose `event` names it. Never given sound or secrets."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json

    def __call__(self, fact: Mapping[str, Any]) -> None:
        if self._as_json:
            sys.stdout.write(json.dumps(fact, separators=(",", ":")) + "\n")
            sys.stdout.flush()
        elif fact["event"] != "hop":
            rest = " ".join(
                f"{key}={_plain(value)}" for key, value in fact.items() if key != "event" and value != ""
            )
            _LOG.info("%s %s", fact["event"], rest)


def _plain(value: object) -> str:
    if isinstance(value, Mapping):
        return ",".join(f"{key}:{_plain(each)}" for key, each in value.items())
    if isinstance(value, list | tuple):
        return ",".join(map(_plain, value))
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return json.dumps(text) if " " in text or '"' in text else text
