"""Forgetting where nobody reads along: what `earlid forget` does, and the button that is held."""

from __future__ import annotations

from earlid.asking.at_hand import NOT_FREE, at_hand
from earlid.asking.forgetting import Forgotten, Wish, carry_out
from earlid.config import Config
from earlid.edge.spool.shelf import Shelf
from earlid.edge.spool.slips import Slips


def forget_now(config: Config, wish: Wish) -> Forgotten:
    """Everything in this process; `NOT_FREE` where the uploader runs."""
    deletions = Slips(config.paths.forget / "deletions")
    with at_hand(config) as (ledger, spools):
        return carry_out(wish, map(Shelf, spools), ledger, deletions)


def forget_everything(config: Config) -> bool:
    """All of it: whether it is done, or will be by the uploader that runs."""
    try:
        forget_now(config, Wish())
    except NOT_FREE:
        Slips(config.paths.forget / "requests").put(Wish().facts())
        return False
    return True
