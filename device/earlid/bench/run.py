"""`earlid bench`: recordings in, rates out, through exactly the code that listens."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from earlid.asked import as_asked
from earlid.bench.clips import write_clips
from earlid.bench.conditions import Mixer, conditions, sounds_in
from earlid.bench.corpus import Corpus, Role, Source, gather
from earlid.bench.engines import OURS, PEERS, Listener, ours, peer
from earlid.bench.environments import Environments
from earlid.bench.report import Report
from earlid.bench.store import TraceStore
from earlid.bench.study import Deciding, Study
from earlid.bench.table import show
from earlid.bench.work import Job, Scoring, here, in_processes, score
from earlid.bench.writing import write_manifests
from earlid.edge.intervals import rate
from earlid.edge.model.manifest import manifests
from earlid.edge.schema import to_json
from earlid.edge.terminal import line, progress
from earlid.errors import UsageError
from earlid.listening.ears import words_of

if TYPE_CHECKING:
    from earlid.config import Config

PARTLY: Final = 65
"""The exit code where the report is there, and some of what was asked for is not in it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for on the command line."""

    recordings: tuple[Path, ...] = ()
    positives: tuple[Path, ...] = ()
    negatives: tuple[Path, ...] = ()
    models: tuple[str, ...] = ()
    engines: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    noise: Path | None = None
    snrs: tuple[float, ...] = ()
    rir: Path | None = None
    speeds: tuple[float, ...] = ()
    gains: tuple[float, ...] = ()
    seed: int = 1
    threshold: float | None = None
    lead_in_s: float = 2.0
    tail_s: float = 0.0
    unverified: bool = False
    sample: int | None = None
    json: Path | None = None
    html: Path | None = None
    clips: Path | None = None
    write: str = ""
    work: Path | None = None
    jobs: int | None = None
    dask: str | None = None


def bench(config: Config, asked: Asked) -> int:
    """Score, judge and tell. 0, or 65 where something that was asked for could not be measured."""
    rate(1, 1.0)  # scipy is an extra: say so before the work, not after it
    study = prepare(config, asked)
    work = study.plan()
    whole = len(study.conditions) * len(study.listeners)
    with progress("scoring", 1.0) as advance:
        if work:
            study.score(work, _scoring(asked), advance)
    with progress("judging", float(whole)) as advance:
        report = study.report(version("earlid"), lambda done, what: advance(done * whole, what))
    show(report)
    _write(report, study, asked)
    for trouble in report.troubles:
        sys.stderr.write(f"earlid: {trouble}\n")
    return PARTLY if report.troubles else 0


def prepare(config: Config, asked: Asked) -> Study:
    """Everything found, checked and ready to be scored; troubles are in the study."""
    known = manifests()
    with as_asked():
        words_of(asked.models)
    corpus = _corpus(asked)
    names = asked.models or tuple(corpus.called(known)) or config.wake.words
    work = asked.work or config.paths.state / "bench"
    troubles: list[str] = []
    thresholds = dict(config.wake.thresholds)
    if asked.threshold is not None:
        thresholds = dict.fromkeys(words_of(names), asked.threshold)
    wanted = conditions(asked.conditions, asked.snrs, asked.speeds, asked.gains, rir=asked.rir is not None)
    return Study(
        corpus=corpus,
        listeners=_listeners(config, asked, names, work),
        conditions=wanted,
        mixer=Mixer(sounds_in(asked.noise), sounds_in(asked.rir), asked.seed, asked.lead_in_s, asked.tail_s),
        channel=config.microphone.channel,
        store=TraceStore(work),
        deciding=Deciding(thresholds, config.wake.patience, config.wake.refractory_s, config.wake.quiet_gate),
        troubles=troubles,
    )


def _corpus(asked: Asked) -> Corpus:
    sources = [Source(path.resolve()) for path in asked.recordings]
    word = asked.models[0] if len(asked.models) == 1 else None  # whose calls they are, where no name says it
    sources += [Source(path.resolve(), Role.CALL, word) for path in asked.positives]
    sources += [Source(path.resolve(), Role.OTHER) for path in asked.negatives]
    if not sources:
        raise UsageError("name recordings: a folder, an index, or --positives and --negatives")
    corpus = gather(sources, manifests())
    if not corpus.takes:
        raise UsageError("\n".join([*corpus.troubles, "no recording is left to hear: name others"]))
    return corpus.sample(asked.sample) if asked.sample else corpus


def _listeners(config: Config, asked: Asked, names: tuple[str, ...], work: Path) -> list[Listener]:
    wanted = asked.engines or (OURS,)
    environments = Environments(work)
    found = []
    for name in dict.fromkeys((OURS, *wanted)):
        if name == OURS:
            words = (
                () if asked.unverified else [one for one in config.wake.verifiers if one in words_of(names)]
            )
            found.append(ours(config.paths.models, names, config.paths.field, words))
        else:
            found.append(peer(name, names, environments))
    return found


def _scoring(asked: Asked) -> Scoring:
    if asked.dask:
        from earlid.edge.clusters import on_cluster  # noqa: PLC0415 - an extra that few have

        return on_cluster(asked.dask, score)
    count = asked.jobs or len(os.sched_getaffinity(0))
    return in_processes(count) if count > 1 else here


def _write(report: Report, study: Study, asked: Asked) -> None:
    if asked.json:
        _keep(asked.json, to_json(report) + b"\n")
    if asked.html:
        from earlid.bench.page import page  # noqa: PLC0415 - matplotlib is an extra, and slow to import

        _keep(asked.html, page(report).encode("utf-8"))
    if asked.clips:
        count = write_clips(report, study, asked.clips)
        line(f"wrote {count} clip{'' if count == 1 else 's'} to {asked.clips}")
    if asked.write:
        for path in write_manifests(report, asked.write):
            line(f"wrote {path}")


def _keep(path: Path, body: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({(error.strerror or '?').lower()})") from error
    line(f"wrote {path}")


__all__ = ["PARTLY", "PEERS", "Asked", "Job", "bench", "prepare"]
