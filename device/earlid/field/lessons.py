"""The owner's labelled clips as examples to learn from: opened in memory, heard once more, and let go of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from earlid.core.field import Kind, Label, Peak
from earlid.core.teaching import Example
from earlid.core.whatif import is_call
from earlid.edge.age import unsealed
from earlid.edge.field.clips import FieldClips
from earlid.edge.field.key import secret_key
from earlid.edge.field.rehearsal import Rehearsal
from earlid.edge.field.store import FieldStore, Wanted
from earlid.edge.model.engine import Engine
from earlid.edge.model.manifest import manifest
from earlid.edge.page.sound import samples_of
from earlid.edge.terminal import progress
from earlid.errors import UsageError
from earlid.field.place import key_path

if TYPE_CHECKING:
    from earlid.config import Config


@dataclass(frozen=True, slots=True)
class Lessons:
    """The examples there are; `strange` clips were heard in another way, so many, and teach nothing."""

    examples: tuple[Example, ...]
    strange: int


def words_listened_for(config: Config) -> list[str]:
    """Every word that is scored, in the order of the configuration."""
    return [word for name in config.wake.words for word in manifest(name).words]


def chosen_word(config: Config, wanted: str) -> str:
    """`wanted`, or the only word there is; UsageError where that is not clear."""
    words = words_listened_for(config)
    if wanted and wanted not in words:
        raise UsageError(f"{wanted} is not listened for: choose from {', '.join(words)}")
    if not wanted and len(words) > 1:
        raise UsageError(f"which word? say --word with one of {', '.join(words)}")
    return wanted or words[0]


def labelled(store: FieldStore, word: str) -> list[Peak]:
    """What the owner, or a prompt, said of `word`'s peaks that have sound, the oldest first."""
    found = store.peaks(Wanted(word=word, has_clip=True, is_erased=False))
    return [peak for peak in reversed(found) if peak.label is Label.FALSE or is_call(peak)]


def lessons(config: Config, store: FieldStore, word: str, peaks: Sequence[Peak]) -> Lessons:
    """`peaks` of `word` as examples; ConfigError without the key that opens their clips."""
    secret, clips = secret_key(key_path(config)), FieldClips(store.folder)
    model = next(name for name in config.wake.words if word in manifest(name).words)
    rehearsal = Rehearsal(Engine.load(config.paths.models, [model]), word)
    examples, strange = [], 0
    with progress("hearing the clips once more", len(peaks)) as advance:
        for number, peak in enumerate(peaks):
            advance(number)
            sound = samples_of(unsealed(clips.read(peak.clip or ""), secret))
            heard = rehearsal.hear(peak, sound)
            sound.fill(0)
            if heard is None:
                strange += 1
            else:
                woke = peak.kind is not Kind.NEAR_MISS
                examples.append(Example(peak.at_s, is_call(peak), heard, woke))
    return Lessons(tuple(examples), strange)
