"""What is said in a recording whose words are known, and where in it a kept piece came from."""

from __future__ import annotations

from dataclasses import dataclass

from earlid.core.units import Samples


@dataclass(frozen=True, slots=True)
class Said:
    """Words in samples [start, stop). `wakes` names the wake word that they are, or is empty."""

    who: str
    text: str
    start: int
    stop: int
    wakes: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.stop:
            raise ValueError(f"{self.text!r} is said in no time: [{self.start}, {self.stop})")

    def within(self, start: int, stop: int) -> int:
        """How many of its samples lie in [start, stop)."""
        return max(0, min(self.stop, stop) - max(self.start, start))


@dataclass(frozen=True, slots=True)
class Timeline:
    """All that is said in a recording of `samples` samples, in order. Nobody talks over anybody."""

    samples: int
    sha256_of_pcm: str
    said: tuple[Said, ...]

    def __post_init__(self) -> None:
        now = 0
        for words in self.said:
            if words.start < now or words.stop > self.samples:
                raise ValueError(f"{words.text!r} overlaps its neighbour or runs past the end")
            now = words.stop

    def until(self, sample: int) -> tuple[Said, ...]:
        """Everything that has begun before `sample`."""
        return tuple(words for words in self.said if words.start < sample)

    def calls(self) -> tuple[Said, ...]:
        """The wake words in it."""
        return tuple(words for words in self.said if words.wakes)


def places(piece: Samples, whole: Samples) -> tuple[int, ...]:
    """Every index at which `piece` lies in `whole`, sample for sample; empty if it is nowhere."""
    if not piece.size:
        return ()
    needle, hay = piece.astype("<i2").tobytes(), whole.astype("<i2").tobytes()
    found: list[int] = []
    at = hay.find(needle)
    while at >= 0:
        if at % 2 == 0:
            found.append(at // 2)
        at = hay.find(needle, at + 1)
    return tuple(found)
