"""Earlid's scores are openWakeWord's own: against a committed table everywhere, live where it can run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.environments import Unavailable
from earlid.core.units import HOP
from replay.compare import compared, some_of, together
from replay.reference_scores import (
    CLIPS,
    FROM_HOP,
    TOLERANCE,
    WORDS,
    Reference,
    difference,
    read_committed,
    replay,
)

LEAD_IN = ("--lead-in", str(FROM_HOP * HOP / 16_000))


@pytest.mark.parametrize("clip", CLIPS, ids=lambda clip: clip.stem)
def test_every_score_of_our_clips_is_the_references(clip: Path, models: Path, tmp_path: Path) -> None:
    tables, _ = replay([clip], models, tmp_path, *LEAD_IN)
    found = difference(tables[str(clip)], read_committed(clip), first=0)
    assert found.biggest < TOLERANCE, found
    assert not found.disputed


def test_what_was_heard_before_no_longer_matters_from_hop_48_on(models: Path, tmp_path: Path) -> None:
    clip = CLIPS[0]
    tables, _ = replay([clip], models, tmp_path, "--lead-in", "0")
    found = difference(tables[str(clip)], read_committed(clip))
    assert found.biggest < TOLERANCE, found


def test_the_committed_tables_hear_every_head_say_yes_and_no() -> None:
    scores = np.concatenate([read_committed(clip) for clip in CLIPS])
    spoken = [column for column, word in enumerate(WORDS) if not word.startswith("timer:")]
    spoken.append(WORDS.index("timer:10_minute"))
    assert np.all(scores[:, spoken].max(axis=0) > 0.5)
    assert np.all(scores.min(axis=0) < 0.01)


def test_a_missing_score_is_no_agreement() -> None:
    table = np.zeros((60, len(WORDS)))
    holed = table.copy()
    holed[50, 3] = np.nan
    found = difference(holed, table)
    assert (found.biggest, found.hop, found.word) == (np.inf, 50, WORDS[3])


def test_a_score_on_the_other_side_of_the_threshold_is_told() -> None:
    table = np.full((60, len(WORDS)), 0.4999999)
    other = table.copy()
    other[55, 1] = 0.5000001
    found = difference(other, table)
    assert found.biggest < TOLERANCE
    assert found.disputed == ((55, WORDS[1]),)


def test_on_real_recordings_the_scores_are_those_of_the_reference_itself(
    recordings: Path, models: Path, tmp_path: Path
) -> None:
    try:
        reference = Reference()
    except Unavailable as why:
        pytest.skip(f"openwakeword 0.6.0 cannot run here: {why}")
    found = compared(together(some_of(recordings)), reference, models, tmp_path)
    assert found.hops > 1_000
    assert found.biggest < TOLERANCE, found
    assert not found.disputed
