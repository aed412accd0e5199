"""The engine gives what the published networks give, on the sounds that are hardest for arithmetic."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from earlid.core.units import HOP, Samples, Scores
from earlid.edge.model.engine import Engine
from earlid.edge.model.graph import Head, compose
from earlid.edge.model.manifest import backbone, manifest, manifests
from earlid.edge.model.store import ModelStore
from earlid.errors import ConfigError
from fakes.hard_sounds import HARD_SOUNDS, babble, pure_sweep
from replay.streaming_oracle import FIRST_EMBEDDING, Oracle

TOLERANCE = 1e-5
ALL = tuple(manifests())
KNOWN_BEFORE = ("_warm_at",)
"""Arrays of the engine in which no sound and nothing made of it is ever written."""


@pytest.fixture(scope="module")
def oracle(models: Path) -> Oracle:
    return Oracle(models, ALL)


@pytest.fixture(scope="module")
def shared_engine(models: Path) -> Engine:
    return Engine.load(models, ALL)


@pytest.fixture
def engine(shared_engine: Engine) -> Engine:
    shared_engine.wipe()
    return shared_engine


def heard(engine: Engine, sound: Samples) -> Scores:
    """The scores of each hop of `sound`."""
    return np.stack([engine.step(hop) for hop in sound.reshape(-1, HOP)])


@pytest.mark.parametrize("name", HARD_SOUNDS)
def test_scores_are_those_of_the_published_networks(name: str, engine: Engine, oracle: Oracle) -> None:
    sound = HARD_SOUNDS[name]()
    ours, theirs = heard(engine, sound), oracle.scores(sound)
    np.testing.assert_array_equal(np.isnan(ours), np.isnan(theirs))
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=TOLERANCE)
    assert np.nanmin(ours) >= 0.0
    assert np.nanmax(ours) <= 1.0


def test_on_a_tone_without_any_noise_it_is_as_near_as_the_published_arithmetic_is_to_itself(
    engine: Engine, oracle: Oracle
) -> None:
    """80 dB below such a tone lies only what single precision rounds away: any other order of sums differs.

    The published graph itself is up to 2.4e-5 from the same sums in double precision there.
    """
    sound = pure_sweep()
    np.testing.assert_allclose(heard(engine, sound), oracle.scores(sound), rtol=0, atol=2e-4)


def test_each_word_is_unscored_until_its_model_has_seen_its_span_of_real_sound(engine: Engine) -> None:
    warm = [FIRST_EMBEDDING + manifest(name).span - 1 for name in ALL for _ in manifest(name).words]
    scores = heard(engine, babble(60))
    first = [int(np.flatnonzero(~np.isnan(column))[0]) for column in scores.T]
    assert first == warm
    assert not np.isnan(scores[max(warm) :]).any()


def test_after_a_wipe_in_mid_stream_it_hears_as_if_for_the_first_time(models: Path, engine: Engine) -> None:
    before, after = babble(50, seed=1), babble(50, seed=2)
    heard(engine, before)
    engine.wipe()
    assert engine.hops == 0
    fresh = Engine.load(models, ALL)
    np.testing.assert_array_equal(heard(engine, after), heard(fresh, after))


def test_a_wipe_at_any_hop_leaves_nothing_of_the_sound_in_memory(engine: Engine) -> None:
    for hops in (1, 2, 3, 44, 45):
        heard(engine, babble(hops, seed=hops))
        assert any(part.any() for part in memory_of(engine)), "there was nothing to wipe"
        engine.wipe()
        assert not any(part.any() for part in memory_of(engine))


def test_what_it_gave_stays_as_it_was_given(engine: Engine) -> None:
    sound = babble(50).reshape(-1, HOP)
    given = [engine.step(hop) for hop in sound]
    kept = [scores.copy() for scores in given]
    engine.wipe()
    np.testing.assert_array_equal(np.stack(given), np.stack(kept))


def test_it_leaves_the_sound_it_was_given_alone(engine: Engine) -> None:
    hop = babble(1)
    before = hop.copy()
    engine.step(hop)
    np.testing.assert_array_equal(hop, before)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.sampled_from(ALL), min_size=1, unique=True))
def test_a_word_scores_the_same_in_any_company_and_order(names: list[str], models: Path) -> None:
    store, sound = ModelStore(models), babble(46)
    known, shared = store.manifests(names), backbone()
    heads = [Head(one.name, store.body(one.part), one.outputs) for one in known]
    graph = compose(store.body(shared.melspectrogram), store.body(shared.embedding), heads)
    together = Engine(graph, known)
    assert together.words == tuple(word for one in known for word in one.words)
    expected = Oracle(models, names).scores(sound)
    np.testing.assert_allclose(heard(together, sound), expected, rtol=0, atol=TOLERANCE)


def test_no_second_copy_of_the_network_is_kept(models: Path) -> None:
    store = ModelStore(models)
    graph = store.graph(ALL[:1])
    before = sys.getrefcount(graph)
    engine = Engine(graph, store.manifests(ALL[:1]))
    assert engine.words
    assert sys.getrefcount(graph) == before


def test_a_graph_that_is_none_is_refused_with_what_to_do(models: Path) -> None:
    known = ModelStore(models).manifests(("alexa",))
    with pytest.raises(ConfigError, match="earlid models get"):
        Engine(b"not a graph", known)


def memory_of(engine: Engine) -> Iterator[np.ndarray[Any, Any]]:
    """Every array that `engine` holds, however deep, but for what it knew before any sound."""
    seen: set[int] = set()
    queue: list[Any] = list(vars(engine).items())
    while queue:
        name, one = queue.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, np.ndarray):
            if name not in KNOWN_BEFORE:
                yield one
        elif isinstance(one, dict):
            queue += [(name, value) for value in one.values()]
        elif isinstance(one, list | tuple):
            queue += [(name, value) for value in one]
