"""What systemd has given up on of what starts the uploader; nothing where no systemd runs."""

from __future__ import annotations

import subprocess
from typing import Final

STARTERS: Final = ("earlid-upload.path", "earlid-forget.path")
_PATIENCE_S: Final = 3.0


def given_up() -> list[str]:
    """Those of the units that start the uploader which will not do so any more."""
    command = ["systemctl", "is-failed", *STARTERS]
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=_PATIENCE_S)
    except (OSError, subprocess.SubprocessError):
        return []
    states = done.stdout.splitlines()
    if len(states) != len(STARTERS):
        return []
    return [unit for unit, state in zip(STARTERS, states, strict=True) if state == "failed"]


def what_to_do(units: list[str]) -> str:
    """How they are brought back, once what was in the way is gone."""
    return (
        "see journalctl -u earlid-upload, then: sudo systemctl reset-failed earlid-upload.service "
        f"&& sudo systemctl restart {' '.join(units)}"
    )
