"""`earlid field teach`: a verifier out of the owner's own labels, in effect once they have seen its gain."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from earlid.core.plain import called, several
from earlid.core.teaching import Gain, fault_in, gain, learned
from earlid.edge.field.regression import need_it, plane
from earlid.edge.intervals import share
from earlid.edge.model.verifier_file import VerifierFiles
from earlid.edge.terminal import line, table
from earlid.errors import UsageError
from earlid.field.changing import NEXT_START, agrees, change
from earlid.field.figures import percent
from earlid.field.lessons import chosen_word, labelled, lessons
from earlid.field.place import opened

if TYPE_CHECKING:
    from earlid.config import Config

_NICE: Final = 10
"""The listener comes first: what is learned can wait."""


def teach(config: Config, word: str, *, yes: bool) -> int:
    """Learn, show what would come of it, and put it in effect if the owner says yes."""
    need_it()
    os.nice(_NICE)
    word = chosen_word(config, word)
    with opened(config) as store:
        peaks = labelled(store, word)
        found = lessons(config, store, word, peaks) if peaks else None
    if found is None:
        raise UsageError(
            f'no "{called(word)}" with sound has a label: record with earlid field start --keep-audio, '
            "then label it with earlid field review"
        )
    if found.strange:
        were = "was" if found.strange == 1 else "were"
        line(f"{several(found.strange, 'clip')} {were} left out, heard by other models or from a cold start")
    if fault := fault_in(found.examples):
        raise UsageError(f"{fault}; label more with earlid field review")
    expected = gain(found.examples, plane)
    _tell(word, expected, near=sum(not one.woke for one in found.examples))
    if not expected.is_worth_it:
        raise UsageError("that is no gain, and it is not kept: check the labels, or record on")
    verifier = learned(word, found.examples, plane)
    files = VerifierFiles(config.paths.field)

    def keep() -> None:
        files.keep(verifier, expected.calls, expected.false)

    if word not in config.wake.verifiers:
        change(config, {"wake.verifiers": [*config.wake.verifiers, word]}, yes=yes, first=keep)
    elif yes or agrees(f"use it instead of {files.path(word)}?"):
        keep()
        line(f"written; {NEXT_START}")
    else:
        line("nothing was written")
    return 0


def unteach(config: Config, word: str, *, yes: bool) -> int:
    """Let the verifier of `word` have no say any more; what it learned stays for the next time."""
    if not config.wake.verifiers:
        raise UsageError("no verifier is in effect: wake.verifiers is empty")
    if not word and len(config.wake.verifiers) > 1:
        raise UsageError(f"which word? say --word with one of {', '.join(config.wake.verifiers)}")
    word = word or config.wake.verifiers[0]
    if word not in config.wake.verifiers:
        raise UsageError(f"{word} has no verifier in effect: choose from {', '.join(config.wake.verifiers)}")
    left = [one for one in config.wake.verifiers if one != word]
    change(config, {"wake.verifiers": left}, yes=yes)
    return 0


def _tell(word: str, found: Gain, near: int) -> None:
    lost, removed = share(found.lost, found.calls), share(found.removed, found.false)
    rows = [
        ("false wakes it would have refused", f"{found.removed} of {found.false}", percent(removed)),
        ("calls it would have refused, too", f"{found.lost} of {found.calls}", percent(lost)),
    ]
    table(f'"{called(word)}", judged on moments that it was not taught with', ("", "", "95 % interval"), rows)
    if near:
        line(f"{near} near miss{'' if near == 1 else 'es'} with a label taught it, too")
