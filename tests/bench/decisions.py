"""What was tried to wake better, each with its number: `python tests/bench/decisions.py [words of rows]`.

"alexa" in the recordings of EARLID_AUDIO, clean and with household noise 10 and 5 dB below the speech. Half
of the recordings, drawn by the digest of their names, choose each row's threshold: the lowest at which it has
no more false accepts than the published decision (0.5, no patience), which is openWakeWord's as well. The
other half is what the table shows. models/README.md keeps it.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import numpy as np
from scipy.stats import binomtest

HERE: Final = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

# ruff: noqa: E402 - a command run from anywhere finds the fakes beside it
from bench.fronts import FRONTS
from earlid.bench.conditions import Condition, Mixer, condition, sounds_in
from earlid.bench.corpus import Role, Source, Take, gather
from earlid.bench.engines import OurEar, ours
from earlid.bench.store import Kept, TraceStore, packed
from earlid.core.detector import Word
from earlid.core.trace import Trace, wakes
from earlid.core.units import Scores, samples
from earlid.edge.intervals import rate
from earlid.edge.manifest import manifests
from earlid.edge.recording import whole
from earlid.edge.terminal import progress, table
from fakes.models import models_folder

WORD: Final = "alexa"
MODELS: Final = ("alexa", "hey_jarvis", "hey_mycroft", "hey_rhasspy")
CONDITIONS: Final = ("clean", "snr10", "snr5")
WORK: Final = HERE.parents[1] / ".bench" / "decisions"
PUBLISHED: Final = 0.5
GRID: Final = tuple(step / 200 for step in range(1, 200))
REFRACTORY: Final = samples(2.0)

Heard = dict[str, Kept]
Rule = Callable[[Heard], Scores]


def only(front: str = "as it is") -> Rule:
    """The word's own score, with a front end before the models."""
    return lambda heard: heard[front].trace.scores[:, 0]


def smoothed(hops: int) -> Rule:
    """The mean of the last `hops` scores."""

    def rule(heard: Heard) -> Scores:
        scores = np.nan_to_num(heard["as it is"].trace.scores[:, 0])
        sums = np.cumsum(np.concatenate([np.zeros(hops, np.float32), scores]))
        return np.asarray((sums[hops:] - sums[:-hops]) / hops, np.float32)

    return rule


def beyond(share: float) -> Rule:
    """The word's score less a share of the best of the other words'."""

    def rule(heard: Heard) -> Scores:
        scores = heard["as it is"].trace.scores
        return np.asarray(scores[:, 0] - share * scores[:, 1:].max(axis=1), np.float32)

    return rule


def by_floor(slope: float) -> Rule:
    """More lenient the louder the softest hop of the last two seconds is, from -70 dBFS on to -20."""

    def rule(heard: Heard) -> Scores:
        kept = heard["as it is"]
        ahead = np.concatenate([np.full(24, np.inf, np.float32), kept.levels])
        floor = np.lib.stride_tricks.sliding_window_view(ahead, 25).min(axis=1)[: len(kept.levels)]
        loud = np.clip((floor + 70) / 50, 0, 1)
        return np.asarray(kept.trace.scores[:, 0] * (1 + slope * loud), np.float32)

    return rule


def twice(join: Callable[[Scores, Scores], Scores]) -> Rule:
    """Two engines, the second 40 ms later."""

    def rule(heard: Heard) -> Scores:
        one, other = (heard[name].trace.scores[:, 0] for name in ("as it is", "40 ms later"))
        length = min(len(one), len(other))
        return np.asarray(join(one[:length], other[:length]), np.float32)

    return rule


@dataclass(frozen=True, slots=True)
class Row:
    """One way to decide."""

    name: str
    rule: Rule
    patience: int = 1


def average(one: Scores, other: Scores) -> Scores:
    """The mean of both."""
    return np.asarray((one + other) / 2, np.float32)


ROWS: Final = (
    Row("published: 0.5", only()),
    Row("threshold alone", only()),
    Row("patience 2", only(), 2),
    Row("patience 3", only(), 3),
    Row("mean of 2 hops", smoothed(2)),
    Row("mean of 3 hops", smoothed(3)),
    Row("noise floor, up to 1.5 times", by_floor(0.5)),
    Row("noise floor, up to 3 times", by_floor(2.0)),
    Row("less half of the best other word", beyond(0.5)),
    Row("less the best other word", beyond(1.0)),
    Row("two streams, the higher", twice(np.fmax)),
    Row("two streams, their mean", twice(average)),
    *(Row(name, only(name)) for name in FRONTS if name not in ("as it is", "40 ms later")),
)


def key_of(take: Take, how: Condition, front: str) -> str:
    """What a trace is kept under."""
    marks = "\n".join(["decisions 1", take.name, how.name, front, *MODELS])
    return hashlib.sha256(marks.encode()).hexdigest()


def hear(piece: tuple[Path, Mixer, str, str, Sequence[Take]]) -> int:
    """Score some recordings under one condition through one front end; what is there is not heard again."""
    models, mixer, how_name, front, takes = piece
    how, store, ear = condition(how_name), TraceStore(WORK), OurEar(ours(models, MODELS))
    for take in takes:
        key = key_of(take, how, front)
        if not store.has(key):
            sound = whole(take.path)
            stream = FRONTS[front](mixer.stream(sound, take.name, take.path, how))
            store.keep(key, packed(ear.hear(stream, mixer.lead_in), stream, len(sound)))
    return len(takes)


def is_for_choosing(take: Take) -> bool:
    """Whether a recording belongs to the half that thresholds are chosen on."""
    return hashlib.sha256(take.name.encode()).digest()[0] % 2 == 0


@dataclass(slots=True)
class Half:
    """Scores of one half of the recordings: calls by condition, and all other sound."""

    calls: dict[str, list[tuple[Scores, int]]]
    others: list[tuple[Scores, int]]
    hours: float = 0.0


def halves(row: Row, takes: Sequence[Take]) -> tuple[Half, Half]:
    """What `row` makes of the recordings that choose, and of those that are shown."""
    store = TraceStore(WORK)
    both = [Half({name: [] for name in CONDITIONS}, []) for _ in range(2)]
    for name in CONDITIONS:
        for take in takes:
            heard = {
                front: kept for front in FRONTS if (kept := store.load(key_of(take, condition(name), front)))
            }
            half, kept = both[not is_for_choosing(take)], heard["as it is"]
            entry = row.rule(heard), kept.trace.lead_in
            if take.role is Role.CALL:
                half.calls[name].append(entry)
            else:
                half.others.append(entry)
                half.hours += kept.seconds / 3600
    return both[0], both[1]


def woke(entry: tuple[Scores, int], threshold: float, patience: int) -> int:
    """How often the detector that listens wakes."""
    scores, lead_in = entry
    with np.errstate(invalid="ignore"):
        if not np.nanmax(scores, initial=0.0) >= threshold:
            return 0
    trace = Trace(scores[:, None].astype(np.float32), np.zeros(0), lead_in)
    return len(wakes(trace, (Word(WORD, threshold, patience),), REFRACTORY, gate=False))


def false_accepts(half: Half, threshold: float, row: Row) -> int:
    """Every wake that nobody called."""
    return sum(woke(entry, threshold, row.patience) for entry in half.others)


def chosen(half: Half, row: Row, most: int) -> float:
    """The lowest threshold with no more than `most` false accepts; they only fall as it rises."""
    low, high = 0, len(GRID) - 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if false_accepts(half, GRID[middle], row) <= most else (middle + 1, high)
    return GRID[low]


def lines(takes: Sequence[Take], rows: Sequence[Row]) -> Iterator[tuple[str, ...]]:
    """The table's rows; the first is what the others are compared with."""
    most, before = 0, list[bool]()
    for row in rows:
        choosing, shown = halves(row, takes)
        if row is ROWS[0]:
            threshold, most = PUBLISHED, false_accepts(choosing, PUBLISHED, row)
        else:
            threshold = chosen(choosing, row, most)
        found = {
            name: [bool(woke(call, threshold, row.patience)) for call in shown.calls[name]]
            for name in CONDITIONS
        }
        noisy = [hit for name in CONDITIONS[1:] for hit in found[name]]
        before = before or noisy
        won = sum(now and not then for now, then in zip(noisy, before, strict=True))
        lost = sum(then and not now for now, then in zip(noisy, before, strict=True))
        events = false_accepts(shown, threshold, row)
        per_hour = rate(events, shown.hours)
        yield (
            row.name,
            f"{threshold:.3f}",
            *(f"{100 * (1 - np.mean(hits)):.1f} %" for hits in found.values()),
            f"+{won} -{lost}",
            f"{binomtest(won, won + lost).pvalue:.2f}" if won + lost else "-",
            f"{per_hour.value:.2f} ({per_hour.low:.2f}-{per_hour.high:.2f})",
        )


def main(wanted: str) -> int:
    """Score what is missing, then show every row, or those whose name contains `wanted`."""
    audio = Path(os.environ["EARLID_AUDIO"])
    models = models_folder()
    mixer = Mixer(sounds_in(audio / "negative" / "household_noise"), (), 1, 2.0, 0.0)
    takes = [
        take for take in gather([Source(audio)], manifests()).takes if take.to(manifests()[WORD]) is not None
    ]
    pieces = [
        (models, mixer, how, front, takes[start : start + 200])
        for how in CONDITIONS
        for front in FRONTS
        for start in range(0, len(takes), 200)
    ]
    with (
        progress("scoring", float(len(pieces))) as advance,
        ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool,
    ):
        for number, _ in enumerate(pool.map(hear, pieces)):
            advance(float(number + 1), "scoring")
    head = ("decision", "threshold", *CONDITIONS, "calls in noise", "p", "false accepts an hour")
    table("", head, list(lines(takes, [ROWS[0], *(row for row in ROWS[1:] if wanted in row.name)])))
    return 0


if __name__ == "__main__":
    sys.exit(main(" ".join(sys.argv[1:])))
