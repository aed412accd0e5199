"""What a dark lamp, a full disk and a lost microphone do to what is heard and kept."""

from __future__ import annotations

from contextlib import suppress

import pytest

from earlid.core.gate import State
from earlid.core.segment import Endpoint
from earlid.core.units import HOP
from earlid.errors import ConfigError, DiskTrouble, EarlidError, Violation
from fakes.house import House

L, C, M, F = State.LISTENING, State.CAPTURING, State.MUTED, State.FAULT


def test_sound_handed_to_the_disk_is_overwritten_afterwards(house: House) -> None:
    house.hear(*range(60))
    assert not house.handed[0].samples.any()


@pytest.mark.parametrize("trouble", [DiskTrouble("disk full: make room"), Violation("no such permit")])
def test_sound_the_disk_did_not_take_is_overwritten_too(house: House, trouble: EarlidError) -> None:
    house.disk_trouble = trouble
    house.hear(*range(8))
    with suppress(Violation):
        house.listener.stop()
    (handed,) = house.handed
    assert len(handed.samples) == 2 * HOP
    assert not handed.samples.any()


def test_a_lamp_that_cannot_be_lit_means_that_nothing_is_kept(house: House) -> None:
    house.lamp.broken = True
    house.hear(*range(60))
    house.listener.stop()
    assert house.wakes
    assert not house.handed
    assert house.state is F
    assert house.listener.cause == "the lamp does not answer"


def test_a_dark_lamp_found_again_lets_it_capture_again(house: House) -> None:
    house.wake_at(20)
    house.lamp.broken = True
    house.hear(*range(10))
    house.lamp.broken = False
    house.listener.find("lamp")
    assert (house.state, house.listener.cause) == (L, "")
    house.hear(*range(10, 70))
    assert [start for start, _, _ in house.spans] == [21 * HOP]


def test_a_lamp_dark_from_the_start_is_a_fault() -> None:
    house = House()
    house.lamp.broken = True
    house.listener.start()
    assert house.state is F


def test_a_lamp_that_fails_while_muted_is_a_fault_only_after_the_unmute(house: House) -> None:
    house.lamp.broken = True
    house.press()
    assert house.state is M
    house.listener.unmute()
    assert house.state is F


@pytest.mark.parametrize("error", [DiskTrouble("disk full: make room"), ConfigError("it is read-only")])
def test_a_disk_that_will_not_keep_is_a_fault_until_it_is_found(house: House, error: EarlidError) -> None:
    house.wake_at(50, 65)
    house.disk_trouble = error
    house.hear(*range(49))
    assert (house.state, house.listener.cause) == (F, str(error))
    assert house.lamp.shown[-2:] == [(C, ""), (F, str(error))], "said once"
    house.hear(*range(49, 60))
    assert house.state is F
    house.disk_trouble = None
    house.listener.find("disk")
    assert house.lamp.shown[-1] == (L, "")
    house.hear(*range(60, 130))
    assert [start for start, _, _ in house.spans] == [66 * HOP]


def test_a_disk_in_trouble_at_the_stop_is_told(house: House) -> None:
    house.disk_trouble = DiskTrouble("disk full: make room")
    house.hear(*range(10))
    house.listener.stop()
    assert house.lamp.shown[-1] == (F, "disk full: make room")
    assert house.blank


def test_a_lost_microphone_ends_the_segment_and_keeps_what_was_heard(house: House) -> None:
    house.hear(*range(10))
    house.listener.lose("microphone", "unplugged")
    assert house.spans == [(6 * HOP, 10 * HOP, Endpoint.SOURCE_ENDED)]
    assert house.order[-2:] == ["keep", "fault"]


def test_of_several_causes_the_last_to_be_found_ends_the_fault(house: House) -> None:
    house.listener.lose("microphone", "unplugged")
    house.listener.lose("disk", "full")
    house.listener.lose("disk", "fuller")
    assert house.listener.cause == "unplugged"
    house.listener.find("microphone")
    assert (house.state, house.listener.cause) == (F, "fuller")
    house.listener.find("sound")
    assert house.state is F
    house.listener.find("disk")
    assert (house.state, house.listener.cause) == (L, "")


def test_a_fault_during_a_mute_shows_once_it_ends(house: House) -> None:
    house.press()
    house.listener.lose("microphone", "unplugged")
    assert house.lamp.states[-1] is M
    house.listener.unmute()
    assert house.lamp.shown[-1] == (F, "unplugged")


def test_a_fault_found_during_a_mute_is_over(house: House) -> None:
    house.listener.lose("microphone", "unplugged")
    house.press()
    house.listener.find("microphone")
    house.listener.unmute()
    assert house.lamp.shown[-1] == (L, "")


def test_a_violation_at_the_spool_is_not_swallowed(house: House) -> None:
    house.disk_trouble = Violation("a segment starts before its permit")
    house.hear(*range(10))
    with pytest.raises(Violation, match="before its permit"):
        house.listener.stop()


def test_a_lamp_that_dies_while_sound_is_kept_destroys_it_at_once(house: House) -> None:
    house.hear(*range(10))
    house.listener.darken("the lamp does not answer")
    assert (house.state, house.listener.cause) == (F, "the lamp does not answer")
    assert house.blank
    house.listener.find("lamp")
    assert house.lamp.shown[-1] == (L, "")
    assert not house.handed
