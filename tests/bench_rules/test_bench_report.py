"""What the bench writes down: targets judged on the right side, tables that hold, and the missing named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench import contestants as who
from bench.figures import spread
from bench.measuring import Measured
from bench.report import Whole, contest, numbers, whole_process
from bench.tables import Table, plain, ranged, reached, small
from bench.targets import TARGETS, Said, Target, Way, verdicts
from bench.whole_process import Grown, Listened
from earlid.bench.peer_pipe import Heard, Started

START = Started(0.2, 25, [0.5], {"numpy": "2"}, 50_000, 1, 0.3)
HOPS = 100


def measured(one: who.Contestant, *ms_per_s: float, peak_mb: int = 60, last: float = 0.0) -> Measured:
    rows: list[list[float | None]] = [[last if hop == HOPS - 1 else 0.0] for hop in range(HOPS)]
    runs = [Heard(ms * 98 / 1000, 98.0, rows, peak_mb * 1024, peak_mb * 1024, 1) for ms in ms_per_s]
    return Measured(one, [START for _ in runs], {"speech": runs, "quiet": runs})


OURS = measured(who.EARLID, 2.0, 4.0, 3.0)
THEIRS = measured(who.REFERENCE, 20.0, 40.0, 30.0, peak_mb=200, last=0.25)
WHOLE = Whole(
    Listened(2.0, 0.5, 0, 0.0),
    {"speech, nobody calls": Listened(100.0, 0.5 + 98 * 0.0045, 0, 0.0)},
    Grown((80_000, 90_000, *[92_160] * 34), 92_160),
    1.0,
)


@pytest.mark.parametrize(
    ("way", "below", "at", "above"),
    [
        (Way.AT_LEAST, Said.NOT_REACHED, Said.REACHED, Said.REACHED),
        (Way.AT_MOST, Said.REACHED, Said.REACHED, Said.NOT_REACHED),
        (Way.UNDER, Said.REACHED, Said.NOT_REACHED, Said.NOT_REACHED),
    ],
)
def test_a_target_is_reached_on_its_own_side_of_the_limit(
    way: Way, below: Said, at: Said, above: Said
) -> None:
    target = Target("any", "", way, 8.0)
    assert [target.judge(value) for value in (7.9, 8.0, 8.1)] == [below, at, above]


def test_what_was_not_measured_is_never_called_reached() -> None:
    assert {said for _, said in verdicts({})} == {Said.NOT_MEASURED}


def test_a_number_that_no_target_asks_for_is_an_error() -> None:
    with pytest.raises(KeyError, match="speling"):
        verdicts({"speling": 1.0})


def test_every_target_gets_its_number_from_the_report() -> None:
    assert set(numbers({}, None)) == {target.key for target in TARGETS}


def test_ratios_and_differences_are_against_the_reference_and_with_earlid_below() -> None:
    found = numbers({"earlid": OURS, "openwakeword-onnx": THEIRS}, WHOLE)
    assert found["openwakeword"] == pytest.approx(10.0)
    assert found["scores"] == pytest.approx(0.25)
    assert found["memory"] == pytest.approx(90 / 200)
    assert found["listen"] == pytest.approx(1.5)
    assert found["growth"] == pytest.approx(0.0)
    assert found["pyopen"] is None


def test_a_second_wake_word_is_told_as_what_it_adds() -> None:
    two = measured(who.TWO_WORDS, 2.2, 4.4, 3.3)
    assert numbers({"earlid": OURS, "earlid-two": two}, None)["second"] == pytest.approx(10.0)


def test_a_few_minutes_say_nothing_about_growth() -> None:
    assert replace(WHOLE, hours=0.2).growth_mb() is None


def test_everyone_has_a_row_and_whoever_is_missing_says_why() -> None:
    shown = contest({"earlid": OURS}, {"pyopen": "cannot install it"}, "speech", "people")
    assert [row[0] for row in shown.rows] == [one.label for one in who.ALL]
    assert sum(row[1] == "skipped" for row in shown.rows) == len(who.ALL) - 1
    assert "pyopen-wakeword 1.1.0: skipped, cannot install it" in shown.text()


def test_scores_of_other_networks_are_not_held_against_the_reference() -> None:
    pymicro = measured(who.PEERS[-1], 2.0, 2.0, 2.0, last=0.9)
    found = {"openwakeword-onnx": THEIRS, "earlid": OURS, "pymicro": pymicro}
    rows = {row[0]: row for row in contest(found, {}, "speech", "").rows}
    assert rows["Earlid"][5] == "2.5e-01"
    assert rows["pymicro-wakeword 2.5.0"][5] == "-"


def test_the_whole_process_is_shown_without_its_start() -> None:
    (row,) = whole_process(WHOLE, {"earlid": OURS}).rows
    assert row[1:4] == ("4.50", "3.00", "1.50")


def test_a_table_lines_up_and_keeps_bars_inside_their_cells() -> None:
    table = Table("T", ("", "ms"), (("a|b", "1.0"), ("long name", "10.0")), ("a remark",))
    assert table.text().splitlines()[2:6] == [
        "             ms",
        "---------  ----",
        "a|b         1.0",
        "long name  10.0",
    ]
    assert "| a&#124;b | 1.0 |" in table.markdown()
    assert table.markdown().endswith("\n\n- a remark")


def test_a_row_that_is_too_short_is_refused() -> None:
    with pytest.raises(ValueError, match="does not have 2 cells"):
        Table("T", ("", "ms"), (("alone",),))


def test_numbers_are_written_for_people() -> None:
    assert ranged(spread([1.0, 2.0, 4.0])) == "2.00 (1.00..4.00)"
    assert (ranged(None), plain(None), small(None)) == ("-", "-", "-")
    assert (plain(3.456, 2, " ms"), small(2.32e-6), small(0.0)) == ("3.46 ms", "2.3e-06", "0")


def test_the_table_of_targets_says_reached_or_not() -> None:
    target = Target("any", "something", Way.AT_LEAST, 8)
    said = verdicts({"any": 7.5}, [target])
    assert reached(said, {"any": 7.5}).rows == (("something", "at least 8x", "7.5x", "not reached"),)
