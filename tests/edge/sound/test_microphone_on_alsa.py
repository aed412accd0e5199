"""The real PyAudio, PortAudio and ALSA, with a recording for hardware."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from earlid.core.epoch import Epoch
from earlid.core.frame import Frame
from earlid.core.units import HOP, RATE_HZ, Samples
from earlid.edge.sound import microphone
from earlid.edge.sound.microphone import Microphone, microphones
from earlid.errors import ConfigError, DeviceLost
from fakes.alsa_microphone import NAME, OTHER, OneRate, alsa_microphone
from fakes.waiting import SECONDS, until, within

pyaudio = pytest.importorskip("pyaudio", reason="PyAudio is not installed: pip install '.[pi]'")


def noise(count: int, seed: int = 1) -> Samples:
    """Samples among which no stretch repeats."""
    return np.random.default_rng(seed).integers(-32768, 32767, count, dtype=np.int16)


def frames(one: Microphone, count: int) -> list[Frame]:
    """The next `count` frames, or a failure where they are too long in coming."""
    got: list[Frame] = []
    until_s = time.monotonic() + SECONDS
    while len(got) < count:
        assert time.monotonic() < until_s, f"only {len(got)} of {count} hops came"
        frame = one.read(0.5)
        if frame is not None:
            got.append(frame)
    return got


@contextmanager
def opened(wanted: str = NAME, channel: int = 1, first: int = 0) -> Iterator[Microphone]:
    with closing(Microphone(wanted, channel, Epoch(), first)) as one:
        one.open()
        yield one


def test_what_is_captured_is_the_recording_bit_for_bit(tmp_path: Path) -> None:
    sound = noise(6 * RATE_HZ)
    with alsa_microphone(tmp_path, sound, pace=4.0), opened(first=1000) as one:
        got = frames(one, 75)
    assert [frame.start for frame in got] == [1000 + HOP * hop for hop in range(75)]
    assert np.array_equal(np.concatenate([frame.samples for frame in got]), sound[: 75 * HOP])
    assert one.lost == {"overflow": 0, "backlog": 0, "device": 0}
    assert one.rate_hz == RATE_HZ


def test_the_listing_names_what_can_record(tmp_path: Path) -> None:
    with alsa_microphone(tmp_path, noise(100)):
        names = {one.name: one for one in microphones()}
    assert set(names) == {NAME, OTHER}
    assert names[NAME].channels >= 1
    assert sum(one.is_default for one in names.values()) == 1


@pytest.mark.parametrize("wanted", ["EARLID_TE", "0", "earlid_test"])
def test_a_device_is_found_by_part_of_its_name_or_its_index(tmp_path: Path, wanted: str) -> None:
    with alsa_microphone(tmp_path, noise(100)), opened(wanted) as one:
        assert one.name == NAME


@pytest.mark.parametrize("wanted", ["earlid", "nobody", "7"])
def test_a_device_that_is_not_one_is_refused_with_what_exists(tmp_path: Path, wanted: str) -> None:
    with (
        alsa_microphone(tmp_path, noise(100)),
        pytest.raises(ConfigError, match=f"'{wanted}'.*0 '{NAME}', 1 '{OTHER}'"),
        opened(wanted),
    ):
        pass


def test_a_channel_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with (
        alsa_microphone(tmp_path, noise(100)),
        pytest.raises(ConfigError, match="128 channels"),
        opened(NAME, channel=129),
    ):
        pass


def test_looking_for_devices_is_silent(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with alsa_microphone(tmp_path, noise(RATE_HZ)), opened() as one:
        microphones()
        frames(one, 1)
    assert capfd.readouterr() == ("", "")


def test_the_chosen_channel_of_several_is_heard(tmp_path: Path) -> None:
    sound = np.stack([noise(RATE_HZ * 2, seed) for seed in range(3)], axis=1)
    with alsa_microphone(tmp_path, sound), opened(channel=3) as one:
        got = frames(one, 10)
    assert np.array_equal(np.concatenate([frame.samples for frame in got]), sound[: 10 * HOP, 2])


def test_a_device_of_another_rate_is_resampled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = np.arange(48_000 * 3) / 48_000
    tone = np.rint(8000 * np.sin(2 * np.pi * 440 * at)).astype(np.int16)
    other = np.rint(8000 * np.sin(2 * np.pi * 1700 * at)).astype(np.int16)
    monkeypatch.setitem(sys.modules, "pyaudio", OneRate(pyaudio, 48_000))
    with alsa_microphone(tmp_path, np.stack([other, tone], axis=1), rate_hz=48_000), opened(channel=2) as one:
        got = np.concatenate([frame.samples for frame in frames(one, 12)]).astype(float)
        assert one.rate_hz == 48_000
    wished = tone[::3][: len(got)].astype(float)
    assert np.abs(got - wished)[200:].max() < 8.0
    assert np.abs(got - other[::3][: len(got)]).max() > 1000.0


def test_closing_takes_less_than_fifty_milliseconds_and_leaves_nothing(tmp_path: Path) -> None:
    sound = np.stack([noise(RATE_HZ * 3)] * 8, axis=1)  # eight channels: short bursts
    with alsa_microphone(tmp_path, sound) as rig, opened(channel=8) as one:
        frames(one, 3)
        while one.blank:  # something is heard and not read
            pass
        rig.rush()
        with within(0.05):
            one.close()
        assert one.blank
        assert one.read(0.0) is None


def test_opening_again_goes_on_behind_a_gap_that_is_nobodys_loss(tmp_path: Path) -> None:
    sound = noise(RATE_HZ * 3)
    with alsa_microphone(tmp_path, sound), opened() as one:
        before = frames(one, 3)[-1]
        one.close()
        one.open()
        after = frames(one, 2)
    assert after[0].start > before.start + HOP
    assert (after[0].start - before.start) % HOP == 0
    assert np.array_equal(after[0].samples, sound[:HOP])
    assert one.lost["device"] == 0


def test_a_device_that_hangs_is_lost_and_comes_back_with_its_gap_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(microphone, "SILENT_S", 0.4)
    with alsa_microphone(tmp_path, noise(RATE_HZ * 3)) as rig, opened() as one, ExitStack() as stack:
        last = frames(one, 2)[-1]
        rig.stall()
        stack.callback(rig.go)  # whatever happens: a hanging device cannot be closed
        with pytest.raises(DeviceLost, match=r"earlid_test.*nothing came"):
            for _ in range(30):
                last = one.read(0.1) or last
        rig.go()
        one.close()
        one.open()
        again = frames(one, 1)[0]
    assert again.start - last.start >= one.lost["device"] * HOP > 4 * HOP


def test_a_slow_reader_loses_the_newest_and_sees_the_gap(tmp_path: Path) -> None:
    sound = noise(RATE_HZ * 10)
    with alsa_microphone(tmp_path, sound, pace=8.0), opened() as one:
        until("nothing was lost", lambda: one.lost["backlog"])
        got = frames(one, 60)
    assert any(later.start - sooner.start > HOP for sooner, later in pairwise(got))
    for frame in got:
        assert np.array_equal(frame.samples, sound[frame.start : frame.stop])


def test_a_microphone_that_went_away_is_waited_for_and_not_replaced(tmp_path: Path) -> None:
    with alsa_microphone(tmp_path, noise(RATE_HZ * 3)) as rig, opened("0") as one:
        frames(one, 1)
        one.close()
        text = rig.configuration.read_text()
        rig.configuration.write_text("\n".join(text.splitlines()[1:]))  # now index 0 is the other one
        with pytest.raises(DeviceLost, match="'earlid_test' is gone"):
            one.open()
        rig.configuration.write_text(text)
        one.open()
        assert frames(one, 1)
