"""What was tried to wake better, each with its number: `python tests/bench/decisions.py [words of rows]`.

"alexa" in the recordings of EARLID_AUDIO, clean and with household noise 10 and 5 dB below the speech. The
recordings are halved by the digest of their names. One half chooses a row's threshold: the lowest at which it
has no more false accepts than the published decision (0.5, no patience), which is openWakeWord's as well. The
other half is what is counted; then they change places, so that the table shows every recording, and none at a
threshold that it had a part in. A second table is the curve: misses where so many false accepts are let pass.
A third is of what changes the sound before the models: it hears the calls alone, at the published threshold.
models/README.md keeps all three.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import numpy as np
from scipy.stats import binomtest

HERE: Final = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

# ruff: noqa: E402 - a command run from anywhere finds the fakes beside it
from bench.fronts import FRONTS
from bench.rules import AS_IS, BOTH, FRONT_ENDS, HIGHER, ROWS, Heard, Row, only
from earlid.bench.conditions import Condition, Mixer, condition, sounds_in
from earlid.bench.corpus import Role, Source, Take, gather
from earlid.bench.engines import OurEar, ours
from earlid.bench.store import TraceStore, packed
from earlid.core.detector import Word
from earlid.core.trace import Trace, wakes
from earlid.core.units import Scores, samples
from earlid.edge.intervals import rate
from earlid.edge.model.manifest import manifests
from earlid.edge.sound.recording import whole
from earlid.edge.terminal import progress, table
from fakes.models import models_folder

WORD: Final = "alexa"
MODELS: Final = ("alexa", "hey_jarvis", "hey_mycroft", "hey_rhasspy")
CONDITIONS: Final = ("clean", "snr10", "snr5")
NOISY: Final = CONDITIONS[1:]
WORK: Final = HERE.parents[1] / ".bench" / "decisions"
PUBLISHED: Final = 0.5
A_PIECE: Final = 200
GRID: Final = tuple(step / 200 for step in range(1, 200))
REFRACTORY: Final = samples(2.0)
PER_HOUR: Final = (0.25, 0.5, 1, 2, 4, 8, 16, 32)
"""False accepts an hour at which the curve is shown."""
DECISIONS: Final = (
    "decision",
    "thresholds",
    *CONDITIONS,
    "missed in noise",
    "p",
    "false accepts an hour",
)
CURVE: Final = ("decision", "false accepts an hour, at most", "threshold", *CONDITIONS)

Entry = tuple[Scores, int]
"""Scores of one recording, and how many hops of them are its lead-in."""


def key_of(take: Take, how: Condition, front: str) -> str:
    """What a trace is kept under."""
    marks = "\n".join(["decisions 1", take.name, how.name, front, *MODELS])
    return hashlib.sha256(marks.encode()).hexdigest()


def hear(piece: tuple[Path, Mixer, str, str, Sequence[Take]]) -> int:
    """Score some recordings under one condition through one front end; what is there is not heard again."""
    models, mixer, how_name, front, takes = piece
    how, store = condition(how_name), TraceStore(WORK)
    left = [take for take in takes if not store.has(key_of(take, how, front))]
    ear = OurEar(ours(models, MODELS)) if left else None
    for take in left:
        assert ear is not None
        sound = whole(take.path)
        stream = FRONTS[front](mixer.stream(sound, take.name, take.path, how))
        store.keep(key_of(take, how, front), packed(ear.hear(stream, mixer.lead_in), stream, len(sound)))
    return len(takes)


def half_of(take: Take) -> int:
    """The half that a recording belongs to."""
    return hashlib.sha256(take.name.encode()).digest()[0] % 2


@dataclass(slots=True)
class Half:
    """Scores of one half of the recordings: calls by condition, and all other sound under all of them."""

    calls: dict[str, list[Entry]] = field(default_factory=lambda: {name: [] for name in CONDITIONS})
    others: list[Entry] = field(default_factory=list)
    hours: float = 0.0


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording under one condition, as heard through every front end."""

    take: Take
    how: str
    heard: Heard


def load(takes: Sequence[Take]) -> list[Recording]:
    """All that was kept."""
    store = TraceStore(WORK)
    return [
        Recording(
            take,
            how,
            {front: kept for front in FRONTS if (kept := store.load(key_of(take, condition(how), front)))},
        )
        for how in CONDITIONS
        for take in takes
    ]


def halves(row: Row, recordings: Sequence[Recording], fronts: Sequence[str]) -> tuple[Half, Half]:
    """What `row` makes of the recordings of either half that were heard through all of `fronts`."""
    both = (Half(), Half())
    for one in recordings:
        if not one.heard.keys() >= set(fronts):
            continue
        half, kept = both[half_of(one.take)], one.heard[AS_IS]
        entry = row.rule(one.heard), kept.trace.lead_in
        if one.take.role is Role.CALL:
            half.calls[one.how].append(entry)
        else:
            half.others.append(entry)
            half.hours += kept.seconds / 3600
    return both


def woke(entry: Entry, threshold: float, patience: int) -> int:
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


def missed(half: Half, name: str, threshold: float, row: Row) -> list[bool]:
    """Of each call under the condition `name`, whether nobody heard it."""
    return [not woke(call, threshold, row.patience) for call in half.calls[name]]


def chosen(half: Half, row: Row, most: int) -> float:
    """The lowest threshold with no more than `most` false accepts; they only fall as it rises."""
    low, high = 0, len(GRID) - 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if false_accepts(half, GRID[middle], row) <= most else (middle + 1, high)
    return GRID[low]


def lines(recordings: Sequence[Recording], rows: Sequence[Row]) -> Iterator[tuple[str, ...]]:
    """The table's rows, each compared with the published decision, which is the first."""
    published = ROWS[0]
    theirs = halves(published, recordings, BOTH)
    most = [false_accepts(half, PUBLISHED, published) for half in theirs]
    before = [miss for name in NOISY for half in theirs for miss in missed(half, name, PUBLISHED, published)]
    for row in rows:
        both, points = theirs, [PUBLISHED, PUBLISHED]
        if row is not published:
            both = halves(row, recordings, BOTH)
            points = [chosen(half, row, count) for half, count in zip(both, most, strict=True)]
        shown = list(zip(both, points[::-1], strict=True))
        found = {
            name: [miss for half, at in shown for miss in missed(half, name, at, row)] for name in CONDITIONS
        }
        noisy = [miss for name in NOISY for miss in found[name]]
        won = sum(then and not now for now, then in zip(noisy, before, strict=True))
        lost = sum(now and not then for now, then in zip(noisy, before, strict=True))
        hourly = rate(
            sum(false_accepts(half, at, row) for half, at in shown), sum(half.hours for half in both)
        )
        yield (
            row.name,
            " / ".join(f"{point:.3f}" for point in points),
            *(f"{100 * np.mean(misses):.1f} %" for misses in found.values()),
            f"{100 * (sum(noisy) / sum(before) - 1):+.0f} %",
            f"{binomtest(won, won + lost).pvalue:.3f}" if won + lost else "-",
            f"{hourly.value:.2f} ({hourly.low:.2f}-{hourly.high:.2f})",
        )


def curve(recordings: Sequence[Recording], row: Row) -> Iterator[tuple[str, ...]]:
    """Misses at the lowest threshold with no more than so many false accepts an hour, in all recordings."""
    both = halves(row, recordings, row.fronts)
    whole_of = Half(
        {name: [call for half in both for call in half.calls[name]] for name in CONDITIONS},
        [other for half in both for other in half.others],
        sum(half.hours for half in both),
    )
    for per_hour in PER_HOUR:
        at = chosen(whole_of, row, int(per_hour * whole_of.hours))
        misses = [f"{100 * np.mean(missed(whole_of, name, at, row)):.1f} %" for name in CONDITIONS]
        yield row.name, f"{per_hour:g}", f"{at:.3f}", *misses


def front_ends(recordings: Sequence[Recording]) -> Iterator[tuple[str, ...]]:
    """Misses at the published threshold, of every call, with each front end before the models."""
    for row in FRONT_ENDS:
        both = halves(row, recordings, row.fronts)
        found = [
            [miss for half in both for miss in missed(half, name, PUBLISHED, row)] for name in CONDITIONS
        ]
        yield row.name, *(f"{100 * np.mean(misses):.1f} %" for misses in found)


def main(wanted: str) -> int:
    """Score what is missing, then show every row, or those whose name contains `wanted`."""
    audio = Path(os.environ.get("EARLID_AUDIO") or HERE.parents[1] / "../shared/audio").resolve()
    models = models_folder(*MODELS)
    mixer = Mixer(sounds_in(audio / "negative" / "household_noise"), (), 1, 2.0, 0.0)
    takes = [
        take for take in gather([Source(audio)], manifests()).takes if take.to(manifests()[WORD]) is not None
    ]
    calls = [take for take in takes if take.role is Role.CALL]
    pieces = []
    for front in FRONTS:
        heard = takes if front in BOTH else calls
        pieces += [
            (models, mixer, how, front, heard[at : at + A_PIECE])
            for how in CONDITIONS
            for at in range(0, len(heard), A_PIECE)
        ]
    with (
        progress("scoring", float(len(pieces))) as advance,
        ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool,
    ):
        for number, _ in enumerate(pool.map(hear, pieces)):
            advance(float(number + 1), "scoring")
    recordings = load(takes)
    rows = [ROWS[0], *(row for row in ROWS[1:] if wanted in row.name)]
    table("", DECISIONS, list(lines(recordings, rows)))
    curves = [Row("one stream", only()), Row("two streams, the higher", HIGHER, 1, BOTH)]
    table("", CURVE, [line for row in curves for line in curve(recordings, row)])
    table("", ("front end", *CONDITIONS), list(front_ends(recordings)))
    return 0


if __name__ == "__main__":
    sys.exit(main(" ".join(sys.argv[1:])))
