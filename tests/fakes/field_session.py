"""A field recording that the product's own code writes down, and somebody beside it who looks."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from earlid.core.epoch import Epoch
from earlid.core.field import AFTER, BEFORE, Clip, Kind
from earlid.core.tally import Sum
from earlid.edge.age import new_key
from earlid.edge.field.clips import FieldClips
from earlid.edge.field.order import Order
from earlid.edge.field.store import FieldStore
from earlid.field.clock import FieldClock
from earlid.field.desk import Desk
from earlid.field.recorder import Heard, Page
from earlid.field.settings import FieldSettings
from fakes.mortal_scribes import found


class FieldSession:
    """A session with sound in `folder`, which is `state/field`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.clips, self.store = FieldClips(folder), FieldStore(folder)
        public, _ = new_key()
        now_s = time.time()
        session = self.store.begin(
            note="", started_s=now_s, ends_s=now_s + 1e6, keeps_audio=True, recipient=public
        )
        order = Order(session.id, now_s, now_s + 1e6, True, public)
        self.desk = Desk(folder, order, FieldSettings(), Epoch(), FieldClock())
        self.desk.begin({})

    def hear(self, at_s: float = 0.0) -> None:
        """A wake and its sound."""
        clip = Clip(0, np.ones(BEFORE + AFTER, np.int16))
        self.desk.take(Heard(found(Kind.WAKE, AFTER), at_s or time.time(), clip))

    def write(self) -> None:
        """The end of a minute."""
        self.desk.write(Page(time.time(), Sum(960_000, 0, 0, 1, 0, 1e6)))

    @property
    def sounds(self) -> int:
        """How many clips there are, in the folder and by the rows that name them."""
        named = {peak.clip for peak in self.store.peaks() if peak.clip}
        assert self.clips.names() == named
        return len(named)

    def close(self) -> None:
        """The listener and whoever looks let go."""
        self.desk.close()
        self.store.close()
