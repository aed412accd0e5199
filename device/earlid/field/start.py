"""`earlid field start` and `stop`: a recording is made because its owner said so, and for no longer."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from earlid.core.field import Ended
from earlid.core.lamp import MEANINGS, Look
from earlid.edge.computer import EARLIEST_YEAR, year
from earlid.edge.control import ask
from earlid.edge.disk import RealDisk
from earlid.edge.field.key import public_key
from earlid.edge.field.order import Order, OrderFile
from earlid.edge.field.store import FieldStore
from earlid.edge.terminal import line
from earlid.errors import ConfigError, DeviceLost, UsageError
from earlid.field.place import key_path, opened, tidy, wanted_now
from earlid.field.status import tell

if TYPE_CHECKING:
    from earlid.config import Config

_DAY_S: Final = 86_400.0
PATIENCE_S: Final = 4.0
"""How long to wait until the listener has noticed; it looks every second."""
_GLANCE_S: Final = 0.05


def start(config: Config, *, note: str, days: float, keeps_audio: bool) -> int:
    """Have the listener record for `days`, from now on; UsageError if one is made already."""
    if year() < EARLIEST_YEAR:
        raise ConfigError(f"the clock says it is {year()}: set it first, or wait until the network has")
    RealDisk().make_folder(config.paths.field)
    order = wanted_now(config)
    if order:
        raise UsageError(f"a recording is made until {when(order.ends_s)}: stop it with earlid field stop")
    recipient = public_key(key_path(config)) if keeps_audio else ""
    now_s = time.time()
    store = FieldStore(config.paths.field)
    try:
        tidy(config, store)
        session = store.begin(
            note=note,
            started_s=now_s,
            ends_s=now_s + days * _DAY_S,
            keeps_audio=keeps_audio,
            recipient=recipient,
        )
        OrderFile(config.paths.field).give(
            Order(session.id, session.started_s, session.ends_s, keeps_audio, recipient)
        )
    finally:
        store.close()
    kept = "numbers, and the sound around each wake" if keeps_audio else "numbers only, no sound"
    line(f"recording until {when(session.ends_s)}: {kept}; end it sooner with earlid field stop")
    if keeps_audio:
        line(f"the sound stays here, sealed; {key_path(config)} opens it")
    line(_seen())
    return 0 if _await_look(config) else _say_what_is_amiss(config)


def stop(config: Config) -> int:
    """End the recording now, and show what it found; UsageError if none is made."""
    with opened(config) as store:
        session = store.open_session()
        if session is None and wanted_now(config) is None:
            raise UsageError("no recording is made: begin with earlid field start")
        OrderFile(config.paths.field).withdraw()
        if session:
            store.end(session.id, time.time(), Ended.STOPPED)
        until_s = time.monotonic() + PATIENCE_S
        while not tidy(config, store) and time.monotonic() < until_s:
            time.sleep(_GLANCE_S)  # the listener writes down its last minute
        tell(config, store)
    return 0


def when(at_s: float) -> str:
    """A time for people, by this machine's clock."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at_s))


def _seen() -> str:
    look = MEANINGS[Look.RECORDING]
    return f"the lamp says so, {look.colour}: {look.rhythm}; mute pauses it"


def _await_look(config: Config) -> bool:
    """Whether the listener has taken it up."""
    until_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < until_s:
        try:
            said = ask(config.paths.runtime, "status")["status"]
        except (DeviceLost, ConfigError, KeyError):
            return False
        if said.get("records"):
            return True
        if said.get("muted"):
            return False
        time.sleep(_GLANCE_S)
    return False


def _say_what_is_amiss(config: Config) -> int:
    try:
        said = ask(config.paths.runtime, "status")["status"]
    except (DeviceLost, KeyError):
        line("nothing listens at the moment: it begins with earlid run, or systemctl start earlid-listen")
    except ConfigError:
        line("whether somebody listens is not visible to you: see earlid field status as root")
    else:
        why = "it is muted" if said.get("muted") else "it has trouble with it: see its log"
        line(f"the listener does not record yet: {why}")
    return 0
