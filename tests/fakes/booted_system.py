"""A small Debian system with real systemd as its first process, in a container, with Earlid's units in it.

`systemd-nspawn --boot` needs neither a hypervisor nor a machine of its own and boots in seconds. It really
enforces users, modes, mounts, namespaces, system call filters, capabilities and watchdogs; and, because it
is given the unified control groups and the right to load the kernel's filters (bpf), DevicePolicy and
IPAddressDeny, too. MemoryMax works where the memory controller is in the unified hierarchy.

There is no sound card and no GPIO chip: a device that has a number and no driver stands for one, and
the virtual Pi (tests/pi) has real ones. Several such systems may run at once on one machine.
"""

from __future__ import annotations

import configparser
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Final

from fakes.control_groups import HAS_SYSTEMD, own_groups
from fakes.debian_systems import (
    BOOKWORM,
    CHECKOUT,
    EXTRAS,
    NATIVE,
    TO_BUILD,
    TO_RUN,
    System,
    Unavailable,
    made,
    thrown_away,
)
from fakes.models import models_folder

HOME: Final = "/opt/earlid"
SITE: Final = f"{HOME}/lib/python3.11/site-packages"
_SHUT_DOWN: Final = signal.SIGRTMIN + 4
_BOOT_S: Final = 60.0
_NUMBERS: Final = count()
_ENTER: Final = 'while [ "$1" != -- ]; do echo $$ >"$1"; shift; done; shift; exec "$@"'
_SCRIPT: Final = f"#!{HOME}/bin/python\nfrom earlid.cli import main\n\nmain()\n"


@dataclass(frozen=True, slots=True)
class Booted:
    """A system that runs. `leader` is its first process, as this machine counts."""

    folder: Path
    leader: int

    def run(self, *command: str, check: bool = True, timeout_s: float = 60.0) -> str:
        """What `command`, run in there by root, said."""
        words = ["nsenter", "--target", str(self.leader), "--all", "--", *command]
        env = {"PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "COLUMNS": "200"}
        done = subprocess.run(
            words,
            check=False,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            env=env,
            stdin=subprocess.DEVNULL,
        )
        if check and done.returncode:
            raise AssertionError(f"{' '.join(command)}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout.strip()

    def code(self, *command: str) -> int:
        """The exit code of `command`, run in there by root."""
        words = ["nsenter", "--target", str(self.leader), "--all", "--", *command]
        return subprocess.run(words, check=False, capture_output=True, timeout=60.0).returncode

    def path(self, there: str) -> Path:
        """Where this machine sees what is at `there`, mounts included."""
        return Path(f"/proc/{self.leader}/root") / there.lstrip("/")

    def shows(self, unit: str, name: str) -> str:
        """A property of `unit`."""
        return self.run("systemctl", "show", "--property", name, "--value", unit)

    def wait_for(self, unit: str, name: str, *values: str, within_s: float = 30.0) -> str:
        """The property `name` of `unit` once it is one of `values`, or AssertionError with its log."""
        until = time.monotonic() + within_s
        while (value := self.shows(unit, name)) not in values:
            if time.monotonic() > until:
                log = self.run("journalctl", "--no-pager", "-n", "30", "-u", unit, check=False)
                raise AssertionError(f"{unit}: {name} is {value!r}, not {values}:\n{log}")
            time.sleep(0.05)
        return value


@contextmanager
def booted() -> Iterator[Booted]:
    """A system with Earlid installed and its users, folders and units made; nothing of it is started.

    Unavailable where no system boots on this machine; AssertionError where only the one with Earlid does not.
    """
    _insist_on_nspawn()
    with thrown_away(_furnished()) as there:
        _put_earlid(there)
        for command in (("systemd-sysusers",), ("systemd-tmpfiles", "--create", "--prefix=/var/lib/earlid")):
            try:
                there.run(*command)
            except Unavailable as why:
                raise _judged(why) from why
        with running(there) as system:
            yield system


@contextmanager
def running(there: System) -> Iterator[Booted]:
    """The system `there`, booted, with what is lent to it; the same errors as `booted`."""
    _insist_on_nspawn()
    with ExitStack() as held:
        try:
            leader = held.enter_context(_running(there))
        except Unavailable as why:
            judged = _judged(why)
            if isinstance(judged, Unavailable):
                raise
            try:  # a machine that is busy is no reason to call it broken
                leader = held.enter_context(_running(there))
            except Unavailable:
                raise judged from why
        yield Booted(there.folder, leader)


def _insist_on_nspawn() -> None:
    if not shutil.which("systemd-nspawn"):
        raise Unavailable("no systemd-nspawn is here; install it with: sudo apt install systemd-container")


def _judged(why: Unavailable) -> Unavailable | AssertionError:
    """Whose fault it is: the machine's where a Debian without Earlid does not boot either."""
    try:
        with thrown_away(made(TO_RUN)[0]) as plain, _running(plain):
            return AssertionError(f"a plain Debian boots here, and this one does not: {why}")
    except Unavailable:
        return why


def _furnished() -> System:
    """A Debian with all that Earlid needs in /opt/earlid, but not Earlid; made once."""
    kept, wheels = made(TO_RUN)
    settings = configparser.ConfigParser()
    settings.read(CHECKOUT / "setup.cfg", encoding="utf-8")
    lists = [settings["options"]["install_requires"]]
    lists += [settings["options.extras_require"][extra] for extra in EXTRAS]
    wanted = [line for one in lists for line in one.split("\n") if line]
    key = sha256("\n".join([wheels.name, kept.folder.name, *wanted]).encode()).hexdigest()[:8]
    folder = kept.folder.parent / f"opt-{BOOKWORM.name}-{NATIVE}-{key}"
    if not folder.exists():
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        draft.chmod(0o755)
        (draft / "opt").mkdir()
        with thrown_away(made(TO_BUILD)[0], wheels=wheels, draft=draft) as there:
            there.run("python3", "-m", "venv", "--without-pip", HOME)
            pip = ("python3", "-m", "venv", "/pip")
            there.run(*pip)
            target = ("--no-index", "--find-links", "/wheels", "--python", f"{HOME}/bin/python")
            there.run("/pip/bin/python", "-m", "pip", *target[-2:], "install", "-q", *target[:-2], *wanted)
            there.run("cp", "-a", HOME, "/draft/opt/")
        if folder.exists():  # somebody else was quicker
            shutil.rmtree(draft)
        else:
            draft.rename(folder)
    return System(kept.folder, kept.lent, (folder, kept.folder))


def _put_earlid(there: System) -> None:
    """Earlid as it is in the checkout now, its units, and its models."""
    left = shutil.ignore_patterns("__pycache__")
    site = there.path(SITE) / "earlid"
    shutil.copytree(CHECKOUT / "device/earlid", site, ignore=left)
    shutil.copytree(CHECKOUT / "models", site / "models", ignore=left)
    about = there.path(SITE) / "earlid-0.dist-info/METADATA"
    about.parent.mkdir()
    about.write_text("Metadata-Version: 2.1\nName: earlid\nVersion: 0\n", encoding="utf-8")
    command = there.path(HOME) / "bin/earlid"
    command.write_text(_SCRIPT, encoding="utf-8")
    command.chmod(0o755)
    there.path("/usr/local/bin/earlid").symlink_to(f"{HOME}/bin/earlid")
    from installer.placing import placed

    for one in placed(CHECKOUT / "systemd"):
        target = there.path("/usr/lib") / one.place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(one.source, target)
    models = there.path("/var/lib/earlid/models")
    shutil.copytree(models_folder("hey_jarvis"), models)
    for path in [models, *models.rglob("*"), models.parent]:
        path.chmod(0o755 if path.is_dir() else 0o644)


@contextmanager
def _running(there: System) -> Iterator[int]:
    """Boots the system `there`, without any network but its own loopback; its first process."""
    name = f"earlid-test-{os.getpid()}-{next(_NUMBERS)}"
    with (
        own_groups(name) as groups,
        tempfile.TemporaryFile() as log,
        subprocess.Popen(
            ["sh", "-c", _ENTER, "enter", *groups, "--", *_nspawn(there, name)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=os.environ | {"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
        ) as keeper,
    ):
        try:
            yield _leader(keeper, log.fileno())
        finally:
            for child in _children(keeper.pid):
                os.kill(child, _SHUT_DOWN)
            try:
                keeper.wait(20.0)
            except subprocess.TimeoutExpired:
                keeper.kill()


def _nspawn(there: System, name: str) -> list[str]:
    options = ["--quiet", "--boot", "--register=no", "--private-network", "--console=pipe"]
    options += ["--link-journal=no", "--resolv-conf=off", "--system-call-filter=bpf"]
    options += ["--capability=CAP_SYS_MODULE,CAP_SYS_PTRACE,CAP_NET_ADMIN"]
    options += [] if HAS_SYSTEMD else ["--keep-unit"]
    options += [f"--bind-ro={folder}:{seen_as}" for folder, seen_as in there.lent.items()]
    return ["systemd-nspawn", *options, f"--directory={there.folder}", f"--machine={name}"]


def _children(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]
    except OSError:
        return []


def _leader(keeper: subprocess.Popen[bytes], log: int) -> int:
    """The first process of the system, once systemd there is done with booting."""
    until = time.monotonic() + _BOOT_S
    while time.monotonic() < until and keeper.poll() is None:
        for leader in _children(keeper.pid):
            there = Booted(Path("/"), leader)
            if Path(f"/proc/{leader}/root/run/systemd/private").exists():
                state = there.run("systemctl", "is-system-running", "--wait", check=False)
                if state in {"running", "degraded"}:
                    return leader
        time.sleep(0.05)
    said = os.pread(log, 4000, 0).decode("utf-8", "replace")
    raise Unavailable(f"systemd-nspawn does not boot here: {said.strip() or 'it said nothing'}")
