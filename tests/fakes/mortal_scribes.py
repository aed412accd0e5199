"""Run as a script: writers of field recordings that are killed without warning; see mortals.

Arguments: the folder, and the public key that clips are sealed to. The file `done` in the parent of the
folder gets a byte for every batch that was written down.
"""

from __future__ import annotations

import os
import random
import sys
import time
from pathlib import Path

import numpy as np

from earlid.core.epoch import Epoch
from earlid.core.field import AFTER, BEFORE, FIRST_HOP, LAST_HOP, Clip, Kind
from earlid.core.peaks import Found
from earlid.core.tally import Sum
from earlid.edge.field.order import Order, OrderFile
from earlid.field.clock import FieldClock
from earlid.field.desk import Desk
from earlid.field.recorder import Heard, Page
from earlid.field.settings import FieldSettings
from fakes.mortals import live_by_the_line

ROOM: int = 2_000_000  # a dozen clips: the oldest go all the time


def found(kind: Kind, at: int) -> Found:
    trace = np.full(LAST_HOP - FIRST_HOP + 1, 0.1, np.float32)
    return Found(kind, "alexa", at, 0.9, 0.5, trace, power=1e6)


def write_for_ever(folder: Path, order: Order, done: int) -> None:
    desk = Desk(folder, order, FieldSettings(max_bytes=ROOM), epoch := Epoch(), FieldClock())
    desk.begin({"words": "alexa"})
    dice = random.Random(os.getpid())
    at = 0
    while True:
        wakes, near = dice.randrange(3), dice.randrange(3)
        for kind in [Kind.WAKE] * wakes + [Kind.NEAR_MISS] * near:
            at += AFTER
            clip = Clip(epoch.value, np.full(BEFORE + AFTER, at % 30_000, np.int16))
            desk.take(Heard(found(kind, at), time.time(), clip))
        desk.write(Page(time.time(), Sum(960_000, 0, 0, wakes, near, 1e6)))
        os.write(done, b".")


def main() -> None:
    folder, recipient = Path(sys.argv[1]), sys.argv[2]
    order = OrderFile(folder).read()
    assert order
    assert order.recipient == recipient
    done = os.open(folder.parent / "done", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    live_by_the_line(lambda: write_for_ever(folder, order, done))


if __name__ == "__main__":
    main()
