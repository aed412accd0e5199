"""The wheel stands on its own: in a clean environment, away from the checkout, nothing is missing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]


def run(folder: Path, *command: str | Path, **env: str) -> str:
    """What `command` prints, run in `folder`; it must succeed."""
    kept = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "EARLID_PARENT"}}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env=kept | env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`earlid` in an environment of its own, installed from a wheel built just now."""
    folder = tmp_path_factory.mktemp("away")
    run(CHECKOUT, sys.executable, "-m", "build", "--outdir", folder / "dist", ".")
    (wheel,) = (folder / "dist").glob("earlid-*.whl")
    run(folder, sys.executable, "-m", "venv", folder / "clean")
    pip = (folder / "clean/bin/python", "-m", "pip", "install", "-q", "--disable-pip-version-check")
    run(folder, *pip, "-c", CHECKOUT / "device/constraints.txt", wheel)
    return folder / "clean/bin/earlid"


def test_it_lists_the_wake_words_and_plays_the_demo(program: Path, models: Path, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(f'[paths]\nmodels = "{models}"\nstate = "{tmp_path}/state"\n')
    own = {"EARLID_CONFIG": str(tmp_path / "config.toml")}
    listed = [
        json.loads(line) for line in run(tmp_path, program, "models", "list", "--json", **own).splitlines()
    ]
    assert [one["name"] for one in listed if one["installed"]] == [one["name"] for one in listed]
    *_, last = run(tmp_path, program, "demo", "--plain", "--pace", "8", **own).splitlines()
    assert last.endswith("sent from before the wake word: 0 samples")
