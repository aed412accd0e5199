"""`devices` and `doctor` look at a real PortAudio microphone, with a recording for hardware."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from earlid.core.units import RATE_HZ
from fakes.alsa_microphone import NAME, alsa_microphone

pytest.importorskip("pyaudio", reason="PyAudio is not installed: pip install '.[pi]'")


def rows(folder: Path, environment: dict[str, str], *words: str) -> tuple[int, list[dict[str, str]]]:
    """What `earlid WORDS --json` said, and how it left."""
    own = {"HOME": str(folder), "STATE_DIRECTORY": str(folder), "RUNTIME_DIRECTORY": str(folder)}
    done = subprocess.run(
        [sys.executable, "-m", "earlid", *words, "--json"],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, **environment, **own},
    )
    assert "Traceback" not in done.stderr
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(("loudest", "verdict"), [(3000, "ok"), (0, "fail")])
def test_the_doctor_hears_whether_a_microphone_is_deaf(tmp_path: Path, loudest: int, verdict: str) -> None:
    noise = np.random.default_rng(1).integers(-loudest, loudest + 1, 4 * RATE_HZ, dtype=np.int16)
    (tmp_path / "my.toml").write_text(f'[microphone]\ndevice = "{NAME}"\n')
    with alsa_microphone(tmp_path, noise, pace=4.0) as rig:
        _, found = rows(tmp_path, rig.environment, "doctor", "--config", str(tmp_path / "my.toml"))
    (microphone,) = [row for row in found if row["name"] == "microphone"]
    assert (microphone["verdict"], NAME in microphone["found"]) == (verdict, True)


def test_devices_lists_the_microphone_by_the_name_the_configuration_takes(tmp_path: Path) -> None:
    with alsa_microphone(tmp_path, np.zeros(RATE_HZ, np.int16)) as rig:
        code, found = rows(tmp_path, rig.environment, "devices")
    assert code == 0
    assert NAME in [row["name"] for row in found]
