"""From the permit's start to the first rule that ends it, and zeros wherever sound has been."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earlid.core.frame import Frame
from earlid.core.gate import Event, Gate, Permit
from earlid.core.ring import Ring
from earlid.core.segment import Endpoint, Segment, Wake
from earlid.core.segmenter import CHUNK, Segmenter, rules
from earlid.core.units import HOP, samples
from earlid.errors import Violation
from fakes.counting_sound import counted, counted_frame
from fakes.scripted import ScriptedVoice

HOPS_BEFORE = 10
AT = HOPS_BEFORE * HOP


def filled_ring(hops: int = HOPS_BEFORE) -> Ring:
    ring = Ring(8 * HOP)
    for hop in range(HOPS_BEFORE - hops, HOPS_BEFORE):
        ring.write(counted_frame(hop * HOP))
    return ring


def leave(lookback: int = 0, epoch: int = 0) -> Permit:
    gate = Gate(lookback)
    gate.take(Event.WAKE)
    return gate.permit(Wake("a", AT, 0.9), epoch)


class Capture:
    """One segment being cut: `until_over` hears hops from the wake on until a rule ends it."""

    def __init__(
        self,
        *,
        nobody_spoke: int = samples(3.0),
        hangover: int = samples(0.8),
        longest: int = samples(12.0),
        lookback: int = 0,
        speech: tuple[tuple[int, int], ...] = (),
    ) -> None:
        """`speech` lies in samples from the wake on."""
        spoken = tuple((AT + start, AT + stop) for start, stop in speech)
        self.voice = ScriptedVoice(lambda at: any(start <= at < stop for start, stop in spoken))
        self.segmenter = Segmenter(rules(nobody_spoke, hangover, longest), self.voice)
        self.segmenter.open(leave(lookback), filled_ring())

    def until_over(self) -> Segment:
        for hop in range(HOPS_BEFORE, HOPS_BEFORE + 400):
            if endpoint := self.segmenter.hear(counted_frame(hop * HOP)):
                segment = self.segmenter.close(endpoint)
                assert segment is not None
                assert (segment.samples == counted(segment.start, segment.stop)).all()
                return segment
        raise AssertionError("no rule ended the segment")


def chunks_up(count: int) -> int:
    """`count` samples, up to the end of the chunk in which they end."""
    return -(-count // CHUNK) * CHUNK


def memory(segmenter: Segmenter) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    found: np.ndarray[tuple[int, ...], np.dtype[np.int16]] = segmenter._memory
    return found


def test_if_nobody_speaks_it_ends_that_long_after_the_wake() -> None:
    segment = Capture(nobody_spoke=samples(1.0)).until_over()
    assert segment.endpoint is Endpoint.NOBODY_SPOKE
    assert (segment.start, len(segment.samples)) == (AT, chunks_up(samples(1.0)))


def test_after_speech_it_ends_that_long_after_the_last_word() -> None:
    segment = Capture(hangover=samples(0.5), speech=((2_048, 12_800),)).until_over()
    assert segment.endpoint is Endpoint.SPEECH_ENDED
    assert len(segment.samples) == 12_800 + chunks_up(samples(0.5))


def test_a_pause_shorter_than_the_hangover_does_not_end_it() -> None:
    speech = ((0, 5_120), (12_800, 20_480))
    assert len(Capture(hangover=samples(0.8), speech=speech).until_over().samples) > 20_480


def test_a_cough_is_not_speech() -> None:
    segment = Capture(nobody_spoke=samples(1.0), speech=((0, 4 * CHUNK),)).until_over()
    assert segment.endpoint is Endpoint.NOBODY_SPOKE
    assert len(segment.samples) == chunks_up(samples(1.0))


def test_five_chunks_of_voice_are_speech() -> None:
    segment = Capture(hangover=samples(0.5), speech=((0, 5 * CHUNK),)).until_over()
    assert segment.endpoint is Endpoint.SPEECH_ENDED


@pytest.mark.parametrize("longest", [16_000, 16_500, 20_481, samples(12.0), samples(30.0)])
def test_speech_without_end_is_cut_at_exactly_the_limit(longest: int) -> None:
    segment = Capture(longest=longest, speech=((0, 10**9),)).until_over()
    assert segment.endpoint is Endpoint.TOO_LONG
    assert len(segment.samples) == longest


@pytest.mark.parametrize("lookback", [0, 1, 1_600, 6_400])
def test_silence_counts_from_the_wake_and_not_from_the_lookback(lookback: int) -> None:
    segment = Capture(nobody_spoke=samples(1.0), lookback=lookback).until_over()
    assert segment.start == AT - lookback
    assert segment.stop == AT + chunks_up(samples(1.0))


def test_the_wake_word_in_the_lookback_is_not_taken_for_the_question() -> None:
    segment = Capture(lookback=6_400, speech=((-6_400, 0), (24_000, 40_000))).until_over()
    assert segment.stop > AT + 40_000


@given(
    nobody_spoke=st.integers(0, 30_000),
    hangover=st.integers(0, 20_000),
    longest=st.integers(1, 40_000),
    lookback=st.integers(0, 6_400),
    speech=st.lists(st.tuples(st.integers(-6_400, 40_000), st.integers(0, 20_000)), max_size=4),
)
def test_no_segment_outlives_its_limit_or_begins_too_early(
    nobody_spoke: int, hangover: int, longest: int, lookback: int, speech: list[tuple[int, int]]
) -> None:
    spoken = tuple((start, start + length) for start, length in speech)
    segment = Capture(
        nobody_spoke=nobody_spoke, hangover=hangover, longest=longest, lookback=lookback, speech=spoken
    ).until_over()
    assert segment.start == AT - lookback
    assert 0 < len(segment.samples) <= longest


@pytest.mark.parametrize("hops", range(1, 14))
def test_a_segment_stopped_at_any_hop_is_within_its_limit(hops: int) -> None:
    cut = Capture(longest=16_500, speech=((0, 10**9),))
    for hop in range(HOPS_BEFORE, HOPS_BEFORE + hops):
        cut.segmenter.hear(counted_frame(hop * HOP))
    segment = cut.segmenter.close(Endpoint.STOPPED)
    assert segment is not None
    assert len(segment.samples) == min(hops * HOP, 16_500)


def test_a_gap_is_filled_with_silence_of_its_length() -> None:
    segmenter = Segmenter(rules(samples(3), samples(1), samples(12)), ScriptedVoice())
    segmenter.open(leave(), filled_ring())
    for start in (AT, AT + HOP, AT + 3 * HOP + 100):
        assert segmenter.hear(counted_frame(start)) is None
    segment = segmenter.close(Endpoint.STOPPED)
    assert segment is not None
    expected = counted(AT, AT + 4 * HOP + 100)
    expected[2 * HOP : 3 * HOP + 100] = 0
    assert (segment.samples == expected).all()


def test_a_gap_longer_than_the_limit_ends_the_segment_at_the_limit() -> None:
    longest = samples(2.0)
    segmenter = Segmenter(rules(samples(30), samples(1), longest), ScriptedVoice())
    segmenter.open(leave(), filled_ring())
    segmenter.hear(counted_frame(AT))
    endpoint = segmenter.hear(counted_frame(AT + samples(60.0)))
    assert endpoint is Endpoint.TOO_LONG
    segment = segmenter.close(endpoint)
    assert segment is not None
    assert len(segment.samples) == longest
    assert not segment.samples[HOP:].any()


def test_what_the_ring_no_longer_holds_is_left_out_and_not_invented() -> None:
    segmenter = Segmenter(rules(samples(3), samples(1), samples(12)), ScriptedVoice())
    segmenter.open(leave(lookback=6_400), filled_ring(hops=2))
    segment = segmenter.close(Endpoint.STOPPED)
    assert segment is not None
    assert (segment.start, segment.stop) == (AT - 2 * HOP, AT)


@pytest.mark.parametrize("how", ["discard", "close"])
def test_the_very_array_is_zeros_once_it_is_given_up(how: str) -> None:
    cut = Capture()
    before = memory(cut.segmenter)
    for hop in range(HOPS_BEFORE, HOPS_BEFORE + 5):
        cut.segmenter.hear(counted_frame(hop * HOP))
    assert np.count_nonzero(before) == 5 * HOP
    segment = None
    if how == "close":
        segment = cut.segmenter.close(Endpoint.STOPPED)
    else:
        cut.segmenter.discard()
    assert memory(cut.segmenter) is before
    assert not before.any()
    assert not cut.segmenter.is_open
    assert cut.segmenter.permit is None
    if segment is not None:
        assert segment.samples.all()
        segment.wipe()
        assert not segment.samples.any()


def test_nothing_heard_in_one_segment_is_left_in_the_next() -> None:
    cut = Capture(speech=((0, 10**9),))
    cut.segmenter.hear(counted_frame(AT))
    cut.segmenter.close(Endpoint.STOPPED)
    assert not cut.voice.heard
    ring = filled_ring()
    cut.segmenter.open(leave(), ring)
    assert cut.segmenter.close(Endpoint.STOPPED) is None


def test_a_segment_without_sound_is_no_segment() -> None:
    assert Capture().segmenter.close(Endpoint.STOPPED) is None


def test_discarding_nothing_is_harmless() -> None:
    Segmenter(rules(1, 1, 1), ScriptedVoice()).discard()


def test_what_breaks_the_order_stops_the_process() -> None:
    segmenter = Segmenter(rules(samples(3), samples(1), samples(12)), ScriptedVoice())
    with pytest.raises(Violation, match="without an open segment"):
        segmenter.hear(counted_frame(AT))
    with pytest.raises(Violation, match="not open"):
        segmenter.close(Endpoint.STOPPED)
    segmenter.open(leave(), filled_ring())
    with pytest.raises(Violation, match="while one was open"):
        segmenter.open(leave(), filled_ring())
    with pytest.raises(Violation, match="before the permit's start"):
        segmenter.hear(counted_frame(AT - 1))
    with pytest.raises(Violation, match="another epoch"):
        segmenter.hear(Frame(AT, 1, counted(AT, AT + HOP)))


@pytest.mark.parametrize("longest", [0, -1, samples(30.0) + 1])
def test_no_configuration_lets_a_segment_grow_without_limit(longest: int) -> None:
    with pytest.raises(Violation, match="at most 30"):
        rules(1, 1, longest)
