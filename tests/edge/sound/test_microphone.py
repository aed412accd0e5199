"""What the capture thread does with blocks, overflows, epochs and faults, on a driven device."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest

from earlid.core.epoch import Epoch
from earlid.core.units import HOP, Samples
from earlid.edge.sound.microphone import Microphone, microphones
from earlid.errors import ConfigError, DeviceLost
from fakes.portaudio import OVERFLOW, FakePortAudio

PERIOD = 320
CONTINUE, ABORT = 0, 2


def ramp(count: int, start: int = 0) -> Samples:
    return np.arange(start, start + count).astype(np.int16)


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakePortAudio]:
    """A device that is the only one; it must be let go at the end."""
    library = FakePortAudio()
    monkeypatch.setitem(sys.modules, "pyaudio", library)
    yield library
    assert library.sessions == 0
    assert library.stream is None


def play(device: FakePortAudio, count: int, start: int = 0) -> None:
    for at in range(start, start + count, PERIOD):
        assert device.hear(ramp(PERIOD, at)) == (None, CONTINUE)


def test_short_periods_become_hops(device: FakePortAudio) -> None:
    with closing(Microphone("", 1, Epoch(), first=5 * HOP)) as one:
        one.open()
        assert device.stream is not None
        assert device.stream.form["frames_per_buffer"] == PERIOD
        play(device, 3 * HOP - PERIOD)
        got = [one.read(0.0), one.read(0.0)]
        assert one.read(0.0) is None
    assert [frame.start for frame in got if frame] == [5 * HOP, 6 * HOP]
    assert np.array_equal(np.concatenate([frame.samples for frame in got if frame]), ramp(2 * HOP))


def test_muted_while_it_opens_it_is_never_started(device: FakePortAudio) -> None:
    epoch = Epoch()
    device.while_opening = epoch.bump
    with closing(Microphone("", 1, epoch)) as one:
        one.open()
        assert device.stream is not None
        assert not device.stream.active
        one.close()
        assert device.stream is None
        device.while_opening = lambda: None
        one.open()
        assert device.stream.active


def test_a_resampler_s_tail_does_not_outlive_a_close(device: FakePortAudio) -> None:
    device.rates = (48_000,)
    with closing(Microphone("", 1, Epoch())) as one:
        one.open()
        for _ in range(20):
            device.hear(np.full(960, 20_000, np.int16))
        one.close()
        one.open()
        for _ in range(20):
            device.hear(np.zeros(960, np.int16))
        frame = one.read(0.0)
        assert frame is not None
        assert not frame.samples.any()


def test_an_overflow_is_counted_and_leaves_one_hop_of_gap_and_the_stream_goes_on(
    device: FakePortAudio,
) -> None:
    with closing(Microphone("", 1, Epoch())) as one:
        one.open()
        play(device, HOP + PERIOD)
        assert device.hear(ramp(PERIOD, 5000), OVERFLOW) == (None, CONTINUE)
        play(device, HOP - PERIOD, 5000 + PERIOD)
        first, second = one.read(0.0), one.read(0.0)
        assert one.lost == {"overflow": 1, "backlog": 0, "device": 0}
    assert first is not None
    assert second is not None
    assert (first.start, second.start) == (0, 2 * HOP)
    assert np.array_equal(second.samples, ramp(HOP, 5000))


def test_a_hop_carries_the_epoch_from_before_its_first_sample(device: FakePortAudio) -> None:
    epoch = Epoch()
    epoch.bump()
    with closing(Microphone("", 1, epoch)) as one:
        one.open()
        play(device, PERIOD)
        epoch.bump()  # the driver may still hold older sound, as long as its buffer and more
        play(device, 3 * HOP)
        epochs = [frame.epoch for frame in (one.read(0.0) for _ in range(3)) if frame]
    assert epochs == [1, 1, 2]


def test_a_mute_during_a_block_makes_that_block_stale(device: FakePortAudio) -> None:
    epoch = Epoch()
    with closing(Microphone("", 1, epoch)) as one:
        one.open()
        play(device, HOP)
        epoch.bump()  # pressed after the last callback, while this block was recorded
        play(device, HOP)
        frames = [one.read(0.0), one.read(0.0)]
    assert [frame.epoch for frame in frames if frame] == [0, 0]


def test_only_the_chosen_channel_is_kept_and_no_more_are_opened(device: FakePortAudio) -> None:
    with closing(Microphone("fake", 2, Epoch())) as one:
        one.open()
        assert device.stream is not None
        assert device.stream.form["channels"] == 2
        device.hear(np.stack([ramp(HOP, 9000), ramp(HOP)], axis=1))
        frame = one.read(0.0)
    assert frame is not None
    assert np.array_equal(frame.samples, ramp(HOP))


@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 8_000])
def test_where_the_device_cannot_do_16_khz_its_own_rate_is_resampled(
    device: FakePortAudio, rate_hz: int
) -> None:
    device.rates = (rate_hz,)
    tone = np.rint(9000 * np.sin(2 * np.pi * 300 * np.arange(rate_hz) / rate_hz)).astype(np.int16)
    with closing(Microphone("", 1, Epoch())) as one:
        one.open()
        assert device.stream is not None
        assert (device.stream.rate, one.rate_hz) == (rate_hz, rate_hz)
        period = device.stream.form["frames_per_buffer"]
        assert period == rate_hz // 50
        for at in range(0, rate_hz, period):
            device.hear(tone[at : at + period])
        got = np.concatenate([frame.samples for frame in (one.read(0.0) for _ in range(11)) if frame])
    wished = 9000 * np.sin(2 * np.pi * 300 * np.arange(11 * HOP) / 16_000)
    assert len(got) == 11 * HOP
    assert np.abs(got - wished)[200:].max() < 8.0


def test_after_closing_the_callback_keeps_nothing(device: FakePortAudio) -> None:
    with closing(Microphone("", 1, Epoch())) as one:
        one.open()
        assert device.stream is not None
        late = device.stream.callback
        play(device, HOP + PERIOD)
        assert not one.blank
        one.close()
        assert one.blank
        assert late(ramp(PERIOD, 1).tobytes(), PERIOD, {}, 0) == (None, ABORT)
        assert one.blank
        assert one.read(0.0) is None
        one.close()


def test_a_callback_never_raises_and_the_next_read_says_why(device: FakePortAudio) -> None:
    with closing(Microphone("", 1, Epoch())) as one:
        one.open()
        assert device.stream is not None
        assert device.stream.callback(b"odd", 1, {}, 0) == (None, ABORT)
        with pytest.raises(DeviceLost, match="capture failed with ValueError"):
            one.read(0.0)


def test_a_device_pulled_out_is_lost_then_gone_then_back(device: FakePortAudio) -> None:
    with closing(Microphone("usb", 1, Epoch())) as one:
        one.open()
        play(device, HOP)
        assert one.read(0.0) is not None
        device.plugged = False
        with pytest.raises(DeviceLost, match=r"Fake USB.*it stopped"):
            one.read(0.0)
        one.close()
        with pytest.raises(DeviceLost, match="no microphone is connected"):
            one.open()
        one.close()
        device.plugged = True
        one.open()
        play(device, HOP)
        frame = one.read(0.0)
        assert frame is not None
        assert frame.start == HOP + one.lost["device"] * HOP
        assert one.lost["device"] >= 1


def test_a_busy_device_is_told_and_opens_later(device: FakePortAudio) -> None:
    device.busy = True
    with closing(Microphone("usb", 1, Epoch())) as one:
        with pytest.raises(DeviceLost, match="device unavailable"):
            one.open()
        device.busy = False
        one.open()


def test_a_channel_beyond_the_device_or_below_one_is_refused(device: FakePortAudio) -> None:
    with pytest.raises(ConfigError, match="has 2 channels"), closing(Microphone("", 3, Epoch())) as one:
        one.open()
    with pytest.raises(ConfigError, match="from 1, not 0"):
        Microphone("", 0, Epoch())
    assert [info.channels for info in microphones()] == [2]


def test_without_pyaudio_the_way_to_install_it_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pyaudio", None)
    with pytest.raises(ConfigError, match=r"portaudio19-dev.*pip install '\.\[pi\]' in the checkout"):
        microphones()
    assert capsys.readouterr().out == ""


def test_a_device_chosen_by_index_is_found_again_on_another_card_number(device: FakePortAudio) -> None:
    with closing(Microphone("0", 1, Epoch())) as one:
        one.open()
        one.close()
        device.name = "Another: Audio (hw:1,0)"
        with pytest.raises(DeviceLost, match="is gone"):
            one.open()
        device.name = "Fake USB: Audio (hw:2,0)"
        one.open()
        assert one.name == "Fake USB: Audio (hw:2,0)"


def test_what_a_callback_still_under_way_at_closing_keeps_is_overwritten_too(device: FakePortAudio) -> None:
    with closing(Microphone("", 1, Epoch())) as one:
        one.open()
        device.under_way = lambda: one._hops.take(ramp(HOP + PERIOD, 1), 0)
        one.close()
        assert one.blank
