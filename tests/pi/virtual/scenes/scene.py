"""What a scene is: something done to a virtual Pi that says what was seen, or raises."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pi.virtual.owner import Owner


@dataclass(frozen=True, slots=True)
class Scene:
    """`act` returns what was seen. It raises Broken where that is wrong, and NotRun where it cannot tell."""

    group: str
    name: str
    act: Callable[[Owner], str]
    smoke: bool = False


def chosen(scenes: Sequence[Scene], *, smoke: bool, words: Iterable[str] = ()) -> list[Scene]:
    """The scenes of a smoke run, or all; of these, those whose group or name holds one of `words`, if any.

    The first of all is always played: without a boot there is nothing to see.
    """
    asked = [word.casefold() for word in words]
    return [
        scene
        for at, scene in enumerate(scenes)
        if (scene.smoke or not smoke)
        and (at == 0 or not asked or any(word in f"{scene.group} {scene.name}".casefold() for word in asked))
    ]
