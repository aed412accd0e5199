"""One step of an installation: what it says, and what it does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass


class Stopped(Exception):
    """The installation goes no further; says what to do. 64 misused, 69 something missing, 78 settings."""

    def __init__(self, says: str, exit_code: int = 69) -> None:
        super().__init__(says)
        self.exit_code = exit_code


@dataclass(frozen=True, slots=True)
class Step:
    """What is said before it is done, in one line; `do` is None where nothing is left to do.

    What runs now still runs until the step that is `a_turn`; from that one on, what is new does.
    """

    says: str
    do: Callable[[], object] | None = None
    a_turn: bool = False


def walk(steps: Iterable[Step], *, dry: bool) -> None:
    """Say each step and, unless `dry`, do it; Stopped says where it ended and what that means."""
    turned = False
    for step in steps:
        print(f"  {step.says}", flush=True)
        if dry or step.do is None:
            continue
        try:
            step.do()
        except OSError as error:
            why = f"{error.filename or 'this machine'}: {(error.strerror or 'unknown trouble').lower()}"
            raise Stopped(f"{why}; {_after(turned)}") from error
        except Stopped as stopped:
            raise Stopped(f"{stopped}; {_after(turned)}", stopped.exit_code) from stopped
        turned = turned or step.a_turn


def _after(turned: bool) -> str:
    if turned:
        return "the new version is in place: run this again when that is put right"
    return "what was there before is as it was: run this again when that is put right"
