"""Earlid's scores beside openWakeWord's own on real recordings: `python tests/replay/compare.py [--all]`.

Prints the biggest difference from hop 48 on, over all six heads; exits 1 when it is 1e-5 or more, or when a
score is on the other side of 0.5. Needs Python 3.11 and the recordings in $EARLID_AUDIO.
"""

from __future__ import annotations

import os
import sys
import tempfile
import wave
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soundfile  # ships no types

if TYPE_CHECKING:
    from earlid.core.units import Samples
    from replay.reference_scores import Difference, Reference

CHECKOUT = Path(__file__).resolve().parents[2]


def some_of(audio: Path) -> list[Path]:
    """About two minutes, the same every time: every word that is called, and talk and noise between them."""
    every = {
        "positive/*/*.flac": 12,
        "near/*/*.flac": 60,
        "negative/read_speech/*.flac": 40,
        "negative/telephone_speech/*.flac": 80,
        "negative/house_noise_words/*.flac": 60,
    }
    kinds = [sorted(audio.glob(pattern))[::step] for pattern, step in every.items()]
    rare = sorted(one for one in audio.glob("positive/*/*.flac") if one.parent.name != "alexa")
    return [*rare, *(file for kind in kinds for file in kind)]


def together(files: list[Path]) -> Samples:
    """The sound of `files`, one directly after the other."""
    parts = []
    for file in files:
        sound, rate_hz = soundfile.read(file, dtype="int16")
        if rate_hz != 16_000 or sound.ndim != 1:
            raise SystemExit(f"{file} is not 16 kHz mono: compare recordings that are")
        parts.append(sound)
    whole: Samples = np.concatenate(parts)
    return whole


def compared(sound: Samples, reference: Reference, models: Path, folder: Path) -> Difference:
    """The two programs on `sound`, each in its own process; AssertionError for a wake only we had."""
    from earlid.core.units import HOP
    from replay.reference_scores import FROM_HOP, WORDS, difference, replay

    file = folder / "sound.wav"
    with wave.open(str(file), "wb") as kept:
        kept.setparams((1, 2, 16_000, len(sound), "NONE", ""))
        kept.writeframes(sound.astype("<i2").tobytes())
    theirs = reference.scores(sound, folder)
    tables, (told,) = replay([file], models, folder)
    for wake in told["wakes"]:
        hop = round(wake["time_s"] * 16_000) // HOP - 1
        if hop >= FROM_HOP and theirs[hop, WORDS.index(wake["model"])] < 0.5:
            raise AssertionError(f"{wake} where the reference is below 0.5")
    return difference(tables[str(file)], theirs)


def start() -> int:
    """Compare, and say what came of it."""
    sys.path.insert(0, str(CHECKOUT / "tests"))
    from fakes.models import models_folder
    from replay.reference_scores import MODELS, TOLERANCE, Reference

    audio = Path(os.environ.get("EARLID_AUDIO") or CHECKOUT / "../shared/audio")
    files = sorted(audio.rglob("*.flac")) if "--all" in sys.argv[1:] else some_of(audio)
    if not files:
        raise SystemExit(f"no recordings at {audio}: set EARLID_AUDIO")
    sound = together(files)
    print(f"{len(files)} recordings, {len(sound) / 16_000:.0f} s, one after the other", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        found = compared(sound, Reference(), models_folder(*MODELS), Path(folder))
    print(found)
    return int(found.biggest >= TOLERANCE or bool(found.disputed))


if __name__ == "__main__":
    raise SystemExit(start())
