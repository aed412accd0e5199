"""Puts a listener together from the configuration: the same one for every source of sound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from earlid.core.detector import Detector, Word
from earlid.core.epoch import Epoch
from earlid.core.gate import Gate
from earlid.core.listener import Listener, Ports
from earlid.core.ring import Ring
from earlid.core.segmenter import Segmenter, Voice, rules
from earlid.core.sparing import Restartable, Sparing
from earlid.core.units import HOP, samples
from earlid.core.verifier import Verifier, approving
from earlid.edge.model.engine import Engine
from earlid.edge.model.manifest import Manifest, manifest
from earlid.edge.model.store import ModelStore
from earlid.edge.model.verifier_file import VerifierFiles
from earlid.edge.sound.voice import SileroVoice
from earlid.edge.stopwatch import Stopwatch, TimedEngine, TimedVoice
from earlid.errors import Violation

if TYPE_CHECKING:
    from earlid.config import Config, SegmentSettings, WakeSettings

RING_HOPS: Final = 50
"""Four seconds: all that is ever remembered of what nobody asked to keep."""


def ears(
    models: Path,
    wake: WakeSettings,
    segment: SegmentSettings,
    ports: Ports,
    epoch: Epoch | None = None,
    watch: Stopwatch | None = None,
    verifiers: Sequence[Verifier] = (),
) -> Listener:
    """A listener for `wake.words`, its parts under `watch` if there is one; ConfigError for a model amiss.

    `verifiers` are those that `wake.verifiers` names, no more and no less: see `taught`.
    """
    if [one.word for one in verifiers] != list(wake.verifiers):
        raise Violation("a listener was to be made without the verifiers that are in effect")
    points = operating_points(ModelStore(models).manifests(wake.words), wake.thresholds, wake.patience)
    heard = Engine.load(models, wake.words)
    engine: Restartable = heard
    voice: Voice = SileroVoice()
    if watch:
        engine, voice = TimedEngine(engine, watch), TimedVoice(voice, watch)
    thresholds = [word.threshold for word in points]
    return Listener(
        engine=Sparing(engine, thresholds) if wake.quiet_gate else engine,
        detector=Detector(points, samples(wake.refractory_s), approving(points, verifiers, heard)),
        segmenter=Segmenter(
            rules(samples(segment.nobody_spoke_s), samples(segment.hangover_s), samples(segment.max_s)),
            voice,
            segment.speech_probability,
        ),
        gate=Gate(samples(segment.lookback_ms / 1000)),
        ring=Ring(RING_HOPS * HOP),
        epoch=epoch or Epoch(),
        ports=ports,
    )


def taught(config: Config) -> tuple[Verifier, ...]:
    """The verifiers that are in effect; ConfigError for one that is missing or not as it was taught."""
    return VerifierFiles(config.paths.field).read_all(config.wake.verifiers)


def words_of(names: Sequence[str]) -> tuple[str, ...]:
    """The words that the models `names` score, in the order of the scores."""
    return tuple(word for name in names for word in manifest(name).words)


def operating_points(
    manifests: Sequence[Manifest], thresholds: Mapping[str, float], patience: int
) -> list[Word]:
    """Each word's threshold and patience: the owner's where one is set, else the model's own.

    A threshold set for a model of several words holds for all of them, one set for a word for it alone.
    """
    return [
        Word(
            word,
            thresholds.get(word, thresholds.get(manifest.name, manifest.threshold)),
            max(patience, manifest.patience),
        )
        for manifest in manifests
        for word in manifest.words
    ]
