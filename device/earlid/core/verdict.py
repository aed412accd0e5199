"""Compares what arrived with what was said: which samples left, and from where in the recording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from earlid.core.timeline import Said, Timeline, places
from earlid.core.units import Samples


@dataclass(frozen=True, slots=True)
class Verdict:
    """`before` counts arrived samples from before the wake word's end; None where that is not known.

    `faults` says in plain words everything that was not as promised; empty means all was.
    """

    arrived: int
    before: int | None
    faults: tuple[str, ...]


def judge(story: Timeline, clip: Samples, heard: int, kept: int, arrived: Sequence[Samples]) -> Verdict:
    """What really left. `arrived` holds the samples of each delivery; `heard`, `kept` is what was claimed."""
    (call,) = story.calls()
    faults: list[str] = []
    if heard != story.samples:
        faults.append(f"{heard} of the clip's {story.samples} samples were heard")
    if not arrived:
        faults.append("nothing was delivered")
    if len(arrived) > 1:
        faults.append(f"{len(arrived)} segments were delivered where one word was called")
    total = sum(len(piece) for piece in arrived)
    if total != kept:
        faults.append(f"{kept} samples were kept but {total} arrived")
    starts: list[int] = []
    for piece in arrived:
        found = places(piece, clip)
        if len(found) == 1:
            starts.append(found[0])
        else:
            faults.append(
                f"a delivered segment of {len(piece)} samples lies in {len(found)} places of the clip"
            )
    before = sum(max(0, min(call.stop, at + len(piece)) - at) for at, piece in _pairs(starts, arrived))
    if len(starts) == len(arrived) and arrived:
        if before:
            faults.append(f"{before} samples from before the end of the wake word were sent")
        question = _after(call, story)
        if not any(_holds(at, piece, question) for at, piece in _pairs(starts, arrived)):
            faults.append("what was said after the wake word is not whole in what was sent")
        return Verdict(total, before, tuple(faults))
    return Verdict(total, None if arrived else 0, tuple(faults))


def _pairs(starts: Sequence[int], arrived: Sequence[Samples]) -> list[tuple[int, Samples]]:
    return list(zip(starts, arrived, strict=True)) if len(starts) == len(arrived) else []


def _after(call: Said, story: Timeline) -> Said:
    return story.said[story.said.index(call) + 1]


def _holds(at: int, piece: Samples, words: Said) -> bool:
    return words.within(at, at + len(piece)) == words.stop - words.start
