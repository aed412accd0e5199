"""What a recorded score would have done at another threshold: peaks replayed, no sound needed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from earlid.core.field import NEAR, Kind, Label, Peak
from earlid.core.units import samples, seconds

REFRACTORY_S: Final = 2.0
RUN_BEGINS_S: Final = 2.0
"""No run has a peak earlier than this: nothing is scored before."""
STEP: Final = 0.01
HIGHEST: Final = 0.99


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What one word's peaks would have been at `threshold`.

    `false` are wakes that its owner called false, `open` those not yet judged or not sure of. Of the `of`
    calls that wake today, `lost` would no longer; `gained` are calls that wake now and did not. A call is a
    peak that its owner called true, or one that was asked for by a prompt.
    """

    threshold: float
    false: int
    open: int
    lost: int
    gained: int
    of: int


def would_wake(peak: Peak, threshold: float, patience: int = 1) -> bool:
    """Whether the run of hops around the peak's own is long and high enough; a veto stays a veto.

    An erased peak has no trace: its score alone is judged.
    """
    if peak.kind is Kind.VETOED or not np.float32(peak.score) >= np.float32(threshold):
        return False
    own = -peak.first
    if patience == 1 or not 0 <= own < len(peak.trace):
        return True
    high = peak.trace >= np.float32(threshold)  # a hop without a score is not
    if not high[own]:
        return True  # the trace does not reach as far as the score: believe the score
    below = np.flatnonzero(~high)
    start = int(below[below < own].max(initial=-1))
    stop = int(below[below > own].min(initial=len(high)))
    return stop - start - 1 >= patience


def waking(
    peaks: Iterable[Peak], threshold: float, patience: int = 1, refractory_s: float = REFRACTORY_S
) -> set[str]:
    """The ids of the `peaks` of one word that would have been wakes, a refractory period of sound apart."""
    found: set[str] = set()
    before: Peak | None = None
    quiet_until = 0
    for peak in sorted(peaks, key=lambda one: (one.session, one.at_s)):
        if before is None or not _is_one_run(before, peak):
            quiet_until = 0
        before = peak
        if would_wake(peak, threshold, patience) and peak.at >= quiet_until:
            found.add(peak.id)
            quiet_until = peak.at + samples(refractory_s)
    return found


def _is_one_run(before: Peak, after: Peak) -> bool:
    """Whether samples were counted on between two peaks, as far as they tell: each run counts from 0.

    A recording may be heard much faster than it lasts, so that only the sound tells how far apart they are.
    Where the clock went further than the sound by a whole run's silent beginning, another run is likely.
    """
    on = seconds(after.at - before.at)
    return after.session == before.session and on > 0 and after.at_s - before.at_s - on < RUN_BEGINS_S


def is_call(peak: Peak) -> bool:
    """Whether somebody said the word: its owner says so, or a prompt had asked for it and nobody objects."""
    return peak.label is Label.TRUE or (peak.is_prompted and peak.label is None)


def what_if(
    peaks: Sequence[Peak], threshold: float, patience: int = 1, refractory_s: float = REFRACTORY_S
) -> WhatIf:
    """How the `peaks` of one word would have gone at `threshold`, beside how they went."""
    woken = waking(peaks, threshold, patience, refractory_s)
    calls = [peak for peak in peaks if is_call(peak)]
    heard = [peak for peak in calls if peak.kind is Kind.WAKE]
    return WhatIf(
        threshold,
        false=sum(peak.id in woken and peak.label is Label.FALSE for peak in peaks),
        open=sum(peak.id in woken and peak.label is not Label.FALSE and not is_call(peak) for peak in peaks),
        lost=sum(peak.id not in woken for peak in heard),
        gained=sum(peak.id in woken and peak.kind is not Kind.WAKE for peak in calls),
        of=len(heard),
    )


def thresholds_known(peaks: Iterable[Peak]) -> list[float]:
    """The thresholds, a hundredth apart, of which `peaks` can tell: below NEAR of theirs nothing was kept."""
    lowest = max((NEAR * peak.threshold for peak in peaks), default=NEAR)
    first, last = int(np.ceil(round(lowest / STEP, 6))), round(HIGHEST / STEP)
    return [round(number * STEP, 2) for number in range(max(1, first), last + 1)]
