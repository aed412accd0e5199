"""Earlid's scores on the Raspberry Pi's architecture: `python tests/pi/aarch64.py [BOARD ...]`.

Runs `earlid replay` on an emulated Zero 2 W, Pi 4 and Pi 5 (or those whose names hold a word given) and holds
its scores against the committed table of openWakeWord's, and against this machine's. Exits 1 when a score is
1e-5 or more from the table or on the other side of 0.5, or when other wakes are heard. The graph is composed
there, too. Emulated time says nothing about a board's, so none is shown.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pi.boards import Board
    from pi.userland import Userland
    from replay.reference_scores import Difference


TOLERANCE = 1e-4
"""The reference was computed on x86; the published arithmetic rounds otherwise on another processor."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one board made of one clip."""

    board: str
    clip: str
    reference: Difference
    here: Difference
    same_wakes: bool
    wakes: int

    @property
    def exact(self) -> bool:
        """Whether nothing an owner could notice differs."""

        return self.same_wakes and self.reference.biggest < TOLERANCE and not self.reference.disputed

    def __str__(self) -> str:
        return (
            f"{self.board:22} {self.clip:10} {self.reference.hops:5} {self.reference.biggest:12.1e} "
            f"{self.here.biggest:13.1e}  {self.wakes} {'the same' if self.same_wakes else 'NOT THE SAME'}"
        )


HEADER = f"{'board':22} {'clip':10} {'hops':>5} {'openWakeWord':>12} {'this machine':>13}  wakes"


def replayed(
    userland: Userland, board: Board, clips: Sequence[Path], models: Path, folder: Path
) -> list[Outcome]:
    """What `board` says of `clips`, all words at once, beside the committed tables and this machine."""
    from earlid.core.units import HOP
    from replay.reference_scores import FROM_HOP, MODELS, difference, read_committed, replay

    lead_in = ("--lead-in", str(FROM_HOP * HOP / 16_000))
    here, told_here = replay(clips, models, folder, *lead_in)
    program = [*userland.python(board), "-m", "earlid"]
    there, told_there = replay(
        clips, compose_there(userland, board, models, folder, MODELS), folder, *lead_in, program=program
    )
    outcomes = []
    for clip, one, other in zip(clips, told_here, told_there, strict=True):
        wakes = [[(wake["model"], wake["time_s"]) for wake in told["wakes"]] for told in (one, other)]
        outcomes.append(
            Outcome(
                board.name,
                clip.stem,
                difference(there[str(clip)], read_committed(clip), first=0),
                difference(there[str(clip)], here[str(clip)], first=0),
                wakes[0] == wakes[1],
                len(wakes[1]),
            )
        )
    return outcomes


def compose_there(userland: Userland, board: Board, models: Path, folder: Path, words: Sequence[str]) -> Path:
    """A models directory in `folder`: the published files of `models`, and the graph as `board` composes it.

    It is composed as `earlid` does it in a process of its own, which an emulated program cannot start.
    """
    from earlid.edge.model.store import ModelStore

    own = folder / "models"
    own.mkdir()
    for part in ModelStore(models).parts(words):
        (own / part.name).write_bytes((models / part.name).read_bytes())
    command = [*userland.python(board), "-m", "earlid.edge.model.compose", str(own), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(done.stderr)
    return own


def start() -> int:
    """Build what is missing, run every board, and say what came of it."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from bench.environments import Unavailable
    from fakes.models import models_folder
    from pi.boards import BOARDS
    from pi.userland import Userland
    from replay.reference_scores import CLIPS, MODELS

    words = [word.lower() for word in sys.argv[1:]]
    boards = [one for one in BOARDS if not words or any(word in one.name.lower() for word in words)]
    if not boards:
        raise SystemExit(f"no board is called so; there are {', '.join(one.name for one in BOARDS)}")
    userland = Userland.usual()
    try:
        userland.build()
    except Unavailable as why:
        raise SystemExit(f"{why}") from why
    with redirect_stdout(sys.stderr):
        models = models_folder(*MODELS)
    print(HEADER, flush=True)
    exact = True
    for board in boards:
        with tempfile.TemporaryDirectory() as folder:
            for outcome in replayed(userland, board, CLIPS, models, Path(folder)):
                print(outcome, flush=True)
                exact = exact and outcome.exact
    return int(not exact)


if __name__ == "__main__":
    raise SystemExit(start())
