"""`earlid field tune`: a proposal from labels, its cost, and a configuration that changes only on yes."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from earlid.core.field import FIRST_HOP, LAST_HOP, Kind, Label, Minute, Peak, Run
from earlid.core.units import RATE_HZ
from earlid.edge.field.clips import new_name
from earlid.edge.field.store import FieldStore
from fakes.lessons import BEGAN_S, HOUR_S, WORD, House, house
from fakes.waiting import SECONDS

HOURS = 200
TRUE, FALSE = Label.TRUE, Label.FALSE


def peaks(label: Label | None, *scores: float, hops: int = 2) -> list[Peak]:
    """Wakes with that label, and near misses, some hours apart."""
    found = []
    for number, score in enumerate(scores):
        trace = np.full(LAST_HOP - FIRST_HOP + 1, 0.02, np.float32)
        trace[-FIRST_HOP : hops - FIRST_HOP] = score
        at_s = BEGAN_S + HOUR_S * number + (60.0 if label is TRUE else 600.0 if label is FALSE else 1200.0)
        kind = Kind.WAKE if score >= 0.5 else Kind.NEAR_MISS
        told = (WORD, kind, score, 0.5, -30.0, trace, FIRST_HOP)
        found.append(Peak(new_name(), 1, at_s, int(at_s - BEGAN_S) * RATE_HZ, *told, label=label))
    return found


def keep(home: House, *all_: Sequence[Peak]) -> None:
    with closing(FieldStore(home.state / "field")) as store:
        store.add([], [peak for each in all_ for peak in each])


@pytest.fixture
def home(tmp_path: Path, models: Path) -> House:
    """Two hundred hours with forty true wakes, two of them low, and ten false ones, all low but one."""
    made = house(tmp_path, models, hours=HOURS)
    keep(made, peaks(TRUE, *[0.9] * 38, 0.75, 0.55), peaks(FALSE, *[0.58] * 9, 0.8))
    return made


def test_it_shows_the_cost_with_intervals_and_the_lines_that_change_and_writes_them_on_yes(
    home: House,
) -> None:
    said = home.say("field", "tune", "--target", "0.01", "--yes")
    assert "200.0 h listened: 40 true wakes, 10 false" in said
    now, proposed = (
        next(row for row in said.splitlines() if row.startswith(name)) for name in ("now", "prop")
    )
    assert "10: 0.05 (0.02 to 0.092)" in now
    assert "0 of 40: 0.0 % (0.0 to 8.8)" in now
    assert " 0.59 " in proposed
    assert "1: 0.005" in proposed
    assert "1 of 40: 2.5 % (0.1 to 13.2)" in proposed
    assert "   3 + thresholds.hey_jarvis = 0.59" in said
    assert home.config.read_text().startswith(
        f'# in the kitchen\n[wake]\nthresholds.hey_jarvis = 0.59\nwords = ["{WORD}"]  # the butler\n'
    )
    assert "thresholds = {hey_jarvis = 0.59}" not in said
    again = home.say("field", "tune", "--target", "0.01", "--yes")
    assert "nothing to change" in again
    assert 'thresholds = {"hey_jarvis" = 0.59}' in home.say("check-config")


def test_no_false_wake_at_all_is_never_told_as_none(home: House) -> None:
    said = home.say("field", "tune", "--target", "0.001", answer="n\n")
    proposed = next(row for row in said.splitlines() if row.startswith("proposed"))
    assert "0: under 0.015" in proposed, "3/T, and T is 200 hours"
    assert "that it stays below 0.001 an hour is not shown by this: that takes 2995.7 h without any" in said


@pytest.mark.parametrize("answer", ["", "n\n", "\n", "Y E S\n"])
def test_whatever_is_no_yes_writes_nothing(home: House, answer: str) -> None:
    before = home.files()
    assert "nothing was written" in home.say("field", "tune", "--target", "0.01", answer=answer)
    assert home.files() == before


def test_a_yes_that_is_typed_writes_it(home: House) -> None:
    assert "written; " in home.say("field", "tune", "--target", "0.01", answer="Yes\n")
    assert "thresholds.hey_jarvis = 0.59" in home.config.read_text()


def test_ctrl_c_at_the_question_writes_nothing(home: House) -> None:
    before = home.files()
    pipe = subprocess.PIPE
    command = home.command("field", "tune", "--target", "0.01")
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdout
        said = b""
        while not said.endswith(b"write it? [y/N] "):
            said += process.stdout.read(1)
        process.send_signal(signal.SIGINT)
        assert process.wait(SECONDS) == 130
    assert home.files() == before


def test_patience_is_proposed_where_there_is_one_word_and_not_where_there_are_two(
    tmp_path: Path, models: Path
) -> None:
    home = house(tmp_path, models, hours=HOURS)
    keep(home, peaks(TRUE, *[0.6] * 9, hops=3), peaks(FALSE, *[0.9] * 5, hops=1))
    said = home.say("field", "tune", "--target", "0.01", answer="n\n")
    assert "+ patience = 2" in said
    assert "thresholds" not in said.partition("would change")[2], "what stays as it is is not written"
    home.config.write_text(home.config.read_text().replace(f'["{WORD}"]', f'["{WORD}", "alexa"]'))
    both = home.say("field", "tune", "--target", "0.01", "--word", WORD, code=64)
    assert "that would cost 9 of 9" in both
    assert "which word?" in home.say("field", "tune", code=64)


def test_too_little_is_refused_in_one_line(tmp_path: Path, models: Path) -> None:
    home = house(tmp_path, models, hours=HOURS)
    assert "there was no wake" in home.say("field", "tune", "--yes", code=64)
    keep(home, peaks(None, *[0.8] * 5), peaks(TRUE, *[0.9] * 4))
    assert "5 of 9 wakes have no label" in home.say("field", "tune", "--yes", code=64)
    before = home.files()
    keep(home, peaks(FALSE, *[0.98] * 40))
    said = home.say("field", "tune", "--target", "0.01", "--yes", code=64)
    assert "that would cost 4 of 4 true wakes" in said
    keep(home, [replace(one, at_s=one.at_s + 99) for one in peaks(FALSE, *[0.995] * 40, hops=4)])
    said = home.say("field", "tune", "--target", "0.01", "--yes", code=64)
    assert "nothing that was recorded comes to 0.01 an hour" in said
    assert home.files() == before


def test_what_waits_for_a_label_counts_as_false_and_is_told(home: House) -> None:
    keep(home, peaks(None, 0.95, 0.95))
    said = home.say("field", "tune", "--target", "0.02", answer="n\n")
    assert "12 false, 2 of them without a clear label" in said


def test_a_file_that_cannot_be_changed_safely_is_left_alone(home: House) -> None:
    tune = ("field", "tune", "--target", "0.01", "--yes")
    home.config.chmod(0o646)
    assert "chmod o-w" in home.say(*tune, code=78)
    home.config.chmod(0o644)
    os.link(home.config, home.config.parent / "second")
    assert "another name" in home.say(*tune, code=78)
    (home.config.parent / "second").unlink()
    elsewhere = home.config.with_name("elsewhere.toml")
    home.config.rename(elsewhere)
    home.config.symlink_to(elsewhere)
    before = elsewhere.read_bytes()
    assert "is a link" in home.say(*tune, code=78)
    assert elsewhere.read_bytes() == before


def test_hours_in_which_another_word_was_listened_for_do_not_count(home: House) -> None:
    with closing(FieldStore(home.state / "field")) as store:
        other = store.begin(note="", started_s=BEGAN_S, ends_s=BEGAN_S + 1, keeps_audio=False)
        store.add_run(Run(other.id, BEGAN_S, {"words": "alexa"}))
        store.add([Minute(other.id, BEGAN_S, 900 * 3600 * RATE_HZ)])
    assert "200.0 h listened" in home.say("field", "tune", "--target", "0.01", answer="n\n")


def test_an_erased_wake_still_counts(home: House) -> None:
    (one,) = peaks(FALSE, 0.57)
    keep(home, [replace(one, at_s=one.at_s + 99, trace=np.zeros(0, np.float32), is_erased=True)])
    assert "11 false" in home.say("field", "tune", "--target", "0.01", answer="n\n")
