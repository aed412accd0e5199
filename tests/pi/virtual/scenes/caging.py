"""Attacks from inside the real units: a program in the place of Earlid, all else as installed."""

from __future__ import annotations

from typing import Final

from pi.virtual.scenes.scene import Scene

SCENES: Final[tuple[Scene, ...]] = ()
