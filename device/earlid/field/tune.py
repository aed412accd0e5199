"""`earlid field tune`: a threshold and a patience for so many false wakes an hour, and what that costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from earlid.core.plain import called, span
from earlid.core.tuning import PATIENCES, Tried, best, tried, unlabelled
from earlid.core.units import RATE_HZ
from earlid.edge.field.store import FieldStore, Wanted
from earlid.edge.intervals import Interval, exposure_for, rate, share
from earlid.edge.model.manifest import manifests
from earlid.edge.model.store import ModelStore
from earlid.edge.terminal import line, table
from earlid.errors import UsageError
from earlid.field.changing import change
from earlid.field.figures import an_hour, percent
from earlid.field.lessons import chosen_word, words_listened_for
from earlid.field.place import opened, tidy
from earlid.listening.ears import operating_points

if TYPE_CHECKING:
    from earlid.config import Config
    from earlid.edge.toml_edit import Value


def tune(config: Config, word: str, target: float, *, yes: bool) -> int:
    """Propose, tell the cost, and write it into the configuration if the owner says yes."""
    word = chosen_word(config, word)
    with opened(config) as store:
        tidy(config, store)
        peaks = store.peaks(Wanted(word=word))
        hours = _listened_h(store, word)
    wakes, waiting = unlabelled(peaks)
    if 2 * waiting > wakes or wakes == 0:
        lacking = f"{waiting} of {wakes} wakes have no label" if wakes else "there was no wake"
        raise UsageError(f"{lacking}, so there is little to go by: label them first with earlid field review")
    manifests_ = ModelStore(config.paths.models).manifests(config.wake.words)
    points = operating_points(manifests_, config.wake.thresholds, config.wake.patience)
    point = next(one for one in points if one.name == word)
    refractory_s = config.wake.refractory_s
    now = tried(peaks, point.threshold, point.patience, refractory_s)
    own = next(one.patience for one in manifests_ if word in one.words)
    is_alone = len(words_listened_for(config)) == 1  # patience is one for all words
    patiences = [one for one in PATIENCES if one >= own] if is_alone else [point.patience]
    proposed = best(peaks, now, target * hours, patiences, refractory_s)
    _tell(word, hours, now, proposed)
    _tell_what_can_be_claimed(proposed, hours, target)
    if proposed.false > target * hours:
        raise UsageError(
            f"nothing that was recorded comes to {target:g} an hour: earlid field teach may help more"
        )
    if 2 * proposed.found.lost > proposed.found.of:
        raise UsageError(
            f"that would cost {proposed.found.lost} of {proposed.found.of} true wakes, and is not proposed: "
            "allow more with --target, or see earlid field teach"
        )
    if proposed == now:
        line("nothing to change: it is the best of all that was recorded")
        return 0
    changes: dict[str, Value] = {}
    if proposed.found.threshold != now.found.threshold:
        changes[f"wake.thresholds.{word}"] = proposed.found.threshold
    if proposed.patience != now.patience:
        changes["wake.patience"] = proposed.patience
    change(config, changes, yes=yes)
    return 0


def _listened_h(store: FieldStore, word: str) -> float:
    """The hours of all sessions in which `word` was listened for."""
    known = {word for one in manifests().values() for word in one.words}
    heard_in = {
        run.session
        for run in store.runs()
        if word in (said := str(run.setup.get("words", "")).split(", ")) or not known & set(said)
    }
    return sum(one.listened for one in store.minutes() if one.session in heard_in) / RATE_HZ / 3600


def _tell(word: str, hours: float, now: Tried, proposed: Tried) -> None:
    doubts = now.found.open
    also = f", {doubts} of them without a clear label" if doubts else ""
    title = f'"{called(word)}", {span(hours)} listened: {now.found.of} true wakes, {now.false} false{also}'
    columns = ("", "threshold", "hops", "false wakes an hour", "true wakes lost", "and won")
    table(title, columns, [_row("now", now, hours), _row("proposed", proposed, hours)])


def _row(name: str, one: Tried, hours: float) -> tuple[str, ...]:
    lost = share(one.found.lost, one.found.of) if one.found.of else None
    told = f"{one.found.lost} of {one.found.of}" + (f": {percent(lost)}" if lost else "")
    false = f"{one.false}: {an_hour(rate(one.false, hours))}"
    return (name, f"{one.found.threshold:.2f}", str(one.patience), false, told, str(one.found.gained))


def _tell_what_can_be_claimed(proposed: Tried, hours: float, target: float) -> None:
    found: Interval = rate(proposed.false, hours)
    if found.high > target:
        line(
            f"that it stays below {target:g} an hour is not shown by this: "
            f"that takes {span(exposure_for(target))} without any"
        )
