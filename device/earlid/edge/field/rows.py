"""Rows of the field recordings' file, and the values they stand for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from earlid.core.field import Ended, Kind, Label, Minute, Peak, Session, Tag, Trial

ADD_MINUTE: Final = "INSERT INTO minute VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
ADD_PEAK: Final = "INSERT OR IGNORE INTO peak VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
ADD_TRIAL: Final = "INSERT INTO trial VALUES (?, ?, ?, ?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which peaks are asked for; None is any. `has_label` False is those that wait for one."""

    session: int | None = None
    kind: Kind | None = None
    word: str | None = None
    label: Label | None = None
    has_label: bool | None = None
    tag: Tag | None = None
    has_clip: bool | None = None
    is_prompted: bool | None = None
    is_erased: bool | None = None
    since_s: float | None = None
    until_s: float | None = None


def where_of(wanted: Wanted) -> tuple[str, list[object]]:
    """SQL for `wanted`, made of the constants below and nothing else, and the values to bind in it."""
    tests: list[tuple[str, object]] = [
        ("session = ?", wanted.session),
        ("kind = ?", wanted.kind and wanted.kind.value),
        ("word = ?", wanted.word),
        ("label = ?", wanted.label and wanted.label.value),
        ("(label NOTNULL) = ?", wanted.has_label),
        ("instr(',' || tags || ',', ',' || ? || ',')", wanted.tag and wanted.tag.value),
        ("(clip NOTNULL) = ?", wanted.has_clip),
        ("is_prompted = ?", wanted.is_prompted),
        ("is_erased = ?", wanted.is_erased),
        ("at_s >= ?", wanted.since_s),
        ("at_s < ?", wanted.until_s),
    ]
    asked = [(test, value) for test, value in tests if value is not None]
    return " AND ".join(test for test, _ in asked) or "1", [value for _, value in asked]


def session_of(row: tuple[Any, ...]) -> Session:
    """A session as it was written down."""
    id_, note, started_s, ends_s, keeps_audio, recipient, ended_s, why = row
    told = None if why is None else Ended(why)
    return Session(id_, note, started_s, ends_s, bool(keeps_audio), recipient, ended_s, told)


def minute_of(row: tuple[Any, ...]) -> Minute:
    """A minute as it was written down."""
    *told, throttled = row
    return Minute(*(*told, None if throttled is None else bool(throttled)))


def row_of_minute(one: Minute) -> tuple[object, ...]:
    """How a minute is written down."""
    spent = (one.listened, one.muted, one.deaf, one.wakes, one.near_misses)
    return (one.session, one.start_s, *spent, one.level_dbfs, one.temperature_c, one.throttled)


def trial_of(row: tuple[Any, ...]) -> Trial:
    """A prompt as it was written down."""
    trial = Trial(*row)
    return replace(trial, heard=bool(trial.heard))


def row_of_trial(one: Trial) -> tuple[object, ...]:
    """How a prompt is written down."""
    return (one.session, one.asked_s, one.until_s, one.word, one.distance_m, one.noise, one.heard)


def peak_of(row: tuple[Any, ...]) -> Peak:
    """A peak as it was written down."""
    id_, session, at_s, at, word, kind, score, threshold, level_dbfs, trace, first, *rest = row
    clip, clip_bytes, is_prompted, label, tags, note, is_erased = rest
    return Peak(
        id=id_,
        session=session,
        at_s=at_s,
        at=at,
        word=word,
        kind=Kind(kind),
        score=score,
        threshold=threshold,
        level_dbfs=level_dbfs,
        trace=np.frombuffer(trace, "<f4").astype(np.float32),
        first=first,
        clip=clip,
        clip_bytes=clip_bytes,
        is_prompted=bool(is_prompted),
        label=Label(label) if label else None,
        tags=frozenset(Tag(tag) for tag in tags.split(",") if tag),
        note=note,
        is_erased=bool(is_erased),
    )


def row_of_peak(peak: Peak) -> tuple[object, ...]:
    """How a peak is written down."""
    told = (peak.word, peak.kind.value, peak.score, peak.threshold, peak.level_dbfs)
    kept = (np.asarray(peak.trace, "<f4").tobytes(), peak.first, peak.clip, peak.clip_bytes, peak.is_prompted)
    return (peak.id, peak.session, peak.at_s, peak.at, *told, *kept, *said_of(peak), peak.is_erased)


def said_of(peak: Peak) -> tuple[str | None, str, str]:
    """What the owner said of a peak, as it is written down: label, tags, note."""
    return peak.label and peak.label.value, ",".join(sorted(tag.value for tag in peak.tags)), peak.note
