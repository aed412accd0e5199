"""`earlid mute` and `earlid unmute`: what a person says to the process that listens, and what it answers."""

from __future__ import annotations

import sys

from earlid.config import Config
from earlid.edge.control import ask
from earlid.errors import DeviceLost, DiskTrouble, UsageError


def mute(config: Config) -> int:
    """Close the microphone; 0 once it is closed, memory is zeroed, and that it is so outlasts a power cut."""
    answer = ask(config.paths.runtime, "mute")
    if not answer["ok"]:
        raise DeviceLost("it hears nothing, but is slow to close the microphone: see earlid status")
    sys.stdout.write(f"muted: {answer['cause']}\n")
    if answer["not_remembered"]:
        raise DiskTrouble(f"it is muted, but a power cut would undo that: {answer['not_remembered']}")
    return 0


def unmute(config: Config) -> int:
    """Listen again; UsageError where the switch says otherwise, or, until it is over, a quiet hour."""
    answer = ask(config.paths.runtime, "unmute")
    if answer["refused"]:
        raise UsageError(f"still muted: {answer['refused']}")
    if not answer["ok"]:
        raise DeviceLost("still muted: see earlid status for what prevents it")
    sys.stdout.write("listening\n")
    return 0
