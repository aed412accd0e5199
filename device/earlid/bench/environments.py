"""Builds each peer an environment of its own in the cache folder, once, with pip as it is set up here."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from earlid.edge.model.store import ModelStore
from earlid.errors import EarlidError

MODELS_WHEEL = "openwakeword==0.5.1"
_MODELS_IN_WHEEL = "openwakeword/resources/models/"
_VERSION = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])"


class Unavailable(EarlidError):
    """A peer cannot be measured here; the message says why (exit 69)."""

    exit_code = 69


@dataclass(frozen=True, slots=True)
class Environments:
    """Where environments, models and recordings are kept between runs."""

    cache: Path

    def python(self, requirements: tuple[str, ...], version: str | None) -> Path:
        """A Python with `requirements`, of exactly `version` if one is named; Unavailable if none can be."""
        base = _base_python(version)
        marks = json.dumps([str(base), requirements])
        home = self.cache / "environments" / hashlib.sha256(marks.encode()).hexdigest()[:12]
        python, done = home / "bin" / "python", home / "complete"
        if not done.exists():
            shutil.rmtree(home, ignore_errors=True)
            _call([str(base), "-m", "venv", str(home)], "make an environment")
            pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            _call([*pip, *requirements], f"install {' '.join(requirements)}")
            done.write_text(marks, encoding="utf-8")
        return python

    def published_models(self) -> Path:
        """The folder with openWakeWord's published files, ONNX and tflite, out of the pinned wheel."""
        folder = self.cache / "openwakeword-models"
        if not (folder / "complete").exists():
            folder.mkdir(parents=True, exist_ok=True)
            with zipfile.ZipFile(self._wheel()) as wheel:
                for name in wheel.namelist():
                    if name.startswith(_MODELS_IN_WHEEL) and not name.endswith("/"):
                        (folder / Path(name).name).write_bytes(wheel.read(name))
            (folder / "complete").touch()
        return folder

    def earlid_models(self, sets: tuple[tuple[str, ...], ...]) -> Path:
        """Earlid's models directory, with a graph for each of `sets` composed beforehand."""
        store = ModelStore(self.cache / "earlid-models")
        names = sorted({word for words in sets for word in words})
        if not all(store.installed(name) for name in names):
            store.install(self._wheel(), names)
        for words in sets:
            store.graph(words)
        return store.root

    def _wheel(self) -> Path:
        folder = self.cache / "wheels"
        pattern = f"{MODELS_WHEEL.replace('==', '-')}-*.whl"
        if not list(folder.glob(pattern)):
            pip = [
                sys.executable,
                "-m",
                "pip",
                "download",
                "--quiet",
                "--disable-pip-version-check",
                "--no-deps",
            ]
            _call([*pip, "--dest", str(folder), MODELS_WHEEL], f"download {MODELS_WHEEL}")
        return next(folder.glob(pattern))


def _base_python(version: str | None) -> Path:
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    if version is None or version == here:
        return Path(sys.executable)
    for folder in os.get_exec_path():
        python = Path(folder) / f"python{version}"
        if python.exists() and _version_of(python) == version:
            return python
    raise Unavailable(f"needs Python {version}, and no python{version} with venv is on the path")


def _version_of(python: Path) -> str | None:
    done = subprocess.run([str(python), "-c", _VERSION], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None


def _call(command: list[str], what: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = [
            line for line in done.stderr.splitlines() if line.startswith("ERROR")
        ] or done.stderr.splitlines()
        raise Unavailable(
            f"cannot {what}: {said[-1].removeprefix('ERROR: ') if said else 'no reason was given'}"
        )
