"""How much of a command said right after the wake word is lost: `python tests/bench/first_words.py`.

With a threshold and a patience behind it, the figures are of a listener that decides so.
Each "alexa" of EARLID_AUDIO is cut at its end, and read speech follows 0, 50, 100 or 200 ms later, drawn by
the digest of its name. The engine and the detector that listen hear it. For each lookback the table says how
much of the command a segment lacks, and how much of the wake word is in it. models/README.md keeps it.

A word ends, and speech begins, at the last or first 20 ms that are within 15 dB of the loud ones.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

HERE: Final = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

# ruff: noqa: E402 - a command run from anywhere finds the fakes beside it
from earlid.bench.corpus import Role, Source, gather
from earlid.bench.engines import OurEar, ours
from earlid.core.detector import Word
from earlid.core.mixing import FRAME
from earlid.core.trace import wakes
from earlid.core.units import HOP, RATE_HZ, Samples, samples
from earlid.edge.model.manifest import manifest, manifests
from earlid.edge.sound.recording import whole
from earlid.edge.terminal import line, table
from fakes.models import models_folder

WORD: Final = "alexa"
SPOKEN_DB: Final = 15.0
"""How far below the loud 20 ms what still counts as speech may be."""
GAPS_MS: Final = (0, 50, 100, 200)
LOOKBACKS_MS: Final = (0, 80, 160, 240, 320, 400)
COMMAND_S: Final = 3.0
LEAD_IN: Final = 25


@dataclass(frozen=True, slots=True)
class Heard:
    """One call, in samples of its stream: the word's end, the command's beginning, and the detection."""

    word_end: int
    command: int
    wake: int

    def lost_ms(self, lookback_ms: int) -> float:
        """How much of the command's beginning a segment lacks."""
        return max(0, self._start(lookback_ms) - self.command) * 1000 / RATE_HZ

    def leaked_ms(self, lookback_ms: int) -> float:
        """How much of the wake word is in the segment."""
        return max(0, self.word_end - self._start(lookback_ms)) * 1000 / RATE_HZ

    def _start(self, lookback_ms: int) -> int:
        return self.wake - samples(lookback_ms / 1000)


def spoken(sound: Samples) -> tuple[int, int]:
    """Where speech begins and ends in `sound`."""
    power = (sound[: len(sound) // FRAME * FRAME].reshape(-1, FRAME).astype(np.float64) ** 2).mean(axis=1)
    loud = np.flatnonzero(power >= np.percentile(power, 95) * 10 ** (-SPOKEN_DB / 10))
    return int(loud[0]) * FRAME, int(loud[-1] + 1) * FRAME


def drawn(name: str, files: Sequence[Path]) -> Path:
    """One of `files`, by lot."""
    return files[int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") % len(files)]


def hear(gap_ms: int, audio: Path, ear: OurEar, point: Word) -> tuple[list[Heard], int]:
    """Every call that was heard with a command `gap_ms` after it, and how many calls there were."""
    speeches = sorted((audio / "negative" / "read_speech").glob("*.flac"))
    calls = [t for t in gather([Source(audio)], manifests()).takes if t.role is Role.CALL and t.word == WORD]
    found = []
    for take in calls:
        word, speech = whole(take.path), whole(drawn(take.name, speeches))
        begins = spoken(speech)[0]
        parts = [
            np.zeros(LEAD_IN * HOP, np.int16),
            word[: spoken(word)[1]],
            np.zeros(samples(gap_ms / 1000), np.int16),
            speech[begins : begins + samples(COMMAND_S)],
        ]
        word_end = len(parts[0]) + len(parts[1])
        trace = ear.hear(np.concatenate(parts), LEAD_IN)
        near = [
            at
            for wake in wakes(trace, (point,), samples(2.0), gate=True)
            if abs((at := wake.at + LEAD_IN * HOP) - word_end) < samples(1.5)
        ]
        if near:
            found.append(Heard(word_end, word_end + len(parts[2]), near[0]))
    return found, len(calls)


def main(words: Sequence[str]) -> int:
    """One table a gap."""
    point = Word(WORD, manifest(WORD).threshold, manifest(WORD).patience)
    if words:
        point = Word(WORD, float(words[0]), int(words[1]))
    audio = Path(os.environ.get("EARLID_AUDIO") or HERE.parents[1] / "../shared/audio").resolve()
    ear = OurEar(ours(models_folder(WORD), (WORD,)))
    for gap_ms in GAPS_MS:
        found, calls = hear(gap_ms, audio, ear, point)
        after = np.array([(one.wake - one.word_end) * 1000 / RATE_HZ for one in found])
        quarters = " / ".join(f"{value:.0f}" for value in np.percentile(after, [5, 50, 95]))
        rows = []
        for lookback in LOOKBACKS_MS:
            lost = np.array([one.lost_ms(lookback) for one in found])
            leaked = np.array([one.leaked_ms(lookback) for one in found])
            rows.append(
                (
                    f"{lookback} ms",
                    f"{100 * np.mean(lost > 0):.0f} %",
                    f"{np.median(lost):.0f}",
                    f"{np.percentile(lost, 90):.0f}",
                    f"{100 * np.mean(leaked > 0):.0f} %",
                    f"{np.median(leaked):.0f}",
                    f"{np.percentile(leaked, 90):.0f}",
                )
            )
        line(
            f"{gap_ms} ms between: {len(found)} of {calls} heard, {quarters} ms after the word (5, 50, 95 %)"
        )
        table("", ("lookback", "command cut", "ms", "90 %", "word leaks", "ms", "90 %"), rows)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
