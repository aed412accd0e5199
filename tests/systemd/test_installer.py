"""`systemd/install` in a Debian of its own, offline: fresh, again, upgraded, failing, uninstalled, purged."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fakes.booted_system import running
from fakes.debian_systems import (
    TO_BUILD,
    TO_RUN,
    Unavailable,
    copy_of_checkout,
    everything_in,
    made,
    thrown_away,
)
from systemd.household import LISTEN
from systemd.machine import BIN, CONFIG, LEDGER, Machine, steps, with_newer, with_newer_unit
from systemd.quiet_room import quiet_room


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of_checkout(tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="module")
def empty(checkout: Path, models: Path) -> Iterator[Machine]:
    """A Debian with what is needed to build, and nothing of Earlid's."""
    try:
        workshop, wheels = made(TO_BUILD)
    except Unavailable as why:
        pytest.skip(f"THE INSTALLER IS NOT TESTED HERE: {why}")
    with thrown_away(workshop, checkout=checkout, wheels=wheels, openwakeword=models) as there:
        there.run("true")  # what it needs to be lent is lent now
        yield Machine(there, checkout)


@pytest.fixture(scope="module")
def fresh(empty: Machine) -> Iterator[Machine]:
    """One with Earlid installed; nothing may be changed in it."""
    with thrown_away(empty.system) as there:
        machine = replace(empty, system=there)
        yield replace(machine, printed=machine.install())


@pytest.fixture
def machine(fresh: Machine) -> Iterator[Machine]:
    """One with Earlid installed, to change."""
    with thrown_away(fresh.system) as there:
        yield replace(fresh, system=there)


def test_a_dry_run_says_what_the_run_then_does_and_changes_nothing(empty: Machine, fresh: Machine) -> None:
    before = empty.tree()
    told = empty.install("--dry-run")
    assert empty.tree() == before
    assert steps(told) == steps(fresh.printed)
    assert len(steps(told)) > 5
    assert told.startswith("would install") and told.endswith("nothing was changed\n")


def test_what_it_put_there_runs_as_a_person_and_as_the_services_users(fresh: Machine) -> None:
    assert fresh.ask("/usr/local/bin/earlid", "--version") == "earlid 0.1.0"
    for user in ("earlid-listen", "earlid-upload"):
        as_user = ("setpriv", f"--reuid={user}", "--clear-groups", f"{BIN}/earlid")
        assert fresh.ask(*as_user, "--version") == "earlid 0.1.0"
    assert fresh.ask("/usr/local/bin/earlid", "models", "verify").startswith(
        "melspectrogram.onnx: as published"
    )
    assert "Earlid's ears" in fresh.ask("getent", "passwd", "earlid-listen")


def test_nobody_but_root_can_change_program_models_or_configuration(fresh: Machine) -> None:
    places = ("/opt", "/usr/local", "/etc/earlid/config.toml", "/var/lib/earlid/models")
    for path, facts in everything_in(fresh.system, places).items():
        mode, owner = facts.split()[:2]
        if owner != "0":
            assert path.startswith("/usr/local/lib/python"), path  # Debian's own
        if not mode.startswith("0o12"):
            assert int(mode, 8) & 0o002 == 0, path


def test_nothing_is_enabled_before_a_microphone_is_chosen(fresh: Machine) -> None:
    assert "start nothing: no microphone is chosen yet" in fresh.printed
    assert "earlid devices" in fresh.printed
    assert not list(fresh.system.path("/etc/systemd/system").glob("*.wants/earlid*"))


def test_a_second_run_changes_nothing(machine: Machine) -> None:
    before = machine.tree()
    machine.install()
    assert machine.tree() == before


def test_an_upgrade_keeps_configuration_and_state_and_leaves_nothing_of_the_old(
    machine: Machine, tmp_path: Path
) -> None:
    config = machine.system.path(CONFIG).read_text("utf-8").replace("#max_s = 12.0", "max_s = 9.0")
    machine.write(CONFIG, config)
    machine.write(LEDGER, "what left\n")
    machine = with_newer(machine, tmp_path / "newer")
    (before,) = machine.system.path("/opt/earlid").glob("0.1.0-*")

    machine.install()

    assert machine.ask("/usr/local/bin/earlid", "--version") == "earlid 0.1.1"
    assert not before.exists()
    assert sorted(path.name[:5] for path in machine.system.path("/opt/earlid").iterdir()) == ["0.1.1", "bin"]
    assert machine.system.path(CONFIG).read_text("utf-8") == config
    assert machine.system.path(LEDGER).read_text("utf-8") == "what left\n"


def test_when_a_newer_one_cannot_be_built_the_one_before_runs_on_and_the_next_run_clears_up(
    machine: Machine, tmp_path: Path
) -> None:
    before = machine.tree()
    machine.write("/earlid-9.9.9-py3-none-any.whl", "no wheel at all")
    told = machine.install("--wheel", "/earlid-9.9.9-py3-none-any.whl", code=69)
    assert "what was there before is as it was" in told.splitlines()[-1]
    assert machine.ask("/usr/local/bin/earlid", "--version") == "earlid 0.1.0"
    machine.install()
    assert machine.tree(times=False) == {path: facts.rpartition(" ")[0] for path, facts in before.items()}


def test_a_run_that_was_cut_short_can_be_run_again(machine: Machine) -> None:
    (environment,) = machine.system.path("/opt/earlid").glob("0.1.0-*")
    (environment / ".complete").unlink()
    (environment / "pyvenv.cfg").unlink()
    machine.system.path(BIN).unlink()
    told = machine.install()
    assert "build an environment" in told
    assert machine.ask("/usr/local/bin/earlid", "--version") == "earlid 0.1.0"


def test_a_configuration_that_the_new_version_refuses_stops_it_before_anything_is_switched(
    machine: Machine,
) -> None:
    machine.write(CONFIG, "[wake]\nwordz = []\n")
    machine.system.path(BIN).unlink()
    told = machine.install(code=78)
    assert "wake.wordz: unknown setting; did you mean words?" in told
    assert not machine.system.path(BIN).is_symlink()


def test_a_chosen_microphone_enables_the_listener_and_the_uploader_only_where_something_is_sent(
    machine: Machine,
) -> None:
    wants = machine.system.path("/etc/systemd/system/multi-user.target.wants")
    machine.write(CONFIG, '[microphone]\ndevice = "seeed"\n')
    machine.install()
    assert "earlid-listen.service" in {path.name for path in wants.iterdir()}
    assert "earlid-upload.path" not in {path.name for path in wants.iterdir()}
    machine.write(CONFIG, '[microphone]\ndevice = "seeed"\n[upload]\nurl = "https://collector.home/"\n')
    machine.install()
    assert {"earlid-listen.service", "earlid-upload.path"} <= {path.name for path in wants.iterdir()}
    machine.write(CONFIG, '[microphone]\ndevice = "seeed"\n')
    machine.install()
    assert "earlid-upload.path" not in {path.name for path in wants.iterdir()}
    assert "nothing changed: the services go on" in machine.install()


def test_a_microphone_named_at_once_is_in_the_first_configuration_but_never_in_an_owner_s(
    machine: Machine,
) -> None:
    told = machine.install("--microphone", "seeed", code=64)
    assert "is yours" in told
    machine.system.path(CONFIG).unlink()
    machine.install("--microphone", "seeed")
    assert '\ndevice = "seeed"\n' in machine.system.path(CONFIG).read_text("utf-8")
    assert machine.system.path(
        "/etc/systemd/system/multi-user.target.wants/earlid-listen.service"
    ).is_symlink()


def test_uninstalling_leaves_configuration_and_state_and_nothing_else(
    empty: Machine, machine: Machine
) -> None:
    machine.write(CONFIG, '[microphone]\ndevice = "seeed"\n')
    machine.install()
    machine.write(LEDGER, "what left\n")
    told = machine.install("--uninstall", "--dry-run")
    assert steps(machine.install("--uninstall")) == steps(told)
    left = {path for path in set(machine.tree()) - set(empty.tree()) if not Path(path).name.startswith(".")}
    strange = {
        path
        for path in left
        if not path.startswith(("/etc/earlid", "/var/lib/earlid", "/run/earlid"))
        and not machine.system.path(path).is_dir()
    }
    assert {
        path for path in strange if Path(path).name not in ("passwd-", "group-", "shadow-", "gshadow-")
    } == set()
    assert machine.system.path(LEDGER).read_text("utf-8") == "what left\n"
    assert 'device = "seeed"' in machine.system.path(CONFIG).read_text("utf-8")


def test_a_purge_overwrites_what_was_kept_and_leaves_neither_files_nor_users(machine: Machine) -> None:
    kept = machine.system.path("/var/lib/earlid/spool/outbox/segment.wav")
    kept.write_bytes(b"what somebody said" * 1000)
    elsewhere = machine.system.path("/the-same-blocks")
    elsewhere.hardlink_to(kept)
    machine.install("--uninstall", "--purge")
    assert set(elsewhere.read_bytes()) == {0}
    for place in ("/etc/earlid", "/var/lib/earlid", "/run/earlid", "/opt/earlid", "/usr/local/bin/earlid"):
        assert not machine.system.path(place).exists()
    for kind, name in (("passwd", "earlid-listen"), ("passwd", "earlid-upload"), ("group", "earlid")):
        assert machine.system.run("getent", kind, name, check=False).returncode == 2
    machine.install("--uninstall", "--purge")  # twice is as good as once


def test_on_a_system_that_runs_it_starts_restarts_what_changed_and_is_purged_without_a_trace(
    machine: Machine, tmp_path: Path
) -> None:
    offline = ("--wheelhouse", "/wheels", "--models", "/openwakeword")
    starts = "start earlid-forget.path, earlid-listen.service now and at every boot"
    try:
        with running(with_newer_unit(machine, tmp_path / "newer")) as there, quiet_room(there) as room:
            assert room.units() == {}
            room.choose()
            assert starts in there.run("/checkout/systemd/install", *offline)
            before = room.listener()
            assert starts in there.run("/newer/systemd/install", *offline)
            after = room.listener()
            assert (after != before, room.is_running(before)) == (True, False)
            assert there.shows(LISTEN, "Description").endswith("(newer)")
            assert there.shows(LISTEN, "NeedDaemonReload") == "no"
            room.spoil()
            there.run("/newer/systemd/install", "--uninstall", "--purge")
            assert not room.is_running(after)
            assert (room.units(), room.people(), room.files()) == ({}, [], [])
    except Unavailable as why:
        pytest.skip(f"NOTHING WAS INSTALLED WHERE SYSTEMD RUNS: {why}")


def test_who_is_not_root_can_look_but_not_install(fresh: Machine) -> None:
    somebody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "/checkout/systemd/install")
    done = fresh.system.run(*somebody, check=False)
    assert (done.returncode, done.stdout) == (64, "")
    assert done.stderr == (
        "earlid: only root may install; run it with sudo, or with --dry-run to see what it would do\n"
    )
    assert fresh.system.run(*somebody, "--dry-run", check=False).returncode == 0


def test_what_is_missing_is_named_with_its_reason(checkout: Path, empty: Machine) -> None:
    plain, wheels = made(TO_RUN)
    with thrown_away(plain, checkout=checkout, wheels=wheels) as there:
        done = there.run("/checkout/systemd/install", "--no-apt", check=False)
        assert done.returncode == 69
        (line,) = done.stderr.splitlines()
        assert line.endswith("sudo apt install python3-venv build-essential python3-dev portaudio19-dev")
        told = there.run("/checkout/systemd/install", "--dry-run").stdout
        why = "PyAudio, which has no Linux wheel, is compiled against PortAudio's headers"
        assert f"  install portaudio19-dev: {why}\n" in told
        offline = there.run("/checkout/systemd/install", "--dry-run", "--wheelhouse", "/wheels").stdout
        assert [line.split(":")[0] for line in steps(offline) if "  install " in line] == [
            "  install python3-venv"
        ]


def test_two_at_once_do_not_get_in_each_others_way(machine: Machine) -> None:
    lock = machine.system.path("/run/lock/earlid-install")
    with subprocess.Popen(
        ["flock", str(lock), "cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdin and holder.stdout
        holder.stdin.write(b"held\n")
        holder.stdin.flush()
        assert holder.stdout.readline() == b"held\n"
        assert "another run is at it" in machine.install(code=69)
        holder.stdin.close()
