"""What systemd itself says of the units: that they are right, and how little they expose."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

UNITS = Path(__file__).parents[2] / "systemd"
MOST = {"earlid-listen.service": 1.0, "earlid-upload.service": 1.5}
NEWER_THAN_252 = {"RestartSteps", "RestartMaxDelaySec"}

pytestmark = pytest.mark.skipif(
    not shutil.which("systemd-analyze"),
    reason="NO EXPOSURE WAS MEASURED: no systemd-analyze here; install systemd",
)


def analyzed(*words: str) -> subprocess.CompletedProcess[str]:
    command = ["systemd-analyze", *words]
    return subprocess.run(command, check=False, capture_output=True, text=True, env={"SYSTEMD_COLORS": "0"})


def security(unit: Path, most: float) -> subprocess.CompletedProcess[str]:
    return analyzed("security", "--offline=true", f"--threshold={most * 10:.0f}", str(unit))


@pytest.mark.parametrize(("name", "most"), MOST.items())
def test_a_service_exposes_no_more_than_it_has_to(name: str, most: float) -> None:
    done = security(UNITS / name, most)
    assert done.returncode == 0, done.stdout
    found = re.search(r"exposure level for .*: ([0-9.]+)", done.stdout)
    assert found
    print(f"{name} {found[1]}")
    assert float(found[1]) <= most


@pytest.mark.parametrize(("name", "most"), MOST.items())
def test_and_the_measure_finds_a_unit_that_lost_its_sandbox(tmp_path: Path, name: str, most: float) -> None:
    kept = (
        (UNITS / name).read_text("utf-8").replace("SystemCallFilter=", "# ").replace("ProtectSystem=", "# ")
    )
    (tmp_path / name).write_text(kept.replace("CapabilityBoundingSet=", "# "), "utf-8")
    assert security(tmp_path / name, most).returncode != 0


def test_systemd_understands_every_line(tmp_path: Path) -> None:
    units = [path for path in UNITS.glob("earlid-*") if path.suffix in {".service", ".path", ".timer"}]
    assert len(units) >= 6
    for path in units:
        (tmp_path / path.name).write_text(
            path.read_text("utf-8").replace("/opt/earlid/bin/earlid", "/bin/true")
        )
    done = analyzed("verify", *(str(tmp_path / path.name) for path in units))
    complaints = [
        line
        for line in done.stderr.splitlines()
        if str(tmp_path) in line and not any(f"'{name}'" in line for name in NEWER_THAN_252)
    ]
    assert complaints == []


@pytest.mark.parametrize("name", MOST)
def test_a_unit_begins_with_what_it_can_no_longer_do(name: str) -> None:
    text = (UNITS / name).read_text("utf-8")
    head = text[: text.index("[Unit]")]
    assert "can no longer do" in head
    assert head.count("#   - ") >= 4


@pytest.mark.parametrize("name", MOST)
def test_what_a_service_has_in_memory_may_be_locked_there_and_leaves_no_core(name: str) -> None:
    lines = (UNITS / name).read_text("utf-8").splitlines()
    # MemorySwapMax alone does nothing on Raspberry Pi OS, which starts without the memory controller
    assert {"LimitMEMLOCK=infinity", "MemorySwapMax=0", "LimitCORE=0"} <= set(lines)


def test_the_kernel_knows_each_kind_of_device_that_the_listener_may_open_before_it_starts() -> None:
    lines = (UNITS / "earlid-listen.service").read_text("utf-8").splitlines()
    kinds = {line.removeprefix("DeviceAllow=char-").split()[0] for line in lines if "DeviceAllow=" in line}
    modules = {"alsa": "snd", "spi": "spidev"}  # pins are part of the kernel itself
    assert kinds == {"gpiochip", *modules}
    wanted = " ".join(f"modprobe@{module}.service" for module in modules.values())
    assert {f"Wants={wanted}", f"After={wanted}"} <= set(lines)


@pytest.mark.parametrize("name", MOST)
def test_no_unit_depends_on_a_user_called_pi_or_on_root(name: str) -> None:
    text = (UNITS / name).read_text("utf-8")
    assert re.search(r"^User=earlid-(listen|upload)$", text, re.MULTILINE)
    assert not re.search(r"\bpi\b|/home/\w", text)
