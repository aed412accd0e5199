"""Recordings of every kind come in as 16 kHz mono, or are refused in one line."""

from __future__ import annotations

import struct
from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from earlid.core.epoch import Epoch
from earlid.core.frame import Frame
from earlid.core.units import HOP, RATE_HZ, Samples
from earlid.edge.sound.recording import Recording
from earlid.edge.sound.wav import wav_bytes
from earlid.errors import SourceEnded, UsageError


def noise(count: int) -> Samples:
    return np.random.default_rng(3).integers(-32768, 32767, count, dtype=np.int16, endpoint=True)


def heard(one: Recording) -> list[Frame]:
    """All frames up to the end."""
    got: list[Frame] = []
    with closing(one):
        one.open()
        try:
            while frame := one.read(0.0):
                got.append(frame)
        except SourceEnded:
            return got
    raise AssertionError("a recording must say that it ended")


def samples_of(path: Path, channel: int = 1) -> Samples:
    return np.concatenate([frame.samples for frame in heard(Recording(path, channel, Epoch()))])


def tone(rate_hz: int, duration_s: float = 1.0) -> npt.NDArray[np.float64]:
    return 0.3 * np.sin(2 * np.pi * 440 * np.arange(round(rate_hz * duration_s)) / rate_hz)


@pytest.mark.parametrize("ending", ["wav", "flac"])
def test_pcm16_mono_16_khz_is_given_bit_for_bit(tmp_path: Path, ending: str) -> None:
    sound = noise(10 * HOP + 77)
    soundfile.write(tmp_path / f"a.{ending}", sound, RATE_HZ, "PCM_16")
    one = Recording(tmp_path / f"a.{ending}", 1, Epoch(), first=640)
    got = heard(one)
    assert [frame.start for frame in got] == [640 + HOP * hop for hop in range(10)]
    assert np.array_equal(np.concatenate([frame.samples for frame in got]), sound[: 10 * HOP])
    assert (one.total, one.tail, one.notes, one.name) == (len(sound), 77, (), f"a.{ending}")


@pytest.mark.parametrize("subtype", ["PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
def test_wider_samples_are_rounded_to_the_nearest_and_clipped(tmp_path: Path, subtype: str) -> None:
    exact = np.random.default_rng(4).uniform(-1.0, 1.0, 4 * HOP)
    exact[:2] = [1.0, -1.0]
    soundfile.write(tmp_path / "a.wav", exact, RATE_HZ, subtype)
    one = Recording(tmp_path / "a.wav", 1, Epoch())
    got = np.concatenate([frame.samples for frame in heard(one)]).astype(float)
    assert np.abs(got - np.clip(exact * 32768, -32768, 32767)).max() <= 0.51
    assert got.max() == 32767
    assert len(one.notes) == 1
    assert one.notes[0].endswith("converted to 16 bit")


def test_a_float_file_with_impossible_numbers_is_not_noise(tmp_path: Path) -> None:
    sound = np.zeros(HOP, np.float32)
    sound[:4] = [np.nan, np.inf, -np.inf, 7.0]
    soundfile.write(tmp_path / "a.wav", sound, RATE_HZ, "FLOAT")
    assert samples_of(tmp_path / "a.wav")[:5].tolist() == [0, 32767, -32768, 32767, 0]


def test_8_bit_is_scaled_exactly(tmp_path: Path) -> None:
    sound = (np.arange(HOP) % 256 - 128).astype(np.int16) << 8
    soundfile.write(tmp_path / "a.wav", sound, RATE_HZ, "PCM_U8")
    assert np.array_equal(samples_of(tmp_path / "a.wav"), sound)


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 22_050, 44_100, 48_000, 96_000])
def test_other_rates_are_resampled_without_shift(tmp_path: Path, rate_hz: int) -> None:
    soundfile.write(tmp_path / "talk.wav", tone(rate_hz), rate_hz, "PCM_16")
    one = Recording(tmp_path / "talk.wav", 1, Epoch())
    got = np.concatenate([frame.samples for frame in heard(one)])
    assert one.notes == (f"talk.wav: {rate_hz} hz, resampled to 16000 hz",)
    assert one.total == RATE_HZ
    assert len(got) + one.tail == pytest.approx(RATE_HZ, abs=1)
    assert np.abs(got - tone(RATE_HZ)[: len(got)] * 32768)[400:].max() < 12


def test_the_chosen_channel_is_used_and_told(tmp_path: Path) -> None:
    both = np.stack([noise(2 * HOP), noise(2 * HOP)[::-1]], axis=1)
    soundfile.write(tmp_path / "talk.wav", both, RATE_HZ, "PCM_16")
    one = Recording(tmp_path / "talk.wav", 2, Epoch())
    assert np.array_equal(np.concatenate([frame.samples for frame in heard(one)]), both[:, 1])
    assert one.notes == ("talk.wav: 2 channels, using channel 2",)
    with pytest.raises(UsageError, match="has no channel 3: choose 1 to 2"):
        Recording(tmp_path / "talk.wav", 3, Epoch()).open()


def test_a_frame_carries_the_epoch_from_before_it_was_read(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(wav_bytes(noise(3 * HOP)))
    epoch = Epoch()
    with closing(Recording(tmp_path / "a.wav", 1, epoch)) as one:
        one.open()
        first = one.read(0.0)
        epoch.bump()
        second = one.read(0.0)
    assert first is not None
    assert second is not None
    assert (first.epoch, second.epoch) == (0, 1)


def test_opened_again_it_goes_on_with_the_next_hop(tmp_path: Path) -> None:
    sound = noise(5 * HOP)
    (tmp_path / "a.wav").write_bytes(wav_bytes(sound))
    with closing(Recording(tmp_path / "a.wav", 1, Epoch())) as one:
        one.open()
        one.read(0.0)
        one.close()
        assert one.read(0.0) is None
        one.open()
        frame = one.read(0.0)
    assert frame is not None
    assert frame.start == HOP
    assert np.array_equal(frame.samples, sound[HOP : 2 * HOP])


def refused(path: Path) -> str:
    with pytest.raises(UsageError) as told:
        heard(Recording(path, 1, Epoch()))
    message = str(told.value)
    assert "\n" not in message
    assert message.startswith(path.name)
    return message


def test_what_is_no_recording_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "empty.wav").write_bytes(b"")
    (tmp_path / "prose.wav").write_text("not sound at all, " * 50)
    (tmp_path / "silent.wav").write_bytes(wav_bytes(noise(0)))
    (tmp_path / "head.wav").write_bytes(b"RIFF\x24")
    assert "no such file" in refused(tmp_path / "absent.wav")
    assert "is a directory" in refused(tmp_path)
    assert "is empty (0 bytes)" in refused(tmp_path / "empty.wav")
    assert "holds no sound that can be read" in refused(tmp_path / "prose.wav")
    assert "holds no sound that can be read" in refused(tmp_path / "head.wav")
    assert "a header and no sound" in refused(tmp_path / "silent.wav")


def test_a_wav_that_was_cut_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "cut.wav").write_bytes(wav_bytes(noise(5 * HOP))[:-1000])
    with pytest.raises(UsageError, match=r"cut\.wav is cut short, 1000 bytes"):
        Recording(tmp_path / "cut.wav", 1, Epoch()).open()


def test_a_cut_is_seen_behind_other_chunks_too(tmp_path: Path) -> None:
    whole = wav_bytes(noise(5 * HOP))
    note = b"LIST" + struct.pack("<I", 5) + b"INFOx\0"  # odd, so one byte of padding follows
    (tmp_path / "whole.wav").write_bytes(whole[:36] + note + whole[36:])
    (tmp_path / "cut.wav").write_bytes(whole[:36] + note + whole[36:-10])
    assert len(samples_of(tmp_path / "whole.wav")) == 5 * HOP
    assert "cut short, 10 bytes" in refused(tmp_path / "cut.wav")


@pytest.mark.parametrize(
    ("size", "riff"),
    [(0, 8), (0x7FFF_F000, 0x7FFF_F024), (0x7FFF_FFFF, 36), (0xFFFF_FFFF, 0xFFFF_FFFF)],
)
def test_a_wav_whose_writer_did_not_know_its_length_is_fine(tmp_path: Path, size: int, riff: int) -> None:
    sound = noise(5 * HOP)
    body = bytearray(wav_bytes(sound))
    body[40:44] = struct.pack("<I", size)
    body[4:8] = struct.pack("<I", riff)
    (tmp_path / "stream.wav").write_bytes(body)
    assert np.array_equal(samples_of(tmp_path / "stream.wav"), sound)


def test_a_flac_that_was_cut_gives_its_good_part_and_then_says_so(tmp_path: Path) -> None:
    sound = noise(RATE_HZ * 3)
    soundfile.write(tmp_path / "whole.flac", sound, RATE_HZ)
    whole = (tmp_path / "whole.flac").read_bytes()
    (tmp_path / "cut.flac").write_bytes(whole[: len(whole) // 2])
    got: list[Frame] = []
    with closing(Recording(tmp_path / "cut.flac", 1, Epoch())) as one:
        one.open()
        with pytest.raises(UsageError, match=r"cut\.flac is .* of 3\.0 s, copy it again"):
            while frame := one.read(0.0):
                got.append(frame)
    assert len(got) >= 12
    assert np.array_equal(np.concatenate([frame.samples for frame in got]), sound[: HOP * len(got)])


def test_a_file_without_permission_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "stat", refuse)
    monkeypatch.setattr(Path, "is_dir", lambda _self: False)
    with pytest.raises(UsageError, match="permission denied"):
        Recording(tmp_path / "a.wav", 1, Epoch()).open()
