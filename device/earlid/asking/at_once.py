"""What is kept here is destroyed by whoever owns it, at once: nobody who sends, and no ledger, is waited for.

A note in the spool stands for each segment, and the uploader writes it down when it can.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Final

from earlid.asking.at_hand import spools_here
from earlid.asking.dating import Dating
from earlid.asking.forgetting import Wish
from earlid.config import Config
from earlid.edge.disk import NotThere
from earlid.edge.spool.kept import FACTS, SEALED_SOUND, SOUND
from earlid.edge.spool.shelf import Held, Shelf
from earlid.edge.spool.slips import Slips
from earlid.edge.spool.spool import Spool
from earlid.edge.spool.trash import take_back
from earlid.errors import ConfigError, DiskTrouble

_OURS: Final = {SOUND, SEALED_SOUND, FACTS}

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Destroyed:
    """How many segments are overwritten and gone, and how many are still here."""

    gone: int
    left: int


def destroy_at_once(config: Config, wish: Wish) -> Destroyed:
    """Overwrite what `wish` means in every spool that this user owns, whoever has claimed it.

    A segment that is being sent just now is destroyed as well: the uploader finds it gone, and a `wish` left
    for it asks for that one, too. What the disk will not do is told, and does not keep the rest from it.
    """
    notes = Slips(config.spool_folder / "notes")
    gone = left = 0
    for folder in spools_here(config):
        shelf, dating = Shelf(Spool(folder)), Dating()
        for held in map(shelf.look, [*shelf.waiting(), *shelf.aside()]):
            if wish.covers_held(held, shelf, dating):
                try:
                    gone += _destroy(held, shelf, notes)
                except (DiskTrouble, ConfigError) as trouble:
                    left += 1
                    _log.warning("not_erased=%s trouble=%r", held.name, str(trouble))
    return Destroyed(gone, left)


def _destroy(held: Held, shelf: Shelf, notes: Slips) -> bool:
    """Destroy a segment where nobody else empties; False where another took it away first."""
    spool = shelf.spool
    is_noted = _note(held, shelf, notes)
    if not take_back(spool.disk, held.folder, spool.draft):
        if is_noted:
            notes.remove(held.id)
        if shelf.is_there(held):
            raise DiskTrouble(f"cannot move {held.folder}: it is still there, remove it as its owner")
        return False
    _insist_that_it_is_gone(held, spool)
    return True


def _insist_that_it_is_gone(held: Held, spool: Spool) -> None:
    """What the uploader left beside the sound goes with it: why it was refused, and who has it."""
    folder = spool.draft / held.name
    try:
        names = {entry.name for entry in spool.disk.list(folder)}
    except NotThere:
        return
    if names & _OURS:
        raise DiskTrouble(f"cannot overwrite {folder}: remove it as its owner")
    for name in names:
        spool.disk.remove(folder / name)
    spool.disk.remove(folder)


def _note(held: Held, shelf: Shelf, notes: Slips) -> bool:
    """Leave for the ledger what is about to go; a disk that has no room for that saves no sound."""
    facts = shelf.facts(held)
    told = facts.told().decode() if facts else ""
    try:
        notes.put({"erased": "forget", "facts": told}, held.id)
    except (DiskTrouble, ConfigError) as trouble:
        _log.warning("not_noted=%s trouble=%r", held.id, str(trouble))
        return False
    return True
