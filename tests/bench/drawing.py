"""Has the chart drawn, in the environment that can draw."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from bench.environments import Unavailable

TESTS = Path(__file__).resolve().parents[1]


def draw(python: Path, results: Path, chart: Path) -> None:
    """Draw `results` into the PNG `chart`; Unavailable says why it could not be drawn."""
    chart.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [str(python), "-m", "bench.workers.chart", str(results), str(chart)],
        cwd=TESTS,
        env=os.environ | {"PYTHONPATH": str(TESTS), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise Unavailable(said[-1] if said else "no reason was given")
