"""An engine that rests gives the scores it would have given."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earlid.core.room import SETTLED_HOPS, Room
from earlid.core.sparing import Sparing
from earlid.core.units import HOP, Samples, Scores

REACH = 7
OVERLAP = 3


class Remembers:
    """Scores the sum of the last `REACH` hops and of the samples just before them, as an engine would."""

    reach = REACH
    overlap = OVERLAP

    def __init__(self) -> None:
        self.steps = self._hops = 0
        self._heard = np.zeros(OVERLAP, np.int16)

    def step(self, hop: Samples) -> Scores:
        self.steps += 1
        self._heard = np.concatenate((self._heard, hop))[-(OVERLAP + (REACH + 1) * HOP) :]
        self._hops += 1
        if self._hops <= REACH:
            return np.array([np.nan], np.float32)
        weights = 1.0 + np.arange(len(self._heard)) % 13
        return np.array([float(self._heard.astype(np.float64) @ weights) / 1e12], np.float32)

    def restart(self, before: Samples) -> None:
        assert before.shape == (OVERLAP,)
        self._heard, self._hops = before.copy(), 0

    def wipe(self) -> None:
        self.restart(np.zeros(OVERLAP, np.int16))


def room(seed: int, hops: int, level: float = 20.0) -> list[Samples]:
    """A room in which nothing changes."""
    made = np.random.default_rng(seed).normal(0, level, (hops, HOP))
    return list(made.round().astype(np.int16))


def settled(engine: Remembers) -> Sparing:
    """A resting engine."""
    sparing = Sparing(engine, [0.5])
    for hop in room(0, SETTLED_HOPS + REACH + 1):
        sparing.step(hop)
    assert np.isnan(sparing.step(room(1, 1)[0])).all()
    return sparing


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(1, 12)), max_size=6))
def test_whatever_was_skipped_every_score_given_is_the_score_of_the_whole_sound(
    pauses: list[tuple[int, int]],
) -> None:
    resting, whole = Remembers(), Remembers()
    sparing = Sparing(resting, [0.5])
    sound = room(2, SETTLED_HOPS + REACH + 1)
    for number, (quiet, loud) in enumerate(pauses):
        sound += room(number, quiet) + room(number, loud, 2_000.0) + room(number + 50, SETTLED_HOPS)
    for hop in sound:
        given_score, true_score = sparing.step(hop)[0], whole.step(hop)[0]
        assert np.isnan(given_score) or given_score == true_score
    assert resting.steps <= whole.steps


def test_a_quiet_room_is_not_scored_and_the_first_change_is() -> None:
    engine = Remembers()
    sparing = settled(engine)
    before = engine.steps
    for hop in room(3, 200):
        assert np.isnan(sparing.step(hop)).all()
    assert engine.steps == before
    assert not np.isnan(sparing.step(room(4, 1, 40.0)[0])).any()
    assert engine.steps == before + REACH + 1


def test_a_score_that_comes_near_keeps_the_engine_awake() -> None:
    quiet = Room()
    for number, hop in enumerate(room(5, 3 * SETTLED_HOPS)):
        assert not quiet.is_quiet(hop)
        quiet.scored(0.05 if number % SETTLED_HOPS == 0 else 0.0)


def test_a_score_that_is_not_known_yet_keeps_the_engine_awake() -> None:
    quiet = Room()
    for hop in room(5, 3 * SETTLED_HOPS):
        assert not quiet.is_quiet(hop)
        quiet.scored(float("nan"))


@pytest.mark.parametrize("hum", [0.0, 30.0, 3_000.0])
def test_digital_silence_a_hum_and_a_roar_are_all_quiet_rooms(hum: float) -> None:
    quiet, time = Room(), np.arange(HOP * 60)
    sound = (hum * np.sin(time * 2 * np.pi * 100 / 16_000)).round().astype(np.int16).reshape(-1, HOP)
    resting = []
    for hop in sound:
        resting.append(quiet.is_quiet(hop))
        if not resting[-1]:
            quiet.scored(0.0)
    assert resting[SETTLED_HOPS + 1 :] == [True] * (len(resting) - SETTLED_HOPS - 1)


def test_speech_below_the_noise_is_a_change() -> None:
    quiet = Room()
    for hop in room(6, SETTLED_HOPS + 1, 100.0):
        if not quiet.is_quiet(hop):
            quiet.scored(0.0)
    voice = np.hypot(100.0, 75.0)  # 2.5 dB below the noise
    assert not quiet.is_quiet(room(7, 1, voice)[0])


def test_a_room_that_falls_quieter_has_changed_too() -> None:
    quiet = Room()
    for hop in room(6, SETTLED_HOPS + 1, 100.0):
        if not quiet.is_quiet(hop):
            quiet.scored(0.0)
    assert not quiet.is_quiet(room(7, 1, 30.0)[0])


def test_wipe_leaves_nothing_of_the_sound_in_memory() -> None:
    engine = Remembers()
    sparing = settled(engine)
    before = engine.steps
    sparing.wipe()
    assert not sparing._memory.any()
    assert np.isnan(sparing.step(room(8, 1)[0])).all()
    assert engine.steps == before + 1  # awake, and cold
