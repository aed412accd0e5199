"""What is printed for people is text, whatever it contains."""

import re

import pytest

from earlid.edge.terminal import line, paragraph, progress, table

HOSTILE = "[bold]USB\x1b[31m\nAudio[/bold]"
SHOWN = "[bold]USB?[31m?Audio[/bold]"


def test_a_name_cannot_colour_or_move_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    table("", ("name",), [(HOSTILE,)])
    line(HOSTILE)
    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    assert [text.strip() for text in printed.splitlines()] == ["name", SHOWN, SHOWN]


def test_what_is_piped_is_never_folded(capsys: pytest.CaptureFixture[str]) -> None:
    table("", ("name", "what"), [("a" * 150, "b" * 150)])
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_on_a_terminal_a_table_is_no_wider_than_that(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in {"TERM": "xterm", "NO_COLOR": "1", "COLUMNS": "40"}.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    table("", ("name", "what"), [("a" * 20, "bees " * 5)])
    paragraph("a sentence of a few more words than fit into it")
    printed = re.sub(r"\x1b\[[\d;]*m", "", capsys.readouterr().out)
    assert printed.splitlines() == [
        "name",
        "a" * 20,
        "  what: bees bees bees bees bees",
        "a sentence of a few more words than fit",
        "into it",
    ]


def test_a_bar_is_drawn_on_a_terminal_only(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("replay", 10.0) as advance:
        advance(5.0, "one.wav")
    said = capsys.readouterr()
    assert (said.out, said.err.strip()) == ("", "")
