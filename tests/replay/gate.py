"""The quiet gate on everything there is: the same wakes at the same hops, and how much it rested.

`python tests/replay/gate.py` hears all recordings in $EARLID_AUDIO twice, as one long stream each kind with
three seconds of a quiet room between any two, by all six models: once scoring every hop, once resting.
It prints a row a folder and leaves with 1 if a score of half a threshold or more was skipped or differs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

# ruff: noqa: E402 - a command run from anywhere finds the fakes beside it
from earlid.core.epoch import Epoch
from earlid.core.sparing import Sparing
from earlid.core.units import HOP, Samples, Scores, samples
from earlid.edge.model.engine import Engine
from earlid.edge.model.manifest import manifests
from earlid.edge.sound.recording import Recording
from earlid.edge.terminal import table
from earlid.errors import SourceEnded
from fakes.models import models_folder

ROOM_DBFS = -66.0
PAUSE = samples(3.0)


@dataclass
class Comparison:
    """What resting did to one stream: hops, those rested in, scores of half a threshold, worst difference."""

    hops: int = 0
    rested: int = 0
    near: int = 0
    worst: float = 0.0

    def add(self, every: Scores, rested: Scores, thresholds: Sequence[float]) -> None:
        """One hop's scores, from the engine that scores all and from the one that rests."""
        skipped = bool(np.isnan(rested).all() and not np.isnan(every).any())
        near = every >= np.array(thresholds) / 2
        self.hops += 1
        self.rested += skipped
        self.near += bool(near.any())
        if near.any() or not skipped:
            gap = np.abs(np.nan_to_num(every) - np.nan_to_num(rested))
            self.worst = max(self.worst, float(gap.max()))


def hops_of(path: Path, room: np.random.Generator) -> Iterator[Samples]:
    """The hops of the recording at `path`, then a pause of a quiet room."""
    sound = Recording(path, 1, Epoch())
    sound.open()
    try:
        while True:
            frame = sound.read(0.0)
            if frame is not None:
                yield frame.samples
    except SourceEnded:
        pass
    finally:
        sound.close()
    level = 32768 * 10 ** (ROOM_DBFS / 20)
    for _ in range(PAUSE // HOP):
        yield room.normal(0, level, HOP).round().astype(np.int16)


def compare(paths: Sequence[Path], names: Sequence[str]) -> Comparison:
    """Hear `paths` one after the other with both engines."""
    models = models_folder(*names)
    thresholds = [manifests()[name].threshold for name in names for _ in manifests()[name].words]
    full, resting = Engine.load(models, names), Sparing(Engine.load(models, names), thresholds)
    room, found = np.random.default_rng(7), Comparison()
    for path in paths:
        for hop in hops_of(path, room):
            found.add(full.step(hop), resting.step(hop), thresholds)
    return found


def main() -> int:
    """Compare everything, folder by folder."""
    audio = Path(os.environ.get("EARLID_AUDIO") or HERE.parents[1] / "../shared/audio")
    folders = sorted({path.parent for path in audio.rglob("*.flac")})
    rows, amiss = [], False
    for folder in folders:
        found = compare(sorted(folder.glob("*.flac")), tuple(manifests()))
        amiss |= found.worst > 0
        rows.append(
            (
                str(folder.relative_to(audio)),
                f"{found.hops * HOP / 16_000 / 60:.1f}",
                f"{100 * found.rested / found.hops:.0f} %",
                str(found.near),
                f"{found.worst:g}",
            )
        )
    columns = ("recordings, 3 s of quiet room after each", "minutes", "rested", "scores near", "difference")
    table("quiet gate against scoring every hop", columns, rows)
    return int(amiss)


if __name__ == "__main__":
    sys.exit(main())
