"""What the process that hears says of itself to whoever asks for its status."""

from __future__ import annotations

from typing import Any

from earlid.core.gate import State
from earlid.core.listener import Listener
from earlid.core.units import seconds
from earlid.edge.budget_file import BudgetFile
from earlid.edge.sound.source import Source
from earlid.listening.account import Account
from earlid.listening.lantern import Lantern
from earlid.listening.muting import Muting


class Condition:
    """Looks at everything, and touches nothing."""

    def __init__(
        self, source: Source, muting: Muting, budget: BudgetFile, lantern: Lantern, account: Account
    ) -> None:
        self._source, self._muting = source, muting
        self._budget, self._lantern, self._account = budget, lantern, account

    def facts(self, listener: Listener) -> dict[str, Any]:
        """The fields of `Said`, as they are this very moment."""
        state = listener.state
        return {
            "state": state.value,
            "look": self._lantern.look.value,
            "records": self._lantern.tells_of_recording,
            "cause": self._muting.cause if state is State.MUTED else listener.cause,
            "muted": state is State.MUTED,
            "not_remembered": self._muting.not_remembered,
            "mic_power": self._muting.mic_power,
            "source": self._source.name,
            "heard_s": round(seconds(listener.heard), 1),
            "left_s": round(seconds(self._budget.left()), 1),
            "spent_until": self._lantern.spent_until,
            "lost_hops": self._source.lost,
            **self._account.facts(),
        }
