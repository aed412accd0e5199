"""The steps that put Earlid on a machine, or take it away: planned whole before the first is done."""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path

from installer import configuration, needed, services
from installer.environments import BIN, COMMAND, HOME, PROGRAM, Environment, others
from installer.machine import Machine, link, remove
from installer.origin import Origin
from installer.step import Step, Stopped


def to_install(asked: Namespace, origin: Origin, machine: Machine) -> list[Step]:
    """Every step from this machine as it is to one with `origin` on it; Stopped where there is no way."""
    if machine.has_package("earlid"):
        raise Stopped("earlid is here as a Debian package; upgrade that, or first: sudo apt remove earlid")
    if asked.microphone and configuration.is_there():
        raise Stopped(
            f"{configuration.FILE} is yours; set microphone.device in it instead of --microphone", 64
        )
    environment = Environment(origin.name)
    is_new = not environment.is_in_use
    is_changed = is_new or bool(services.changed())
    steps = needed.steps(machine, asked.wheelhouse, may_install=not asked.no_apt)
    if environment.is_complete:
        steps.append(Step(f"the environment is built: {environment.folder}"))
    else:
        says = f"build an environment in {environment.folder} (some minutes on a Pi)"
        steps.append(Step(says, lambda: environment.build(origin, asked.wheelhouse, machine)))
    steps.append(
        Step("make the users and folders of the services", lambda: services.make_users_and_folders(machine))
    )
    if configuration.is_there():
        steps.append(Step(f"leave {configuration.FILE} as it is", lambda: configuration.words(environment)))
    else:
        steps.append(
            Step(
                f"write {configuration.FILE}, everything in it explained",
                lambda: configuration.begin(environment, machine, asked.microphone),
            )
        )
    says = f"have the models of its wake words in {configuration.MODELS}"
    steps.append(Step(says, lambda: configuration.get_models(environment, machine, asked.models)))
    steps.append(_units())
    steps.append(
        Step(f"let {BIN} be the new environment's", environment.switch, a_turn=True)
        if is_new
        else Step(f"{BIN} is that environment's already")
    )
    if not (COMMAND.is_symlink() and COMMAND.readlink() == PROGRAM):
        steps.append(Step(f"link {COMMAND} to it", lambda: link(COMMAND, str(PROGRAM))))
    says = "let the uploader reach what the configuration names, where that can be told"
    steps.append(Step(says, lambda: services.narrow(machine, environment.program)))
    steps.append(
        Step("tell systemd and udev", lambda: services.tell(machine))
        if is_changed
        else Step("systemd and udev know it all")
    )
    steps.append(_starting(asked, machine, is_changed))
    old = others(environment)
    if old:
        steps.append(Step(f"remove {', '.join(path.name for path in old)} from {HOME}", lambda: _remove(old)))
    return steps


def to_uninstall(asked: Namespace, machine: Machine) -> list[Step]:
    """Every step from a machine with Earlid on it to one without; what was kept stays unless purged."""
    if machine.has_package("earlid"):
        raise Stopped("earlid is here as a Debian package: sudo apt remove earlid, or sudo apt purge earlid")
    steps = [
        Step("stop and disable the services", lambda: services.stop(machine)),
        Step(f"remove their files from {services.LIB}", lambda: services.take_away(machine), a_turn=True),
        Step(f"remove {COMMAND} and {HOME}", lambda: _remove([*_own_command(), HOME])),
    ]
    if asked.purge:
        says = f"erase and remove {services.KEPT[0]} and {services.KEPT[1]}, and the services' users"
        steps.append(Step(says, lambda: services.purge(machine)))
    else:
        steps.append(
            Step(f"leave {services.KEPT[0]} and {services.KEPT[1]}: --uninstall --purge erases them")
        )
    return steps


def is_ready(machine: Machine) -> bool:
    """Whether the services were let start, now or earlier."""
    return bool(services.enabled(machine))


def _units() -> Step:
    changed = [one.source.name for one in services.changed() if one.is_unit]
    if changed:
        return Step(f"place {', '.join(changed)} in {services.LIB}/systemd/system", services.place_units)
    return Step(f"the units are in {services.LIB}/systemd/system", services.place_units)


def _starting(asked: Namespace, machine: Machine, is_changed: bool) -> Step:
    enabled = services.enabled(machine)
    if not (enabled or asked.microphone or configuration.has_microphone()):
        return Step("start nothing: no microphone is chosen yet")
    names = services.wanted(sends=configuration.sends())
    if enabled == names and not is_changed:
        again = "a changed configuration counts after: sudo systemctl restart earlid-listen"
        return Step(
            f"nothing changed: the services go on, or start again ({again})",
            lambda: services.go_on(machine, names),
        )
    when = "now and at every boot" if machine.is_booted else "at every boot"
    return Step(f"start {', '.join(names)} {when}", lambda: services.start(machine, names))


def _own_command() -> list[Path]:
    return [COMMAND] if COMMAND.is_symlink() and HOME in COMMAND.readlink().parents else []


def _remove(paths: list[Path]) -> None:
    for path in paths:
        remove(path)


def must_be_root() -> None:
    """Stopped, with 64, for everybody else."""
    if os.geteuid() != 0:
        raise Stopped(
            "only root may install; run it with sudo, or with --dry-run to see what it would do", 64
        )
