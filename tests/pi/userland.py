"""An aarch64 Python with everything Earlid needs, in a folder, and the emulator that runs it.

Nothing is installed into this system but the emulator: apt resolves Debian's arm64 packages in a folder of
its own with this system's sources, and they are unpacked without running their scripts. pip then chooses the
wheels as it runs on that Python, so that a dependency without one for aarch64 is found out.
"""

from __future__ import annotations

import configparser
import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.environments import Unavailable
from pi.boards import BOARDS, Board

CHECKOUT = Path(__file__).resolve().parents[2]
_PACKAGES = ("python3", "libstdc++6")
_EMULATORS = ("qemu-aarch64", "qemu-aarch64-static")
_NEED = (
    " || ".join(f"command -v {name}" for name in _EMULATORS),
    "qemu-user",
    "it runs the aarch64 programs of a Raspberry Pi on this processor",
)


@dataclass(frozen=True, slots=True)
class Userland:
    """What is kept under `home` between runs, and how to run it."""

    home: Path

    @classmethod
    def usual(cls) -> Userland:
        """The one under $EARLID_BENCH_CACHE, or .bench in the checkout."""
        cache = os.environ.get("EARLID_BENCH_CACHE") or CHECKOUT / ".bench"
        return cls((Path(cache) / "aarch64").resolve())

    @property
    def complete(self) -> bool:
        """Whether nothing has to be fetched before it can run."""
        return (
            emulator() is not None
            and self._noted("root") == _PACKAGES_MARK
            and self._noted("site") == _marks()
        )

    def build(self) -> None:
        """Fetch what is missing, and copy this checkout's package into it; Unavailable, with the reason."""
        if platform.machine() == "aarch64":
            raise Unavailable("this machine is aarch64 itself: 'make test' is the check")
        _run(["sh", str(CHECKOUT / ".ci/need"), *_NEED], "install the emulator")
        if self._noted("root") != _PACKAGES_MARK:
            print("fetching an aarch64 Python (once)", flush=True)
            self._unpack_packages()
            self._note("root", _PACKAGES_MARK)
        if self._noted("site") != _marks():
            print("fetching the aarch64 wheels with pip as it runs there (once, two minutes)", flush=True)
            self._install_wheels()
            self._note("site", _marks())
        package = self.home / "package"
        shutil.rmtree(package, ignore_errors=True)
        skipped = shutil.ignore_patterns("__pycache__")
        shutil.copytree(CHECKOUT / "device/earlid", package / "earlid", ignore=skipped)
        shutil.copytree(CHECKOUT / "models", package / "earlid/models", ignore=skipped)

    def python(self, board: Board, environ: Mapping[str, str] | None = None) -> list[str]:
        """The command that is `python` on `board`, with the package and its dependencies in reach."""
        name = emulator()
        if name is None:
            raise Unavailable("no qemu-aarch64 is on the path")
        root = board.furnish(self.home / "boards" / board.processor, self.home / "root")
        seen = {"PYTHONPATH": f"{self.home / 'package'}:{self.home / 'site'}", "PYTHONNOUSERSITE": "1"}
        set_there = [
            word for key, value in (seen | dict(environ or {})).items() for word in ("-E", f"{key}={value}")
        ]
        return [name, "-cpu", board.processor, "-L", str(root), *set_there, str(root / "usr/bin/python3")]

    def _unpack_packages(self) -> None:
        root, apt = self.home / "root", self.home / "apt"
        for folder in (root, apt):
            shutil.rmtree(folder, ignore_errors=True)
        for name in ("lists/partial", "archives/partial", "log"):
            (apt / name).mkdir(parents=True)
        (apt / "status").touch()
        places = {
            "Dir::State": apt,
            "Dir::State::status": apt / "status",
            "Dir::State::lists": apt / "lists",
            "Dir::Cache": apt,
            "Dir::Cache::archives": apt / "archives",
            "Dir::Log": apt / "log",
            "APT::Architecture": "arm64",
            "APT::Architectures": "arm64",
            "APT::Install-Recommends": "0",
            "APT::Sandbox::User": "root",
            "Debug::NoLocking": "1",
        }
        get = [
            "apt-get",
            "-q",
            "-y",
            *(word for key, value in places.items() for word in ("-o", f"{key}={value}")),
        ]
        _run([*get, "update"], "read the lists of arm64 packages")
        _run([*get, "install", "--download-only", *_PACKAGES], f"fetch {' and '.join(_PACKAGES)} for arm64")
        root.mkdir()
        for place in ("bin", "lib", "sbin"):
            (root / "usr" / place).mkdir(parents=True)
            (root / place).symlink_to(f"usr/{place}")
        for package in sorted((apt / "archives").glob("*.deb")):
            _run(["dpkg-deb", "-x", str(package), str(root)], f"unpack {package.name}")
        shutil.rmtree(apt)

    def _install_wheels(self) -> None:
        site = self.home / "site"
        shutil.rmtree(site, ignore_errors=True)
        package = self.home / "package"
        shutil.rmtree(package, ignore_errors=True)
        found = importlib.util.find_spec("pip")
        if found is None or found.origin is None:
            raise Unavailable("cannot fetch the wheels: this environment has no pip")
        program = Path(found.origin).parent
        asked = ["install", "--quiet", "--only-binary=:all:", "--target", str(site)]
        constraints = ["-c", str(CHECKOUT / "device/constraints.txt")]
        _run(
            [*self.python(BOARDS[0]), str(program), *asked, *constraints, *_requirements()],
            "install the wheels",
        )

    def _noted(self, what: str) -> str:
        note = self.home / f"{what}.complete"
        return note.read_text(encoding="ascii") if note.exists() else ""

    def _note(self, what: str, marks: str) -> None:
        (self.home / f"{what}.complete").write_text(marks, encoding="ascii")


def emulator() -> str | None:
    """The emulator on the path, if there is one."""
    return next((found for name in _EMULATORS if (found := shutil.which(name))), None)


def _requirements() -> list[str]:
    settings = configparser.ConfigParser()
    settings.read(CHECKOUT / "setup.cfg", encoding="utf-8")
    return settings["options"]["install_requires"].split("\n")[1:]


_PACKAGES_MARK = " ".join(_PACKAGES)


def _marks() -> str:
    constraints = (CHECKOUT / "device/constraints.txt").read_text(encoding="utf-8")
    return hashlib.sha256("\n".join([constraints, *_requirements()]).encode()).hexdigest()


def _run(command: Sequence[str], what: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise Unavailable(
            f"cannot {what}: there is no {command[0]} here; use Debian or Raspberry Pi OS"
        ) from error
    if done.returncode:
        said = [
            line
            for line in (done.stderr + done.stdout).splitlines()
            if line[:2] in {"E:", "ER"} or "rror" in line
        ]
        raise Unavailable(
            f"cannot {what}: {(said or done.stderr.splitlines() or ['no reason was given'])[-1]}"
        )
