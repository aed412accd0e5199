"""Every change that breaks the core still fits its file, and the command tells those that survive."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from mutants import CHECKOUT, MUTANTS, Mutant, main

PACKAGE = CHECKOUT / "device" / "earlid"
LIES = (
    "lamp after open",
    "lamp off before keep",
    "muted said before closed",
    "mute keeps the segment",
    "wipe without zeroing",
    "epoch read after samples",
    "software unmutes a latched switch",
    "missing state file means unmuted",
)
"""Few enough to be tried each time; the others are for `python tests/mutants.py`."""


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_every_change_fits_its_file_and_names_a_test_that_exists(mutant: Mutant) -> None:
    assert mutant.fits(PACKAGE), "change its row in tests/mutants.toml with the file"
    assert mutant.old != mutant.new
    file, _, name = mutant.test.partition("::")
    tree = ast.parse((CHECKOUT / file).read_text("utf-8"))
    assert not name or name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_no_two_rows_have_one_name() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)


@pytest.mark.timeout(600)
def test_what_would_make_the_mute_or_the_lamp_lie_is_caught(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(MUTANTS, LIES) == 0
    assert f"{len(LIES)} of {len(LIES)} caught" in capsys.readouterr().out


def test_a_change_that_breaks_nothing_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    (row,) = (mutant for mutant in MUTANTS if mutant.name == "wipe without zeroing")
    harmless = replace(row, new=row.old + "        # and nothing else\n")
    misfit = replace(row, old="self._memory = set()")
    assert main([harmless, misfit], []) == 1
    said = capsys.readouterr().out
    assert "SURVIVED" in said
    assert "NO LONGER FITS" in said
    assert Path(PACKAGE / row.file).read_text("utf-8").count(row.old) == 1


def test_no_row_chosen_is_not_a_success(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(MUTANTS, ["no such row"]) == 1
    assert "0 of 0" in capsys.readouterr().out
