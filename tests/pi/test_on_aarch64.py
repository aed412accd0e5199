"""The scores on the Raspberry Pi's architecture, where an emulator for it was set up or is asked for."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pi.aarch64 import Outcome, replayed
from pi.boards import BOARDS, Board
from pi.userland import Userland
from replay.reference_scores import CLIPS, WORDS, Difference, difference


@pytest.fixture(scope="module")
def userland() -> Userland:
    """The emulated Python; built only where EARLID_AARCH64 says so, since that fetches 100 MB."""
    found = Userland.usual()
    if not (found.complete or os.environ.get("EARLID_AARCH64")):
        pytest.skip(
            "no emulated Raspberry Pi here: set EARLID_AARCH64=1, or run 'python tests/pi/aarch64.py'"
        )
    found.build()
    return found


def test_on_the_smallest_board_every_score_is_the_references(
    userland: Userland, models: Path, tmp_path: Path
) -> None:
    (outcome,) = replayed(userland, BOARDS[0], CLIPS[1:], models, tmp_path)
    assert outcome.exact, outcome
    assert outcome.wakes > 3


def agreed() -> Difference:
    table = np.full((60, len(WORDS)), 0.25)
    return difference(table, table)


def test_an_outcome_is_exact_only_with_the_same_wakes_the_same_sides_and_no_difference() -> None:
    outcome = Outcome("a board", "a clip", agreed(), agreed(), same_wakes=True, wakes=1)
    assert outcome.exact
    assert not replace(outcome, same_wakes=False).exact
    assert not replace(outcome, reference=replace(agreed(), biggest=1e-4)).exact
    assert not replace(outcome, reference=replace(agreed(), disputed=((50, "alexa"),))).exact


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.processor)
def test_each_core_of_a_board_says_which_it_is(board: Board) -> None:
    cores = board.cpuinfo.split("\n\n")[:-1]
    assert [core.splitlines()[0] for core in cores] == [f"processor\t: {number}" for number in range(4)]
    assert all(f"CPU part\t: {board.part:#x}" in core and "asimd" in core for core in cores)


def test_a_board_is_the_userland_with_its_own_processor_however_often_it_is_furnished(tmp_path: Path) -> None:
    home = tmp_path / "root"
    (home / "usr/bin").mkdir(parents=True)
    (home / "usr/bin/python3").touch()
    for board in (BOARDS[0], BOARDS[1], BOARDS[0]):
        root = board.furnish(tmp_path / board.processor, home)
        assert (root / "usr/bin/python3").exists()
        assert (root / "proc/cpuinfo").read_text() == board.cpuinfo
    assert not (home / "proc").exists()
