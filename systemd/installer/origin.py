"""What is installed: the checkout this lies in, a wheel, or a release from the package index."""

from __future__ import annotations

import configparser
import hashlib
import platform
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from installer.step import Stopped

CHECKOUT: Final = Path(__file__).resolve().parents[2]
EXTRAS: Final = ("field", "mqtt", "pi", "s3", "wyoming")
"""All that a device may use, so that no later setting wants pip again; what is not used is not loaded."""
TO_COMPILE: Final = {"PYPI": "1"}
"""What pip is told where it compiles: lgpio then takes its library with it, which Debian does not have."""
_PARTS: Final = ("setup.cfg", "pyproject.toml", "README.md", "LICENSE", "device", "models")


@dataclass(frozen=True, slots=True)
class Origin:
    """One of three: a `checkout`, a `wheel`, or neither, which is release `version` from the index."""

    version: str
    checkout: Path | None = None
    wheel: Path | None = None

    @property
    def said(self) -> str:
        """Where it comes from, in words."""
        return str(self.checkout or self.wheel or "the package index")

    @property
    def name(self) -> str:
        """The environment's name: the same for the same code, dependencies and Python, and nothing else."""
        digest = hashlib.sha256("\n".join([sys.version, platform.machine(), *EXTRAS]).encode())
        files = [CHECKOUT / "device/constraints.txt"]
        if self.checkout:
            files += [file for part in _PARTS for file in _files(self.checkout / part)]
        elif self.wheel:
            files += [self.wheel]
        for file in files:
            digest.update(f"\n{file.name} {file.stat().st_size}\n".encode())
            digest.update(file.read_bytes())
        return f"{self.version}-{digest.hexdigest()[:12]}"

    def requirement(self, work: Path) -> str:
        """What pip is asked for. A checkout is copied to `work`: building in it would leave things there."""
        extras = f"[{','.join(EXTRAS)}]"
        if self.wheel:
            return f"{self.wheel}{extras}"
        if not self.checkout:
            return f"earlid{extras}=={self.version}"
        for part in _PARTS:
            if (self.checkout / part).is_dir():
                shutil.copytree(self.checkout / part, work / part, ignore=_LEFT)
            else:
                shutil.copy2(self.checkout / part, work / part)
        return f"{work}{extras}"


_LEFT = shutil.ignore_patterns("__pycache__", "*.egg-info", ".*", "out")


def chosen(wheel: Path | None, release: str | None) -> Origin:
    """What was asked for on the command line; `release` is a version, or empty for this checkout's."""
    if wheel is not None:
        if not wheel.is_file() or wheel.suffix != ".whl":
            raise Stopped(f"{wheel} is no wheel; name a file that ends in .whl", 64)
        return Origin(wheel.name.split("-")[1], wheel=wheel.resolve())
    settings = configparser.ConfigParser()
    settings.read(CHECKOUT / "setup.cfg", encoding="utf-8")
    version = settings["metadata"]["version"]
    if release is not None:
        return Origin(release or version)
    return Origin(version, checkout=CHECKOUT)


def _files(part: Path) -> list[Path]:
    if part.is_file():
        return [part]
    return [
        file
        for file in sorted(part.rglob("*"))
        if file.is_file() and "__pycache__" not in file.parts and ".egg-info" not in str(file)
    ]
