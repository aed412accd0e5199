"""What a person asks by a command while the uploader runs, which then does it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Final

from earlid.config import Config
from earlid.edge.spool.slips import Slips
from earlid.edge.terminal import line

PATIENCE_S: Final = 10.0
"""How long to wait for a running uploader to do it."""
_LOOK_S: Final = 0.1


def have_it_done(config: Config, facts: Mapping[str, str], promise: str) -> int:
    """Leave a note for the uploader, and wait a little until it has done what the note says."""
    requests = Slips(config.paths.forget / "requests")
    name = requests.put(facts)
    until = time.monotonic() + PATIENCE_S
    while name in requests.names():
        if time.monotonic() > until:
            line(f"earlid upload is sending; {promise}: see earlid ledger")
            return 0
        time.sleep(_LOOK_S)
    line("done by earlid upload: see earlid ledger")
    return 0
