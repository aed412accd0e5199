"""The configuration of the virtual Pi's owner, on the partition that any computer can read."""

from __future__ import annotations

from typing import Final

from pi.virtual.installing import WORD
from pi.virtual.recipe import BLUE, COLLECTOR, GREEN, MUTE, RED

AUTHORITY: Final = "collector.pem"
"""The collector's certificate authority, beside the configuration."""


def settings(port: int, more: str = "") -> str:
    """A button, a coloured lamp that is dark while it listens, and a collector at `port` of the host.

    The threshold is low: what is tried is all that follows a wake, not how well one is found.
    """
    return f"""[microphone]
device = "(hw:0,1)"
[wake]
words = ["{WORD}"]
thresholds = {{ {WORD} = 0.05 }}
[panel]
board = "custom"
mute_pin = {MUTE}
mute_kind = "momentary"
lamp = "rgb"
red_pin = {RED}
green_pin = {GREEN}
blue_pin = {BLUE}
listening = "dark"
[upload]
url = "https://{COLLECTOR}:{port or 443}/segments"
ca_file = "/boot/firmware/{AUTHORITY}"
timeout_s = 20
[privacy]
max_seconds_per_hour = 3600
{more}"""
