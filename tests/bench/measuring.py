"""Measures contestants side by side: each round asks each of them once, so all share the machine's moods."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from bench.contestants import Contestant
from bench.drawing import TESTS
from bench.environments import Environments, Unavailable
from bench.figures import Spread, spread, times_as_much, wakes
from bench.recordings import Recording
from earlid.bench.peer_pipe import PEER, Heard, Started, Worker

SKIP_HOPS = 25
"""Two seconds, heard but not timed: pyopen-wakeword begins with eight seconds of its own silence."""


@dataclass
class Measured:
    """All that was found out about one contestant: a start and a run a round for each recording."""

    who: Contestant
    starts: list[Started] = field(default_factory=list)
    heard: dict[str, list[Heard]] = field(default_factory=dict)

    def cost(self, recording: str) -> Spread | None:
        """Milliseconds of CPU for a second of `recording`."""
        runs = self.heard.get(recording)
        return spread([one.ms_per_s for one in runs]) if runs else None

    def start_s(self) -> Spread:
        """Seconds from the start of its process to its first score."""
        return spread([one.wall_s for one in self.starts])

    def peak_mb(self) -> float:
        """The most memory its process ever had resident, in MiB."""
        return max(one.peak_kib for runs in self.heard.values() for one in runs) / 1024

    def scores(self, recording: str) -> list[float | None]:
        """The scores of its last run over `recording`."""
        return [row[0] for row in self.heard[recording][-1].scores]

    def wakes(self, recording: str) -> list[int]:
        """The hops at which it woke, at its own threshold."""
        return wakes(self.scores(recording), self.starts[0].threshold)


def times(theirs: Measured | None, ours: Measured | None, recording: str) -> float | None:
    """How many times the cost of `ours` is in that of `theirs`, round by round; None where one is missing."""
    if theirs is None or ours is None:
        return None
    both = [[one.ms_per_s for one in each.heard[recording]] for each in (theirs, ours)]
    return times_as_much(*both)


def measure(
    contestants: Iterable[Contestant], recordings: Sequence[Recording], rounds: int, at: Environments
) -> tuple[dict[str, Measured], dict[str, str]]:
    """Every contestant on every recording, `rounds` times, interleaved; and why anyone is missing."""
    found: dict[str, Measured] = {}
    missing: dict[str, str] = {}
    commands: dict[str, tuple[Path, dict[str, object]]] = {}
    for who in contestants:
        _say(f"preparing {who.label}")
        try:
            commands[who.key] = _prepared(who, at)
            found[who.key] = Measured(who)
        except Unavailable as error:
            missing[who.key] = str(error)
    with ExitStack() as running:
        workers: dict[str, Worker] = {}
        for turn in range(rounds):
            _say(f"starting all, {turn + 1} of {rounds}")
            for key in list(found):
                python, load = commands[key]
                log = at.cache / "logs" / f"{key}.txt"
                try:
                    worker = _started(python, found[key].who, load, log)
                except Unavailable as error:
                    missing[key] = str(error)
                    del found[key]
                    continue
                found[key].starts.append(worker.started)
                if turn:
                    worker.close()
                else:
                    workers[key] = running.enter_context(worker)
        _hear(workers, found, recordings, rounds)
    return found, missing


def _hear(
    workers: Mapping[str, Worker], found: Mapping[str, Measured], recordings: Sequence[Recording], rounds: int
) -> None:
    for turn in range(rounds):
        for recording in recordings:
            _say(f"round {turn + 1} of {rounds}: {recording.name}")
            for key, measured in found.items():
                heard = workers[key].run(recording.file, SKIP_HOPS)
                measured.heard.setdefault(recording.name, []).append(heard)


def _prepared(who: Contestant, at: Environments) -> tuple[Path, dict[str, object]]:
    if who.is_earlid:
        python, models = Path(sys.executable), at.earlid_models((who.words,))
    else:
        python, models = at.python(who.requirements, who.python), at.published_models()
    return python, {"models": str(models), "words": list(who.words), "option": who.option}


def _started(python: Path, who: Contestant, load: dict[str, object], log: Path) -> Worker:
    if who.is_earlid:
        return Worker([str(python), "-m", f"bench.workers.{who.worker}"], load, log, TESTS)
    return Worker([str(python), str(PEER), who.worker], load, log)


def _say(line: str) -> None:
    print(f"bench: {line}", file=sys.stderr, flush=True)
