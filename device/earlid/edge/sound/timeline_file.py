"""Reads the timeline that lies beside a clip, and finds the clip that travels with the package."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

from earlid.core.timeline import Said, Timeline
from earlid.core.units import RATE_HZ
from earlid.errors import ConfigError

CLIP = "clip.flac"


def demo_clip() -> Path:
    """Where the clip of `earlid demo` is; its timeline lies beside it."""
    clip = Path(str(resources.files("earlid.demo"))) / CLIP
    if not clip.is_file():
        raise ConfigError(f"the demo's clip is missing from {clip.parent}: install earlid again")
    return clip


def read_timeline(clip: Path) -> Timeline:
    """The timeline of `clip`, whole and consistent, or a ConfigError that names the file."""
    beside = clip.with_suffix(".toml")
    try:
        return _understood(tomllib.loads(beside.read_text(encoding="utf-8")))
    except (OSError, KeyError, TypeError, ValueError) as broken:
        raise ConfigError(f"{beside}: not a timeline ({broken}): install earlid again") from broken


def _understood(told: dict[str, Any]) -> Timeline:
    if told["rate_hz"] != RATE_HZ:
        raise ValueError(f"its samples are not at {RATE_HZ} hz")
    said = tuple(
        Said(row["who"], row["text"], row["start"], row["stop"], row.get("wakes", "")) for row in told["said"]
    )
    return Timeline(told["samples"], told["sha256_of_pcm"], said)
