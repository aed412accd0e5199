"""A touch mutes at once; only a certain, short, later press unmutes."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earlid.core.hand import SHORT_MS, Button, Gesture, Hand, Latch

STILL = 30.0
HOLD = 5000.0
MUTE, UNMUTE, ERASE, CANCEL = Gesture.MUTE, Gesture.UNMUTE, Gesture.ERASE, Gesture.CANCEL


def button(active: bool = False, *, muted: bool | None = False) -> Button:
    return Button(active, 0.0, still_ms=STILL, hold_ms=HOLD, muted=muted)


def latch(active: bool = False) -> Latch:
    return Latch(active, 0.0, still_ms=STILL)


def play(
    hand: Hand, *levels: tuple[float, bool], until: float, step: float = 5.0
) -> list[tuple[float, Gesture]]:
    """Feel each level at its time, look every `step` ms in between; what was meant, and when."""
    meant: list[tuple[float, Gesture]] = []

    def note(now: float, gesture: Gesture | None) -> None:
        if gesture:
            meant.append((now, gesture))

    waiting = sorted(levels)
    level, now = None, 0.0
    while now <= until:
        while waiting and waiting[0][0] <= now:
            at, level = waiting.pop(0)
            note(at, hand.feel(level, at))
        if level is not None:
            note(now, hand.feel(level, now))
        note(now, hand.rest(now))
        now += step
    return meant


def bounce(start: float, length: float, then: bool) -> list[tuple[float, bool]]:
    """A contact that closes and opens at 1 kHz, and ends as `then`."""
    edges = [(start + 0.5 * n, n % 2 == 0) for n in range(int(length * 2))]
    return [*edges, (start + length, then)]


def gestures(meant: list[tuple[float, Gesture]]) -> list[Gesture]:
    return [gesture for _, gesture in meant]


def test_a_press_mutes_in_the_very_moment_of_the_touch() -> None:
    assert button().feel(True, 100.0) is MUTE
    assert latch().feel(True, 100.0) is MUTE


def test_a_short_press_mutes_and_the_next_unmutes_when_it_is_let_go() -> None:
    hand = button()
    meant = play(hand, (100, True), (250, False), (1000, True), (1150, False), until=2000)
    assert gestures(meant) == [MUTE, UNMUTE]
    assert 1150 <= meant[1][0] <= 1150 + STILL + 10


@pytest.mark.parametrize("muted", [True, False])
@pytest.mark.parametrize("then", [True, False])
def test_a_button_that_bounces_at_1_khz_mutes_once_and_never_unmutes(muted: bool, then: bool) -> None:
    hand = button(muted=muted)
    meant = play(hand, *bounce(100, 900, then), until=1200, step=1.0)
    assert gestures(meant) == ([] if muted else [MUTE])
    assert hand.muted


def test_a_latch_that_bounces_at_1_khz_mutes_once_and_says_once_where_it_came_to_rest() -> None:
    for then, expected in ((True, [MUTE]), (False, [MUTE, UNMUTE])):
        hand = latch()
        meant = play(hand, *bounce(100, 900, then), until=1200, step=1.0)
        assert gestures(meant) == expected
        assert then or meant[1][0] >= 1000 + STILL


def test_a_press_whose_contact_bounces_counts_once() -> None:
    levels = [*bounce(100, 8, True), *bounce(300, 8, False)]
    hand = button(muted=True)
    assert gestures(play(hand, *levels, until=600, step=1.0)) == [UNMUTE]


def test_a_spark_on_the_wire_mutes_and_never_unmutes() -> None:
    assert gestures(play(button(), (100, True), (100.1, False), until=500)) == [MUTE]
    assert gestures(play(button(muted=True), (100, True), (100.1, False), until=500)) == []


def test_a_hold_erases_once_and_letting_go_then_means_nothing() -> None:
    hand = button()
    meant = play(hand, (100, True), (9000, False), until=10_000)
    assert gestures(meant) == [MUTE, ERASE]
    assert meant[1][0] == pytest.approx(5100, abs=5)
    assert hand.muted


@pytest.mark.parametrize("muted", [True, False])
def test_letting_go_before_the_end_of_a_hold_cancels_and_never_unmutes(muted: bool) -> None:
    hand = button(muted=muted)
    meant = play(hand, (100, True), (4900, False), until=6000)
    assert gestures(meant) == ([] if muted else [MUTE]) + [CANCEL]
    assert hand.muted


def test_a_contact_that_trembles_for_a_moment_does_not_end_a_hold() -> None:
    levels = [(100.0, True), *bounce(2000, 10, True)]
    assert gestures(play(button(), *levels, until=6000, step=1.0)) == [MUTE, ERASE]


def test_how_long_it_is_held_is_told_only_beyond_a_short_press_and_until_it_has_erased() -> None:
    hand = button()
    play(hand, (100, True), until=900)
    assert hand.held_ms(900) is None
    play_on = [(hand.rest(t), hand.held_ms(t)) for t in (1000.0, 1200.0, 5000.0, 5100.0)]
    assert [held for _, held in play_on] == [None, 1100.0, 4900.0, None]
    assert SHORT_MS < 1100


@pytest.mark.parametrize("muted", [True, False])
def test_a_button_held_at_boot_is_no_press_and_the_next_one_is(muted: bool) -> None:
    hand = button(True, muted=muted)
    meant = play(hand, (0, True), (7000, False), (8000, True), (8100, False), until=9000)
    assert gestures(meant) == [UNMUTE if muted else MUTE]
    assert meant[0][0] >= 8000


def test_a_button_that_was_told_nothing_yet_is_muted_and_a_touch_says_so_all_the_same() -> None:
    hand = button(muted=None)
    assert hand.muted
    assert [hand.feel(True, 100), hand.feel(False, 100.5), hand.feel(True, 101)] == [MUTE, None, None]
    hand.tell(False)  # said before the touch, and heard after it
    assert hand.muted
    assert gestures(play(hand, (150, True), (300, False), until=500)) == []
    assert gestures(play(hand, (600, True), (700, False), until=1000)) == [UNMUTE]


def test_a_button_that_was_told_is_what_it_was_told() -> None:
    hand = button(muted=None)
    hand.tell(False)
    assert not hand.muted
    other = button(muted=None)
    assert gestures(play(other, (100, True), (200, False), (600, True), (700, False), until=1000)) == [
        MUTE,
        UNMUTE,
    ]
    other.tell(False)
    assert not other.muted


def test_a_latch_read_as_muted_at_boot_is_muted_without_a_word() -> None:
    hand = latch(True)
    assert hand.muted
    assert play(hand, (0, True), until=500) == []


def test_a_latch_unmutes_only_after_it_kept_still() -> None:
    hand = latch(True)
    meant = play(hand, (100, False), (120, True), (130, False), until=500, step=1.0)
    assert gestures(meant) == [UNMUTE]
    assert meant[0][0] >= 130 + STILL


def test_software_may_tell_a_button_and_never_a_latch() -> None:
    one, other = button(), latch(True)
    one.tell(True)
    other.tell(False)
    assert one.muted and other.muted
    assert gestures(play(one, (100, True), (200, False), until=500)) == [UNMUTE]


def test_a_press_under_way_does_not_undo_a_mute_that_came_after_it() -> None:
    hand = button(muted=True)
    play(hand, (100, True), until=200)
    hand.tell(True)
    assert gestures(play(hand, (300, False), until=500)) == []
    assert hand.muted


def test_a_touch_mutes_again_what_software_unmuted_in_the_middle_of_a_press() -> None:
    hand = button()
    assert [hand.feel(True, 100), hand.feel(False, 100.5)] == [MUTE, None]
    hand.tell(False)
    assert hand.feel(True, 101) is MUTE
    assert gestures(play(hand, (150, True), (300, False), until=500)) == []
    assert hand.muted


def test_a_press_seen_only_by_its_edges_counts_too() -> None:
    hand = button(muted=True)
    assert [hand.feel(True, 100), hand.feel(False, 200), hand.rest(300)] == [None, None, UNMUTE]


def test_a_press_is_a_press_though_nobody_looked_after_the_one_before_was_let_go() -> None:
    one = button()
    assert one.feel(True, 0.0) is MUTE
    assert one.feel(False, 100.0) is None
    assert one.feel(True, 200.0) is None
    assert one.feel(False, 300.0) is None
    assert one.rest(300.0 + STILL) is UNMUTE


def test_two_presses_that_nobody_looked_between_unmute_and_mute_again() -> None:
    one = button(muted=True)
    assert one.feel(True, 0.0) is None
    assert one.feel(False, 100.0) is None
    assert one.feel(True, 200.0) is MUTE
    assert one.feel(False, 300.0) is None
    assert one.rest(300.0 + STILL) is None
    assert one.muted


EDGES = st.lists(st.tuples(st.floats(0.1, 400), st.booleans()), max_size=40)
MAKERS: list[Callable[[bool], Hand]] = [lambda muted: button(muted=muted), latch]


@given(EDGES, st.sampled_from(MAKERS), st.booleans())
def test_whatever_the_contact_does_mute_and_unmute_take_turns_and_unmutes_keep_their_distance(
    edges: list[tuple[float, bool]], make: Callable[[bool], Hand], muted: bool
) -> None:
    hand = make(muted)
    at, levels = 0.0, []
    for gap, level in edges:
        at += gap
        levels.append((at, level))
    meant = [each for each in play(hand, *levels, until=at + 200) if each[1] in (MUTE, UNMUTE)]
    for now, gesture in meant:
        assert (gesture is UNMUTE) == muted
        muted = not muted
        if gesture is UNMUTE:
            assert all(edge <= now - STILL or edge > now for edge in _changes(levels)), (now, levels)
    assert hand.muted == muted


def _changes(levels: list[tuple[float, bool]]) -> list[float]:
    return [at for (at, level), before in zip(levels[1:], levels, strict=False) if before[1] is not level]
