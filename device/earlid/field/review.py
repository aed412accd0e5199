"""`earlid field review`: the page on which the owner hears and judges what was recorded."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from earlid.edge.age import unsealed
from earlid.edge.field.clips import FieldClips, erase, erase_everything
from earlid.edge.field.key import secret_key
from earlid.edge.field.store import FieldStore
from earlid.edge.keys import Keys
from earlid.edge.page.app import app_of
from earlid.edge.page.doings import Doings
from earlid.edge.page.pairing import CODE_S, Pairing, Tried, in_groups
from earlid.edge.page.server import address_here, bind, serving
from earlid.edge.page.sheets import Sheets
from earlid.edge.page.views import Views
from earlid.edge.terminal import line
from earlid.errors import ConfigError
from earlid.field.place import key_path, opened, tidy

if TYPE_CHECKING:
    from earlid.config import Config

LOOPBACK: Final = "127.0.0.1"
EVERYWHERE: Final = "0.0.0.0"  # noqa: S104 - only with --lan, and then for whoever has the code
PORT: Final = 8765
_NICE: Final = 10
"""The listener comes first: whatever the page is asked, it asks the processor later."""
_LOOK_S: Final = 0.5
"""How late a Ctrl-C may be seen that reached another thread than the one that waits for it."""
_LOG: Final = logging.getLogger("earlid.review")


def review(config: Config, *, lan: bool, port: int) -> int:
    """Serve the page until Ctrl-C: to this machine, or with `lan` to its network, and tell how to get in."""
    folder = config.paths.field
    with opened(config) as store:
        tidy(config, store)
    os.nice(_NICE)
    secret, amiss = _key(config)
    _become_owner_of(folder)
    with closing(FieldStore(folder)) as store, closing(bind(EVERYWHERE if lan else LOOPBACK, port)) as at:
        clips = FieldClips(folder)
        host = address_here() if lan else LOOPBACK
        door = _Door(f"http://{host or 'ADDRESS'}:{at.getsockname()[1]}", lan=lan)
        with closing(Doings(store, lambda id_: erase(store, clips, id_))) as doings:
            views = Views(
                store,
                doings,
                door.pairing,
                Sheets(),
                lambda clip: _opened(clips.read(clip), secret, amiss),
                lambda: erase_everything(store, clips),
                door.tried,
                config.wake.patience,
            )
            with _stopping() as stopped, serving(app_of(views.all(), door.pairing), at):
                door.open(amiss)
                with Keys(sys.stdin.fileno(), door.pressed):
                    while not stopped.wait(_LOOK_S):
                        pass
    line("the page is closed; whoever was paired is not any more")
    return 0


class _Door:
    """What the terminal says and is told about who may look."""

    def __init__(self, url: str, *, lan: bool) -> None:
        self.pairing: Final = Pairing(time.monotonic)
        self._url = url
        self._lan = lan
        self._told_closed = False

    def open(self, amiss: str) -> None:
        """Say where the page is, the first code, and why nothing can be heard if something is `amiss`."""
        if amiss:
            line(f"numbers only, nothing can be heard: {amiss}", "yellow")
        if self._lan:
            line("everybody on your network can reach this page, and nobody gets in without the code")
            line("what you hear and see crosses the network unencrypted: ssh -L is safer on a shared one")
        self._tell_code()
        line("n: a new code, for another browser · Ctrl-C: close the page")

    def pressed(self, key: str) -> None:
        """Somebody pressed a key in the terminal."""
        if key in "nN":
            self._tell_code()

    def tried(self, how: Tried, peer: str) -> None:
        """Somebody tried a code."""
        if how is Tried.PAIRED:
            line(f"paired: a browser at {peer}", "green")
        elif how is Tried.CLOSED:
            if self._told_closed:
                return  # once for each code: who goes on trying fills no terminal
            self._told_closed = True
            line(f"somebody at {peer} tried a code that holds no longer: press n for a new one", "yellow")
        else:
            line(f"wrong code, from {peer}", "yellow")

    def _tell_code(self) -> None:
        code = self.pairing.new_code()
        self._told_closed = False
        line("")
        line(f"  open  {self._url}/pair#{code}", "bold")
        line(f"  or    {self._url} and type  {in_groups(code)}")
        line(f"  holds for {CODE_S / 60:.0f} minutes and one browser")
        line("")


def _opened(sealed: bytes, secret: str, amiss: str) -> bytes:
    if not secret:
        raise ConfigError(f"nothing can be heard: {amiss}")
    return unsealed(sealed, secret)


def _key(config: Config) -> tuple[str, str]:
    """What opens the clips, read while we still may; or nothing, and why."""
    try:
        return secret_key(key_path(config)), ""
    except ConfigError as error:
        return "", str(error)


def _become_owner_of(folder: Path) -> None:
    """Go on as the user that listens, if started as root: the key is in memory, and that is all we need."""
    if os.geteuid() != 0:
        return
    owner = folder.stat()
    if owner.st_uid == 0:
        return
    os.setgroups([])
    os.setgid(owner.st_gid)
    os.setuid(owner.st_uid)


@contextmanager
def _stopping() -> Iterator[threading.Event]:
    """Set by Ctrl-C or SIGTERM."""
    stopped = threading.Event()
    names = (signal.SIGTERM, signal.SIGINT)
    before = {one: signal.signal(one, lambda _number, _frame: stopped.set()) for one in names}
    try:
        yield stopped
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
