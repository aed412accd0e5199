"""Raw sound through a pipe: whole hops out, and every way to end told apart."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from earlid.core.epoch import Epoch
from earlid.core.units import HOP, Samples
from earlid.edge.sound.stdin import Stdin
from earlid.edge.sound.wav import wav_bytes
from earlid.errors import DeviceLost, SourceEnded, UsageError
from fakes.waiting import within


@dataclass
class Pipe:
    """Two ends, of which the writing one can be shut early."""

    out: int
    into: int

    def write(self, body: bytes) -> None:
        os.write(self.into, body)

    def shut(self) -> None:
        os.close(self.into)
        self.into = -1


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    both = Pipe(*os.pipe())
    yield both
    os.close(both.out)
    if both.into >= 0:
        both.shut()


def sound(count: int) -> Samples:
    return np.random.default_rng(5).integers(-32768, 32767, count, dtype=np.int16)


def test_bytes_become_hops_however_they_are_cut(pipe: Pipe) -> None:
    said = sound(3 * HOP)
    body = said.tobytes()
    one = Stdin(Epoch(), pipe.out, first=HOP)
    one.open()
    got = []
    for at in range(0, len(body), 333):
        pipe.write(body[at : at + 333])
        if frame := one.read(0.0):
            got.append(frame)
    pipe.shut()
    with pytest.raises(SourceEnded):
        one.read(0.0)
    assert [frame.start for frame in got] == [HOP, 2 * HOP, 3 * HOP]
    assert np.array_equal(np.concatenate([frame.samples for frame in got]), said)


def test_reading_waits_no_longer_than_it_may(pipe: Pipe) -> None:
    one = Stdin(Epoch(), pipe.out)
    one.open()
    pipe.write(b"\0\0")
    begun = time.monotonic()
    with within(1.0):
        assert one.read(0.05) is None
    assert time.monotonic() - begun > 0.04


def test_what_does_not_fill_a_hop_is_counted_and_not_given(pipe: Pipe) -> None:
    one = Stdin(Epoch(), pipe.out)
    one.open()
    pipe.write(sound(HOP + 100).tobytes())
    pipe.shut()
    assert one.read(0.0) is not None
    with pytest.raises(SourceEnded):
        one.read(0.0)
    assert one.tail == 100


def test_an_end_in_the_middle_of_a_sample_is_a_lost_device(pipe: Pipe) -> None:
    one = Stdin(Epoch(), pipe.out)
    one.open()
    pipe.write(sound(HOP).tobytes() + b"x")
    pipe.shut()
    assert one.read(0.0) is not None
    with pytest.raises(DeviceLost, match="stdin closed in the middle of a sample"):
        one.read(0.0)


def test_no_sound_at_all_is_a_mistake_of_the_caller(pipe: Pipe) -> None:
    one = Stdin(Epoch(), pipe.out)
    one.open()
    pipe.shut()
    with pytest.raises(UsageError, match=r"no sound at all.*arecord"):
        one.read(0.0)


def test_a_wav_file_is_not_taken_for_sound(pipe: Pipe) -> None:
    one = Stdin(Epoch(), pipe.out)
    one.open()
    pipe.write(wav_bytes(sound(HOP)))
    with pytest.raises(UsageError, match="wav file"):
        one.read(0.0)


def test_a_terminal_is_refused_with_the_line_that_works() -> None:
    ours, theirs = os.openpty()
    try:
        with pytest.raises(UsageError, match=r"is a terminal.*arecord -q -t raw -f S16_LE -r 16000 -c 1"):
            Stdin(Epoch(), theirs).open()
    finally:
        os.close(ours)
        os.close(theirs)


def test_a_hop_carries_the_epoch_from_before_its_first_byte(pipe: Pipe) -> None:
    epoch = Epoch()
    one = Stdin(epoch, pipe.out)
    one.open()
    said = sound(HOP).tobytes()
    pipe.write(said[:100])
    assert one.read(0.0) is None
    epoch.bump()
    pipe.write(said[100:] + said)
    first, second = one.read(0.0), one.read(0.0)
    assert first is not None
    assert second is not None
    assert (first.epoch, second.epoch) == (0, 1)


@pytest.mark.parametrize("begun", [0, 7, 1000])
def test_what_was_said_while_closed_is_thrown_away_and_samples_stay_whole(pipe: Pipe, begun: int) -> None:
    said = sound(HOP)
    one = Stdin(Epoch(), pipe.out)
    one.open()
    pipe.write(said.tobytes() + said.tobytes()[:begun])
    assert one.read(0.0) is not None
    assert one.read(0.0) is None
    one.close()
    assert one.read(0.0) is None
    muted = b"\x7f" * (2 * HOP + 1 + begun % 2)  # odd together with what was begun
    pipe.write(muted)
    one.open()
    pipe.write(b"\x7f" + said.tobytes())
    frame = one.read(0.0)
    assert frame is not None
    assert frame.start >= 3 * HOP
    assert np.array_equal(frame.samples, said)
    one.close()
    one.close()


def test_a_nudge_ends_a_wait_at_once_and_loses_nothing(pipe: Pipe) -> None:
    said = sound(HOP)
    one = Stdin(Epoch(), pipe.out)
    one.open()
    pipe.write(said.tobytes()[:100])
    assert one.read(0.0) is None
    one.nudge()
    one.nudge()
    with within(5.0):
        assert one.read(20.0) is None
    pipe.write(said.tobytes()[100:])
    frame = one.read(20.0)
    assert frame is not None
    assert (frame.samples == said).all()
