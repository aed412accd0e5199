"""`earlid forget --give-up NAME`: deletions that nobody is left to be asked for are waited for no more."""

from __future__ import annotations

from earlid.asking import wishes
from earlid.asking.at_hand import NOT_FREE, at_hand
from earlid.asking.leftovers import hosts
from earlid.asking.requesting import have_it_done
from earlid.asking.slip_names import is_for, sink_in
from earlid.asking.wishes import GiveUp
from earlid.config import Config
from earlid.core.plain import several
from earlid.edge.spool.slips import Slips
from earlid.edge.terminal import line
from earlid.errors import UsageError


def give_up(config: Config, sink: str) -> int:
    """Wait for no deletion at `sink` any more; UsageError where none waits, or where it may still be done."""
    deletions = Slips(config.paths.forget / "deletions")
    names = [name for name in deletions.names() if sink_in(name) == sink]
    if not names:
        raise UsageError(f"no deletion waits for {sink}: see earlid status")
    host = hosts(config).get(sink, "")
    if host and all(is_for(name, sink, host) for name in names):
        raise UsageError(f"{sink} is configured: earlid upload still asks it")
    wish = GiveUp(sink, but_at=host)
    try:
        with at_hand(config) as (ledger, _):
            count = wishes.give_up(wish, ledger, deletions)
    except NOT_FREE:
        return have_it_done(config, wish.facts(), "it gives them up after that")
    line(f"{several(count, 'deletion')} given up: {sink} may still have what was sent there")
    return 0
