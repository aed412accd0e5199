"""Exactly one microphone is meant, or the choice is put to the person."""

from __future__ import annotations

import pytest

from earlid.core.microphones import MicrophoneInfo, choose
from earlid.errors import ConfigError, DeviceLost

PRESENT = [
    MicrophoneInfo(1, "seeed-2mic-voicecard: (hw:1,0)", 2, 48_000, False),
    MicrophoneInfo(4, "USB PnP Audio (hw:2,0)", 1, 44_100, False),
    MicrophoneInfo(6, "sysdefault", 128, 44_100, False),
    MicrophoneInfo(9, "default", 128, 44_100, True),
]


@pytest.mark.parametrize(("wanted", "index"), [("", 9), ("4", 4), ("usb", 4), ("SEEED", 1), ("default", 9)])
def test_the_one_that_is_named_is_chosen(wanted: str, index: int) -> None:
    assert choose(wanted, PRESENT).index == index


def test_a_name_of_several_is_refused_with_those() -> None:
    with pytest.raises(ConfigError, match=r"'hw' matches 2 .* 1 'seeed.*', 4 'USB.*'$"):
        choose("hw", PRESENT)


@pytest.mark.parametrize("wanted", ["respeaker", "2", "-1"])
def test_a_name_of_none_is_refused_with_all(wanted: str) -> None:
    with pytest.raises(ConfigError, match=r"no microphone matches .*1 '.*4 '.*6 '.*9 'default'$") as told:
        choose(wanted, PRESENT)
    assert "\n" not in str(told.value)


def test_without_a_default_one_must_be_named() -> None:
    with pytest.raises(ConfigError, match="there is no default microphone"):
        choose("", PRESENT[:2])


def test_with_none_connected_it_is_the_device_that_lacks() -> None:
    with pytest.raises(DeviceLost, match="no microphone is connected"):
        choose("usb", [])
