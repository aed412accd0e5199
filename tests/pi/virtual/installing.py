"""Puts the project on the virtual Pi with the installer that an owner uses, offline."""

from __future__ import annotations

import configparser
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from fakes.models import models_folder
from pi.virtual.host import CHECKOUT, let_go_of, run

WORD: Final = "hey_jarvis"
CONFIG: Final = "boot/firmware/earlid.toml"
EXTRAS: Final = ("field", "mqtt", "pi", "s3", "wyoming")
"""What the installer installs besides the base."""
_PARTS: Final = (
    *("device/earlid", "device/constraints.txt", "models", "systemd"),
    *("setup.cfg", "pyproject.toml", "README.md", "LICENSE"),
)
_TELL: Final = """cd /usr/src/earlid
PIP_NO_COMPILE=0 exec systemd/install --no-apt --wheelhouse /usr/src/wheels --models /usr/src/models --verbose
"""


def project() -> tuple[Path, ...]:
    """Everything whose change asks for a new installation."""
    return tuple(path for part in _PARTS if (path := CHECKOUT / part).exists() and path.suffix != ".md")


def requirements() -> list[str]:
    """What pip must find on the Pi, and nowhere else: there is no network while it installs."""
    settings = configparser.ConfigParser()
    settings.read(CHECKOUT / "setup.cfg", encoding="utf-8")
    extras = settings["options.extras_require"]
    lines = [settings["options"]["install_requires"], *(extras[name] for name in EXTRAS)]
    return [line.strip() for line in "\n".join(lines).splitlines() if line.strip()]


def install(root: Path, wheels: Path, settings: str) -> str:
    """Run systemd/install in `root`, which is not booted, with `settings` on its firmware partition.

    What it said. Unavailable, with its last words, where it failed.
    """
    source = root / "usr/src/earlid"
    source.mkdir(parents=True)
    left_out = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for path in (CHECKOUT / part for part in _PARTS):
        at = source / path.relative_to(CHECKOUT)
        at.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            shutil.copytree(path, at, ignore=left_out)
        else:
            shutil.copy(path, at)
    _loosen(wheels, root / "usr/src/wheels")
    shutil.copytree(models_folder(WORD), root / "usr/src/models")
    config = root / CONFIG
    config.write_text(settings, encoding="utf-8")
    link = root / "etc/earlid/config.toml"
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(f"/{CONFIG}")
    with _processes_seen(root):
        said = run(["chroot", root, "sh", "-c", _TELL], "install the project on the virtual Pi")
    config.unlink()
    for rest in ("wheels", "models"):
        shutil.rmtree(root / "usr/src" / rest)
    return said


def _loosen(wheels: Path, at: Path) -> None:
    """Copy the wheels without their compression: undoing that is quick here, and very slow emulated."""
    at.mkdir()
    for wheel in wheels.glob("*.whl"):
        with zipfile.ZipFile(wheel) as packed, zipfile.ZipFile(at / wheel.name, "w") as loose:
            for one in packed.infolist():
                one_loose = zipfile.ZipInfo(one.filename, one.date_time)
                one_loose.external_attr = one.external_attr
                loose.writestr(one_loose, packed.read(one))


@contextmanager
def _processes_seen(root: Path) -> Iterator[None]:
    """Have /proc in `root`: systemd-tmpfiles looks there.

    Not /sys: there ONNX Runtime finds this machine's processors, takes them for the Pi's, and falls over.
    """
    try:
        run(["mount", "-t", "proc", "proc", root / "proc"], "mount /proc in the virtual Pi")
        yield
    finally:
        let_go_of(root)
