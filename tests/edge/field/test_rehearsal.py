"""A kept clip, heard once more, gives what the listener's own engine had before it when it woke."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from earlid.core.field import AFTER, BEFORE, FIRST_HOP, LAST_HOP, Label
from earlid.core.teaching import MOST_HOPS
from earlid.core.units import HOP, Samples
from earlid.core.verifier import SHAPE
from earlid.edge.field.rehearsal import Rehearsal
from earlid.edge.model.engine import Engine
from earlid.edge.sound.timeline_file import demo_clip
from fakes.lessons import OWNER, WORD, Moment, moments


@pytest.fixture(scope="module")
def moment(models: Path) -> Moment:
    return next(moments(models, OWNER, Label.TRUE, 1))


@pytest.fixture
def rehearsal(models: Path) -> Rehearsal:
    return Rehearsal(Engine.load(models, [WORD]), WORD)


def test_the_embeddings_are_those_whose_score_it_was(models: Path) -> None:
    """The last 16 of a stream are the last 15 of the hop before, moved up by one, and one that is new."""
    engine = Engine.load(models, [WORD])
    sound: Samples = soundfile.read(demo_clip(), dtype="int16")[0]
    before = None
    for hop in sound[: 60 * HOP].reshape(-1, HOP):
        engine.step(hop)
        heard = engine.embeddings().copy()
        assert heard.shape == SHAPE
        if before is not None:
            np.testing.assert_array_equal(heard[:-1], before[1:])
        before = heard
    assert before is not None
    assert len(np.unique(before, axis=0)) == 16
    engine.wipe()
    assert not engine.embeddings().any()


def test_a_word_that_looks_further_back_changes_nothing(models: Path) -> None:
    alone, beside = Engine.load(models, [WORD]), Engine.load(models, [WORD, "timer"])
    sound: Samples = soundfile.read(demo_clip(), dtype="int16")[0]
    for hop in sound[: 50 * HOP].reshape(-1, HOP):
        alone.step(hop)
        beside.step(hop)
        np.testing.assert_allclose(beside.embeddings(), alone.embeddings(), atol=1e-5)


def test_of_a_clip_comes_what_the_listener_had_and_the_hops_after_it(
    models: Path, moment: Moment, rehearsal: Rehearsal
) -> None:
    engine = Engine.load(models, [WORD])
    start = BEFORE % HOP
    heard = []
    for at in range(start, BEFORE, HOP):
        engine.step(moment.clip[at : at + HOP])
        heard.append(engine.embeddings().copy())
    found = rehearsal.hear(moment.peak, moment.clip)
    assert found is not None
    np.testing.assert_allclose(found[0], heard[-1], atol=1e-5)
    high = moment.peak.trace[-FIRST_HOP:] >= np.float32(0.5)
    assert 1 <= len(found) <= MOST_HOPS
    assert len(found) == min(MOST_HOPS, int(np.argmin(high)) if not high.all() else len(high))


def test_a_clip_of_another_moment_teaches_nothing(moment: Moment, rehearsal: Rehearsal) -> None:
    later = np.roll(moment.clip, HOP)
    assert rehearsal.hear(moment.peak, later) is None
    silent = np.zeros(BEFORE + AFTER, np.int16)
    assert rehearsal.hear(moment.peak, silent) is None
    begun = moment.clip.copy()
    begun[: BEFORE - 10 * HOP] = 0  # as where the recording began a second before the word
    assert rehearsal.hear(moment.peak, begun) is None
    assert rehearsal.hear(moment.peak, moment.clip[:-1]) is None
    assert rehearsal.hear(moment.peak, moment.clip) is not None


def test_a_peak_without_a_whole_trace_teaches_nothing(moment: Moment, rehearsal: Rehearsal) -> None:
    erased = replace(moment.peak, trace=np.zeros(0, np.float32), first=0)
    assert rehearsal.hear(erased, moment.clip) is None
    assert len(moment.peak.trace) == LAST_HOP - FIRST_HOP + 1


def test_no_sound_is_left_in_the_engine(models: Path, moment: Moment) -> None:
    engine = Engine.load(models, [WORD])
    seen = engine.embeddings()  # the engine's own memory, not a copy
    Rehearsal(engine, WORD).hear(moment.peak, moment.clip)
    assert not seen.any()
    assert engine.hops == 0
    assert not any(one.any() for memory in engine.memory().layers for one in memory.values())
