"""In which order somebody is asked to say a word: as often from each place and in each noise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

NOISES: Final = ("quiet", "people", "television", "music", "kitchen")
"""What may go on while a word is said on request; reports tell it, so it is none of the owner's words."""


@dataclass(frozen=True, slots=True)
class Place:
    """So many calls from `distance_m` away, in `noise`."""

    distance_m: float
    noise: str
    count: int


def places(count: int, distances_m: Sequence[float], noises: Sequence[str]) -> Iterator[Place]:
    """`count` calls in all, spread evenly; the first places have one more where it does not divide."""
    wanted = [(distance, noise) for noise in noises for distance in distances_m]
    each, rest = divmod(count, len(wanted))
    for number, (distance, noise) in enumerate(wanted):
        share = each + (number < rest)
        if share:
            yield Place(distance, noise, share)
