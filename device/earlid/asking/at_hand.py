"""The ledger and the spools, where no uploader has them, and the segments in them by their ids."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from earlid.config import Config
from earlid.edge.disk import InUse, NotOurs, is_shared
from earlid.edge.ledger import Ledger, entries
from earlid.edge.spool.shelf import Shelf
from earlid.edge.spool.spool import Spool
from earlid.edge.spool.trash import drop
from earlid.errors import ConfigError, DiskTrouble, UsageError

NOT_FREE: Final = (InUse, NotOurs)
"""What `at_hand` raises where the uploader has to do it."""
_ID: Final = re.compile(r"[0-9a-f]{6,32}")

_log = logging.getLogger(__name__)


@contextmanager
def at_hand(config: Config) -> Iterator[tuple[Ledger, tuple[Spool, ...]]]:
    """The ledger and every spool there is, claimed; `NOT_FREE` where another process has them."""
    with ExitStack() as held:
        spools = tuple(held.enter_context(closing(Spool(each))) for each in _spools(config) if _is_dir(each))
        for spool in spools:
            spool.claim_outbox()
        ledger = held.enter_context(closing(Ledger(config.paths.ledger)))
        ledger.open()
        yield ledger, spools


@contextmanager
def others_at_hand(config: Config) -> Iterator[tuple[Shelf, ...]]:
    """Every spool there is beside the one in use, claimed, for the uploader that runs.

    DiskTrouble where somebody has one just now. One that this process may not use is told and passed by.
    """
    with ExitStack() as held:
        shelves = []
        for folder in _spools(config):
            if folder != config.spool_folder:
                try:
                    if _is_dir(folder):
                        spool = held.enter_context(closing(Spool(folder)))
                        spool.claim_outbox()
                        shelves.append(Shelf(spool))
                except InUse as error:
                    raise DiskTrouble(str(error)) from error
                except ConfigError as error:
                    _log.warning("spool=%s passed_by=%r", folder, str(error))
        yield tuple(shelves)
        for shelf in shelves:
            _drop_what_nobody_overwrites(shelf.spool)


def whole_id(config: Config, beginning: str, *, only_aside: bool = False) -> str:
    """The one id that begins so, on this machine or in the ledger; or among what was set aside."""
    beginning = beginning.lower()
    if not _ID.fullmatch(beginning):
        raise UsageError("an id is 6 to 32 hex digits: see earlid ledger")
    found = set(_ids_in(config.spool_folder / "quarantine", beginning))
    if not only_aside:
        found |= set(_ids_in(config.spool_folder / "outbox", beginning))
        found |= {entry.id for entry in entries(config.paths.ledger) if entry.id.startswith(beginning)}
    if len(found) != 1:
        what = "no segment has" if not found else f"{len(found)} segments have"
        where = ", or is not set aside" if only_aside and not found else ""
        raise UsageError(f"{what} an id that begins with {beginning}{where}: see earlid ledger")
    return found.pop()


def spools_here(config: Config) -> list[Path]:
    """The folder of every spool there is that this user may look into."""
    found = []
    for each in _spools(config):
        with suppress(NotOurs):
            found += (
                [each] if _is_dir(each) and os.access(each / "outbox", os.R_OK | os.W_OK | os.X_OK) else []
            )
    return found


def _spools(config: Config) -> list[Path]:
    return sorted({config.spool_folder, config.paths.state / "spool", config.paths.runtime / "spool"})


def _drop_what_nobody_overwrites(spool: Spool) -> None:
    """Where two users share a spool its listener overwrites, and no listener looks into one out of use."""
    if is_shared(spool.trash):
        for entry in spool.disk.list(spool.trash):
            drop(spool.disk, spool.trash / entry.name)


def _is_dir(folder: Path) -> bool:
    try:
        return folder.is_dir()
    except OSError as error:
        raise NotOurs(f"{folder} is not this user's to look into: see earlid ledger") from error


def _ids_in(room: Path, beginning: str) -> list[str]:
    try:
        ids = [each.name.partition("-")[2] for each in room.iterdir()]
    except OSError:  # there is none, or this user may not look: the ledger knows what has left
        return []
    return [id_ for id_ in ids if id_.startswith(beginning)]
