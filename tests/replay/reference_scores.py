"""The reference package in an environment of its own, and tables of what it and Earlid say of each hop."""

from __future__ import annotations

import csv
import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.contestants import REFERENCE
from bench.environments import Environments, Unavailable
from earlid.core.units import HOP, Samples
from earlid.edge.processes import earlid
from earlid.listening.ears import words_of

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parents[1]
MODELS = ("alexa", "hey_jarvis", "hey_mycroft", "hey_rhasspy", "timer", "weather")
WORDS = words_of(MODELS)
FROM_HOP = 48
"""Before it openWakeWord scores what it made of random numbers at its start."""
TOLERANCE = 1e-5
CLIPS = (CHECKOUT / "device/earlid/demo/clip.flac", CHECKOUT / "tests/clips/six_words.flac")

Table = npt.NDArray[np.float64]
"""Scores [hops, words] in the order of WORDS, NaN where there is none."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The biggest difference of two tables, and the hops where only one of them is past 0.5."""

    hops: int
    biggest: float
    hop: int
    word: str
    disputed: tuple[tuple[int, str], ...]

    def __str__(self) -> str:
        return (
            f"{self.hops} hops, {len(WORDS)} scores each: biggest difference {self.biggest:.2e} "
            f"({self.word}, hop {self.hop}), {len(self.disputed)} scores on different sides of 0.5"
        )


def difference(ours: Table, theirs: Table, first: int = FROM_HOP) -> Difference:
    """Hold two tables of the same sound against each other from hop `first` on; a NaN is infinitely wrong."""
    if ours.shape != theirs.shape:
        raise ValueError(f"tables of different sounds: {ours.shape} and {theirs.shape}")
    gap = np.nan_to_num(np.abs(ours - theirs)[first:], nan=np.inf)
    hop, word = np.unravel_index(int(np.argmax(gap)), gap.shape)
    disputed = np.argwhere((ours >= 0.5)[first:] != (theirs >= 0.5)[first:])
    return Difference(
        hops=len(gap),
        biggest=float(gap[hop, word]),
        hop=int(hop) + first,
        word=WORDS[word],
        disputed=tuple((int(at) + first, WORDS[which]) for at, which in disputed),
    )


class Reference:
    """openwakeword 0.6.0 on Python 3.11; `Unavailable`, with the reason, where that cannot be had."""

    def __init__(self) -> None:
        cache = Path(os.environ.get("EARLID_BENCH_CACHE") or CHECKOUT / ".bench").resolve()
        at = Environments(cache)
        self._python = at.python(REFERENCE.requirements, REFERENCE.python)
        self._models = at.published_models()

    def scores(self, sound: Samples, folder: Path) -> Table:
        """What `Model.predict` says of each hop of `sound`; `folder` is for what passes between processes."""
        np.save(folder / "sound.npy", sound)
        worker = HERE / "openwakeword_worker.py"
        passed = [str(one) for one in (self._models, folder / "sound.npy", folder / "scores.npy")]
        done = subprocess.run(
            [str(self._python), str(worker), *passed], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise Unavailable(
                f"the reference failed: {(done.stderr.splitlines() or ['no reason given'])[-1]}"
            )
        found: Table = np.load(folder / "scores.npy").astype(np.float64)
        return found


def replay(
    files: Sequence[Path], models: Path, folder: Path, *options: str, program: Sequence[str] | None = None
) -> tuple[dict[str, Table], list[dict[str, Any]]]:
    """What `earlid replay` says of each of `files`: its table of scores, and its line of JSON.

    `program` is the command that is `earlid`, if it is not this very package here.
    """
    (folder / "replay.toml").write_text(
        f"[paths]\nmodels = {json.dumps(str(models))}\nstate = {json.dumps(str(folder / 'state'))}\n"
    )
    scores = folder / "scores.csv"
    chosen = [word for name in MODELS for word in ("--model", name)]
    command = [*(program or earlid()), "replay", "--config", str(folder / "replay.toml"), "--json"]
    done = subprocess.run(
        [*command, "--scores", str(scores), *chosen, *options, *map(str, files)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise AssertionError(done.stderr)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    hops = {one["file"]: int(one["seconds"] * 16_000 + 0.5) // HOP for one in told}
    tables = {file: np.full((count, len(WORDS)), np.nan) for file, count in hops.items()}
    column = {word: place for place, word in enumerate(WORDS)}
    with scores.open(newline="", encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            tables[row["file"]][int(row["hop"]), column[row["model"]]] = float(row["score"])
    return tables, told


def committed_file(clip: Path) -> Path:
    """Where the table of the reference's scores of `clip` is kept."""
    return HERE / "reference" / f"{clip.stem}.csv"


def after_silence(sound: Samples) -> Samples:
    """`sound` after 48 hops of digital silence, so that its own first hop can be compared."""
    return np.concatenate([np.zeros(FROM_HOP * HOP, np.int16), sound])


def write_committed(clip: Path, table: Table) -> None:
    """Keep `table`, the reference's scores of `clip` after silence, as text that survives a diff."""
    with committed_file(clip).open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("hop", *WORDS))
        for hop, scores in enumerate(table[FROM_HOP:]):
            rows.writerow((hop, *(f"{score:.9g}" for score in scores)))


def read_committed(clip: Path) -> Table:
    """The reference's scores of each hop of `clip`, heard after 48 hops of silence."""
    with committed_file(clip).open(newline="", encoding="utf-8") as file:
        header, *rows = list(csv.reader(file))
    if header != ["hop", *WORDS]:
        raise ValueError(f"{committed_file(clip).name} has the columns {header}")
    return np.array([[float(score) for score in scores] for _hop, *scores in rows])
