"""The pinned wheel as published, fetched once with pip; and small wheels that only look like it."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from earlid.edge.model.manifest import backbone


@cache
def published_wheel() -> Path:
    """The real one, kept beside the environment."""
    folder = Path(sys.prefix) / "earlid-test-wheel"
    if not (folder / backbone().wheel).exists():
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*pip, "--dest", str(folder), backbone().requirement], check=True)
    return folder / backbone().wheel


def lookalike(folder: Path, contents: Mapping[str, bytes]) -> Path:
    """A wheel by the pinned one's name in `folder`, holding `contents`."""
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / backbone().wheel, "w") as wheel:
        for name, body in contents.items():
            wheel.writestr(name, body)
    return folder / backbone().wheel
