"""The library that runs the models is kept from reporting to its makers, whatever the environment says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("wish", [{}, {"ORT_DISABLE_TELEMETRY": "0"}], ids=["unsaid", "wished for"])
def test_loading_the_engine_leaves_no_trace_of_telemetry(wish: dict[str, str], tmp_path: Path) -> None:
    homes = {name: str(tmp_path) for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_STATE_HOME")}
    env = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    script = "import os, earlid.edge.model.engine; print(os.environ['ORT_DISABLE_TELEMETRY'])"
    command = [sys.executable, "-B", "-c", script]
    done = subprocess.run(command, env=env | homes | wish, capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"
    assert not list(tmp_path.rglob("*"))  # its session file and device id are written when it is loaded
