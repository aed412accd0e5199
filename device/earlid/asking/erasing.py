"""Forgetting where nobody reads along: what `earlid forget` does, and the button that is held."""

from __future__ import annotations

from dataclasses import dataclass

from earlid.asking.at_hand import at_hand
from earlid.asking.at_once import destroy_at_once
from earlid.asking.forgetting import Forgotten, Wish, carry_out
from earlid.config import Config
from earlid.core.plain import several
from earlid.edge.spool.shelf import Shelf
from earlid.edge.spool.slips import Slips
from earlid.errors import ConfigError, DiskTrouble


def forget_now(config: Config, wish: Wish) -> Forgotten:
    """Everything in this process; `NOT_FREE` where the uploader runs."""
    deletions = Slips(config.paths.forget / "deletions")
    with at_hand(config) as (ledger, spools):
        return carry_out(wish, map(Shelf, spools), ledger, deletions)


@dataclass(frozen=True, slots=True)
class Erased:
    """How many segments kept here are overwritten and gone. `is_all`: nothing is left for the uploader."""

    segments: int
    is_all: bool


def forget_everything(config: Config) -> Erased:
    """All of it. Once this returns, nothing that was kept here is left.

    Where the ledger is not this process's, or cannot be written, what is here is destroyed all the same; the
    uploader writes that down, and has deleted what left, as soon as it runs. DiskTrouble where something is
    still here, or where the uploader could not be told.
    """
    try:
        return Erased(forget_now(config, Wish()).erased, is_all=True)
    except (ConfigError, DiskTrouble):
        return _without_the_ledger(config)


def _without_the_ledger(config: Config) -> Erased:
    untold = None
    try:
        Slips(config.paths.forget / "requests").put(Wish().facts())  # first: what follows may be cut short
    except (ConfigError, DiskTrouble) as trouble:
        untold = trouble
    done = destroy_at_once(config, Wish())
    if done.left:
        raise DiskTrouble(
            f"{several(done.left, 'segment')} still here, {done.gone} gone: see the lines above"
        )
    if untold:
        gone = several(done.gone, "segment")
        raise DiskTrouble(f"{gone} gone, but nobody is asked to delete what left: {untold}")
    return Erased(done.gone, is_all=False)
