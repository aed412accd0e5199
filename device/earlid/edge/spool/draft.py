"""A segment ready to be written, in memory that can be zeroed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from earlid.edge.spool.kept import Facts


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """What will lie in one folder: `facts`, and `sound` under the name `sound_name`."""

    facts: Facts
    sound_name: str
    sound: bytearray

    @property
    def id(self) -> str:
        """The random name under which it will be kept."""
        return self.facts.id

    def wipe(self) -> None:
        """Overwrite the sound with zeros, even while another thread hands it to the disk."""
        np.frombuffer(self.sound, np.uint8).fill(0)
