"""`earlid devices`: the microphones of this machine, by the names that the configuration takes."""

from __future__ import annotations

import sys

from earlid.edge.schema import to_json
from earlid.edge.sound.microphone import microphones
from earlid.edge.terminal import line, table
from earlid.errors import DeviceLost


def list_devices(*, json: bool) -> int:
    """Print every microphone; DeviceLost when there is none."""
    found = microphones()
    if json:
        for each in found:
            sys.stdout.write(to_json(each).decode() + "\n")
    if not found:
        raise DeviceLost("no microphone: plug one in, and see whether arecord -l lists it")
    if not json:
        columns = ("number", "name", "channels", "hz", "")
        rows = [
            (
                str(each.index),
                each.name,
                str(each.channels),
                str(each.rate_hz),
                "default" if each.is_default else "",
            )
            for each in found
        ]
        table("", columns, rows)
        line("put the number or a part of the name in microphone.device", "dim")
    return 0
