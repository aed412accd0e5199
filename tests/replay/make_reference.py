"""Write the committed tables anew: `python tests/replay/make_reference.py`.

Needs Python 3.11 on the path, since openwakeword 0.6.0 requires a tflite-runtime that later ones have not.
The environment is built once, under $EARLID_BENCH_CACHE (default .bench/).
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import soundfile  # ships no types


def start() -> int:
    """Ask the reference what it makes of each clip, and keep that."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from replay.reference_scores import CLIPS, Reference, after_silence, committed_file, write_committed

    reference = Reference()
    with tempfile.TemporaryDirectory() as folder:
        for clip in CLIPS:
            sound = after_silence(soundfile.read(clip, dtype="int16")[0])
            write_committed(clip, reference.scores(sound, Path(folder)))
            print(f"wrote {committed_file(clip)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(start())
