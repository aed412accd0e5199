"""`earlid forget`: what was kept is destroyed here, and whoever got it is asked to delete it."""

from __future__ import annotations

import re
import time
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from earlid.config import Config
from earlid.core.plain import several
from earlid.edge.disk import InUse, NotOurs
from earlid.edge.ledger import Ledger, entries, in_utc
from earlid.edge.shelf import Shelf
from earlid.edge.slips import Slips
from earlid.edge.spool import Spool
from earlid.edge.terminal import line
from earlid.errors import UsageError
from earlid.forgetting import Forgotten, Wish, carry_out

PATIENCE_S: Final = 10.0
"""How long to wait for a running uploader to do it."""
_LOOK_S: Final = 0.1
_AGO: Final = re.compile(r"([0-9]{1,6})([mhd])")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}
_ID: Final = re.compile(r"[0-9a-f]{6,32}")


def forget(config: Config, *, everything: bool, since: str | None, id_: str | None) -> int:
    """Do it here and now, or have the uploader that runs do it; UsageError where it is not clear what."""
    if [everything, since is not None, id_ is not None].count(True) != 1:
        raise UsageError("say what to forget: --all, --since TIME, or one ID from earlid ledger")
    wish = Wish(since=in_utc(moment(since)) if since else "", id=_whole_id(config, id_) if id_ else "")
    try:
        done = _do_it(config, wish)
    except (InUse, NotOurs):
        return _have_it_done(config, wish)
    line(f"{several(done.erased, 'segment')} destroyed on this machine")
    if done.asked:
        asked = several(done.asked, "deletion")
        line(f"{asked} to be asked for elsewhere, by earlid upload: see earlid ledger")
    return 0


def forget_everything(config: Config) -> bool:
    """All of it, without a word: whether it is done, or will be by the uploader that runs."""
    try:
        _do_it(config, Wish())
    except (InUse, NotOurs):
        Slips(config.paths.forget / "requests").put(Wish().facts())
        return False
    return True


def moment(since: str) -> datetime:
    """The time that `since` means: 30m, 12h or 7d ago, or a date or time of this machine's zone."""
    ago = _AGO.fullmatch(since)
    try:
        if ago:
            return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        return datetime.fromisoformat(since).astimezone()
    except (ValueError, OverflowError):
        said = f"{since!r} is no time: write 30m, 12h, 7d, 2026-01-31 or 2026-01-31T18:00"
        raise UsageError(said) from None


def _do_it(config: Config, wish: Wish) -> Forgotten:
    """Everything in this process; InUse where the uploader runs."""
    deletions = Slips(config.paths.forget / "deletions")
    both = {config.spool_folder, config.paths.state / "spool", config.paths.runtime / "spool"}
    erased = asked = 0
    with ExitStack() as held:
        spools = [held.enter_context(closing(Spool(each))) for each in sorted(both) if _is_dir(each)]
        for spool in spools:
            spool.claim_outbox()
        ledger = held.enter_context(closing(Ledger(config.paths.ledger)))
        ledger.open()
        asked = carry_out(wish, None, ledger, deletions).asked
        for spool in spools:
            erased += carry_out(wish, Shelf(spool), ledger, None).erased
    return Forgotten(erased, asked)


def _is_dir(folder: Path) -> bool:
    try:
        return folder.is_dir()
    except OSError as error:
        raise NotOurs(f"{folder} is not this user's to look into: see earlid ledger") from error


def _have_it_done(config: Config, wish: Wish) -> int:
    """Leave a note for the uploader, and wait a little until it has done what the note says."""
    requests = Slips(config.paths.forget / "requests")
    name = requests.put(wish.facts())
    until = time.monotonic() + PATIENCE_S
    while name in requests.names():
        if time.monotonic() > until:
            line("earlid upload is sending; it will forget as soon as it is done: see earlid ledger")
            return 0
        time.sleep(_LOOK_S)
    line("done by earlid upload: see earlid ledger")
    return 0


def _whole_id(config: Config, beginning: str) -> str:
    """The one id that begins so, on this machine or in the ledger."""
    beginning = beginning.lower()
    if not _ID.fullmatch(beginning):
        raise UsageError("an id is 6 to 32 hex digits: see earlid ledger")
    found = {entry.id for entry in entries(config.paths.ledger) if entry.id.startswith(beginning)}
    for room in ("outbox", "quarantine"):
        found |= set(_ids_in(config.spool_folder / room, beginning))
    if len(found) != 1:
        what = "no segment has" if not found else f"{len(found)} segments have"
        raise UsageError(f"{what} an id that begins with {beginning}: see earlid ledger")
    return found.pop()


def _ids_in(room: Path, beginning: str) -> list[str]:
    try:
        ids = [each.name.partition("-")[2] for each in room.iterdir()]
    except OSError:  # there is none, or this user may not look: the ledger knows what has left
        return []
    return [id_ for id_ in ids if id_.startswith(beginning)]
