"""The lamp, and the event lines that say the same."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from earlid.core.gate import State
from earlid.core.lamp import Look
from earlid.core.listener import LEAST
from earlid.core.showing import Leaving, look_of
from earlid.core.units import seconds
from earlid.edge.budget_file import BudgetFile
from earlid.edge.panel.panel_like import PanelLike
from earlid.edge.spool.outgoing import Outgoing
from earlid.errors import DeviceLost, PinsLost


class Lantern:
    """Shows the gate's state and, while it listens, what became of the last segment."""

    def __init__(
        self,
        panel: PanelLike,
        budget: BudgetFile,
        outgoing: Outgoing | None,
        tell: Callable[[dict[str, Any]], None],
        is_recorded: Callable[[], bool] = lambda: False,
    ) -> None:
        """`outgoing` is None where segments stay here; `is_recorded`: whether a field recording is made."""
        self._panel = panel
        self._budget = budget
        self._outgoing = outgoing
        self._tell = tell
        self._is_recorded = is_recorded
        self.look = Look.FAULT
        self._has_told_of_recording = False

    @property
    def spent_until(self) -> str:
        """When this hour's budget allows a segment again, by the clock on the wall; empty while it does."""
        if self._budget.left() >= LEAST:
            return ""
        wait_s = self._budget.wait_s(seconds(LEAST))
        return (
            "never" if wait_s is None else time.strftime("%H:%M", time.localtime(time.time() + wait_s + 59))
        )

    @property
    def tells_of_recording(self) -> bool:
        """Whether the lamp says that a field recording is made, or did until a segment began."""
        return self._has_told_of_recording and self._is_recorded()

    def keep(self, id_: str) -> None:
        """The segment `id_` waits to leave."""
        if self._outgoing:
            self._outgoing.keep(id_)

    def show(self, state: State, cause: str, sample: int) -> None:
        """Light the lamp for a new `state`, then say so; DeviceLost, and nothing said, if it stays dark."""
        look = self._look_of(state)
        self._panel.show(look)
        self._now_shows(look)
        if look is Look.SPENT:
            cause = f"this hour's budget is spent until {self.spent_until}"
        self.say(state, cause, sample)

    def go_out(self, cause: str, sample: int) -> None:
        """The lamp is dark, and that is a fault: say so, since it cannot be shown."""
        self._now_shows(Look.FAULT)
        self.say(State.FAULT, cause, sample)

    def say(self, state: State, cause: str, sample: int) -> None:
        """The event line of a lamp."""
        look = self.look.value
        self._tell({"event": "lamp", "state": state.value, "look": look, "sample": sample, "cause": cause})

    def refresh(self, state: State, sample: int) -> None:
        """Bring the lamp up to date within one state. DeviceLost if it is dark."""
        self._panel.check()
        look = self._look_of(state)
        if look is not self.look:
            self._panel.show(look)
            self._now_shows(look)
            self._tell({"event": "look", "look": look.value, "sample": sample})

    def try_again(self, state: State) -> bool:
        """Whether a lamp that was dark shines again. PinsLost if it never will for this process."""
        try:
            self._panel.show(self._look_of(state))
        except PinsLost:
            raise
        except DeviceLost:
            return False
        return True

    def _now_shows(self, look: Look) -> None:
        self.look = look
        if look is not Look.CAPTURING:
            self._has_told_of_recording = look is Look.RECORDING

    def _look_of(self, state: State) -> Look:
        if state is not State.LISTENING:
            return look_of(state, is_recorded=self._is_recorded())
        leaving = self._outgoing.look(time.monotonic()) if self._outgoing else Leaving.NOTHING
        is_spent = self._budget.left() < LEAST
        return look_of(state, is_recorded=self._is_recorded(), is_spent=is_spent, leaving=leaving)
