"""The table [privacy]: when nothing is heard, how much an hour may carry, what others can tell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from earlid.core.quiet import Quiet, quiet_from
from earlid.edge.schema import Settings, says
from earlid.edge.toml_text import Fault


class PrivacySettings(Settings, frozen=True):
    """When nothing is heard, how much may be kept at the most, and what others can tell about this device."""

    muted_at_boot: Annotated[
        bool, says("begin muted at every start, whatever was said before; unmute to listen")
    ] = False
    max_seconds_per_hour: Annotated[
        float, says("most seconds of audio kept in any hour; beyond it wakes keep nothing", low=0, high=3600)
    ] = 180.0
    quiet_hours: Annotated[
        tuple[str, ...], says('muted within these hours of the local day, such as ["22:00-06:30"]')
    ] = ()
    alias_days: Annotated[
        float, says("how long this device goes by the same random name", low=1, high=365)
    ] = 30.0
    time_resolution_s: Annotated[
        int, says("times that leave are rounded down to this", unit="s", low=1, high=600)
    ] = 60

    @property
    def quiet(self) -> tuple[Quiet, ...]:
        """The quiet hours as spans of the day; ValueError if one is none."""
        return tuple(map(quiet_from, self.quiet_hours))


def faults_in_privacy(privacy: PrivacySettings) -> Iterator[Fault]:
    """What is wrong with it, beyond what each setting's own range tells."""
    for text in privacy.quiet_hours:
        try:
            quiet_from(text)
        except ValueError as error:
            yield Fault("privacy.quiet_hours", f"{text!r} is no span of a day: {error}")
