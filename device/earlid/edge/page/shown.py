"""What the page shows of recordings: values of JSON, and words for people."""

from __future__ import annotations

import base64
import math
import time
from collections.abc import Mapping
from typing import Any, Final

from earlid.core.field import AFTER, BEFORE, NEAR, Kind, Label, Peak, Tag
from earlid.core.picture import BANDS, Picture, height_of
from earlid.core.units import seconds
from earlid.edge.field.store import Wanted
from earlid.edge.intervals import Interval
from earlid.errors import UsageError

NOTE_LETTERS: Final = 500
_PITCHES: Final = (("250 Hz", 250.0), ("1 kHz", 1_000.0), ("4 kHz", 4_000.0))
_WHATEVER: Final = ""


def wanted_of(query: Mapping[str, str]) -> Wanted:
    """The peaks that a filter asks for; UsageError where it says what there is not."""
    label = query.get("label", _WHATEVER)
    try:
        return Wanted(
            kind=Kind(query["kind"]) if query.get("kind") else None,
            word=query.get("word") or None,
            label=Label(label) if label not in {_WHATEVER, "waiting"} else None,
            has_label=False if label == "waiting" else None,
            tag=Tag(query["tag"]) if query.get("tag") else None,
            has_clip=True if query.get("sound") == "yes" else None,
            is_erased=False,
        )
    except ValueError:
        raise UsageError("there is no such filter: reload the page") from None


def label_of(said: object) -> Label | None:
    """The label that a browser sent; UsageError if there is no such."""
    if said is None:
        return None
    try:
        return Label(said)
    except ValueError:
        raise UsageError("there is no such label: reload the page") from None


def tags_of(said: object) -> frozenset[Tag]:
    """The tags that a browser sent; UsageError if there is no such."""
    if not isinstance(said, list):
        raise UsageError("tags are a list: reload the page")
    try:
        return frozenset(Tag(tag) for tag in said)
    except (ValueError, TypeError):
        raise UsageError("there is no such tag: reload the page") from None


def note_of(said: object) -> str:
    """The note that a browser sent, as one line; UsageError if it is none or too long."""
    if not isinstance(said, str):
        raise UsageError("a note is text: reload the page")
    note = " ".join("".join(letter if letter.isprintable() else " " for letter in said).split())
    if len(note) > NOTE_LETTERS:
        raise UsageError(f"a note has at most {NOTE_LETTERS} letters: shorten it")
    return note


def row_of(peak: Peak) -> dict[str, Any]:
    """One peak as a row of the queue."""
    then = time.localtime(peak.at_s)
    return {
        "id": peak.id,
        "day": time.strftime("%a %d %b", then),
        "time": time.strftime("%H:%M:%S", then),
        "word": peak.word.replace("_", " "),
        "kind": peak.kind.value,
        "score": round(_number(peak.score), 3),
        "threshold": round(_number(peak.threshold), 3),
        "label": peak.label.value if peak.label else None,
        "tags": sorted(tag.value for tag in peak.tags),
        "note": peak.note,
        "sound": peak.clip is not None,
        "prompted": peak.is_prompted,
    }


def whole_of(peak: Peak) -> dict[str, Any]:
    """One peak with all that is drawn of it; times are seconds in its clip, the peak being at `at`."""
    return {
        **row_of(peak),
        "level": round(_number(peak.level_dbfs), 1),
        "at": seconds(BEFORE),
        "length": seconds(BEFORE + AFTER),
        "known": round(NEAR * peak.threshold, 3),
        "trace": [
            [round(at_s, 3), round(score, 4)]
            for at_s, score in zip(peak.times_s, peak.trace.tolist(), strict=True)
            if math.isfinite(score)
        ],
    }


def picture_of(picture: Picture) -> dict[str, Any]:
    """What sound looks like: bytes in base64, column by column."""
    return {
        "bands": BANDS,
        "pitches": [[name, round(height_of(hz), 4)] for name, hz in _PITCHES],
        "spectrogram": _base64(picture.spectrogram.tobytes()),
        "low": _base64(picture.low.tobytes()),
        "high": _base64(picture.high.tobytes()),
    }


def bounds_of(interval: Interval) -> list[float | None]:
    """Value, low and high; None is what nobody knows, or what has no end."""
    return [
        round(one, 6) if math.isfinite(one) else None for one in (interval.value, interval.low, interval.high)
    ]


def figure(value: float, digits: int = 2) -> str:
    """A number with about so many digits that count."""
    if not math.isfinite(value):
        return "?"
    if value == 0:
        return "0"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return f"{value:,.{min(places, 4)}f}"


def _number(value: float) -> float:
    return float(value) if math.isfinite(value) else 0.0


def _base64(body: bytes) -> str:
    return base64.b64encode(body).decode("ascii")
