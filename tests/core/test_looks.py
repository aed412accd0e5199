"""One table says what the lamp means, in colour and in rhythm."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earlid.core.lamp import (
    DARK,
    FULL,
    MEANINGS,
    Listening,
    Look,
    Meaning,
    brightness,
    foremost,
    until_change_ms,
)

LOOKS = st.sampled_from(Look)
TIMES = st.floats(0, 1e7)


def test_every_look_has_a_meaning() -> None:
    assert list(MEANINGS) == list(Look)


def test_every_look_differs_by_its_rhythm_alone() -> None:
    patterns = [each.pattern for each in MEANINGS.values()]
    assert len(set(patterns)) == len(patterns)
    shares = {look: sum(each.pattern[::2]) / sum(each.pattern) for look, each in MEANINGS.items()}
    for one, other in itertools.combinations(Look, 2):
        same_pace = sum(MEANINGS[one].pattern) == sum(MEANINGS[other].pattern)
        assert not same_pace or abs(shares[one] - shares[other]) > 0.05, (one, other)


def test_what_is_muted_is_red_and_what_is_kept_is_blue() -> None:
    colours = {look: each.colour for look, each in MEANINGS.items()}
    assert colours[Look.MUTED] == colours[Look.FAULT] == colours[Look.ERASING] == "red"
    assert (colours[Look.CAPTURING], colours[Look.SENDING], colours[Look.SENT]) == ("blue", "yellow", "green")
    assert colours[Look.RECORDING] == "magenta"


def test_muted_beats_everything_but_the_erasing_that_a_hand_on_the_button_asks_for() -> None:
    assert foremost(set(Look) - {Look.ERASING}) is Look.MUTED
    assert foremost(Look) is Look.ERASING
    assert foremost([Look.LISTENING, Look.SENT, Look.SENDING]) is Look.SENDING
    assert foremost([]) is Look.LISTENING


@given(LOOKS, TIMES)
def test_a_lamp_shows_its_own_colour_or_none(look: Look, t_ms: float) -> None:
    assert brightness(look, t_ms) in (MEANINGS[look].rgb, DARK)


@given(LOOKS, TIMES)
def test_until_the_next_change_it_stays_as_it_is_and_then_changes(look: Look, t_ms: float) -> None:
    left = until_change_ms(look, t_ms)
    now = brightness(look, t_ms)
    assert left > 0
    if left > 1e-6:  # in less, a time of some minutes no longer fits between two numbers
        assert brightness(look, t_ms + left * 0.99) == now
    if len(MEANINGS[look].pattern) > 1 and left > 1e-3:
        assert brightness(look, t_ms + left + 1e-3) != now


@pytest.mark.parametrize("look", Look)
def test_every_look_begins_with_light(look: Look) -> None:
    assert any(brightness(look, 0))


@pytest.mark.parametrize("look", set(Look) - {Look.LISTENING})
def test_a_colour_has_one_channel_at_its_full_so_that_a_sense_wire_can_read_it(look: Look) -> None:
    assert FULL in MEANINGS[look].rgb


def test_while_words_are_kept_it_is_never_dark() -> None:
    assert all(brightness(Look.CAPTURING, t_ms) == (0, 0, 255) for t_ms in range(0, 20_000, 7))


def test_listening_can_be_dark_and_nothing_else_can() -> None:
    assert brightness(Look.LISTENING, 0, Listening.DARK) == DARK
    assert all(any(brightness(look, 0, Listening.DARK)) for look in Look if look is not Look.LISTENING)


@pytest.mark.parametrize("look", Look)
def test_nothing_flashes_more_than_three_times_in_any_second(look: Look) -> None:
    pattern = MEANINGS[look].pattern
    if len(pattern) == 1:
        return
    steps = list(itertools.accumulate(pattern * (2 + 2000 // sum(pattern))))
    lit = [0, *steps[1::2]]  # each moment at which light comes on
    assert all(len([other for other in lit if one <= other < one + 1000]) <= 3 for one in lit)


def test_erasing_counts_down_each_second_shorter_than_the_one_before() -> None:
    lit = [sum(any(brightness(Look.ERASING, 1000 * s + t)) for t in range(1000)) for s in range(5)]
    assert lit == [900, 700, 500, 300, 100]


@pytest.mark.parametrize("pattern", [(), (1, 2, 3), (0, 5), (100, -1)])
def test_a_pattern_that_is_none_is_refused(pattern: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"pattern|begins"):
        Meaning("x", "red", (255, 0, 0), pattern, "x")
