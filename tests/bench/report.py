"""What a run of the bench found, as tables, as the numbers the targets ask for, and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bench import contestants as who
from bench.figures import biggest_difference, growth_per_hour, slope
from bench.measuring import Measured, times
from bench.tables import NOTHING, Table, plain, ranged, small
from bench.whole_process import Grown, Listened

COMPARE_FROM_HOP = 48
"""Before this hop openwakeword scores embeddings of its own random start."""

SOON = 0.5
"""Less than half an hour says nothing about growth."""


@dataclass(frozen=True)
class Whole:
    """The whole `listen` process on each recording, and on next to nothing."""

    start: Listened
    runs: Mapping[str, Listened]
    poured: Grown | None
    hours: float

    def ms_per_s(self, name: str) -> float | None:
        """Milliseconds of CPU for one more second of `name`, start-up cancelled out."""
        if name not in self.runs:
            return None
        run = self.runs[name]
        return 1000 * slope([(self.start.audio_s, self.start.cpu_s), (run.audio_s, run.cpu_s)])

    def growth_mb(self) -> float | None:
        """MiB by which it grows in an hour of sound."""
        if not self.poured or self.hours < SOON:
            return None
        return growth_per_hour(self.poured.rss_kib, self.hours) / 1024


def difference(one: Measured | None, reference: Measured | None, recording: str) -> float | None:
    """The biggest distance between the scores of two contestants with the same models."""
    if one is None or reference is None or not one.who.same_models:
        return None
    return biggest_difference(one.scores(recording), reference.scores(recording), COMPARE_FROM_HOP)


def contest(found: Mapping[str, Measured], missing: Mapping[str, str], recording: str, about: str) -> Table:
    """One row a contestant on one recording; who could not be measured is there too, and why."""
    ours, reference = found.get(who.EARLID.key), found.get(who.REFERENCE.key)
    rows = []
    for each in who.ALL:
        measured = found.get(each.key)
        if measured is None:
            rows.append((each.label, "skipped", *[NOTHING] * 6))
            continue
        rows.append(
            (
                each.label,
                ranged(measured.cost(recording)),
                plain(times(measured, ours, recording), 2),
                plain(measured.peak_mb(), 0),
                plain(measured.start_s().median, 2),
                small(difference(measured, reference, recording)),
                str(len(measured.wakes(recording))),
                str(measured.heard[recording][-1].threads),
            )
        )
    notes = [f"{each.label}: {each.remark}" for each in who.ALL if each.remark]
    notes += [f"{each.label}: skipped, {missing[each.key]}" for each in who.ALL if each.key in missing]
    columns = ("", "CPU ms/s", "x Earlid", "peak MB", "first score s", "score diff", "wakes", "threads")
    return Table(f"{recording}: {about}", columns, tuple(rows), tuple(notes))


def whole_process(whole: Whole, found: Mapping[str, Measured]) -> Table:
    """The listen process beside the bare engine."""
    ours = found.get(who.EARLID.key)
    rows = []
    for name, run in whole.runs.items():
        cost = whole.ms_per_s(name)
        engine = ours.cost(name.split(",")[0]) if ours else None
        ratio = cost / engine.median if cost and engine else None
        rows.append(
            (
                name,
                plain(cost, 2),
                plain(engine.median if engine else None, 2),
                plain(ratio, 2),
                str(run.wakes),
                plain(run.kept_s, 1),
            )
        )
    notes = [f"starting and ending costs {whole.start.cpu_s:.2f} s of CPU, once"]
    if whole.poured and whole.poured.rss_kib:
        levels = [each / 1024 for each in whole.poured.rss_kib]
        notes.append(
            f"over {whole.hours:.2f} h of sound its memory went {levels[0]:.1f} MB -> {levels[-1]:.1f} MB, "
            f"peak {whole.poured.peak_kib / 1024:.1f} MB"
        )
    columns = ("the whole listen process", "CPU ms/s", "bare engine", "ratio", "wakes", "kept s")
    return Table("listen", columns, tuple(rows), tuple(notes))


def numbers(found: Mapping[str, Measured], whole: Whole | None) -> dict[str, float | None]:
    """A number under the key of each target; None where it was not measured."""
    ours, reference = found.get(who.EARLID.key), found.get(who.REFERENCE.key)
    gate_on, gate_off = found.get(who.GATE_ON.key), found.get(who.GATE_OFF.key)
    two = times(found.get(who.TWO_WORDS.key), ours, "speech")
    listening = whole.ms_per_s("speech, nobody calls") if whole else None
    engine = ours.cost("speech") if ours else None
    peak = whole.poured.peak_kib / 1024 if whole and whole.poured else None
    return {
        "openwakeword": times(reference, ours, "speech"),
        "pyopen": times(found.get("pyopen"), ours, "speech"),
        "pymicro": times(found.get("pymicro"), ours, "speech"),
        "quiet": times(reference, gate_on, "quiet"),
        "gate": times(gate_on, gate_off, "quiet"),
        "second": None if two is None else 100 * (two - 1),
        "listen": listening / engine.median if listening and engine else None,
        "memory": peak / reference.peak_mb() if peak and reference else None,
        "scores": difference(ours, reference, "speech"),
        "growth": whole.growth_mb() if whole else None,
    }
