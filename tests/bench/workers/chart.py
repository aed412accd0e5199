"""Draws the bench's results as two rows of bars: `python -m bench.workers.chart RESULTS.json CHART.png`."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from statistics import median
from typing import Any

_OURS, _THEIRS, _INK, _FAINT = "#0b7285", "#b8c1cc", "#1f2933", "#7b8794"
_SHOWN = ("earlid", "pymicro", "openwakeword-tflite", "openwakeword-onnx", "pyopen")


def _draw(results: dict[str, Any], chart: Path) -> None:
    matplotlib = importlib.import_module("matplotlib")
    matplotlib.use("Agg")
    pyplot: Any = importlib.import_module("matplotlib.pyplot")
    matplotlib.rcParams.update({"font.family": "DejaVu Sans", "font.size": 10, "text.color": _INK})
    found = {one["key"]: one for one in results["contestants"]}
    shown = [found[key] for key in _SHOWN if key in found]
    figure, (cost, memory) = pyplot.subplots(
        1, 2, figsize=(9.0, 0.42 * len(shown) + 1.25), width_ratios=(5, 3), sharey=True, facecolor="white"
    )
    _bars(cost, shown, [median(one["cpu_ms_per_s"]["speech"]) for one in shown], "{:.1f}")
    _bars(memory, shown, [one["peak_mb"] for one in shown], "{:.0f}")
    cost.invert_yaxis()  # the axis is shared: once is enough
    cost.set_title(
        "CPU, ms per second of sound", loc="left", fontsize=10.5, fontweight="bold", color=_INK, pad=8
    )
    memory.set_title("Peak memory, MB", loc="left", fontsize=10.5, fontweight="bold", color=_INK, pad=8)
    cost.set_yticks(range(len(shown)), [one["label"] for one in shown])
    for label, one in zip(cost.get_yticklabels(), shown, strict=True):
        label.set(color=_INK, fontweight="bold" if one["key"] == "earlid" else "normal")
    machine = results["machine"]
    figure.text(
        0.995,
        0.015,
        f"one run on one recording, one wake word, {machine['processor']}: compare lengths, not milliseconds",
        ha="right",
        va="bottom",
        fontsize=8,
        color=_FAINT,
    )
    figure.tight_layout(rect=(0, 0.05, 1, 1), w_pad=2.0)
    figure.savefig(chart, dpi=180, facecolor="white", metadata={"Software": None})


def _bars(axes: Any, shown: list[dict[str, Any]], values: list[float], form: str) -> None:
    colours = [_OURS if one["key"] == "earlid" else _THEIRS for one in shown]
    axes.barh(range(len(shown)), values, color=colours, height=0.62)
    for place, value in enumerate(values):
        bold = "bold" if shown[place]["key"] == "earlid" else "normal"
        axes.annotate(
            form.format(value),
            (value, place),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            fontsize=9.5,
            color=_INK,
            fontweight=bold,
        )
    axes.set_xlim(0, 1.16 * max(values))
    axes.xaxis.set_visible(False)
    axes.tick_params(left=False)
    for side in ("top", "right", "bottom"):
        axes.spines[side].set_visible(False)
    axes.spines["left"].set_color(_FAINT)


if __name__ == "__main__":
    _draw(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2]))
