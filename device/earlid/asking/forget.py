"""`earlid forget`: what was kept is destroyed here, and whoever got it is asked to delete it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from earlid.asking.at_hand import NOT_FREE, whole_id
from earlid.asking.at_once import destroy_at_once
from earlid.asking.erasing import forget_now
from earlid.asking.forgetting import Forgotten, Wish
from earlid.asking.requesting import have_it_done
from earlid.config import Config
from earlid.core.plain import several
from earlid.edge.ledger import in_utc, seconds_of
from earlid.edge.terminal import line
from earlid.errors import UsageError
from earlid.field.place import forget_what_was_heard

_AGO: Final = re.compile(r"([0-9]{1,6})([mhd])")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}


def forget(config: Config, *, everything: bool, since: str | None, id_: str | None) -> int:
    """Do it here and now, or have the uploader that runs do it; UsageError where it is not clear what."""
    if [everything, since is not None, id_ is not None].count(True) != 1:
        raise UsageError("say what to forget: --all, --since TIME, or one ID from earlid ledger")
    wish = Wish(since=in_utc(moment(since)) if since else "", id=whole_id(config, id_) if id_ else "")
    try:
        _tell(forget_now(config, wish))
    except NOT_FREE:
        have_it_done(
            config, wish.facts(), "it will forget as soon as it is done", partial(_destroy_here, config, wish)
        )
    if not wish.id:
        clips = forget_what_was_heard(config, seconds_of(wish.since) if wish.since else float("-inf"))
        if clips:
            line(f"the sound of {several(clips, 'field recording')} destroyed")
    return 0


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


def _destroy_here(config: Config, wish: Wish) -> None:
    """What this user owns need not wait for the uploader."""
    done = destroy_at_once(config, wish)
    if done.gone:
        line(f"{several(done.gone, 'segment')} destroyed on this machine")


def _tell(done: Forgotten) -> None:
    line(f"{several(done.erased, 'segment')} destroyed on this machine")
    if done.asked:
        asked = several(done.asked, "deletion")
        line(f"{asked} to be asked for elsewhere, by earlid upload: see earlid ledger")
