"""pymicro-wakeword's interface over a listener that wakes at whatever is loud: a peer that needs no download.

`environment(folder)` gives a Python in which it is what `import pymicro_wakeword` finds.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

PACKAGE = """
import os
from pathlib import Path

import numpy as np

Model = str
BROKEN = Path(__file__).with_name("broken")


class MicroWakeWordFeatures:
    def process_streaming(self, sound):
        pieces = np.frombuffer(sound, np.int16).reshape(-1, 160).astype(float)
        yield from np.sqrt((pieces**2).mean(axis=1))

    def reset(self):
        if BROKEN.exists():
            raise RuntimeError("the microphone fell off")


class MicroWakeWord:
    probability_cutoff = 0.9

    @classmethod
    def from_builtin(cls, model):
        return cls()

    def process_streaming_prob(self, loudness):
        return min(1.0, loudness / 4000)

    def reset(self):
        pass
"""


def environment(folder: Path) -> Path:
    """A Python for `--engine pymicro-wakeword=PYTHON`; a file `broken` beside it breaks it at work."""
    folder.mkdir(parents=True)
    (folder / "pymicro_wakeword.py").write_text(PACKAGE, encoding="utf-8")
    for name, version in (("pymicro-wakeword", "2.5.0"), ("pymicro-features", "2.0.1")):
        facts = folder / f"{name.replace('-', '_')}-{version}.dist-info" / "METADATA"
        facts.parent.mkdir()
        facts.write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8")
    python = folder / "python"
    python.write_text(
        f'#!/bin/sh\nPYTHONPATH="{folder}{os.pathsep}$PYTHONPATH" exec "{sys.executable}" "$@"\n',
        encoding="utf-8",
    )
    python.chmod(0o755)
    return python
