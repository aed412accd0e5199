"""One run of the listener: what the source gives, what the hand says, and what is amiss, in one loop."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from earlid.core.deafness import Deafness
from earlid.core.epoch import Epoch
from earlid.core.frame import Frame
from earlid.core.gate import State
from earlid.core.listener import Listener, Ports
from earlid.core.segment import Endpoint
from earlid.core.units import samples
from earlid.edge.budget_file import BudgetFile
from earlid.edge.freed import overwrite_what_was_freed
from earlid.edge.notify import Service
from earlid.edge.sound.cards import cards
from earlid.edge.sound.source import Source
from earlid.edge.spool.spool import Spool
from earlid.errors import ConfigError, DeviceLost, DiskTrouble, PinsLost, SourceEnded, UsageError
from earlid.field.fieldwork import NoFieldwork, beside
from earlid.listening.absence import Absence
from earlid.listening.account import Account
from earlid.listening.condition import Condition
from earlid.listening.ears import ears, taught
from earlid.listening.keeping import Keeping
from earlid.listening.lantern import Lantern
from earlid.listening.muting import Muting
from earlid.listening.opening import Opening

if TYPE_CHECKING:
    from earlid.config import Config

GLANCE_S: Final = 0.1
"""How long a read may take before signals and time are looked at. A press on mute waits for none of it."""
_STATUS_EVERY_S: Final = 5.0
_RETRY_S: Final = 5.0
_BESIDE_SOUND_BYTES: Final = 65_536
"""Room for what lies beside a segment's sound: its facts, its seal, and the blocks of three names."""

Tell = Callable[[dict[str, Any]], None]


class Listening:
    """Hears one source until it ends, told line by line and kept in the status file."""

    def __init__(
        self,
        config: Config,
        source: Source,
        spool: Spool,
        epoch: Epoch,
        tell: Tell,
        muting: Muting,
        budget: BudgetFile,
        lantern: Lantern,
        *,
        comes_back: bool,
        meter: bool = False,
        fieldwork: NoFieldwork | None = None,
        service: Service | None = None,
    ) -> None:
        self._source = source
        is_service = service is not None and service.is_there
        self._way = Opening(source, comes_back=comes_back, is_awaited=comes_back and is_service)
        self._epoch = epoch
        self._muting = muting
        self._lantern = lantern
        self._field = fieldwork or NoFieldwork()
        self._deafness = Deafness()
        status, wake = config.paths.listen_status, config.wake
        self._account = Account(status, wake.words, tell, service, spool.waiting, wake.verifiers)
        self._condition = Condition(source, muting, budget, lantern, self._account)
        self._absence: Absence | None = None
        self._next_status_s = self._next_lamp_s = 0.0
        self._lamp_is_dark = False
        scores = self._account.scored if meter else None
        woke, vetoed, scored = beside(self._field, lambda: lantern.tells_of_recording, self._account, scores)
        room_bytes = 2 * samples(config.segment.max_s) + _BESIDE_SOUND_BYTES
        keep = Keeping(spool, budget, epoch, muting.lid, lantern, self._account, room_bytes)
        self._keeping = keep
        ports = Ports(
            self._show, keep.keep, woke, scored, self._close, budget.left, keep.note_discarded, vetoed
        )
        self._listener: Listener = ears(
            config.paths.models, wake, config.segment, ports, epoch, verifiers=taught(config)
        )

    def run(self, stopped: Callable[[], bool]) -> int:
        """Listen until `stopped` or the source ends. Whatever ends it, the microphone is closed first."""
        endpoint, at_fault, is_broken = Endpoint.STOPPED, True, True
        try:
            self._begin()
            while not stopped():
                self._turn()
            at_fault = is_broken = False
        except SourceEnded:
            endpoint, at_fault, is_broken = Endpoint.SOURCE_ENDED, False, False
        except (DeviceLost, UsageError):
            endpoint, is_broken = Endpoint.SOURCE_ENDED, False  # the sound broke off, not a promise
            raise
        finally:
            self._end(endpoint, at_fault, is_broken)
        return 0

    def _begin(self) -> None:
        self._muting.open(
            lambda: self._account.signed(self._condition.facts(self._listener))
        )  # the hand first
        lost = None
        if not self._muting.muted:
            self._muting.may_unmute()
            lost = self._way.open_or_wait()
        self._account.ready(self._source.name)
        if lost and not self._muting.muted:
            self._lose(lost)
        elif self._way.was_open and not self._muting.muted:  # opening takes long enough for a press
            self._listener.start()
        else:
            self._mute()

    def _end(self, endpoint: Endpoint, at_fault: bool, is_broken: bool) -> None:
        ended_well = False
        try:
            self._close(wipes=is_broken or self._muting.muted)
            if is_broken:
                self._epoch.bump()  # what is open is not kept
            self._listener.stop(endpoint)
            ended_well = not at_fault
        finally:
            try:
                self._muting.close(at_fault=not ended_well)
                self._keeping.close(self._listener)
            finally:
                self._account.end(self._listener.heard, self._source.lost)

    def _turn(self) -> None:
        """One frame, or one look at what is amiss; the hand's word before everything."""
        self._muting.look()
        turn = self._muting.lid.turn
        is_muted = self._listener.state is State.MUTED
        if self._listener.is_behind or (self._muting.muted and not is_muted):
            self._mute()
        elif is_muted and not self._muting.muted:
            self._unmute()
        elif is_muted:
            self._muting.lid.wait(GLANCE_S)
        elif self._absence:
            self._try_again(self._absence)
        else:
            self._attend()
        self._muting.lid.done(self._listener.state is State.MUTED, turn)
        self._account.goes_on(self._listener.state, self._listener.heard, is_lost=self._absence is not None)
        self._look_after(time.monotonic())

    def _attend(self) -> None:
        try:
            frame = self._source.read(GLANCE_S)
        except DeviceLost as error:
            self._lose(error)
            return
        if frame is None:
            return
        try:
            self._check_for_sound(frame)
            self._listener.hear(frame)
        finally:
            frame.samples.fill(0)

    def _mute(self) -> None:
        self._listener.mute()
        self._forget_deafness()
        self._absence = None
        self._muting.has_muted()
        if self._muting.not_remembered:
            self._account.trouble(f"a power cut would undo this mute: {self._muting.not_remembered}")

    def _unmute(self) -> None:
        """Remember, open, and only then say so; a press that comes meanwhile wins."""
        try:
            self._muting.may_unmute()
        except (DiskTrouble, ConfigError, DeviceLost) as error:
            self._account.trouble(f"stays muted: {error}")
            self._muting.lid.mute()
            return
        lost = self._way.open_or_wait()
        if self._muting.muted:
            self._close()
            return
        if lost is None:
            self._listener.find("microphone")
        self._listener.unmute()
        if lost:
            self._lose(lost)

    def _close(self, *, wipes: bool = True) -> None:
        """Stop the source; what gives the microphone its power stops doing so. Unless it `wipes`, what was
        recorded a moment ago may still be sealed.
        """
        try:
            self._source.close()
        finally:
            if wipes:
                self._field.wipe()
            self._muting.cut_power()
            overwrite_what_was_freed()

    def _lose(self, error: DeviceLost | ConfigError) -> None:
        """Say that the device is gone; it is tried again, ever less often, until it is back."""
        if not self._way.comes_back:
            raise error
        self._source.close()
        self._listener.lose("microphone", str(error))
        self._account.trouble(str(error))
        self._forget_deafness()
        self._absence = Absence(cards, time.monotonic())

    def _try_again(self, absence: Absence) -> None:
        left_s = absence.left_s(time.monotonic())
        if left_s > 0:
            self._muting.lid.wait(min(left_s, GLANCE_S))
            return
        if lost := self._way.open_or_wait():
            self._source.close()
            self._listener.lose("microphone", str(lost))
            absence.goes_on(time.monotonic())
            return
        if self._muting.muted:
            return  # pressed meanwhile: the next turn closes it
        self._absence = None
        self._listener.find("microphone")

    def _forget_deafness(self) -> None:
        self._deafness.forget()
        self._listener.find("sound")

    def _check_for_sound(self, frame: Frame) -> None:
        was = self._deafness.deaf
        if self._deafness.hear(frame.samples) is was:
            return
        if was:
            self._listener.find("sound")
        else:
            cause = "deaf: ten seconds of exact silence; check the microphone's wiring and its mixer"
            self._listener.lose("sound", cause)
            self._account.trouble(cause)

    def _look_after(self, now_s: float) -> None:
        self._look_after_lamp(now_s)
        self._field.look(self._listener.state)
        self._keeping.look_after(self._listener, now_s)
        if now_s >= self._next_status_s:
            self._write_status(now_s)

    def _look_after_lamp(self, now_s: float) -> None:
        try:
            if not self._lamp_is_dark:
                self._lantern.refresh(self._listener.state, self._listener.now)
            elif now_s >= self._next_lamp_s:
                self._next_lamp_s = now_s + _RETRY_S
                self._lamp_is_dark = not self._lantern.try_again(self._listener.state)
                if not self._lamp_is_dark:
                    self._listener.find("lamp")
        except PinsLost:  # nobody feels the hand any more: muted, and remembered so
            self._muting.lid.mute()
            self._mute()
            raise
        except DeviceLost as error:
            self._darken(error)
            self._listener.darken(str(error))

    def _darken(self, error: DeviceLost) -> None:
        """Nothing is kept in the dark: the gate says fault, or stays muted."""
        self._lamp_is_dark = True
        if self._listener.state is not State.MUTED:
            self._lantern.go_out(str(error), self._listener.now)
        is_over = isinstance(error, PinsLost)  # told so again at the next look, which then ends it all
        self._next_lamp_s = time.monotonic() + (0.0 if is_over else _RETRY_S)
        self._account.trouble(str(error))

    def _write_status(self, now_s: float) -> None:
        self._next_status_s = now_s + _STATUS_EVERY_S
        self._account.write_status(self._condition.facts(self._listener))

    def _show(self, state: State, cause: str) -> None:
        told = self._muting.cause if state is State.MUTED else cause
        try:
            self._lantern.show(state, told, self._listener.now)
        except DeviceLost as error:
            self._darken(error)
            raise
        self._write_status(time.monotonic())
