"""Run the bench: `python tests/bench/run.py --help`."""

from __future__ import annotations

import sys
from pathlib import Path


def start() -> int:
    """Make the bench importable from wherever it is called, and run it."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from bench.command import main

    return main(sys.argv[1:])


if __name__ == "__main__":
    raise SystemExit(start())
