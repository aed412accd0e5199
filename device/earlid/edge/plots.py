"""Drawings for a page, as SVG with real letters in it; the same figures give the same bytes."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from earlid.errors import ConfigError

try:
    import matplotlib as mpl
    from matplotlib.figure import Figure
except ImportError:
    raise ConfigError("drawings need matplotlib: pip install '.[report]' in the checkout") from None

INK: Final = "#1f2933"
FAINT: Final = "#7b8794"
GRID: Final = "#e4e7eb"
COLOURS: Final = ("#0b7285", "#e8590c", "#5f3dc4", "#2b8a3e", "#c2255c", "#846358", "#1971c2", "#868e96")
"""Told apart in print and by most colour-blind eyes; who comes first comes first here."""
_STYLE: Final[Any] = {
    "svg.hashsalt": "earlid",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9.0,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": FAINT,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
}
_SIZE: Final = (4.6, 3.4)


@dataclass(frozen=True, slots=True)
class Line:
    """A curve through `points` (x, y), and the point on it that is in use."""

    name: str
    points: tuple[tuple[float, float], ...]
    used: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Whisker:
    """A figure with the bounds between which the truth lies, all from 0 to 1."""

    row: str
    name: str
    value: float
    low: float
    high: float


def trade_off(lines: Sequence[Line], floor: float) -> str:
    """Misses in percent against false accepts an hour; at or left of `floor` an hour there were none."""
    figure, axes = _empty()
    most = floor * 10
    for line, colour in zip(lines, _cycled(len(lines)), strict=True):
        xs = [max(x, floor) for x, _ in line.points]
        axes.plot(xs, [100 * y for _, y in line.points], color=colour, linewidth=1.6, label=line.name)
        if line.used:
            axes.plot(
                max(line.used[0], floor), 100 * line.used[1], "o", color=colour, markersize=6, mec="white"
            )
        most = max(most, *xs, most)
    axes.set_xscale("log")
    axes.set_xlim(floor * 0.85, most * 1.15)
    axes.set_ylim(-2, 102)
    ticks = [floor, *_round_numbers(floor * 1.6, most * 1.15)]
    axes.set_xticks(ticks, ["none", *(f"{tick:g}" for tick in ticks[1:])])
    axes.minorticks_off()
    axes.set_xlabel("false accepts an hour")
    axes.set_ylabel("calls missed, %")
    axes.legend(frameon=False, fontsize=8, loc="upper right")
    return _svg(figure)


def whiskers(each: Sequence[Whisker]) -> str:
    """Shares in percent with their intervals, a row each, several names beside each other in a row."""
    rows, names = (list(dict.fromkeys(getattr(one, part) for one in each)) for part in ("row", "name"))
    figure, axes = _empty(height=max(_SIZE[1], 0.75 + 0.2 * len(rows) * (1 + 0.55 * len(names))))
    colours = dict(zip(names, _cycled(len(names)), strict=True))
    step = 0.7 / max(1, len(names))
    for one in each:
        place = rows.index(one.row) + (names.index(one.name) - (len(names) - 1) / 2) * step
        axes.plot(
            [100 * one.low, 100 * one.high], [place, place], color=colours[one.name], linewidth=2, alpha=0.5
        )
        axes.plot(100 * one.value, place, "o", color=colours[one.name], markersize=5)
    axes.set_yticks(range(len(rows)), rows)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(-1, max(10.0, *(100 * one.high for one in each)) + 2)
    axes.set_xlabel("calls missed, %, and 95 % interval")
    if len(names) > 1:
        for name in names:
            axes.plot([], [], "o", color=colours[name], label=name)
        figure.legend(frameon=False, fontsize=8, loc="upper center", ncols=min(2, len(names)))
        figure.get_layout_engine().set(
            rect=(0, 0, 1, 1 - 0.32 * math.ceil(len(names) / 2) / figure.get_figheight())
        )
    return _svg(figure)


def histogram(bars: Sequence[tuple[str, Sequence[int]]], threshold: float) -> str:
    """How often which score from 0 to 1 was the highest, on a scale that shows one among thousands."""
    figure, axes = _empty()
    for (name, counts), colour in zip(bars, _cycled(len(bars)), strict=True):
        edges = [place / len(counts) for place in range(len(counts) + 1)]
        axes.stairs([count or 0.0 for count in counts], edges, color=colour, label=name, linewidth=1.6)
    axes.axvline(threshold, color=INK, linewidth=1, linestyle=(0, (4, 3)))
    axes.set_yscale("symlog", linthresh=1, linscale=0.4)
    most = max((max(counts, default=1) for _, counts in bars), default=1)
    powers = [10**power for power in range(math.floor(math.log10(max(1, most))) + 1)]
    axes.set_yticks([0, *powers], [f"{tick:,}" for tick in (0, *powers)])
    axes.minorticks_off()
    axes.set_ylim(0, most * 2.2)
    axes.set_xlim(0, 1)
    axes.set_xlabel("highest score")
    axes.set_ylabel("how often")
    axes.annotate(
        "wakes from here",
        (threshold, 1),
        xycoords=("data", "axes fraction"),
        xytext=(4, -3),
        textcoords="offset points",
        va="top",
        fontsize=8,
        color=INK,
    )
    axes.legend(frameon=False, fontsize=8, loc="upper right", bbox_to_anchor=(1, 0.92))
    return _svg(figure)


def _empty(height: float = _SIZE[1]) -> tuple[Any, Any]:
    with mpl.rc_context(_STYLE):
        figure: Any = Figure(figsize=(_SIZE[0], height), layout="constrained")
        axes = figure.subplots()
    axes.grid(visible=True, color=GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure, axes


def _round_numbers(low: float, high: float) -> list[float]:
    """Whole powers of ten from `low` to `high`, with twice and five times each where that is little."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (1, 2, 5) if math.log10(high / low) < 2 else (1,)
    return [one for power in powers for step in steps if low <= (one := step * 10.0**power) <= high]


def _cycled(count: int) -> list[str]:
    return [COLOURS[place % len(COLOURS)] for place in range(count)]


def _svg(figure: Any) -> str:
    """The drawing from its <svg> on: what stands before it belongs in a file of its own."""
    body = io.StringIO()
    with mpl.rc_context(_STYLE):
        figure.savefig(body, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = body.getvalue()
    return text[text.index("<svg") :]
