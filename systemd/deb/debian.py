"""Small Debian systems in folders: made once, kept, and used through copies that are thrown away."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

CHECKOUT: Final = Path(__file__).resolve().parents[2]
NATIVE: Final = {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)
_MUCH_MEMORY_BYTES: Final = 6_000_000_000
_CERTIFICATES: Final = Path("/etc/ssl/certs/ca-certificates.crt")
_HANDED_ON: Final = ("PIP_", "SSL_CERT_FILE", "REQUESTS_", "HTTP", "NO_PROXY", "http", "no_proxy")
_ENTER: Final = """
set -eu
root=$1; shift
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
while [ "$1" != -- ]; do mkdir -p "$root$2"; mount --bind "$1" "$root$2"; shift 2; done
shift
exec chroot "$root" "$@"
"""


class Unavailable(Exception):
    """This machine cannot do it; says why, and what would help."""


@dataclass(frozen=True, slots=True)
class Suite:
    """A Debian release: `python` is its Python's version, `mark` what a package's version ends in."""

    name: str
    python: tuple[int, int]
    mark: str

    @property
    def below(self) -> str:
        """The first Python that an environment made there does not work with."""
        return f"{self.python[0]}.{self.python[1] + 1}"


SUITES: Final = {
    suite.name: suite for suite in (Suite("bookworm", (3, 11), "deb12"), Suite("trixie", (3, 13), "deb13"))
}

TO_RUN: Final = ("python3", "systemd", "udev", "ca-certificates", "libportaudio2")
TO_BUILD: Final = (*TO_RUN, "python3-venv", "python3-dev", "build-essential", "portaudio19-dev", "swig")


@dataclass(frozen=True, slots=True)
class System:
    """A Debian system in `folder`; `lent` are folders of this machine and where they are seen in it.

    `layers` are the folders it is made of, the newest first; itself alone where there are none.
    """

    folder: Path
    lent: Mapping[Path, str] = field(default_factory=dict)
    layers: tuple[Path, ...] = ()

    def run(
        self, *command: str | Path, check: bool = True, also: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """What `command` did in there, in mounts and processes of its own; Unavailable if it failed."""
        self._reach()
        kept = {name: value for name, value in os.environ.items() if name.startswith(_HANDED_ON)}
        kept.pop("PIP_FIND_LINKS", None)
        env = (
            kept
            | {"PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}
            | dict(also or {})
        )
        lent = [str(word) for here, there in self.lent.items() for word in (here, there)]
        enter = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation=private")
        words = [*enter, "sh", "-c", _ENTER, "enter", str(self.folder), *lent, "--", *map(str, command)]
        done = subprocess.run(
            words, check=False, capture_output=True, text=True, env=env, stdin=subprocess.DEVNULL
        )
        if check and done.returncode:
            said = (done.stdout + done.stderr).strip().splitlines()[-12:]
            raise Unavailable(f"{' '.join(map(str, command[:3]))} failed:\n" + "\n".join(said))
        return done

    def _reach(self) -> None:
        """Names are looked up, and certificates trusted, in there as here."""
        for file in (Path("/etc/resolv.conf"), Path("/etc/hosts"), _CERTIFICATES):
            there = self.folder / file.relative_to("/")
            if not file.exists() or not there.parent.is_dir() or there.is_symlink():
                continue
            if not there.exists() or there.read_bytes() != file.read_bytes():
                shutil.copyfile(file, there)

    def path(self, there: str | Path) -> Path:
        """Where this machine sees what is at `there` in it."""
        return self.folder / Path(there).relative_to("/")


def cache() -> Path:
    """Where what is slow to make is kept: $EARLID_BENCH_CACHE, or .bench in the checkout."""
    return Path(os.environ.get("EARLID_BENCH_CACHE") or CHECKOUT / ".bench").resolve() / "debian"


def system(suite: Suite, architecture: str, packages: tuple[str, ...]) -> System:
    """A small Debian with `packages`, made with mmdebstrap once; Unavailable where that cannot be."""
    if os.geteuid() != 0:
        raise Unavailable("only root can make a Debian system in a folder; run it with sudo")
    if not shutil.which("mmdebstrap"):
        raise Unavailable("no mmdebstrap is here; install it with: sudo apt install mmdebstrap")
    key = hashlib.sha256(" ".join(packages).encode()).hexdigest()[:8]
    folder = cache() / f"{suite.name}-{architecture}-{key}"
    if folder.exists():
        return System(folder)
    print(f"making a Debian {suite.name} for {architecture} (once, a minute or more)", flush=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    options = [
        *("--quiet", "--mode=root", "--variant=minbase", f"--architectures={architecture}"),
        f"--include={','.join(packages)}",
        '--aptopt=APT::Install-Recommends "false"',
        '--aptopt=Acquire::Languages "none"',
        *(f"--dpkgopt=path-exclude=/usr/share/{what}/*" for what in ("doc", "man", "locale")),
    ]
    done = subprocess.run(
        ["mmdebstrap", *options, suite.name, str(draft / "root")], check=False, capture_output=True, text=True
    )
    if done.returncode:
        shutil.rmtree(draft, ignore_errors=True)
        said = [line for line in done.stderr.splitlines() if line.startswith("E: ")] or ["E: no reason given"]
        raise Unavailable(f"mmdebstrap made no {suite.name} for {architecture}: {said[0][3:]}")
    if not folder.exists():  # somebody else may have been quicker
        (draft / "root").rename(folder)
    shutil.rmtree(draft)
    return System(folder)


@contextmanager
def thrown_away(kept: System, **lent: Path) -> Iterator[System]:
    """A copy of `kept` whose changes are gone afterwards; each folder in `lent` is seen in it as /NAME.

    A copy can be copied in turn, as long as nothing is changed in it any more.
    """
    work = Path(tempfile.mkdtemp(prefix="earlid-system-", dir=cache()))
    in_memory = _has_much_memory() and _mount("tmpfs", "size=75%", work)
    for name in ("changed", "work", "whole"):
        (work / name).mkdir()
    whole = work / "whole"
    below = kept.layers or (kept.folder,)
    lower = ":".join(map(str, below))
    layers = f"lowerdir={lower},upperdir={work / 'changed'},workdir={work / 'work'}"
    is_layered = _mount("overlay", layers, whole)
    try:
        if not is_layered:  # no overlays here: a real copy
            subprocess.run(["cp", "-a", f"{kept.folder}/.", str(whole)], check=True)
        made_of = (work / "changed", *below) if is_layered else ()
        seen = dict(kept.lent) | {path: f"/{name}" for name, path in lent.items()}
        yield System(whole, seen, made_of)
    finally:
        if is_layered:
            subprocess.run(["umount", "--lazy", str(whole)], check=False)
        if in_memory:
            subprocess.run(["umount", "--lazy", str(work)], check=False)
        shutil.rmtree(work, ignore_errors=True)


def _mount(kind: str, options: str, where: Path) -> bool:
    """Whether a file system of this `kind` could be mounted."""
    command = ["mount", "-t", kind, "earlid", "-o", options, str(where)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def _has_much_memory() -> bool:
    """Whether what is thrown away again need not go to the disk first."""
    facts = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text("ascii").splitlines())
    return int(facts["MemAvailable"].split()[0]) * 1024 > _MUCH_MEMORY_BYTES
