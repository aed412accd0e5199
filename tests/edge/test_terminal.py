"""What is printed for people is text, whatever it contains."""

import pytest

from earlid.edge.terminal import line, progress, table

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


def test_a_bar_is_drawn_on_a_terminal_only(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("replay", 10.0) as advance:
        advance(5.0, "one.wav")
    said = capsys.readouterr()
    assert (said.out, said.err.strip()) == ("", "")
