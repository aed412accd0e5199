"""Where Earlid cannot run, `systemd/install` says so in one line, and what to do."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
INSTALL = CHECKOUT / "systemd/install"


def pretending(folder: Path, what: str) -> Path:
    """A Python that takes itself for another: `what` is run before what it was asked to run."""
    python = folder / "python3"
    python.write_text(f"#!/bin/sh\nexec /usr/bin/python3 -c 'import sys; {what}; exec(sys.argv[2])' \"$@\"\n")
    python.chmod(0o755)
    return python


def install(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", **environ}
    return subprocess.run([INSTALL, *words], check=False, capture_output=True, text=True, env=env)


@pytest.mark.parametrize(
    ("what", "says"),
    [
        (
            "sys.maxsize = 2**31 - 1",
            "earlid: this system is a 32-bit one, for which there is no ONNX Runtime; "
            "flash the 64-bit Raspberry Pi OS\n",
        ),
        (
            "sys.version_info = (3, 9, 2)",
            "earlid: this Python is 3.9, and Earlid needs 3.11; "
            "upgrade to Debian or Raspberry Pi OS 12 (bookworm) or later\n",
        ),
    ],
)
def test_a_system_that_cannot_run_it_is_told_so_in_one_line(tmp_path: Path, what: str, says: str) -> None:
    done = install("--dry-run", PYTHON=str(pretending(tmp_path, what)))
    assert (done.returncode, done.stdout, done.stderr) == (69, "", says)


def test_where_there_is_no_python_it_says_how_to_get_one(tmp_path: Path) -> None:
    done = install("--dry-run", PYTHON=str(tmp_path / "python3"))
    assert done.returncode == 69
    assert done.stderr.endswith("install it with: sudo apt install python3\n")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("--purge",),
        ("--wheel", "there-is-none.whl"),
        ("--wheel", "a.whl", "--from-index"),
        ("--wheelhouse", "/there/is/none"),
        ("--models", "/there/is/none"),
        ("--unknown",),
        ("--from-index", "1.0", "surplus"),
    ],
)
def test_what_makes_no_sense_is_told_in_one_line_and_leaves_with_64(words: tuple[str, ...]) -> None:
    done = install("--dry-run", *words, PYTHON="/usr/bin/python3")
    assert (done.returncode, done.stdout) == (64, "")
    assert done.stderr.startswith("earlid: ")
    assert len(done.stderr.splitlines()) == 1


def test_the_checkout_is_left_without_a_trace_of_it() -> None:
    install("--dry-run", "--no-apt", PYTHON="/usr/bin/python3")
    assert not [path for path in (CHECKOUT / "systemd/installer").rglob("__pycache__") if path.is_dir()]
