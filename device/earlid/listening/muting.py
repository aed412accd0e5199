"""Everything that can mute, put together: the hand, software, the clock, and what was said last."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from earlid.core.boards import MuteKind
from earlid.core.epoch import Epoch
from earlid.core.mute import Answer, at_boot
from earlid.core.quiet import quiet_until
from earlid.edge.computer import time_of_day
from earlid.edge.control import Control
from earlid.edge.disk import Disk
from earlid.edge.panel.lid import Lid
from earlid.edge.panel.panel_like import NoPanel, PanelLike
from earlid.errors import DeviceLost
from earlid.listening.memory import Memory
from earlid.privacy import PrivacySettings

_PATIENCE_S: Final = 2.0
"""How long somebody on the socket waits for the listening thread."""
_NO_TIME: Final = "the clock is set"
"""Until when it is a quiet hour where nobody can know whether it is one."""


class Muting:
    """Knows whether it should be muted now, and why; says so to the hand's lamp and to the disk.

    `panel_of` makes the panel out of what it calls with True or False when the hand mutes or unmutes.
    """

    def __init__(
        self,
        *,
        state: Path,
        runtime: Path,
        privacy: PrivacySettings,
        disk: Disk,
        epoch: Epoch,
        nudge: Callable[[], None],
        panel_of: Callable[[Callable[[bool], None]], PanelLike] = lambda _on_mute: NoPanel(),
        mute_kind: MuteKind | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._memory = Memory(state, runtime, disk, clock)
        self.is_first_start = self._memory.is_first_start
        self.lid = Lid(epoch, at_boot(self._memory.at_start, None, privacy.muted_at_boot), nudge, clock)
        self._quiet = privacy.quiet
        self._has_latch = mute_kind is MuteKind.LATCHING
        self._control = Control(runtime, self._answer)
        self._facts: Callable[[], Mapping[str, Any]] = dict
        self.panel = panel_of(self._hand_says)

    @property
    def muted(self) -> bool:
        """Whether it should be muted now."""
        return self.lid.state.muted

    @property
    def cause(self) -> str:
        """Who says so."""
        return self.lid.state.cause

    @property
    def not_remembered(self) -> str:
        """Why a power cut would undo what was said; empty where it is remembered."""
        return self._memory.trouble

    @property
    def mic_power(self) -> str:
        """Whether the microphone has power, read back from its pin: on, off or unknown; empty without one."""
        try:
            powered = self.panel.mic_powered
        except DeviceLost:
            return "unknown"
        return "" if powered is None else "on" if powered else "off"

    def open(self, facts: Callable[[], Mapping[str, Any]]) -> None:
        """Read the hand, remember what holds, and hear software; `facts` are what it is told of the rest."""
        self._facts = facts
        self.panel.open()
        self.look()
        if self._is_kept():
            self._try_to_remember()
        else:
            self._remember()
        self.panel.tell(self.muted)
        self._control.open()

    def close(self, *, at_fault: bool) -> None:
        """Let go of the hand and of the socket; harmless twice."""
        self.lid.give_up()
        try:
            self._control.close()
        finally:
            self.panel.close(at_fault=at_fault)

    def look(self) -> None:
        """Compare with the clock, and with a latching switch's level: no software state disagrees with it."""
        if self._quiet:
            now = time_of_day()
            self.lid.tell_time(quiet_until(self._quiet, *now) if now else _NO_TIME)
        if self._has_latch and self.panel.muted is not self.lid.state.switch:
            self.lid.move(self.panel.muted, self.panel.moved_s)
            if self.panel.muted:
                self.lid.move(True)  # moved in between: the hand wins
        self._memory.look_after(self._is_kept)

    def has_muted(self) -> None:
        """The microphone is closed, and memory zeroed: remember it."""
        with suppress(DeviceLost):  # told by the panel's own check
            self.panel.tell(muted=True)
        self._try_to_remember()  # whoever is told that it is muted may cut the power

    def may_unmute(self) -> None:
        """Remember that it listens, then let the microphone have its power. Raises what prevents it."""
        self._remember()
        self.panel.tell(muted=False)
        self.panel.power_mic(True)
        if self.muted:  # said meanwhile, and perhaps too early to take away what was only given now
            self.panel.tell(muted=True)
            self.cut_power()

    def cut_power(self) -> None:
        """Take the microphone's power away, if a pin gives it."""
        with suppress(DeviceLost):
            self.panel.power_mic(False)

    def _is_kept(self) -> bool:
        return self.lid.state.kept

    def _remember(self) -> None:
        self._memory.remember(self._is_kept)

    def _try_to_remember(self) -> None:
        self._memory.try_to_remember(self._is_kept)

    def _hand_says(self, muted: bool) -> None:
        """The hand moved. This is the thread that saw it, and what must happen at once happens here."""
        if self._has_latch:
            self.lid.move(muted, self.panel.moved_s)
        elif muted:
            self.lid.mute()
        elif self.lid.unmute() is not Answer.GRANTED:
            self.panel.tell(muted=True)

    def _answer(self, wish: str) -> Mapping[str, Any]:
        """What somebody on the socket is told; in the socket's own thread."""
        if wish == "mute":
            self._mute_by_software()
            is_done = self.lid.await_done(_PATIENCE_S) is True
            self._try_to_remember()  # in a quiet hour it was muted already, and nobody else had to
            return self._told(ok=is_done and self.muted)
        if wish == "unmute":
            answer = self.lid.unmute(in_words=True)
            if answer is Answer.QUIET:
                self._try_to_remember()
                return self._told(ok=False, refused=f"{self.cause}; then it listens again")
            if answer is not Answer.GRANTED:
                return self._told(ok=False, refused=answer.value)
            return self._told(ok=self.lid.await_done(_PATIENCE_S) is False and not self.muted)
        if wish == "status":
            return {**self._told(ok=True), "status": dict(self._facts())}
        return {"ok": False, "refused": "say mute, unmute or status"}

    def _mute_by_software(self) -> None:
        """Mute, and see to it that no press that is under way undoes that when the button is let go."""
        self.lid.mute()
        with suppress(DeviceLost):
            self.panel.tell(muted=True)
        self.lid.mute()  # the button may have been let go between the two

    def _told(self, *, ok: bool, refused: str = "") -> dict[str, Any]:
        return {
            "ok": ok,
            "muted": self.muted,
            "cause": self.cause,
            "refused": refused,
            "not_remembered": self.not_remembered,
        }
