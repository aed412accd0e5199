"""The command line of `systemd/install`."""

from __future__ import annotations

import argparse
import fcntl
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from installer import configuration, plan
from installer.machine import Machine
from installer.origin import chosen
from installer.step import Stopped, walk

_LOCK: Final = Path("/run/lock/earlid-install")
_NEXT: Final = f"""
choose a microphone and where to send to, then start:
  earlid devices
  sudo nano {configuration.FILE}   # [microphone] device = "a part of its name", [upload] url = "https://..."
  sudo systemd/install                  # run again, it starts what is chosen\
"""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line and leaves with 64, as every command of Earlid does."""

    def error(self, message: str) -> None:  # type: ignore[override]
        raise Stopped(f"{message}; see systemd/install --help", 64)


def install(arguments: Sequence[str]) -> int:
    """Do what `arguments` ask, or say it; the exit code is 0, 64, 69 or 78."""
    try:
        return _install(arguments)
    except Stopped as stopped:
        print(f"earlid: {stopped}", file=sys.stderr)
        return stopped.exit_code
    except KeyboardInterrupt:
        print("\nearlid: interrupted; run it again to go on", file=sys.stderr)
        return 130


def _install(arguments: Sequence[str]) -> int:
    asked = _asked(arguments)
    machine = Machine(talks=asked.verbose)
    if not asked.dry_run:
        plan.must_be_root()
    os.umask(0o022)
    with ExitStack() as held:
        if not asked.dry_run:
            _be_alone(held)
        if asked.uninstall:
            steps = plan.to_uninstall(asked, machine)
            print(f"{'would remove' if asked.dry_run else 'removing'} earlid from this machine")
        else:
            configuration.must_exist(asked.wheelhouse, "folder")
            configuration.must_exist(asked.models, "folder or wheel")
            origin = chosen(asked.wheel, asked.from_index)
            steps = plan.to_install(asked, origin, machine)
            begun = "would install" if asked.dry_run else "installing"
            print(f"{begun} earlid {origin.version} from {origin.said}")
        walk(steps, dry=asked.dry_run)
        if asked.dry_run:
            print("nothing was changed")
        elif not asked.uninstall and not plan.is_ready(machine):
            print(_NEXT)
    return 0


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = _Parser(
        prog="systemd/install",
        description="Puts Earlid on this machine as two services. Run it again to upgrade.",
    )
    says = parser.add_argument
    says("--dry-run", action="store_true", help="say each step and do none")
    says(
        "--microphone",
        metavar="NAME",
        help="a part of the microphone's name: begin with it, and start at once",
    )
    says("--wheel", type=Path, metavar="FILE", help="install this wheel instead of the checkout this lies in")
    says(
        "--from-index",
        nargs="?",
        const="",
        metavar="VERSION",
        help="install a release from the package index",
    )
    says("--wheelhouse", type=Path, metavar="DIR", help="take every dependency from this folder, offline")
    says(
        "--models",
        type=Path,
        metavar="PATH",
        help="take models from this folder or openwakeword wheel, offline",
    )
    says("--no-apt", action="store_true", help="name missing Debian packages instead of installing them")
    says("--uninstall", action="store_true", help="remove it; configuration, ledger and what was kept stay")
    says("--purge", action="store_true", help="with --uninstall: erase those, too")
    says("--verbose", action="store_true", help="show what pip, apt and systemd print")
    asked = parser.parse_args(arguments)
    if asked.purge and not asked.uninstall:
        raise Stopped("--purge goes with --uninstall", 64)
    if asked.wheel and asked.from_index is not None:
        raise Stopped("--wheel and --from-index are two different things to install; choose one", 64)
    return asked


def _be_alone(held: ExitStack) -> None:
    """Hold the lock until done; Stopped, with 69, if another run has it."""
    _LOCK.parent.mkdir(parents=True, exist_ok=True)
    lock = held.enter_context(_LOCK.open("w"))
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise Stopped("another run is at it; wait for it to end") from error


if __name__ == "__main__":
    sys.exit(install(sys.argv[1:]))
