"""A machine of somebody who installs Earlid from a checkout, offline: in a Debian of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from fakes.debian_systems import System, copy_of_checkout, everything_in

OURS = ("/opt", "/usr/local", "/etc", "/var/lib/earlid", "/run/earlid")
BIN = "/opt/earlid/bin"
CONFIG = "/etc/earlid/config.toml"
LEDGER = "/var/lib/earlid/ledger/2026-11.jsonl"


@dataclass(frozen=True, slots=True)
class Machine:
    """A Debian system, the checkout that is lent to it as /checkout, and what installing printed."""

    system: System
    checkout: Path
    printed: str = ""

    def install(self, *words: str, code: int = 0) -> str:
        """What `systemd/install` printed, and that it left with `code`."""
        offline = () if "--uninstall" in words else ("--wheelhouse", "/wheels", "--models", "/openwakeword")
        again = {"PIP_NO_COMPILE": "0"} if self.printed else {}  # pip reads that as: do not; it saves seconds
        done = self.system.run("/checkout/systemd/install", *offline, *words, check=False, also=again)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def tree(self, *, times: bool = True) -> dict[str, str]:
        found = everything_in(self.system, OURS, times=times)
        found.pop("/etc")  # systemd-sysusers makes a draft in it, and takes it away again
        return found

    def write(self, file: str, text: str) -> None:
        self.system.path(file).write_text(text, encoding="utf-8")

    def ask(self, *command: str) -> str:
        return self.system.run(*command).stdout.strip()


def steps(printed: str) -> list[str]:
    """What it says it does, without what is left for its owner to do."""
    return [line for line in printed.partition("\n\n")[0].splitlines() if line.startswith("  ")]


def with_newer(machine: Machine, folder: Path) -> Machine:
    """The same machine with a newer checkout, in `folder`; `machine` itself where it was lent before."""
    newer = copy_of_checkout(folder)
    settings = newer / "setup.cfg"
    settings.write_text(settings.read_text("utf-8").replace("version = 0.1.0", "version = 0.1.1"), "utf-8")
    kept = {here: there for here, there in machine.system.lent.items() if there != "/checkout"}
    return replace(machine, system=replace(machine.system, lent=kept | {newer: "/checkout"}))


def with_newer_unit(machine: Machine, folder: Path) -> System:
    """Its system with another checkout, in `folder`, lent to it as /newer; only a unit of that is newer."""
    unit = copy_of_checkout(folder) / "systemd/earlid-listen.service"
    unit.write_text(
        unit.read_text("utf-8").replace("has no network\n", "has no network (newer)\n", 1), "utf-8"
    )
    return replace(machine.system, lent={**machine.system.lent, folder: "/newer"})
