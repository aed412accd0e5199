"""The live screen: a lamp, the last seconds of sound, and what became of them."""

from __future__ import annotations

import math
from types import TracebackType
from typing import Final

from rich.console import Console, OverflowMethod
from rich.live import Live
from rich.text import Text

from earlid.core.gate import State
from earlid.core.plain import called, several, weight
from earlid.core.screen_lamp import Lamp
from earlid.core.screenplay import Fate, Screenplay
from earlid.core.timeline import Timeline
from earlid.core.units import HOP, seconds

FRAMES_PER_S: Final = 10
WIDEST: Final = 100
HOPS_A_COLUMN: Final = 2
MOST_SEGMENTS: Final = 8
ROOMY: Final = 18
"""Rows from which there is room for an empty first one."""
MOST_WORDS: Final = 8
"""Meters shown; a listener for more words than this shows those that were named first."""
QUIETEST_DBFS: Final = -66.0
LOUDEST_DBFS: Final = -12.0

_DIM: Final = "bright_black"
_KEPT: Final = "bold bright_blue"
# every lamp differs in shape and word as well as in colour, so that nobody has to tell red from green
_LAMPS: Final = {
    Lamp.STARTING: ("· · ·", ". . .", _DIM),
    Lamp.LISTENING: ("○ ○ ○", "o o o", _DIM),
    Lamp.CAPTURING: ("● ● ●", "# # #", "bold bright_blue"),
    Lamp.RECORDING: ("◉ ◉ ◉", "@ @ @", "bold magenta"),
    Lamp.SPENT: ("◌ ◌ ◌", "0 0 0", "bold cyan"),
    Lamp.SENDING: ("▶ ▶ ▶", "> > >", "bold yellow"),
    Lamp.SENT: ("✔ ✔ ✔", "+ + +", "bold green"),
    Lamp.MUTED: ("■ ■ ■", "= = =", "bold red"),
    Lamp.FAULT: ("✖ ✖ ✖", "x x x", "bold blink red"),
    Lamp.ENDED: ("· · ·", ". . .", _DIM),
}
_FATES: Final = {
    Fate.OPEN: ("keeping", _KEPT),
    Fate.WAITING: ("kept", "bold yellow"),
    Fate.SENT: ("kept, sent", "bold green"),
    Fate.REFUSED: ("kept, refused", "bold red"),
    None: ("not kept", _DIM),
}
_LABEL: Final = 12
"""Columns of the names at the left."""


class Painter:
    """Draws a screenplay into lines of text. Pure: no terminal is needed, only its size."""

    def __init__(self, title: str, thresholds: dict[str, float], *, ascii_only: bool = False) -> None:
        self._title = title
        self._thresholds = thresholds
        self._blocks = " .:-=+*#%" if ascii_only else " ▁▂▃▄▅▆▇█"
        self._full, self._empty, self._tick = ("#", "-", "|") if ascii_only else ("━", "─", "┃")
        self._underline = "^" if ascii_only else "▔"
        self._lamp_column = 1 if ascii_only else 0
        self._overflow: OverflowMethod = "crop" if ascii_only else "ellipsis"
        self._dot = "-" if ascii_only else "·"

    def paint(
        self,
        play: Screenplay,
        story: Timeline | None,
        size: tuple[int, int],
        now_s: float,
        is_last: bool = False,
    ) -> Text:
        """The whole screen for a terminal of `size` columns and rows; never wider, never higher.

        The last picture of a run shows all of it, as far as it is remembered, and not the last seconds.
        """
        columns, rows = size
        width = min(columns - 2, WIDEST)
        rows_left = rows - 1
        head = [*([Text("")] if rows >= ROOMY else []), self._head(play, width, now_s), Text("")]
        sound = [*self._strip(play, width, is_last), *self._meters(play, width), Text("")]
        foot = [Text(""), *self._ledger(play, width)]
        room = rows_left - len(head) - len(sound) - len(foot)
        if room < 0:  # a low terminal: the lamp and what left are never what gives way
            sound = sound[: max(0, len(sound) + room)]
            room = 0
        middle = self._captions(play, story, width, room) if story else self._segments(play, width, room)
        page = [*head, *sound, *middle, *foot][: max(1, rows_left)]
        for row in page:
            row.truncate(width, overflow=self._overflow)
        return Text("\n").join([Text(" ") + row for row in page])

    def _head(self, play: Screenplay, width: int, now_s: float) -> Text:
        lamp = play.lamp(now_s)
        style = _LAMPS[lamp][2]
        shown = Text(f"{_LAMPS[lamp][self._lamp_column]}  {lamp.value}", style)
        if play.cause:
            shown.append(f" {self._dot} {play.cause}", "default")
        return self._justified(shown, Text(self._title, _DIM), width)

    def _strip(self, play: Screenplay, width: int, is_last: bool) -> list[Text]:
        columns = max(1, width - _LABEL)
        step = HOP * HOPS_A_COLUMN
        if is_last:
            step = max(1, math.ceil(len(play.strip) / columns)) * HOP
        stop = math.ceil(play.heard / step) * step
        first = stop - columns * step
        if is_last and first < 0:
            first = 0  # from the left
        levels: dict[int, float] = {}
        for moment in play.strip:
            column = (moment.start - first) // step
            levels[column] = max(levels.get(column, -120.0), moment.level_dbfs)
        loud, marks = Text(f"{'heard':{_LABEL}}", _DIM), Text(f"{'kept':{_LABEL}}", _DIM)
        for column in range(columns):
            start = first + column * step
            is_kept = play.kept_between(start, start + step)
            if column in levels:
                height = 1 + round(_share(levels[column]) * (len(self._blocks) - 2))
                loud.append(self._blocks[height], _KEPT if is_kept else _DIM)
            else:
                loud.append(" ")
            marks.append(self._underline if is_kept else " ", _KEPT)
        return [loud, marks]

    def _meters(self, play: Screenplay, width: int) -> list[Text]:
        length = max(4, min(width - _LABEL - 24, 52))
        hears = play.state is not State.MUTED
        level = self._bar("level", _share(play.level_dbfs) if hears else 0.0, None, length)
        level.append(f"  {play.level_dbfs:5.0f} dBFS" if play.strip and hears else "", _DIM)
        rows = [level]
        for word in tuple(play.scores or self._thresholds)[:MOST_WORDS]:
            score = play.peak(word) if hears else None
            threshold = self._thresholds.get(word, 0.5)
            row = self._bar(called(word), score or 0.0, threshold, length)
            row.append(f"  {score:5.2f}" if score is not None else "      -", "default")
            row.append(f"  wakes at {threshold:.2f}", _DIM)
            rows.append(row)
        return rows

    def _bar(self, name: str, share: float, tick: float | None, length: int) -> Text:
        row = Text(f"{name[: _LABEL - 1]:{_LABEL}}", _DIM)
        filled = round(max(0.0, min(share, 1.0)) * length)
        is_over = tick is not None and share >= tick
        for column in range(length):
            if tick is not None and column == round(tick * length):
                row.append(self._tick, "bold")
            elif column < filled:
                row.append(self._full, _KEPT if is_over else "default")
            else:
                row.append(self._empty, _DIM)
        return row

    def _captions(self, play: Screenplay, story: Timeline, width: int, room: int) -> list[Text]:
        """What is being said, and what became of it; always as many rows, so that nothing jumps."""
        lines: list[Text] = []
        height = min(room, len(story.said))
        for words in story.until(play.heard)[-height:] if height else ():
            fate, is_over = play.fate_of(words), play.heard >= words.stop
            verdict, colour = ("", _DIM) if fate is None and not is_over else _FATES[fate]
            style = _DIM if fate is None and is_over else "default"
            line = Text(f"{words.who:{_LABEL}}", _DIM)
            line.append(words.text, f"bold {style}" if words.wakes else style)
            lines.append(self._justified(line, Text(verdict, colour), width))
        return lines + [Text("")] * (height - len(lines))

    def _segments(self, play: Screenplay, width: int, room: int) -> list[Text]:
        """The last segments: when, after which word, how long, and where they are now."""
        lines: list[Text] = []
        height = min(room, MOST_SEGMENTS)
        for span in play.spans[-height:] if height else ():
            line = Text(f"{seconds(span.start):>{_LABEL - 4}.1f} s  ", _DIM)
            line.append(f"{seconds(span.stop - span.start):.1f} s", "default")
            line.append(f' after "{called(span.model)}"' if span.model else " from an earlier run", _DIM)
            line.append(f" ({span.endpoint})" if span.endpoint else "", _DIM)
            lines.append(self._justified(line, Text(*_FATES[span.fate]), width))
        return lines + [Text("")] * (height - len(lines))

    def _ledger(self, play: Screenplay, width: int) -> list[Text]:
        total = Text("kept ", _DIM).append(f"{seconds(play.kept):.1f} s", "bold")
        total.append(f" of {seconds(play.heard):.1f} s heard", _DIM)
        for fate, verb in ((Fate.SENT, "sent"), (Fate.WAITING, "waiting"), (Fate.REFUSED, "refused")):
            count = play.count(fate)
            if count:
                total.append(f" {self._dot} {verb} ", _DIM).append(several(count, "segment"), _FATES[fate][1])
                total.append(f", {weight(play.sent_bytes)}" if fate is Fate.SENT else "", _DIM)
        if play.lost:
            total.append(f" {self._dot} lost {several(play.lost, 'hop')}", "bold red")
        total.truncate(width, overflow=self._overflow)
        return [total, *([Text(play.trouble, "yellow")] if play.trouble else [])]

    def _justified(self, left: Text, right: Text, width: int) -> Text:
        space = width - left.cell_len - right.cell_len
        if space < 2:
            left.truncate(max(0, width - right.cell_len - 2), overflow=self._overflow)
            space = max(0, width - left.cell_len - right.cell_len)
        return left.append(" " * space).append_text(right)


class Screen:
    """The terminal while something runs: ten frames a second at most, and as it was when left."""

    def __init__(self, title: str, thresholds: dict[str, float], console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)
        self._painter = Painter(title, thresholds, ascii_only=self._console.options.ascii_only)
        self._live = Live(console=self._console, screen=True, auto_refresh=False, transient=True)

    @property
    def is_possible(self) -> bool:
        """Whether this is a terminal that can be drawn on."""
        return self._console.is_terminal and not self._console.is_dumb_terminal

    def show(self, play: Screenplay, story: Timeline | None, now_s: float) -> None:
        """Bring the terminal to what `play` says."""
        size = (self._console.width, self._console.height)
        self._live.update(self._painter.paint(play, story, size, now_s), refresh=True)

    def leave(self, play: Screenplay, story: Timeline | None, now_s: float) -> None:
        """After the live screen: put its last picture where it can be scrolled back to."""
        size = (self._console.width, 30)
        page = self._painter.paint(play, story, size, now_s, is_last=True)
        self._console.print(page, Text(""), sep="\n", no_wrap=True)

    def __enter__(self) -> Screen:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()


def _share(level_dbfs: float) -> float:
    linear = (level_dbfs - QUIETEST_DBFS) / (LOUDEST_DBFS - QUIETEST_DBFS)
    return float(max(0.0, min(1.0, linear)) ** 1.5)  # speech spreads over the whole height
