"""`earlid retry`: what a destination refused, and is kept set aside, is sent again."""

from __future__ import annotations

from collections.abc import Sequence

from earlid.asking.at_hand import NOT_FREE, at_hand, whole_id
from earlid.asking.requesting import have_it_done
from earlid.asking.wishes import Again, send_again
from earlid.config import Config
from earlid.core.plain import several
from earlid.edge.spool.shelf import Shelf
from earlid.edge.terminal import line
from earlid.errors import UsageError


def retry(config: Config, ids: Sequence[str], *, everything: bool) -> int:
    """Put it back into the outbox, or have the uploader that runs do it; UsageError where it is not clear."""
    if everything == bool(ids):
        raise UsageError("say what to send again: --all, or ids from earlid ledger")
    wishes = [Again(whole_id(config, each, only_aside=True)) for each in ids] or [Again()]
    try:
        with at_hand(config) as (ledger, spools):
            count = sum(send_again(wish, map(Shelf, spools), ledger) for wish in wishes)
    except NOT_FREE:
        return max(have_it_done(config, wish.facts(), "it sends them again after that") for wish in wishes)
    line(
        f"{several(count, 'segment')} put back, for earlid upload to send"
        if count
        else "nothing is set aside"
    )
    return 0
