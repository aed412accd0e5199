"""What `earlid field teach` comes to on people's recordings: `python tests/bench/teaching.py [--quick]`.

"alexa" in the recordings of EARLID_AUDIO, clean and with household noise 10 and 5 dB below the speech. Half
of the speakers (of the recordings, where nobody knows who speaks) teach, the other half is judged, and then
the other way round: whatever is judged was held back, and is of the same kinds. The threshold is low, or
there would be too few false wakes to count. What decides is the detector and the verifier that listen.
"""

from __future__ import annotations

import csv
import hashlib
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import numpy as np

HERE: Final = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

# ruff: noqa: E402 - a command run from anywhere finds the fakes beside it
from earlid.bench.conditions import Mixer, condition, sounds_in
from earlid.bench.corpus import Role, Source, Take, gather
from earlid.core.detector import Word
from earlid.core.teaching import Example, learned
from earlid.core.trace import Trace, wakes
from earlid.core.units import HOP, Scores, samples
from earlid.core.verifier import Embeddings, Verifier
from earlid.edge.field.regression import plane
from earlid.edge.intervals import share
from earlid.edge.model.engine import Engine
from earlid.edge.model.manifest import manifests
from earlid.edge.sound.recording import whole
from earlid.edge.terminal import line, progress, table
from fakes.models import models_folder

WORD: Final = "alexa"
CONDITIONS: Final = ("clean", "snr10", "snr5")
LOW: Final = 0.2
THRESHOLDS: Final = (0.2, 0.3, 0.5)
FEW: Final = ((10, 5), (20, 10), (40, 20))
DRAWS: Final = 12
WORK: Final = HERE.parents[1] / ".bench" / "teaching"
REFRACTORY: Final = samples(2.0)
UNKNOWN: Final = frozenset({"", "-", "?", "eltocino"})
"""Speakers that are nobody in particular: each recording is then one of its own."""
_APART_S: Final = 10_000.0


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """One recording under one condition: its scores, and the embeddings of the hops that were high."""

    name: str
    owner: str
    is_call: bool
    trace: Trace
    high: dict[int, Embeddings]

    @property
    def half(self) -> int:
        """Which half it belongs to, all of its owner's together."""
        return hashlib.sha256(self.owner.encode()).digest()[0] & 1

    def wakes(self, threshold: float, verifier: Verifier | None = None) -> list[int]:
        """The hops that complete wakes, by the detector that listens."""
        margins: Scores | None = None
        if verifier:
            margins = np.full_like(self.trace.scores, np.nan)
            for hop, embeddings in self.high.items():
                margins[hop, 0] = verifier.margin(embeddings)
        trace = Trace(self.trace.scores, self.trace.powers, self.trace.lead_in, margins)
        found = wakes(trace, [Word(WORD, threshold)], REFRACTORY, gate=False)
        return [one.at // HOP - 1 + self.trace.lead_in for one in found]

    def examples(self, threshold: float, at_s: float) -> Iterator[Example]:
        """What it has to teach: of calls the first wake, as a person would label it."""
        found = self.wakes(threshold)
        for hop in found[:1] if self.is_call else found:
            run = [hop]
            while len(run) < 4 and run[-1] + 1 in self.high and self._is_high(run[-1] + 1, threshold):
                run.append(run[-1] + 1)
            yield Example(at_s, self.is_call, np.stack([self.high[each] for each in run]))

    def _is_high(self, hop: int, threshold: float) -> bool:
        return bool(self.trace.scores[hop, 0] >= np.float32(threshold))


@dataclass(frozen=True, slots=True)
class Count:
    """Of `calls` so many `missed`; `false` wakes in so many different `sources`."""

    calls: int
    missed: int
    false: int
    sources: int


def counted(heard: Sequence[Heard], threshold: float, by_half: Sequence[Verifier | None]) -> Count:
    """What all of `heard` comes to, each recording judged by the verifier for its half."""
    calls = missed = false = 0
    sources = set()
    for one in heard:
        found = one.wakes(threshold, by_half[one.half])
        if one.is_call:
            calls += 1
            missed += not found
        elif found:
            false += len(found)
            sources.add(one.owner)
    return Count(calls, missed, false, len(sources))


def examples(heard: Sequence[Heard], threshold: float) -> list[Example]:
    """All that they have to teach; what is one owner's is one occasion."""
    owners = {owner: number for number, owner in enumerate(sorted({one.owner for one in heard}))}
    return [each for one in heard for each in one.examples(threshold, owners[one.owner] * _APART_S)]


def taught_by(heard: Sequence[Heard], threshold: float, half: int) -> Verifier:
    """The verifier that one half teaches."""
    return learned(WORD, examples([one for one in heard if one.half == half], threshold), plane)


def few_teach(heard: Sequence[Heard], calls: int, false: int) -> tuple[float, float, float]:
    """Shares of calls lost, on average and by nine in ten, and of false wakes removed, where so few teach.

    Who teaches is drawn by lot, one example an owner, and everything of theirs is left out of what is judged.
    """
    lost, removed = [], []
    for seed in range(DRAWS):
        dice = np.random.default_rng(seed)
        mine: set[str] = set()
        lesson: list[Example] = []
        for is_call, count in ((True, calls), (False, false)):
            owned: dict[str, list[Heard]] = {}
            for one in heard:
                if one.is_call is is_call and one.wakes(LOW):
                    owned.setdefault(one.owner, []).append(one)
            drawn = [sorted(owned)[place] for place in dice.permutation(len(owned))[:count]]
            mine |= set(drawn)
            for number, owner in enumerate(drawn):
                one = owned[owner][int(dice.integers(len(owned[owner])))]
                lesson += list(one.examples(LOW, number * _APART_S))[:1]
        verifier = learned(WORD, lesson, plane)
        rest = [one for one in heard if one.owner not in mine]
        before, after = (counted(rest, LOW, [each] * 2) for each in (None, verifier))
        lost.append((after.missed - before.missed) / (before.calls - before.missed))
        removed.append(1 - after.false / before.false)
    return float(np.mean(lost)), float(np.quantile(lost, 0.9)), float(np.mean(removed))


def all_heard(audio: Path, *, is_quick: bool) -> list[Heard]:
    """Every recording under every condition, scored once and kept in WORK."""
    corpus = gather([Source(audio)], manifests())
    speakers = _speakers(audio)
    takes = [take for take in corpus.takes if take.to(manifests()[WORD])]
    if is_quick:
        takes = [take for number, take in enumerate(takes) if number % 12 == 0]
    mixer = Mixer(sounds_in(audio / "negative/household_noise"), (), 1, 2.0, 1.0)
    models_folder(WORD)
    work = [(take, name, mixer) for name in CONDITIONS for take in takes if not _is_noise(take, name)]
    found: list[Heard] = []
    with (
        progress("hearing", len(work)) as advance,
        ProcessPoolExecutor(len(os.sched_getaffinity(0)), get_context("spawn")) as pool,
    ):
        for number, (scores, lead_in, high) in enumerate(pool.map(_hear, work, chunksize=16)):
            take, name, _ = work[number]
            speaker = speakers.get(take.name, "")
            owner = take.name if speaker in UNKNOWN else speaker
            trace = Trace(scores, np.zeros(0), lead_in)
            found.append(Heard(f"{take.name} {name}", owner, take.role is Role.CALL, trace, high))
            advance(number)
    return found


def _is_noise(take: Take, name: str) -> bool:
    """Household noise is what is mixed in, and not mixed into itself."""
    return name != "clean" and take.label == "household_noise"


def _hear(work: tuple[Take, str, Mixer]) -> tuple[Scores, int, dict[int, Embeddings]]:
    take, name, mixer = work
    facts = take.path.stat()
    marks = f"2\n{take.name}\n{name}\n{facts.st_size}\n{facts.st_mtime_ns}"
    kept = WORK / f"{hashlib.sha256(marks.encode()).hexdigest()[:32]}.npz"
    if not kept.is_file():
        engine = _engine()
        stream = mixer.stream(whole(take.path), take.name, take.path, condition(name))
        hops = stream[: len(stream) // HOP * HOP].reshape(-1, HOP)
        engine.wipe()
        scores, places, rows = np.full((len(hops), 1), np.nan, np.float32), [], []
        for number, hop in enumerate(hops):
            scores[number] = engine.step(hop)
            if scores[number, 0] >= min(THRESHOLDS):
                places.append(number)
                rows.append(engine.embeddings().copy())
        WORK.mkdir(parents=True, exist_ok=True)
        draft = kept.with_name(f".{kept.name}.{os.getpid()}")
        with draft.open("wb") as file:
            np.savez(file, scores=scores, places=np.array(places, np.int64), rows=np.array(rows, np.float32))
        draft.replace(kept)
    with np.load(kept, allow_pickle=False) as arrays:
        high = dict(zip(arrays["places"].tolist(), arrays["rows"], strict=True))
        return arrays["scores"], mixer.lead_in, high


_ENGINES: Final[list[Engine]] = []


def _engine() -> Engine:
    if not _ENGINES:
        _ENGINES.append(Engine.load(models_folder(WORD), [WORD]))
    return _ENGINES[0]


def _speakers(audio: Path) -> dict[str, str]:
    with (audio / "index.tsv").open(newline="", encoding="utf-8") as file:
        return {row["path"]: row.get("speaker") or "" for row in csv.DictReader(file, delimiter="\t")}


def show(heard: Sequence[Heard]) -> None:
    """The tables."""
    rows = []
    for threshold in THRESHOLDS:
        taught = [taught_by(heard, threshold, half) for half in (0, 1)]
        before, after = counted(heard, threshold, [None, None]), counted(heard, threshold, taught[::-1])
        rows += [_row(f"{threshold}", before), _row(f"{threshold}, taught", after, before)]
    columns = ("threshold", "calls missed", "more, points", "false wakes", "in", "removed, and 95 % interval")
    table(f'"{WORD}", every recording held back once', columns, rows)
    line("")
    few = []
    for calls, false in FEW:
        lost, most, removed = few_teach(heard, calls, false)
        few.append(
            (str(calls), str(false), f"{100 * lost:.1f} %", f"{100 * most:.1f} %", f"{100 * removed:.0f} %")
        )
    heads = ("calls", "false wakes", "calls lost", "nine in ten lose under", "false wakes removed")
    table(f"where so few teach, at {LOW}: the mean of {DRAWS} lots", heads, few)


def _row(name: str, found: Count, before: Count | None = None) -> tuple[str, ...]:
    more = f"{100 * (found.missed - before.missed) / found.calls:.1f}" if before else ""
    removed = ""
    if before:
        part = share(before.false - found.false, before.false)
        removed = f"{100 * part.value:.0f} % ({100 * part.low:.0f} to {100 * part.high:.0f})"
    missed = f"{found.missed} of {found.calls} ({100 * found.missed / found.calls:.1f} %)"
    return (name, missed, more, str(found.false), f"{found.sources} recordings", removed)


def show_cost() -> None:
    """What being asked costs, beside what a hop costs. It is asked once a wake, not twelve times a second."""
    engine = _engine()
    dice = np.random.default_rng(1)
    sound = dice.integers(-3000, 3000, (600, HOP)).astype(np.int16)
    verifier = Verifier(WORD, dice.normal(size=(16, 96)).astype(np.float32), 0.0)
    hop_us, asked_us = [], []
    for hop in sound:
        began = time.perf_counter_ns()
        engine.step(hop)
        between = time.perf_counter_ns()
        verifier.margin(engine.embeddings())
        asked_us.append((time.perf_counter_ns() - between) / 1000)
        hop_us.append((between - began) / 1000)
    hop_, asked = float(np.median(hop_us)), float(np.median(asked_us))
    line("")
    line(f"asked once: {asked:.1f} µs, {asked / hop_:.3f} times a hop of the engine ({hop_:.0f} µs), medians")


def main() -> int:
    """Hear, teach, judge, tell."""
    audio = Path(os.environ.get("EARLID_AUDIO") or HERE.parents[2] / "shared/audio")
    if not (audio / "index.tsv").is_file():
        line(f"no recordings at {audio}: set EARLID_AUDIO")
        return 64
    show(all_heard(audio.resolve(), is_quick="--quick" in sys.argv))
    show_cost()
    return 0


if __name__ == "__main__":
    sys.exit(main())
