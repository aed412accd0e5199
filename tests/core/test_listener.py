"""What happens to each frame, and what a hand can do to it."""

from __future__ import annotations

import pytest

from earlid.core.gate import State
from earlid.core.segment import Endpoint
from earlid.core.units import HOP, samples
from earlid.errors import Violation
from fakes.counting_sound import counted
from fakes.house import House

L, C, M, F = State.LISTENING, State.CAPTURING, State.MUTED, State.FAULT


def test_a_segment_is_what_followed_the_wake_and_nothing_else(house: House) -> None:
    house.hear(*range(60))
    ((start, stop, endpoint),) = house.spans
    assert (start, endpoint) == (6 * HOP, Endpoint.NOBODY_SPOKE)
    assert (house.kept[0].samples == counted(start, stop)).all()


def test_the_lamp_is_lit_before_a_sample_is_kept_and_changes_only_after_the_last(house: House) -> None:
    house.hear(*range(60))
    assert house.order == ["listening", "wake", "capturing", "keep", "listening"]


def test_with_a_lookback_the_lamp_is_still_first() -> None:
    house = House(lookback=6_400)
    house.wake_at(5)
    house.hear(*range(60))
    assert house.order[:2] == ["wake", "capturing"]
    assert house.spans[0][0] == 6 * HOP - 6_400


def test_a_word_said_while_it_captures_changes_nothing(house: House) -> None:
    house.wake_at(10)
    house.hear(*range(60))
    assert [wake.at for wake in house.wakes] == [6 * HOP, 11 * HOP]
    assert [start for start, _, _ in house.spans] == [6 * HOP]


def test_a_word_in_the_very_hop_that_ends_a_segment_begins_the_next() -> None:
    house = House(longest=samples(0.8))
    house.voice.speech = lambda _at: True
    house.wake_at(5, 15)
    house.hear(*range(40))
    assert house.spans == [
        (6 * HOP, 16 * HOP, Endpoint.TOO_LONG),
        (16 * HOP, 26 * HOP, Endpoint.TOO_LONG),
    ]
    assert house.order == ["wake", "capturing", "keep", "listening", "wake", "capturing", "keep", "listening"]


def test_frames_of_an_earlier_epoch_are_dropped_whatever_queue_they_waited_in(house: House) -> None:
    house.hear(*range(4))
    house.press()
    house.listener.unmute()
    house.hear(4, 5, 6, epoch=0)
    assert house.blank
    assert house.listener.stale == 3
    house.hear(7)
    assert house.engine.heard == [7 * HOP]


def test_from_the_press_on_nothing_is_heard_even_before_the_listener_is_told(house: House) -> None:
    house.hear(*range(4))
    house.epoch.bump()
    house.hear(4, epoch=0)
    house.hear(5, 6, 7, epoch=1)
    assert house.engine.heard == [0, HOP, 2 * HOP, 3 * HOP]
    assert not house.wakes
    house.listener.mute()
    assert house.blank
    house.listener.unmute()
    house.hear(8)
    assert house.engine.heard == [8 * HOP]


def test_muted_it_hears_nothing_though_a_microphone_should_go_on(house: House) -> None:
    house.press()
    house.hear(*range(60))
    assert house.blank
    assert (house.listener.heard, house.listener.stale) == (0, 60)
    assert not house.wakes


def test_a_mute_destroys_the_open_segment_before_the_lamp_says_muted(house: House) -> None:
    house.hear(*range(12))
    assert not house.blank
    house.press()
    assert house.blank
    assert house.order[-1] == "muted"
    house.listener.unmute()
    house.hear(*range(12, 40))
    house.listener.stop()
    assert not house.handed


def test_a_mute_pressed_while_the_wake_was_scored_leaves_nothing_to_keep() -> None:
    house = House(lookback=6_400)
    house.wake_at(5)
    house.engine.during = lambda at: house.epoch.bump() if at == 5 * HOP else None
    house.hear(*range(6))
    assert house.wakes
    house.listener.stop()
    assert not house.handed


def test_a_mute_pressed_while_the_last_words_are_weighed_wins() -> None:
    house = House(longest=samples(0.8))
    house.wake_at(5)

    def talk_and_press(at: int) -> bool:
        if at >= 15 * HOP:
            house.epoch.bump()
        return True

    house.voice.speech = talk_and_press
    house.hear(*range(16))
    assert house.state is L
    assert house.epoch.value > 0
    assert not house.handed
    house.listener.mute()
    assert house.blank


def test_a_stop_after_the_press_and_before_the_mute_keeps_nothing(house: House) -> None:
    house.hear(*range(12))
    house.epoch.bump()
    house.listener.stop()
    assert not house.handed
    assert house.blank


def test_after_an_unmute_it_listens_from_nothing(house: House) -> None:
    house.wake_at(20)
    house.hear(*range(12))
    house.press()
    house.listener.unmute()
    assert house.state is L
    house.hear(*range(20, 90))
    assert [start for start, _, _ in house.spans] == [21 * HOP]


def test_an_unmute_without_a_mute_stops_the_process(house: House) -> None:
    with pytest.raises(Violation, match="unmute while listening"):
        house.listener.unmute()


def reach(house: House, state: State) -> None:
    house.hear(*range(5))
    if state is C:
        house.hear(*range(5, 10))
    elif state is M:
        house.press()
    elif state is F:
        house.listener.lose("sound", "deaf")
    assert house.state is state


@pytest.mark.parametrize("state", State)
def test_a_stop_leaves_no_sound_in_memory_in_any_state(house: House, state: State) -> None:
    reach(house, state)
    house.listener.stop(Endpoint.STOPPED)
    assert house.blank
    assert house.spans == ([(6 * HOP, 10 * HOP, Endpoint.STOPPED)] if state is C else [])


@pytest.mark.parametrize("state", State)
def test_a_mute_leaves_no_sound_in_memory_in_any_state(house: House, state: State) -> None:
    reach(house, state)
    house.epoch.bump()
    house.listener.mute()
    assert house.blank
    assert not house.handed
    assert house.lamp.states[-1] is M


def test_across_a_gap_the_engine_begins_anew_and_the_detector_forgets(house: House) -> None:
    house.hear(0, 1, 2, 4)
    assert house.engine.wiped == 1
    assert house.engine.heard == [4 * HOP]


def test_a_gap_in_a_segment_is_silence_of_its_length(house: House) -> None:
    house.hear(*range(8), *range(10, 12))
    house.listener.stop()
    expected = counted(6 * HOP, 12 * HOP)
    expected[2 * HOP : 4 * HOP] = 0
    assert (house.kept[0].samples == expected).all()


def test_a_lookback_does_not_reach_across_a_gap() -> None:
    house = House(lookback=6_400)
    house.wake_at(5)
    house.hear(*range(4), 5, 6)
    house.listener.stop()
    assert [start for start, _, _ in house.spans] == [5 * HOP]


def test_every_hop_that_is_heard_is_told_with_its_scores(house: House) -> None:
    house.hear(*range(4))
    house.press()
    house.hear(*range(4, 8))
    assert house.scored == [(hop * HOP, 1) for hop in range(4)]


def test_a_wake_with_nothing_left_in_the_hour_is_told_and_not_captured(house: House) -> None:
    house.left = samples(1.0) - 1
    house.hear(*range(60))
    assert len(house.wakes) == 1
    assert house.order == ["listening", "wake", "listening"]
    assert not house.handed


def test_a_segment_is_cut_where_the_hour_is_used_up(house: House) -> None:
    house.voice.speech = lambda _at: True
    house.left = samples(1.0) + 5
    house.hear(*range(60))
    assert house.spans == [(6 * HOP, 6 * HOP + samples(1.0) + 5, Endpoint.BUDGET)]


def test_a_stop_keeps_no_more_than_the_hour_has_left() -> None:
    house = House(lookback=6_400)
    house.wake_at(5)
    house.left = samples(1.0)
    house.listener.start()
    house.hear(*range(17))  # 12 hops and what was looked back: more than a second, not yet judged
    house.voice.speech = lambda _at: True
    house.listener.stop()
    assert all(stop - start <= samples(1.0) for start, stop, _ in house.spans)


def test_a_mute_closes_the_source_over_blank_memory_and_before_the_lamp_says_so(house: House) -> None:
    house.hear(*range(12))
    house.press()
    assert house.order[-2:] == ["close", "muted"]


def test_from_the_press_on_it_is_behind_until_it_was_told(house: House) -> None:
    house.epoch.bump()
    assert house.listener.is_behind
    house.listener.mute()
    house.epoch.bump()
    house.listener.unmute()
    assert house.listener.is_behind
    house.hear(5)
    assert house.blank
    house.listener.mute()
    assert not house.listener.is_behind


def test_what_a_mute_destroys_is_told_once_and_only_when_there_was_something() -> None:
    house = House()
    house.press()
    house.listener.unmute()
    assert house.discarded == []
    house.wake_at(20)
    house.hear(*range(20, 25))
    house.press()
    ((wake, length),) = house.discarded
    assert (wake, length) == (house.wakes[0], 4 * HOP)
    assert house.kept == []
