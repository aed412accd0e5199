"""A worker that cannot go on says why, and leaves no process behind."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench.drawing import TESTS
from bench.environments import Environments, Unavailable
from bench.recordings import silence
from bench.whole_process import listen_to
from earlid.bench.peer_pipe import Worker


def test_a_worker_that_cannot_load_says_why_in_one_line(tmp_path: Path) -> None:
    load: dict[str, object] = {"models": str(tmp_path), "words": ["alexa"], "option": ""}
    with pytest.raises(Unavailable, match=r"its process ended: .*not installed"):
        Worker([sys.executable, "-m", "bench.workers.earlid_engine"], load, tmp_path / "log.txt", TESTS)


def test_a_listen_process_that_fails_is_not_a_measurement(tmp_path: Path) -> None:
    models = tmp_path / "models"
    models.mkdir()
    with pytest.raises(Unavailable, match="listen left with 78"):
        listen_to(silence(2, tmp_path), "alexa", models)


def test_a_python_that_is_not_here_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"needs Python 3\.2, and no python3\.2"):
        Environments(tmp_path).python(("openwakeword==0.6.0",), "3.2")


def test_a_python_that_is_not_what_its_name_says_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "python3.2").symlink_to(sys.executable)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match=r"no python3\.2 with venv"):
        Environments(tmp_path).python(("openwakeword==0.6.0",), "3.2")
