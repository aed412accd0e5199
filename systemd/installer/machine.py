"""This machine: what it is, what is on it, and how a program is run on it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from installer.step import Stopped

_HANDED_ON = ("PIP_", "SSL_", "REQUESTS_", "HTTP", "NO_PROXY", "http", "no_proxy", "LANG", "LC_")


@dataclass(frozen=True, slots=True)
class Machine:
    """Runs programs; with `talks` their output is shown as it comes."""

    talks: bool = False

    @property
    def is_booted(self) -> bool:
        """Whether systemd runs here, as it does not in a chroot or while an image is being built."""
        return Path("/run/systemd/system").is_dir()

    def has_package(self, name: str) -> bool:
        """Whether Debian's package `name` is installed."""
        status = self.answer("dpkg-query", "-W", "-f", "${db:Status-Status}", name)
        return status == "installed"

    def answer(self, *command: str | Path) -> str:
        """What `command` prints; nothing where it fails or is not here."""
        try:
            done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment())
        except OSError:
            return ""
        return done.stdout.strip() if done.returncode == 0 else ""

    def run(
        self,
        *command: str | Path,
        to: str,
        also: Mapping[str, str] | None = None,
        within: Path | None = None,
        code: int = 69,
    ) -> str:
        """Run `command` and return what it printed; Stopped if it fails, with its reason. `to`: what for."""
        env = environment() | dict(also or {})
        try:
            done = subprocess.run(
                command,
                check=False,
                stdout=None if self.talks else subprocess.PIPE,
                stderr=None if self.talks else subprocess.PIPE,
                stdin=subprocess.DEVNULL,
                text=True,
                env=env,
                cwd=within,
            )
        except OSError as error:
            why = (error.strerror or "unknown trouble").lower()
            raise Stopped(f"cannot {to}: {Path(command[0]).name}: {why}", code) from error
        if done.returncode:
            raise Stopped(f"cannot {to}: {reason(done.stderr, done.stdout)}", code)
        return done.stdout or ""


def environment() -> dict[str, str]:
    """What a program is told: where programs are and how packages are reached, and no more of this shell."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(_HANDED_ON)}
    return kept | {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": os.environ.get("HOME", "/root"),
        "TMPDIR": "/var/tmp",  # noqa: S108 - /tmp is memory on newer systems, and a small Pi has little
        "DEBIAN_FRONTEND": "noninteractive",
        "ORT_DISABLE_TELEMETRY": "1",
    }


def reason(stderr: str | None, stdout: str | None) -> str:
    """The one line of all that a failed program printed which says why."""
    lines = [line.strip() for line in f"{stdout or ''}\n{stderr or ''}".splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("ERROR: ", "E: ", "earlid: ", "error: "))]
    if not lines:
        return "it gave no reason; --verbose shows all"
    said = (telling or lines)[-1]
    return said.removeprefix("ERROR: ").removeprefix("E: ").removeprefix("earlid: ").rstrip(".")


def remove(path: Path) -> None:
    """Make sure that nothing is at `path`."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)


def same(path: Path, body: bytes) -> bool:
    """Whether the file at `path` holds exactly `body`."""
    return path.is_file() and path.read_bytes() == body


def put(path: Path, body: bytes, mode: int = 0o644) -> None:
    """Make the file at `path` hold `body`: all of it, or still all of what it held."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.new")
    with draft.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    draft.chmod(mode)
    draft.replace(path)


def link(path: Path, target: str) -> None:
    """Make `path` a link to `target`, at once: nobody ever finds nothing there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    draft.symlink_to(target)
    draft.replace(path)


def choices(words: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else "nothing"
