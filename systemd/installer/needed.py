"""Debian's packages that an installation needs, each with its reason."""

from __future__ import annotations

import shutil
import sys
from functools import partial
from pathlib import Path

from installer.machine import Machine
from installer.step import Step, Stopped


def packages(wheelhouse: Path | None) -> dict[str, str]:
    """Package and reason. What is compiled needs less where a wheel of it is in `wheelhouse`."""
    wanted = {
        "python3-venv": "Earlid has an environment of its own, apart from the system's Python",
        "libportaudio2": "it hears the microphone through PortAudio",
    }
    compiled = {"pyaudio": "PyAudio, which has no Linux wheel,"}
    if sys.version_info >= (3, 13):
        compiled["lgpio"] = "lgpio, which has no wheel for this Python,"
    at_hand = {file.name.lower().split("-")[0] for file in wheelhouse.glob("*.whl")} if wheelhouse else set()
    missing = [said for name, said in compiled.items() if name not in at_hand]
    if missing:
        wanted["build-essential"] = f"{missing[0]} is compiled"
        wanted["python3-dev"] = f"{missing[0]} is compiled against Python's headers"
    if "pyaudio" in compiled and "pyaudio" not in at_hand:
        wanted["portaudio19-dev"] = f"{compiled['pyaudio']} is compiled against PortAudio's headers"
    if "lgpio" in compiled and "lgpio" not in at_hand:
        wanted["swig"] = f"{compiled['lgpio']} is compiled with it"
    return wanted


def steps(machine: Machine, wheelhouse: Path | None, *, may_install: bool) -> list[Step]:
    """One step for each package that is not here; Stopped where it may not, or cannot, be installed."""
    missing = {name: why for name, why in packages(wheelhouse).items() if not machine.has_package(name)}
    if not missing:
        return [Step("all Debian packages that it needs are here")]
    if not may_install or not shutil.which("apt-get"):
        raise Stopped(
            f"missing: {', '.join(missing)}; install them with: sudo apt install {' '.join(missing)}"
        )
    get = ("apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=120")

    def install(name: str) -> None:
        machine.run(*get, "install", "--no-install-recommends", name, to=f"install {name}")

    return [
        Step("read apt's lists", lambda: machine.run(*get, "update", to="read apt's lists")),
        *(Step(f"install {name}: {why}", partial(install, name)) for name, why in missing.items()),
    ]
