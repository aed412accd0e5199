"""Wakes found and false wakes on real recordings: `python tests/replay/report.py [WORD...]`.

Runs `earlid replay --json`, exactly as an owner would, on everything in $EARLID_AUDIO, once for each wake
word with that word alone, at the thresholds that are shipped. Two processes at a time; takes some minutes.
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from replay.counting import Counts, Take

CHECKOUT = Path(__file__).resolve().parents[2]
AT_ONCE = 2
BATCH = 100


class Reporter:
    """Hears batches of recordings and adds up what came of them."""

    def __init__(self, audio: Path, config: Path) -> None:
        self._audio = audio
        self._config = config
        self._lock = Lock()
        self.counts: Counts = {}
        self.unheard: list[str] = []
        self.done = 0

    def hear(self, model: str, batch: Sequence[Take]) -> None:
        """Replay `batch` for the wake word `model` alone."""
        from earlid.edge.processes import earlid
        from replay.counting import Count, counted

        takes = {str(self._audio / take.path): take for take in batch}
        command = earlid("replay", "--json", "--config", str(self._config), "--model", model, *takes)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        told = [json.loads(line) for line in done.stdout.splitlines()]
        with self._lock:
            self.done += len(batch)
            self.unheard += done.stderr.splitlines() if done.returncode else []
            for one in told:
                take = takes[one["file"]]
                kind = take.kind(model)
                if kind is not None:
                    woken = [wake["model"] for wake in one["wakes"]]
                    before = self.counts.get((model, kind), Count())
                    self.counts[model, kind] = before + counted(take, kind, one["seconds"], woken)


def batches(takes: Sequence[Take], models: Sequence[str]) -> Iterator[tuple[str, list[Take]]]:
    """Who hears what, in pieces small enough to share the work evenly."""
    for model in models:
        mine = [take for take in takes if take.kind(model) is not None]
        for start in range(0, len(mine), BATCH):
            yield model, mine[start : start + BATCH]


def start() -> int:
    """Hear everything and print the table; 1 if a recording could not be heard."""
    sys.path.insert(0, str(CHECKOUT / "tests"))
    from earlid.edge.model.manifest import manifests
    from earlid.edge.terminal import line, progress, table
    from fakes.models import models_folder
    from replay.counting import COLUMNS, Take, rows

    audio = Path(os.environ.get("EARLID_AUDIO") or CHECKOUT / "../shared/audio").resolve()
    if not (audio / "index.tsv").exists():
        raise SystemExit(f"no recordings at {audio}: set EARLID_AUDIO to a folder with an index.tsv")
    with (audio / "index.tsv").open(newline="", encoding="utf-8") as file:
        takes = [Take(row["path"], row["label"]) for row in csv.DictReader(file, delimiter="\t")]
    models = sys.argv[1:] or list(manifests())
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.toml"
        with contextlib.redirect_stdout(sys.stderr):
            where = models_folder(*models)
        config.write_text(f"[paths]\nmodels = {json.dumps(str(where))}\n", encoding="utf-8")
        reporter = Reporter(audio, config)
        work = list(batches(takes, models))
        with ThreadPoolExecutor(AT_ONCE) as pool, progress("listening", sum(len(b) for _, b in work)) as bar:
            for _ in pool.map(lambda one: reporter.hear(*one), work):
                bar(reporter.done)
    for trouble in reporter.unheard:
        print(trouble, file=sys.stderr)
    thresholds = ", ".join(
        f"{threshold:g}" for threshold in sorted({m.threshold for m in manifests().values()})
    )
    table(f"real recordings, threshold {thresholds} as published", COLUMNS, rows(reporter.counts, models))
    line("an hour is an hour of listening; 'at most' is the 95 % bound where nothing woke it: 3 / hours")
    return int(bool(reporter.unheard))


if __name__ == "__main__":
    raise SystemExit(start())
