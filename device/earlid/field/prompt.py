"""`earlid field prompt`: says when to say the word, and counts how often that was heard."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from earlid.core.field import Trial
from earlid.core.judged import Asked, asked
from earlid.core.plain import called
from earlid.core.prompting import Place, places
from earlid.edge.control import ask
from earlid.edge.field.store import FieldStore
from earlid.edge.model.manifest import manifest
from earlid.edge.terminal import line, table
from earlid.errors import DeviceLost, UsageError
from earlid.field.figures import missed, percent
from earlid.field.place import opened, wanted_now

if TYPE_CHECKING:
    from earlid.config import Config

_GLANCE_S: Final = 0.1
_LATE_S: Final = 0.5
"""A wake that was just counted was heard a moment before."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What to ask for: `word`, `count` times, each time for `window_s`, with `pause_s` between."""

    word: str
    count: int
    distances_m: Sequence[float]
    noises: Sequence[str]
    window_s: float
    pause_s: float


def prompt(config: Config, wish: Wish) -> int:
    """Ask for it, and tell the misses; what was asked until Ctrl-C or the end of input counts."""
    words = [word for name in config.wake.words for word in manifest(name).words]
    if wish.word and wish.word not in words:
        raise UsageError(f"{wish.word} is not listened for: choose from {', '.join(words)}")
    order = wanted_now(config)
    if order is None:
        raise UsageError("prompts belong to a recording: begin one with earlid field start")
    word = wish.word or words[0]
    _check(config)
    trials: list[Trial] = []
    with opened(config) as store:
        try:
            for place in places(wish.count, wish.distances_m, wish.noises):
                _ask_from(place, config, replace(wish, word=word), order.session, store, trials)
        except (KeyboardInterrupt, EOFError):
            line("")
    _tell(asked(trials))
    return 0


def _ask_from(
    place: Place, config: Config, wish: Wish, session: int, store: FieldStore, trials: list[Trial]
) -> None:
    line(f"{place.distance_m:g} m away, {place.noise}: go there, and press Return")
    if not sys.stdin.readline():
        raise EOFError
    for _ in range(place.count):
        time.sleep(wish.pause_s)
        before = _wakes(config, wish.word)
        asked_s = time.time()
        line(f'{len(trials) + 1} of {wish.count}: say "{called(wish.word)}"')
        sys.stdout.flush()
        is_heard = _await(config, wish, before)
        until_s = time.time() + _LATE_S
        trial = Trial(session, asked_s, until_s, wish.word, place.distance_m, place.noise, is_heard)
        store.add_trial(trial)
        trials.append(trial)
        line("  heard" if is_heard else "  not heard", "green" if is_heard else "yellow")


def _await(config: Config, wish: Wish, before: int) -> bool:
    until_s = time.monotonic() + wish.window_s
    while time.monotonic() < until_s:
        if _wakes(config, wish.word) > before:
            return True
        time.sleep(_GLANCE_S)
    return _wakes(config, wish.word) > before


def _wakes(config: Config, word: str) -> int:
    """How often `word` has woken the listener that runs; DeviceLost if none does."""
    return int(ask(config.paths.runtime, "status")["status"]["wakes_of"].get(word, 0))


def _check(config: Config) -> None:
    said = ask(config.paths.runtime, "status").get("status", {})
    if said.get("muted"):
        raise UsageError("it is muted: unmute it first, with its switch or earlid unmute")
    if not said.get("records"):
        raise DeviceLost("the listener does not record: see earlid field status")


def _tell(found: list[Asked]) -> None:
    if not found:
        return
    rows = [
        (f"{one.distance_m:g} m", one.noise, f"{one.heard} of {one.asked}", percent(missed([one])))
        for one in found
    ]
    heard, of = sum(one.heard for one in found), sum(one.asked for one in found)
    if len(rows) > 1:
        rows.append(("all", "", f"{heard} of {of}", percent(missed(found))))
    table("", ("away", "noise", "heard", "missed, and 95 % interval"), rows)
