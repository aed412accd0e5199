"""Chooses the source of sound that was asked for: the microphone, a recording or stdin."""

from __future__ import annotations

from earlid.core.epoch import Epoch
from earlid.edge.sound.microphone import Microphone
from earlid.edge.sound.pacing import Paced
from earlid.edge.sound.source import Source
from earlid.edge.sound.stdin import Stdin

STDIN = "-"


def source_for(
    wanted: str | None, *, device: str, channel: int, epoch: Epoch, pace: float | None = None
) -> Source:
    """The microphone `device` if nothing is `wanted`, stdin for "-", else the recording of that name.

    `pace` is how many times real time a recording is played, None for as fast as it is heard.
    """
    if wanted is None:
        return Microphone(device, channel, epoch)
    if wanted == STDIN:
        return Stdin(epoch)
    from earlid.edge.sound.recording import Recording  # noqa: PLC0415 - every format's decoder, for no microphone

    recording = Recording(wanted, channel, epoch)
    return recording if pace is None else Paced(recording, pace)
