"""A segment ready to be written, in memory that can be zeroed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from earlid.core.gate import Permit
from earlid.core.segment import Segment
from earlid.edge.spool.kept import Facts
from earlid.errors import Violation


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


def insist(segment: Segment, permit: Permit) -> None:
    """Raise Violation unless `permit` was issued for exactly this sound."""
    if not isinstance(permit, Permit):
        raise Violation("a segment was to be kept without a permit from the gate")
    if permit.wake is not segment.wake:
        raise Violation("a segment was to be kept under the permit of another wake")
    if segment.start < permit.start:
        raise Violation(f"a segment starts {permit.start - segment.start} samples before its permit")
    if segment.samples.dtype != np.int16 or segment.samples.ndim != 1:
        raise Violation("a segment is one row of int16 samples")
