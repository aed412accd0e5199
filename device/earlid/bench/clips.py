"""The sound of what went wrong, as it was heard, for ears to judge: only where somebody asked for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from earlid.bench.conditions import condition
from earlid.bench.engines import OURS
from earlid.bench.report import Report, Result
from earlid.bench.study import Study
from earlid.core.units import HOP, samples
from earlid.edge.sound.recording import whole
from earlid.edge.sound.wav import wav_bytes
from earlid.errors import UsageError

BEFORE_S: Final = 2.5
AFTER_S: Final = 0.5
EACH: Final = 20
"""Misses, and false accepts, of each word under each condition."""


def write_clips(report: Report, study: Study, folder: Path) -> int:
    """Write the worst of ours to `folder` as WAV files, each around its moment; how many there are."""
    takes = {take.name: take for take in study.corpus.takes}
    count = 0
    for one in report.results:
        for what, recording, at_s in _moments(one):
            take, how = takes[recording], condition(one.condition)
            stream = study.mixer.stream(whole(take.path, study.channel), take.name, take.path, how)
            at = study.mixer.lead_in * HOP + samples(at_s)
            clip = stream[max(0, at - samples(BEFORE_S)) : at + samples(AFTER_S)]
            name = f"{one.word}.{one.condition}.{what}.{_flat(recording)}.{at_s:.2f}s.wav"
            try:
                folder.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(wav_bytes(clip))
            except OSError as error:
                why = (error.strerror or "?").lower()
                raise UsageError(f"{folder / name}: cannot be written ({why})") from error
            count += 1
    return count


def _moments(one: Result) -> Iterator[tuple[str, str, float]]:
    if one.listener != OURS:
        return
    yield from (("missed", each.recording, each.at_s) for each in one.misses[:EACH])
    yield from (("false", each.recording, each.at_s) for each in one.false_accepts[:EACH])


def _flat(name: str) -> str:
    return re.sub(r"[^\w.+-]", "_", name.rsplit(".", 1)[0])
