"""What systemd says of the units that start the uploader, as far as there is a systemd."""

from __future__ import annotations

from pathlib import Path

import pytest

from earlid.edge.path_units import given_up, what_to_do


def systemctl(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / "systemctl"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("echo failed; echo active; exit 0", ["earlid-upload.path"]),
        ("echo active; echo failed; exit 0", ["earlid-forget.path"]),
        ("echo inactive; echo inactive; exit 1", []),
        ("echo no bus >&2; exit 1", []),
    ],
)
def test_what_has_failed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, found: list[str]
) -> None:
    systemctl(tmp_path, script, monkeypatch)
    assert given_up() == found


def test_without_systemd_nothing_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert given_up() == []


def test_what_to_do_also_clears_what_was_counted() -> None:
    todo = what_to_do(["earlid-upload.path"])
    assert "reset-failed earlid-upload.service && sudo systemctl restart earlid-upload.path" in todo
