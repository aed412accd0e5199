"""Scores what is missing, then judges what is there: the same traces serve every threshold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from earlid.bench.conditions import Condition, Mixer
from earlid.bench.corpus import Corpus, Role, Take
from earlid.bench.curve import THRESHOLDS
from earlid.bench.engines import Listener
from earlid.bench.report import Report, Result, Setup, result, told
from earlid.bench.store import Kept, TraceStore
from earlid.bench.tally import Point, Tally
from earlid.bench.work import Job, Scoring, Unit, jobs, unit
from earlid.core.detector import Word
from earlid.core.units import samples
from earlid.edge.model.manifest import manifest
from earlid.listening.ears import operating_points

Advance = Callable[[float, str], None]

JUDGING: Final = "judging"


@dataclass(frozen=True, slots=True)
class Deciding:
    """How scores become wakes: `thresholds` by word or model where they are not the models' own."""

    thresholds: dict[str, float]
    patience: int
    refractory_s: float
    quiet_gate: bool

    def point(self, who: Listener, name: str) -> Point:
        """The point at which `who` works for the model `name`: ours as configured, a peer's its own."""
        refractory = samples(self.refractory_s)
        if who.python is not None:
            threshold = who.thresholds[who.models.index(name)]
            return Point((Word(name, threshold),), refractory, gate=False)
        points = operating_points([manifest(name)], self.thresholds, self.patience)
        return Point(tuple(points), refractory, self.quiet_gate)


@dataclass(slots=True)
class Study:
    """All recordings under all conditions for all listeners."""

    corpus: Corpus
    listeners: Sequence[Listener]
    conditions: Sequence[Condition]
    mixer: Mixer
    channel: int
    store: TraceStore
    deciding: Deciding
    troubles: list[str] = field(default_factory=list)
    _units: dict[tuple[str, str, str], Unit] = field(default_factory=dict)

    def plan(self) -> list[Job]:
        """The work that is left: every trace that is not in the store yet."""
        self.mixer.check(self.conditions)
        return list(chain.from_iterable(self._work_of(who) for who in self.listeners))

    def score(self, work: Sequence[Job], scoring: Scoring, advance: Advance) -> None:
        """Do `work` and keep what comes of it; recordings that are not usable are told in `troubles`."""
        whole, done = sum(job.weight for job in work), 0
        bad: dict[str, str] = {}
        for batch in scoring(work):
            for one in batch:
                if one.body is None:
                    bad[one.unit.name] = one.trouble
                else:
                    self.store.keep(one.unit.key, one.body)
                done += one.unit.weight
            advance(done / whole, f"scoring {batch[-1].unit.how.name}")
        self.troubles += [f"{name}: {trouble}, left out" for name, trouble in sorted(bad.items())]

    def kept(self, who: Listener, how: Condition) -> Iterator[tuple[Take, Kept]]:
        """Each take and its trace, in the order of the takes; those without one are left out."""
        for take in self._takes_for(who):
            one = self._units[who.identity, how.name, take.name]
            found = self.store.load(one.key)
            if found is not None:
                yield take, found
            elif self.store.has(one.key):
                self._tell(f"{take.name}, {how.name}: its trace is damaged, left out: give another --work")

    def report(self, earlid: str, advance: Advance) -> Report:
        """What all traces say, judged as configured."""
        pairs = [(who, how) for how in self.conditions for who in self.listeners]
        found: list[Result] = []
        for number, (who, how) in enumerate(pairs):
            advance(number / len(pairs), f"{JUDGING} {how.name}")
            found += self._results(who, how)
        order = {
            name: place
            for place, name in enumerate(dict.fromkeys(w for who in self.listeners for w in who.models))
        }
        found.sort(key=lambda one: order[one.word])
        return Report(
            earlid=earlid,
            setup=Setup(
                self.deciding.refractory_s,
                self.deciding.quiet_gate,
                self.mixer.lead_in_s,
                self.mixer.tail_s,
                self.mixer.seed,
                self.channel,
            ),
            listeners=tuple(told(who) for who in self.listeners),
            recordings=len({take.name for take in self.corpus.takes}),
            conditions=tuple(how.name for how in self.conditions),
            thresholds=THRESHOLDS,
            results=tuple(found),
            troubles=(*self.corpus.troubles, *self._uncalled(), *self.troubles),
        )

    def _tell(self, trouble: str) -> None:
        if trouble not in self.troubles:
            self.troubles.append(trouble)

    def _results(self, who: Listener, how: Condition) -> list[Result]:
        tallies = [
            Tally(manifest(name), who.columns(manifest(name)), self.deciding.point(who, name), how.speed)
            for name in who.models
        ]
        for take, kept in self.kept(who, how):
            for tally in tallies:
                tally.add(take, kept)
        return [result(who, how, tally) for tally in tallies]

    def _work_of(self, who: Listener) -> Iterator[Job]:
        missing: dict[str, Unit] = {}
        for how in self.conditions:
            for take in self._takes_for(who):
                mark = (who.identity, how.name, take.name)
                if mark not in self._units:
                    self._units[mark] = unit(take.name, take.path, how, who, self.mixer, self.channel)
                one = self._units[mark]
                if not self.store.has(one.key):
                    missing[one.key] = one
        return jobs(who, self.mixer, self.channel, list(missing.values()))

    def _takes_for(self, who: Listener) -> list[Take]:
        models = [manifest(name) for name in who.models]
        return [take for take in self.corpus.takes if any(take.to(model) for model in models)]

    def _uncalled(self) -> Iterator[str]:
        for name in dict.fromkeys(name for who in self.listeners for name in who.models):
            if not any(take.to(manifest(name)) is Role.CALL for take in self.corpus.takes):
                yield f"{name} is called in none of the recordings: there is no miss rate for it"
