"""What is known about each wake word before its model is here: one TOML file each, inside the package."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from earlid.errors import ConfigError

BACKBONE: Final = "backbone"
"""The manifest of what every wake word shares: melspectrogram and embedding."""
TELLING: Final = 20
"""Calls from which on a share of them says something."""
_NOISE: Final = re.compile(r"\bsnr(-?[0-9.]+)")


@dataclass(frozen=True, slots=True)
class Part:
    """One file inside the pinned wheel."""

    path: str
    sha256: str

    @property
    def name(self) -> str:
        """The file's own name, which it keeps in the models directory."""
        return self.path.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class Backbone:
    """The pinned wheel and the two networks every wake word needs."""

    requirement: str
    wheel: str
    sha256: str
    licence: str
    melspectrogram: Part
    embedding: Part


@dataclass(frozen=True, slots=True)
class Measured:
    """What `earlid bench --write` found under one condition; bounds are those of 95 % intervals.

    Misses of calls are shares, false accepts are per hour of other sound; `alike` recordings sound like it.
    """

    condition: str
    calls: int
    missed: int
    miss_low: float
    miss_high: float
    hours: float
    false_accepts: int
    per_hour_low: float
    per_hour_high: float
    alike: int
    alike_woke: int
    source: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """One wake-word model. `words` names each score it gives, `outputs` the columns they come from.

    `span` is how many embeddings (80 ms each) it looks at; it gives no score before it has seen that many.
    """

    name: str
    phrase: str
    licence: str
    source: str
    threshold: float
    patience: int
    span: int
    words: tuple[str, ...]
    outputs: tuple[int, ...]
    part: Part
    measured: tuple[Measured, ...] = ()


def accuracy_table() -> str:
    """The README's table: every model's operating point and what was measured there, in Markdown.

    Where a word was called less than `TELLING` times, noise tells nothing more, and clean alone is shown.
    """
    lines = [
        "| wake word | threshold | heard | calls missed | sound-alikes that woke | false accepts an hour |",
        "|---|---|---|---|---|---|",
    ]
    for name, model in manifests().items():
        point = f"{model.threshold:g}" + (f", {model.patience} hops" if model.patience > 1 else "")
        lines += [
            f"| `{name}` | {point} | {_told(each)} |"
            for each in model.measured
            if each.calls >= TELLING or each.condition == "clean"
        ]
    return "\n".join(lines)


def _told(one: Measured) -> str:
    misses = "not called"
    if one.calls:
        bounds = f"{100 * one.miss_low:.1f}-{100 * one.miss_high:.1f}"
        misses = f"{one.missed} of {one.calls}: {100 * one.missed / one.calls:.1f} % ({bounds})"
    hourly = f"under {one.per_hour_high:.1f}"
    if one.false_accepts:
        hourly = f"{one.false_accepts / one.hours:.1f} ({one.per_hour_low:.2f}-{one.per_hour_high:.1f})"
    heard = _NOISE.sub(r"noise \1 dB", one.condition)
    return f"{heard} | {misses} | {one.alike_woke} of {one.alike} | {hourly}"


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((resources.files("earlid.models") / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def backbone() -> Backbone:
    """The networks that every wake word shares."""
    read = _read(BACKBONE)
    return Backbone(
        requirement=read["requirement"],
        wheel=read["wheel"],
        sha256=read["sha256"],
        licence=read["licence"],
        melspectrogram=Part(**read["melspectrogram"]),
        embedding=Part(**read["embedding"]),
    )


@cache
def manifests() -> dict[str, Manifest]:
    """Every wake-word model that this version knows, by name, in alphabetical order."""
    files = resources.files("earlid.models").iterdir()
    names = sorted(file.name[:-5] for file in files if file.name.endswith(".toml"))
    return {name: _manifest(name) for name in names if name != BACKBONE}


def _manifest(name: str) -> Manifest:
    read = _read(name)
    return Manifest(
        name=name,
        phrase=read["phrase"],
        licence=read["licence"],
        source=read["source"],
        threshold=float(read["threshold"]),
        patience=int(read["patience"]),
        span=int(read["span"]),
        words=tuple(read["words"]),
        outputs=tuple(read["outputs"]),
        part=Part(**read["file"]),
        measured=tuple(Measured(**each) for each in read.get("measured", ())),
    )


def manifest(name: str) -> Manifest:
    """The manifest of `name`; ConfigError with the known names if there is none."""
    known = manifests()
    if name not in known:
        raise ConfigError(f"no wake word is called {name}; known are {', '.join(known)}")
    return known[name]
