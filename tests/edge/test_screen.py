"""The screen fits every terminal, and nobody needs colours or Unicode to read it."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from earlid.core.screen_lamp import Lamp
from earlid.core.screenplay import Screenplay
from earlid.core.timeline import Said, Timeline
from earlid.core.units import HOP
from earlid.edge.screen import _LAMPS, Painter, Screen

STORY = Timeline(
    100 * HOP,
    "",
    (
        Said("Ruth", "a private matter that takes a while to tell and is longer than a row", 0, 20 * HOP),
        Said("Ruth", "hey jarvis", 30 * HOP, 38 * HOP, "hey_jarvis"),
        Said("Ruth", "a question", 42 * HOP, 60 * HOP),
    ),
)
SIZES = [(80, 24), (120, 40), (50, 20), (40, 10), (30, 5), (20, 2), (300, 100)]


def played(until: int, *, lost: str = "") -> Screenplay:
    """A run in which a word is called at hop 40 and a question is kept until hop 70 and sent."""
    play = Screenplay()
    play.take({"event": "lamp", "state": "listening", "sample": 0, "cause": ""}, 0.0)
    for at in range(1, until + 1):
        scores: dict[str, object] = {"hey_jarvis": 0.02 if at != 40 else 0.93}
        play.take({"event": "hop", "sample": at * HOP, "level_dbfs": -30.0, "scores": scores}, 0.0)
        if at == 40:
            play.take({"event": "wake", "sample": at * HOP, "model": "hey_jarvis", "score": 0.93}, 0.0)
            play.take({"event": "lamp", "state": "capturing", "sample": at * HOP, "cause": ""}, 0.0)
        if at == 70:
            kept = {"event": "kept", "id": "a", "model": "hey_jarvis", "start": 40 * HOP, "stop": 70 * HOP}
            play.take(kept | {"endpoint": "speech ended"}, 0.0)
            play.take({"event": "lamp", "state": "listening", "sample": at * HOP, "cause": ""}, 0.0)
            play.take({"event": "sent", "id": "a", "bytes": 76_844, "seconds": 0.1, "status": 201}, 0.0)
    if lost:
        play.take({"event": "lamp", "state": "fault", "sample": 0, "cause": lost}, 0.0)
    return play


def painted(
    play: Screenplay, size: tuple[int, int], story: Timeline | None = STORY, ascii_only: bool = False
) -> str:
    return Painter("earlid", {"hey_jarvis": 0.5}, ascii_only=ascii_only).paint(play, story, size, 90.0).plain


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("story", [STORY, None], ids=["with words", "without words"])
def test_nothing_is_wider_or_higher_than_the_terminal(size: tuple[int, int], story: Timeline | None) -> None:
    columns, rows = size
    for until in (0, 1, 35, 55, 90):
        play = played(until, lost="no microphone " * 9)
        play.take({"event": "later", "id": "b", "cause": "connection refused " * 20, "after_s": 1.0}, 0.0)
        lines = painted(play, size, story).split("\n")
        assert len(lines) < rows
        assert max(map(len, lines)) < columns


def test_the_lamp_and_what_left_are_told_even_on_a_low_terminal() -> None:
    page = painted(played(90), (80, 6))
    assert "listening" in page
    assert "kept 2.4 s of 7.2 s heard" in page
    assert "sent 1 segment, 77 kB" in page


def test_each_thing_said_shows_what_became_of_it() -> None:
    rows = {row.split("  ")[-1].strip(): row for row in painted(played(90), (80, 24)).split("\n")}
    assert "a question" in rows["kept, sent"]
    private, called = (row for row in painted(played(90), (80, 24)).split("\n") if row.endswith("not kept"))
    assert "a private matter" in private
    assert "hey jarvis" in called


def test_words_not_said_yet_are_not_shown_and_the_rows_below_do_not_move() -> None:
    early, late = (painted(played(until), (80, 24)).split("\n") for until in (35, 90))
    assert not any("a question" in row for row in early)
    assert len(early) == len(late)


def test_without_words_the_segments_are_listed() -> None:
    page = painted(played(90), (80, 24), story=None)
    assert '2.4 s after "hey jarvis" (speech ended)' in page
    assert "kept, sent" in page


def test_only_what_was_kept_is_marked() -> None:
    marks = next(
        row for row in painted(played(90), (100, 24)).split("\n") if row.strip().startswith("kept  ")
    )
    assert marks.count("▔") == 15


def test_the_last_picture_shows_the_whole_run_however_long_it_was() -> None:
    play = played(400)
    page = Painter("earlid", {"hey_jarvis": 0.5}).paint(play, STORY, (80, 24), 90.0, is_last=True).plain
    heard, marks = page.split("\n")[3:5]
    assert len(heard.strip()) > 60
    assert 4 <= marks.count("▔") <= 7
    assert painted(play, (80, 24)).count("▔") == 0


def test_ascii_terminals_get_ascii() -> None:
    assert painted(played(55), (80, 24), ascii_only=True).isascii()


def test_every_lamp_differs_in_shape_or_word_and_not_in_colour_alone() -> None:
    seen = {(shape, lamp.value) for lamp, (shape, _, _) in _LAMPS.items()}
    assert len(seen) == len(Lamp) == len(_LAMPS)
    quiet = (Lamp.STARTING, Lamp.ENDED)
    loud = [shapes for lamp, (*shapes, _) in _LAMPS.items() if lamp not in quiet]
    for shapes in zip(*loud, strict=True):
        assert len(set(shapes)) == len(shapes)


def test_a_fault_says_its_cause_beside_the_lamp() -> None:
    assert "fault · no microphone" in painted(played(5, lost="no microphone"), (80, 24))


def test_while_muted_no_level_and_no_score_is_shown() -> None:
    play = played(38)
    page = painted(play, (80, 24))
    assert "-30 dBFS" in page and "0.02" in page
    play.take({"event": "lamp", "state": "muted", "look": "muted", "sample": 0, "cause": ""}, 0.0)
    page = painted(play, (80, 24))
    assert "dBFS" not in page and "0.02" not in page and "━" not in page


def test_no_color_takes_the_colours_and_leaves_the_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, width=80, height=24, highlight=False)
    Screen("earlid", {"hey_jarvis": 0.5}, console).leave(played(55), STORY, 0.0)
    assert "keeping what you say" in file.getvalue()
    assert not any(f"\x1b[{code}" in file.getvalue() for code in ("3", "9", "1;3", "1;9"))


def test_a_pipe_is_no_screen() -> None:
    console = Console(file=io.StringIO())
    assert not Screen("earlid", {}, console).is_possible


def test_the_terminal_is_given_back_as_it_was() -> None:
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, width=80, height=24)
    with Screen("earlid", {"hey_jarvis": 0.5}, console) as screen:
        screen.show(played(55), STORY, 0.0)
    shown = file.getvalue()
    assert shown.index("\x1b[?1049h") < shown.index("keeping what you say") < shown.index("\x1b[?1049l")
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")
