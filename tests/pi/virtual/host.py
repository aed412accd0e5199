"""What this machine must have before it can pretend to be a Raspberry Pi, and how its programs are run."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

CHECKOUT: Final = Path(__file__).resolve().parents[3]
_BINFMT: Final = Path("/proc/sys/fs/binfmt_misc")
_SOURCES: Final = Path("/etc/apt")
_MIRROR: Final = re.compile(r"^(?:URIs:|deb)\s+(?:\[[^]]*]\s+)?(\S+/debian/?)(?:\s|$)", re.MULTILINE)

TO_RUN: Final = (
    ("command -v qemu-system-aarch64", "qemu-system-arm", "it is the virtual Raspberry Pi's processor"),
    ("command -v qemu-img", "qemu-utils", "a run writes beside its image, never into it"),
    ("command -v fdtput", "device-tree-compiler", "the virtual board is called a Raspberry Pi 4"),
    ("command -v mcopy", "mtools", "the settings lie on a FAT partition, as on a card"),
    ("command -v mkfs.vfat", "dosfstools", "the settings lie on a FAT partition, as on a card"),
)
TO_BUILD: Final = (
    ("command -v mmdebstrap", "mmdebstrap", "it makes the Debian system for the virtual Raspberry Pi"),
    ("command -v arch-test", "arch-test", "mmdebstrap looks with it whether arm64 programs run here"),
    ("command -v qemu-aarch64-static", "qemu-user-static", "Debian's arm64 packages configure themselves"),
    ("command -v update-binfmts", "binfmt-support", "the kernel is told what runs arm64 programs"),
    ("command -v depmod", "kmod", "the simulated GPIO chip is listed among the kernel's modules"),
    ("command -v mke2fs", "e2fsprogs", "the virtual card has an ext4 file system"),
)


class Unavailable(Exception):
    """The virtual Pi cannot be built or started here; the message says why, and what to do."""


def cache() -> Path:
    """The folder that is kept between runs: virtual-pi under $EARLID_BENCH_CACHE, or under .bench."""
    return (Path(os.environ.get("EARLID_BENCH_CACHE") or CHECKOUT / ".bench") / "virtual-pi").resolve()


def missing(tools: Iterable[tuple[str, str, str]]) -> list[str]:
    """The packages among `tools` that this machine has not."""
    found = (
        (package, subprocess.run(["sh", "-c", check], capture_output=True, check=False).returncode)
        for check, package, _ in tools
    )
    return [package for package, code in found if code]


def get_ready(*, to_build: bool) -> None:
    """Install what is missing here, saying why; Unavailable, with what to do, where it cannot."""
    if platform.system() != "Linux":
        raise Unavailable("the virtual Raspberry Pi needs Linux, with Debian's packages")
    if to_build and os.geteuid() != 0:
        raise Unavailable("building the virtual Raspberry Pi needs root: run it with sudo")
    for tool in TO_RUN + (TO_BUILD if to_build else ()):
        run(["sh", str(CHECKOUT / ".ci/need"), *tool], f"install {tool[1]}")
    if to_build:
        _let_arm64_programs_run()


def mirror() -> str:
    """Where this system gets Debian's packages from; nothing in the project knows."""
    for file in sorted([_SOURCES / "sources.list", *(_SOURCES / "sources.list.d").glob("*")]):
        if file.is_file() and (found := _MIRROR.search(file.read_text(encoding="utf-8"))):
            return found[1]
    raise Unavailable("this system has no package source called .../debian: use Debian to build it")


def emulator() -> str:
    """What pretends to be a Raspberry Pi here."""
    said = run(["qemu-system-aarch64", "--version"], "ask for the emulator's version")
    version = re.search(r"version (\d+\.\d+)", said)
    return f"qemu {version[1] if version else '?'} on {os.cpu_count()} shared {platform.machine()} cores"


def run(command: Sequence[str | Path], what: str, *, environ: Mapping[str, str] | None = None) -> str:
    """What `command` said, once it has done `what`; Unavailable with its last words otherwise."""
    try:
        done = subprocess.run(
            [str(word) for word in command],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            env={**os.environ, **(environ or {})},
        )
    except FileNotFoundError as error:
        raise Unavailable(f"cannot {what}: there is no {command[0]} here") from error
    if done.returncode:
        last = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()][-12:]
        raise Unavailable("\n    ".join([f"cannot {what}:", *(last or ["no reason was given"])]))
    return done.stdout


def digest(*things: str | bytes | Path) -> str:
    """A mark that changes when any of `things` does: text, bytes, or files and all that is in folders."""
    summed = hashlib.sha256()
    for thing in things:
        if not isinstance(thing, Path):
            summed.update(thing.encode() if isinstance(thing, str) else thing)
            continue
        for file in sorted(thing.rglob("*")) if thing.is_dir() else [thing]:
            if file.is_file() and "__pycache__" not in file.parts:
                summed.update(file.relative_to(thing.parent).as_posix().encode() + b"\0" + file.read_bytes())
        summed.update(b"\1")
    return summed.hexdigest()[:16]


def is_made(folder: Path, marks: str) -> bool:
    """Whether `folder` was finished, from the same recipe."""
    note = folder.with_name(f"{folder.name}.complete")
    return note.exists() and note.read_text(encoding="ascii") == marks


def let_go_of(folder: Path) -> None:
    """Unmount whatever is mounted below `folder`, be it what a run that was killed left there."""
    mounts = Path("/proc/mounts").read_text(encoding="utf-8").splitlines()
    for left in reversed([line.split()[1] for line in mounts if line.split()[1].startswith(f"{folder}/")]):
        run(["umount", left], f"unmount {left}")


def begin(folder: Path) -> None:
    """Forget what was made before."""
    let_go_of(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.with_name(f"{folder.name}.complete").unlink(missing_ok=True)
    if folder.is_dir():
        shutil.rmtree(folder)
    folder.unlink(missing_ok=True)


def finish(folder: Path, marks: str) -> None:
    """Say that `folder` is whole."""
    folder.with_name(f"{folder.name}.complete").write_text(marks, encoding="ascii")


def _let_arm64_programs_run() -> None:
    if platform.machine() == "aarch64":
        return
    if not (_BINFMT / "register").exists():
        run(["mount", "-t", "binfmt_misc", "binfmt_misc", _BINFMT], "let the kernel know other programs")
    if not (_BINFMT / "qemu-aarch64").exists():
        run(["update-binfmts", "--enable", "qemu-aarch64"], "let the kernel run arm64 programs")
