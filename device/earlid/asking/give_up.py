"""`earlid forget --give-up NAME`: deletions that nobody is left to be asked for are waited for no more."""

from __future__ import annotations

from earlid.asking import wishes
from earlid.asking.at_hand import NOT_FREE, at_hand
from earlid.asking.requesting import have_it_done
from earlid.asking.wishes import GiveUp
from earlid.config import Config
from earlid.core.plain import several
from earlid.edge.spool.slips import Slips
from earlid.edge.terminal import line
from earlid.errors import UsageError
from earlid.uploading.destinations import described


def give_up(config: Config, sink: str) -> int:
    """Wait for no deletion at `sink` any more; UsageError where none waits, or where it may still be done."""
    deletions = Slips(config.paths.forget / "deletions")
    if not any(name[32:] == f"-{sink}" for name in deletions.names()):
        raise UsageError(f"no deletion waits for {sink}: see earlid status")
    if any(each.called == sink for each in described(config)):
        raise UsageError(f"{sink} is configured: earlid upload still asks it")
    wish = GiveUp(sink)
    try:
        with at_hand(config) as (ledger, _):
            count = wishes.give_up(wish, ledger, deletions)
    except NOT_FREE:
        return have_it_done(config, wish.facts(), "it gives them up after that")
    line(f"{several(count, 'deletion')} given up: {sink} may still have what was sent there")
    return 0
