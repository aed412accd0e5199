"""A table fits the terminal: what finds no room stands below its row, and no word is broken."""

from collections import Counter

import pytest
from rich.console import Console

from earlid.edge.columns import laid_out

COLUMNS = ("time", "what", "to", "why")
ROWS = (
    ("03:02:28", "deletion unconfirmed", "upload (collector.home)", "the collector cannot delete"),
    ("03:02:29", "erased", "", ""),
)


def told(
    width: int | None, columns: tuple[str, ...] = COLUMNS, rows: tuple[tuple[str, ...], ...] = ROWS
) -> list[str]:
    console = Console(width=width or 400)
    return [each.plain for each in laid_out(columns, rows, console, width)]


def test_what_fits_stands_side_by_side() -> None:
    assert (
        told(None)
        == told(200)
        == [
            "time      what                  to                       why",
            "03:02:28  deletion unconfirmed  upload (collector.home)  the collector cannot delete",
            "03:02:29  erased",
        ]
    )


def test_what_finds_no_room_stands_below_with_its_name_and_only_where_there_is_something() -> None:
    assert told(60) == [
        "time      what                  to",
        "03:02:28  deletion unconfirmed  upload (collector.home)",
        "          why: the collector cannot delete",
        "03:02:29  erased",
    ]
    assert told(48) == [
        "time      what",
        "03:02:28  deletion unconfirmed",
        "          to: upload (collector.home)",
        "          why: the collector cannot delete",
        "03:02:29  erased",
    ]


def test_what_stands_below_shares_a_line_where_it_fits() -> None:
    rows = (("a" * 20, "b" * 20, "2", "forget"),)
    assert told(45, rows=rows)[1:] == [f"{'a' * 20}  {'b' * 20}", "  to: 2  why: forget"]


def test_the_last_column_beside_the_others_is_folded_between_words_where_it_has_room() -> None:
    rows = (("microphone", "no microphone is connected to this machine"), ("disk", "69 GB free"))
    assert told(40, ("what", "found"), rows) == [
        "what        found",
        "microphone  no microphone is connected",
        "            to this machine",
        "disk        69 GB free",
    ]


@pytest.mark.parametrize("width", [*range(22, 100), 400])
def test_no_line_is_too_long_and_no_word_is_broken_at_any_width(width: int) -> None:
    lines = told(width)
    assert max(map(len, lines)) <= width
    words = {word for row in ROWS for cell in row for word in cell.split()}
    assert words <= {word for line in lines for word in line.split()}
    assert not any(line.endswith(" ") for line in lines)


@pytest.mark.parametrize("width", [1, 2, 5, 9])
def test_a_terminal_of_hardly_any_width_loses_no_letter(width: int) -> None:
    assert Counter("".join(map("".join, ROWS))) - Counter("".join(told(width))) <= Counter(" " * 99)


def test_letters_that_take_two_places_are_counted_as_two() -> None:
    assert told(20, ("", ""), (("マイク", "x"), ("ab", "y"))) == ["マイク  x", "ab      y"]
