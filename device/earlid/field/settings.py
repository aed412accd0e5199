"""The table [field]: how much a field recording may keep, for how long, and who can open it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from earlid.edge.schema import Settings, says


class FieldSettings(Settings, frozen=True):
    """What holds for recordings that the owner starts with `earlid field start`."""

    max_bytes: Annotated[
        int, says("room for the sound of field recordings; beyond it the oldest is erased", low=1_000_000)
    ] = 200_000_000
    clip_days: Annotated[
        float, says("the sound of a field recording is erased after so many days", low=0.01, high=365)
    ] = 30.0
    key_file: Annotated[
        Path | None,
        says(
            "the key that opens the sound of field recordings; not for the user that listens",
            shown="`field.key` beside the configuration",
        ),
    ] = None
