"""The bytes are the datasheet's, and two plain pins can say them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earlid.edge.panel.dotstar import clock_out, frames

COLOURS = st.lists(st.tuples(*[st.integers(0, 255)] * 3), max_size=150)


def test_one_red_led_at_full_brightness_is_the_datasheet_s_frame() -> None:
    assert frames([(255, 0, 0)], 31)[:8] == bytes.fromhex("00000000 ff 00 00 ff")


def test_three_leds_have_their_brightness_first_and_then_blue_green_and_red() -> None:
    sent = frames([(1, 2, 3), (4, 5, 6), (7, 8, 9)], 8)
    assert sent[4:16] == bytes([0xE8, 3, 2, 1, 0xE8, 6, 5, 4, 0xE8, 9, 8, 7])


@given(COLOURS, st.integers(0, 31))
def test_each_led_has_a_frame_between_32_zero_bits_and_half_a_clock_for_each_led(
    colours: list[tuple[int, int, int]], bright: int
) -> None:
    sent = frames(colours, bright)
    lit = sent[4 : 4 + 4 * len(colours)]
    end = sent[4 + 4 * len(colours) :]
    assert sent[:4] == bytes(4)
    assert all(byte == 0xE0 | bright for byte in lit[::4])
    assert len(end) * 8 >= 32 + len(colours) / 2
    assert not any(end)


@pytest.mark.parametrize("bright", [-1, 32])
def test_a_brightness_that_would_break_the_three_leading_bits_is_refused(bright: int) -> None:
    with pytest.raises(ValueError, match="0 to 31"):
        frames([(0, 0, 0)], bright)


@given(st.binary(max_size=40))
def test_two_pins_say_every_bit_with_the_data_still_while_the_clock_rises(sent: bytes) -> None:
    level, read, clock_high = False, [], False

    def set_data(new: bool) -> None:
        nonlocal level
        assert not clock_high
        level = new

    def set_clock(new: bool) -> None:
        nonlocal clock_high
        if new and not clock_high:
            read.append(level)
        clock_high = new

    clock_out(sent, set_data, set_clock)
    assert read == [bool(byte >> bit & 1) for byte in sent for bit in range(7, -1, -1)]
    assert not level and not clock_high
