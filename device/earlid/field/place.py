"""Where field recordings lie, who can open them, and how they are left in order."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from earlid.core.field import Ended
from earlid.edge.field.clips import FieldClips, forget_sound, mend, trim
from earlid.edge.field.order import Order, OrderFile
from earlid.edge.field.store import FieldStore
from earlid.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from earlid.config import Config

KEY_NAME: Final = "field.key"
_DAY_S: Final = 86_400.0


def key_path(config: Config) -> Path:
    """The file with the key that opens clips: where the configuration says, else beside it."""
    if config.field.key_file:
        return config.field.key_file
    if config.file:
        return config.file.parent.absolute() / KEY_NAME
    if os.geteuid() == 0:
        return Path("/etc/earlid") / KEY_NAME
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "earlid" / KEY_NAME


@contextmanager
def opened(config: Config) -> Iterator[FieldStore]:
    """The numbers of all field recordings; UsageError where there were none yet."""
    if not FieldStore.is_in(config.paths.field):
        raise UsageError("nothing was recorded yet: begin with earlid field start")
    store = FieldStore(config.paths.field)
    try:
        yield store
    finally:
        store.close()


def wanted_now(config: Config) -> Order | None:
    """The recording that is wanted now; one whose time is up is wanted no more."""
    order = OrderFile(config.paths.field).read()
    return order if order and time.time() < order.ends_s else None


def tidy(config: Config, store: FieldStore) -> bool:
    """Leave everything in order, unless a listener is at it: that one sees to it itself. Whether it was done.

    Sound past its time goes, files and rows agree, and a session is over that nobody records any more.
    """
    clips = FieldClips(config.paths.field)
    claim = clips.claim()
    if claim is None:
        return False
    try:
        mend(store, clips)
        before_s = time.time() - config.field.clip_days * _DAY_S
        trim(store, clips, max_bytes=config.field.max_bytes, before_s=before_s)
        session, order = store.open_session(), wanted_now(config)
        if session and (order is None or order.session != session.id):
            is_late = time.time() >= session.ends_s
            store.end(session.id, min(time.time(), session.ends_s), Ended.TIME if is_late else Ended.STOPPED)
        if order is None:
            OrderFile(config.paths.field).withdraw()
    finally:
        claim.release()
    return True


def forget_what_was_heard(config: Config, since_s: float = float("-inf")) -> int:
    """Destroy the sound of field recordings, of `since_s` and later; how many clips that were."""
    folder = config.paths.field
    if folder.exists() and not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise ConfigError(
            f"field recordings stay: {folder} is not open to you, forget as root or as its owner"
        )
    if not FieldStore.is_in(folder):
        return 0
    with opened(config) as store:
        return forget_sound(store, FieldClips(config.paths.field), since_s)
