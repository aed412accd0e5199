"""Earlid's files, users and services in systemd's hands: placed, told, started, stopped and taken away."""

from __future__ import annotations

import pwd
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from installer.machine import Machine, put, remove, same
from installer.origin import CHECKOUT
from installer.placing import GROUP, USERS, Placed, all_units, placed, to_enable

LIB: Final = Path("/usr/local/lib")
FILES: Final = placed(CHECKOUT / "systemd")
KEPT: Final = (Path("/etc/earlid"), Path("/var/lib/earlid"))
_NARROWED: Final = Path("/etc/systemd/system/earlid-upload.service.d/10-configuration.conf")
_RUNTIME: Final = Path("/run/earlid")
_STARTING: Final = "start the services (see journalctl -u earlid-listen -u earlid-upload)"
_NOT_UNITS: Final = tuple(one for one in FILES if not one.is_unit)
_UNITS: Final = tuple(one for one in FILES if one.is_unit)


def changed(files: Sequence[Placed] = FILES) -> list[Placed]:
    """The files that are not in their places as they are here."""
    return [one for one in files if not same(LIB / one.place, one.source.read_bytes())]


def make_users_and_folders(machine: Machine) -> None:
    """The users and folders of sysusers.d and tmpfiles.d are there."""
    _place(_NOT_UNITS)
    for program, kind in (("systemd-sysusers", "sysusers.d"), ("systemd-tmpfiles", "tmpfiles.d")):
        files = [LIB / one.place for one in _NOT_UNITS if one.place.startswith(kind)]
        create = ["--create"] if kind == "tmpfiles.d" else []
        if files:
            machine.run(program, *create, *files, to=f"make what {kind} says")


def place_units() -> None:
    """The units are in their places; one that is no longer ours is gone."""
    _place(_UNITS)
    for old in _found():
        if old not in [LIB / one.place for one in FILES]:
            remove(old)


def tell(machine: Machine) -> None:
    """systemd and udev know the files as they are now."""
    if machine.is_booted:
        machine.run("systemctl", "daemon-reload", to="tell systemd")
        machine.answer("udevadm", "control", "--reload")
        machine.answer("udevadm", "trigger", "--subsystem-match=gpio", "--subsystem-match=spidev")
        machine.answer("udevadm", "settle", "--timeout=10")


def enabled(machine: Machine) -> list[str]:
    """Those of the units that start at boot now."""
    names = to_enable(FILES, sends=True)
    return [name for name in names if machine.answer("systemctl", "is-enabled", name) == "enabled"]


def wanted(*, sends: bool) -> list[str]:
    """Those of the units that shall start at boot, once a microphone is chosen."""
    return to_enable(FILES, sends=sends)


def start(machine: Machine, names: Sequence[str]) -> None:
    """The units `names` run the new version now, and start at every boot; others of ours do neither."""
    for surplus in set(enabled(machine)) - set(names):
        machine.answer("systemctl", "disable", *(["--now"] if machine.is_booted else []), surplus)
    machine.run("systemctl", "enable", *names, to="enable the services")
    if machine.is_booted:
        machine.run("systemctl", "try-restart", *all_units(FILES), to=_STARTING)
        go_on(machine, names)


def go_on(machine: Machine, names: Sequence[str]) -> None:
    """Those of the units `names` that do not run start, be it that systemd has given up on them."""
    if machine.is_booted:
        for unit in all_units(FILES):
            machine.answer("systemctl", "reset-failed", unit)  # it counts starts even where nothing failed
        machine.run("systemctl", "start", *names, to=_STARTING)


def narrow(machine: Machine, program: Path) -> None:
    """The uploader may reach what the configuration names, and no more, where that can be told beforehand."""
    told = machine.answer(program, "check-config", "--drop-in")
    body = f"{told}\n".encode() if told else b""
    if body and not same(_NARROWED, body):
        put(_NARROWED, body)
    elif not body and _NARROWED.exists():
        remove(_NARROWED)
    else:
        return
    if machine.is_booted:
        machine.run("systemctl", "daemon-reload", to="tell systemd")


def stop(machine: Machine) -> None:
    """Nothing of ours runs, nor will at the next boot."""
    ours = all_units(FILES)
    older = {path.name for path in _found() if path.parent.name == "system"} - set(ours)
    units = [*ours, *sorted(older)]
    if machine.is_booted:
        machine.answer("systemctl", "stop", *units)
        machine.answer("systemctl", "reset-failed", *units)
    machine.answer("systemctl", "disable", *units)


def take_away(machine: Machine) -> None:
    """Our files are gone from systemd and udev."""
    for path in (*_found(), _NARROWED):
        remove(path)
    tell(machine)


def purge(machine: Machine) -> None:
    """What was kept is overwritten and gone, and so are configuration, drop-ins and users."""
    for folder in (*KEPT, _RUNTIME):
        for file in sorted(folder.rglob("*")):
            if file.is_file() and not file.is_symlink() and "models" not in file.parts:
                machine.answer("shred", "--iterations=0", "--zero", file)
        remove(folder)
    for unit in all_units(FILES):
        remove(Path("/etc/systemd/system", f"{unit}.d"))
    for user in USERS:
        if _has_user(user):
            machine.run("userdel", user, to=f"remove the user {user}")
    if machine.answer("getent", "group", GROUP):
        machine.run("groupdel", GROUP, to=f"remove the group {GROUP}")


def _has_user(name: str) -> bool:
    return any(each.pw_name == name for each in pwd.getpwall())


def _place(files: Sequence[Placed]) -> None:
    for one in changed(files):
        put(LIB / one.place, one.source.read_bytes())


def _found() -> list[Path]:
    """Everything of ours that lies below `LIB`, this version's and older ones'."""
    places = ("systemd/system/earlid-*", "sysusers.d/earlid.conf", "tmpfiles.d/earlid.conf")
    found = [path for place in (*places, "udev/rules.d/*-earlid-*.rules") for path in LIB.glob(place)]
    return sorted({*found, *(LIB / one.place for one in FILES if (LIB / one.place).exists())})
