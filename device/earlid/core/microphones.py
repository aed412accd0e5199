"""Which of the microphones that exist is meant: exactly one, or a refusal that lists them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from earlid.errors import ConfigError, DeviceLost, NotConnected


@dataclass(frozen=True, slots=True)
class MicrophoneInfo:
    """A device that can record. `index` moves when devices come and go; `name` is what to configure."""

    index: int
    name: str
    channels: int
    rate_hz: int
    is_default: bool


def choose(wanted: str, present: Sequence[MicrophoneInfo]) -> MicrophoneInfo:
    """The one microphone that `wanted` names: "" the default, digits an index, else part of a name.

    A name that equals `wanted` beats names that only contain it. Case does not matter.
    Raises NotConnected where none matches, ConfigError where several do, DeviceLost where there is none.
    """
    if not present:
        raise DeviceLost("no microphone is connected: plug one in, then run 'earlid devices'")
    wanted = wanted.strip()
    if not wanted:
        matches = [one for one in present if one.is_default]
        if not matches:
            raise NotConnected(
                f"there is no default microphone: set microphone.device to one of {_list(present)}"
            )
        return matches[0]
    if wanted.isdecimal():
        matches = [one for one in present if one.index == int(wanted)]
    else:
        key = wanted.casefold()
        matches = [one for one in present if one.name.casefold() == key]
        matches = matches or [one for one in present if key in one.name.casefold()]
    if not matches:
        raise NotConnected(
            f"no microphone matches '{wanted}': set microphone.device to one of {_list(present)}"
        )
    if len(matches) > 1:
        raise ConfigError(
            f"'{wanted}' matches {len(matches)} microphones: set microphone.device to one of {_list(matches)}"
        )
    return matches[0]


def _list(some: Sequence[MicrophoneInfo]) -> str:
    return ", ".join(f"{one.index} '{one.name}'" for one in some)
