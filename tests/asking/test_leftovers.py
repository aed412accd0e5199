"""What waits for its owner to decide is told, with what to do about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from earlid.asking import leftovers
from earlid.config_file import parse
from earlid.edge.status_file import StatusFile


def test_a_pause_and_what_systemd_gave_up_on_are_told_and_nothing_where_all_is_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = {"STATE_DIRECTORY": str(tmp_path / "state"), "RUNTIME_DIRECTORY": str(tmp_path / "run")}
    config = parse("", None, secrets=False, environ=own)
    monkeypatch.setattr(leftovers, "given_up", list)
    StatusFile(config.paths.upload_status).write({"state": "ready"})
    assert list(leftovers.resting(config)) == []
    StatusFile(config.paths.upload_status).write({"state": "paused", "cause": "no token"})
    monkeypatch.setattr(leftovers, "given_up", lambda: ["earlid-upload.path"])
    (paused, _), (given_up, todo) = leftovers.resting(config)
    assert paused == "sending is paused: no token"
    assert given_up == "systemd gave up on earlid-upload.path"
    assert "reset-failed" in todo
