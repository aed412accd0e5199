"""A condition does what its name says, the same for the same recording every time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from earlid.bench.conditions import CLEAN, Condition, Mixer, condition, conditions, sounds_in
from earlid.core.mixing import active_level
from earlid.core.units import HOP, RATE_HZ, Samples
from earlid.edge.sound.echo import across
from earlid.edge.sound.resample import at_speed
from earlid.errors import UsageError

RANDOM = np.random.default_rng(2)
SPEECH: Samples = RANDOM.normal(0, 1500, 2 * RATE_HZ).round().astype(np.int16)


@pytest.fixture
def noises(tmp_path: Path) -> tuple[Path, ...]:
    folder = tmp_path / "noise"
    folder.mkdir()
    for number, level in enumerate((100, 300, 900)):
        noise = RANDOM.normal(0, level, 3 * RATE_HZ).round().astype(np.int16)
        soundfile.write(folder / f"{number}.wav", noise, RATE_HZ)
    return sounds_in(folder)


def mixer(noises: tuple[Path, ...] = (), rooms: tuple[Path, ...] = (), seed: int = 1) -> Mixer:
    return Mixer(noises, rooms, seed, 2.0, 0.5)


@pytest.mark.parametrize("name", ["clean", "snr10", "rir", "rir+snr-5", "speed0.9", "snr10+gain-30"])
def test_a_condition_is_called_as_it_was_named(name: str) -> None:
    assert condition(name).name == name


@pytest.mark.parametrize("name", ["", "loud", "snr", "snr10+snr5", "rir+rir", "speed3", "gain-300", "snr10 "])
def test_a_name_that_says_nothing_is_refused(name: str) -> None:
    with pytest.raises(UsageError):
        condition(name)


def test_clean_comes_first_and_each_condition_once() -> None:
    asked = conditions(["snr5", "rir+snr5"], [10, 5], [1.1], [-30], rir=True)
    assert [one.name for one in asked] == ["clean", "snr10", "snr5", "rir", "speed1.1", "gain-30", "rir+snr5"]


def test_clean_is_the_recording_between_silences_bit_for_bit() -> None:
    stream = mixer().stream(SPEECH, "a", Path("a"), CLEAN)
    lead_in = 25 * HOP
    assert not stream[:lead_in].any()
    assert (stream[lead_in : lead_in + len(SPEECH)] == SPEECH).all()
    assert not stream[lead_in + len(SPEECH) :].any()
    assert len(stream) == lead_in + len(SPEECH) + RATE_HZ // 2


def test_noise_is_there_before_and_after_the_word_and_as_loud_as_its_name(noises: tuple[Path, ...]) -> None:
    clean = mixer().stream(SPEECH, "a", Path("a"), CLEAN).astype(float)
    noise = mixer(noises).stream(SPEECH, "a", Path("a"), Condition(snr_db=10)) - clean
    level = 20 * np.log10(active_level(SPEECH) / np.sqrt((noise**2).mean()))
    assert level == pytest.approx(10, abs=0.1)
    for part in (noise[: 2 * RATE_HZ], noise[-RATE_HZ // 2 :]):
        assert np.sqrt((part**2).mean()) == pytest.approx(np.sqrt((noise**2).mean()), rel=0.2)


def test_the_lot_is_the_same_for_a_name_and_another_for_another(noises: tuple[Path, ...]) -> None:
    def heard(name: str, seed: int = 1, snr: float = 10.0) -> list[int]:
        mixed = mixer(noises, seed=seed).stream(SPEECH, name, Path("a"), Condition(snr_db=snr))
        return [int(one) for one in mixed]

    assert heard("a") == heard("a")
    assert heard("a") != heard("b")
    assert heard("a") != heard("a", seed=2)
    ten, zero = (np.array(heard("a", snr=snr), float)[: 2 * RATE_HZ] for snr in (10, 0))
    assert np.corrcoef(ten, zero)[0, 1] > 0.999  # the same noise, louder


def test_no_recording_is_mixed_with_itself(noises: tuple[Path, ...]) -> None:
    for number in range(20):
        noise, start = mixer(noises[:2])._drawn(noises[:2], f"name {number}", "noise", noises[0])
        assert len(noise) > start >= 0
        assert (noise == soundfile.read(noises[1], dtype="int16")[0]).all()


def test_noise_and_rooms_have_to_come_from_somewhere(tmp_path: Path) -> None:
    for how in (Condition(snr_db=10), Condition(rir=True)):
        with pytest.raises(UsageError, match=r"has to come from somewhere|have to come from somewhere"):
            mixer().check([how])
    with pytest.raises(UsageError, match="no recordings in it"):
        sounds_in(tmp_path)


def test_a_faster_tape_is_shorter_and_higher() -> None:
    tone = (8000 * np.sin(2 * np.pi * 500 * np.arange(RATE_HZ) / RATE_HZ)).round().astype(np.int16)
    fast = at_speed(tone, 1.25)
    assert len(fast) == pytest.approx(RATE_HZ / 1.25, abs=2)
    assert np.abs(np.fft.rfft(fast)).argmax() * RATE_HZ / len(fast) == pytest.approx(625, abs=2)


def test_a_room_echoes_without_delay_and_without_making_it_louder() -> None:
    answer = np.zeros(4000, np.int16)
    answer[[300, 1100]] = 20_000, 10_000  # the sound itself after 300 samples, an echo 800 later
    click = np.zeros(RATE_HZ, np.int16)
    click[1000] = 10_000
    heard = across(click, answer)
    assert np.flatnonzero(np.abs(heard.astype(int)) > 500).tolist() == [1000, 1800]
    assert heard[1800] / heard[1000] == pytest.approx(0.5, rel=0.01)
    assert active_level(across(SPEECH, answer)) == pytest.approx(active_level(SPEECH), rel=0.01)
    with pytest.raises(UsageError):
        across(SPEECH, np.zeros(10, np.int16))
