"""What a person asks by a command while the uploader runs, which then does it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final

from earlid.config import Config
from earlid.edge.spool.slips import Slips
from earlid.edge.status_file import StatusFile
from earlid.edge.terminal import line
from earlid.errors import ConfigError

PATIENCE_S: Final = 10.0
"""How long to wait for a running uploader to do it."""
_LOOK_S: Final = 0.1


def have_it_done(
    config: Config, facts: Mapping[str, str], promise: str, meanwhile: Callable[[], object] = lambda: None
) -> int:
    """Leave a note for the uploader, and wait a little until it has done what the note says.

    `meanwhile` is done once the note is safe.
    """
    requests = Slips(config.paths.forget / "requests")
    name = requests.put(facts)
    meanwhile()
    until = time.monotonic() + PATIENCE_S
    while name in requests.names():
        if time.monotonic() > until:
            line(_why_not_yet(config, promise))
            return 0
        time.sleep(_LOOK_S)
    line("done by earlid upload: see earlid ledger")
    return 0


def _why_not_yet(config: Config, promise: str) -> str:
    try:
        is_there = StatusFile(config.paths.upload_status).read() is not None
    except ConfigError:
        is_there = True  # it is another user's: nobody can tell
    if is_there:
        return f"earlid upload is sending; {promise}: see earlid ledger"
    return "not done yet: it waits for earlid upload, which does not run: see earlid status"
