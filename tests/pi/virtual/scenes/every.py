"""Every scene, in the order in which they are played: a boot first, and what is hardest on the card last."""

from __future__ import annotations

from itertools import chain
from typing import Final

from pi.virtual.scenes import breaking, caging, costs, hearing, muting, power
from pi.virtual.scenes.scene import Scene

SCENES: Final[tuple[Scene, ...]] = tuple(
    chain(
        *(hearing.SCENES, muting.SCENES, costs.SCENES, caging.SCENES, power.SCENES, breaking.SCENES),
    )
)
