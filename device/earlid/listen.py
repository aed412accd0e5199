"""The process that hears: microphone in, permitted segments out, and no network."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

from earlid.core.epoch import Epoch
from earlid.edge.budget_file import BudgetFile, Uptime
from earlid.edge.disk import RealDisk, is_shared
from earlid.edge.freed import overwrite_what_is_freed
from earlid.edge.locked import keep_out_of_swap, leave_no_core
from earlid.edge.model.store import ModelStore
from earlid.edge.notify import Service
from earlid.edge.panel.panel_like import NoPanel, PanelLike
from earlid.edge.pulse import Pulse
from earlid.edge.seal import sealer_for
from earlid.edge.sound.sources import source_for
from earlid.edge.spool.outgoing import Outgoing
from earlid.edge.spool.spool import Spool
from earlid.edge.spool.trash import destroy_all_in
from earlid.edge.teller import Teller
from earlid.errors import ConfigError, DiskTrouble, EarlidError
from earlid.field.fieldwork import Fieldwork
from earlid.field.setup import setup_of
from earlid.listening.ears import operating_points
from earlid.listening.lantern import Lantern
from earlid.listening.loop import Listening
from earlid.listening.muting import Muting

if TYPE_CHECKING:
    from earlid.config import Config

_LOG = logging.getLogger("earlid.listen")
_SWEEP_EVERY_S = 1.0


def listen(config: Config, source: str | None, pace: float | None, as_json: bool, meter: bool) -> int:
    """Hear `source` until it ends or somebody says stop; 0 when it did, or an error that names what broke."""
    epoch, disk, tell, service = Epoch(), RealDisk(), Teller(as_json), Service()
    if service.is_there:
        leave_no_core()
        keep_out_of_swap()
    spool = Spool(config.spool_folder, disk, sealer_for(config.upload.recipients))
    spool.claim_drafts()
    device, channel = config.microphone.device, config.microphone.channel
    sound = source_for(source, device=device, channel=channel, epoch=epoch, pace=pace)
    muting = Muting(
        state=config.paths.listen,
        runtime=config.paths.runtime,
        privacy=config.privacy,
        disk=disk,
        epoch=epoch,
        nudge=sound.nudge,
        panel_of=lambda on_mute: panel_for(config, on_mute),
        mute_kind=config.panel.mute_kind if config.panel.wired.mute_pin is not None else None,
    )
    most_s = config.privacy.max_seconds_per_hour
    budget = BudgetFile(config.paths.listen, disk, most_s, Uptime(), first_start=muting.is_first_start)
    leaves = bool(config.upload.url or config.sinks)
    outgoing = Outgoing(spool.outbox, spool.quarantined) if leaves else None
    fieldwork = fieldwork_for(config, epoch)
    lantern = Lantern(muting.panel, budget, outgoing, tell, lambda: fieldwork.is_wanted)
    with _signals() as stopped, closing(fieldwork):
        heard = Listening(
            config,
            sound,
            spool,
            epoch,
            tell,
            muting,
            budget,
            lantern,
            comes_back=source is None,
            meter=meter,
            service=service,
            fieldwork=fieldwork,
        )
        fieldwork.open()
        overwrite_what_is_freed()  # not before the models are loaded: it would make their spare memory real
        with _sweeping(spool):
            return heard.run(stopped)


def fieldwork_for(config: Config, epoch: Epoch) -> Fieldwork:
    """What records in the field whenever the owner wants it, by `earlid field start`."""
    manifests = ModelStore(config.paths.models).manifests(config.wake.words)
    words = operating_points(manifests, config.wake.thresholds, config.wake.patience)
    return Fieldwork(config.paths.field, words, setup_of(config, words), config.field, epoch)


def panel_for(config: Config, on_mute: Callable[[bool], None]) -> PanelLike:
    """The switch and lamp that the configuration names; nothing is loaded for a machine that has none."""
    if not config.panel.wired.has_pins:
        return NoPanel()
    from earlid.edge.panel.panel import Panel  # noqa: PLC0415 - only where there are pins

    def erase() -> None:
        """The button was held long enough: its thread does not wait for the disk."""
        threading.Thread(target=erase_all, args=(config,), name="erase").start()

    return Panel(config.panel.wired, config.paths.runtime, on_mute, erase)


def erase_all(config: Config) -> None:
    """Destroy all sound kept on this machine, and have deleted elsewhere what left; trouble is logged.

    What is here is destroyed whether or not an uploader runs, or could.
    """
    from earlid.asking.erasing import forget_everything  # noqa: PLC0415 - rare
    from earlid.field.place import forget_what_was_heard  # noqa: PLC0415 - rare, and a data base

    try:
        try:
            done = forget_everything(config)
        finally:
            forget_what_was_heard(config)
    except EarlidError as error:
        _LOG.error("erased=not_all cause=%r", str(error))
    else:
        later = "" if done.is_all else "what left, and the ledger: as soon as earlid upload runs"
        _LOG.warning("erased=yes segments=%d later=%r", done.segments, later)


@contextmanager
def _sweeping(spool: Spool) -> Iterator[None]:
    """Where the uploader is another user: overwrite what it takes away, which it may not do itself."""
    if not is_shared(spool.trash):
        yield
        return

    def sweep() -> float:
        with suppress(DiskTrouble, ConfigError):
            destroy_all_in(spool.disk, spool.trash)
        return _SWEEP_EVERY_S

    pulse = Pulse(sweep, "sweep")
    pulse.start()
    try:
        yield
    finally:
        pulse.stop()


@contextmanager
def _signals() -> Iterator[Callable[[], bool]]:
    """Whether SIGTERM or SIGINT came; both mean: finish within a second."""
    came: list[int] = []
    before = {
        one: signal.signal(one, lambda number, _frame: came.append(number))
        for one in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield lambda: bool(came)
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
