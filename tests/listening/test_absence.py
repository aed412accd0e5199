"""A missing microphone is looked for ever less often, and soon after a card came or went."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

from earlid.edge.sound.cards import cards
from earlid.listening.absence import Absence


class Cards:
    """A mark that the test changes."""

    mark = 0

    def __call__(self) -> int:
        return self.mark


def due(absence: Absence, now_s: float) -> bool:
    return absence.left_s(now_s) <= 0


def test_it_is_looked_for_ever_less_often() -> None:
    absence, looks, now_s = Absence(Cards(), 0.0), [], 0.0
    while now_s < 70:
        if due(absence, now_s):
            looks.append(now_s)
            absence.goes_on(now_s)
        now_s += 0.1
    waits = [round(b - a) for a, b in pairwise(looks)]
    assert waits == [1, 2, 4, 8, 16, 30]


def test_soon_after_a_card_came_it_is_looked_for_and_again_soon() -> None:
    here = Cards()
    absence = Absence(here, 0.0)
    for _ in range(9):
        absence.goes_on(0.0)
    assert absence.left_s(1.0) == 29.0
    here.mark = 1
    assert absence.left_s(1.0) == 0.5
    assert due(absence, 1.5)
    absence.goes_on(1.5)
    assert absence.left_s(1.5) == 0.5


def test_a_card_that_comes_and_goes_all_the_time_does_not_put_it_off() -> None:
    here = Cards()
    absence = Absence(here, 0.0)
    for tenth in range(5):
        here.mark += 1
        assert absence.left_s(tenth / 10) <= 0.5 - tenth / 10
    assert due(absence, 0.5)


def test_a_card_that_comes_or_goes_or_comes_again_leaves_another_mark(tmp_path: Path) -> None:
    folder = tmp_path / "snd"
    marks = [cards(folder)]
    folder.mkdir()
    marks.append(cards(folder))
    (folder / "controlC1").touch()
    marks.append(cards(folder))
    os.utime(folder, (0, 0))  # between two looks it went and came
    marks.append(cards(folder))
    (folder / "controlC1").unlink()
    marks.append(cards(folder))
    assert marks[0] is None
    assert cards(folder) == marks[-1]
    assert all(a != b for a, b in pairwise(marks))
