"""One field recording on its way to disk: sound sealed at once, numbers in batches, a minute at a time."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from earlid.core.epoch import Epoch
from earlid.core.field import FIRST_HOP, Clip, Ended, Minute, Peak, Run
from earlid.core.tally import dbfs_of
from earlid.edge.disk import Disk, Lock
from earlid.edge.field.clips import FieldClips, mend, new_name, trim
from earlid.edge.field.order import Order, OrderFile
from earlid.edge.field.store import FieldStore
from earlid.edge.seal import Sealer, sealer_for
from earlid.edge.sound.wav import wav_bytes
from earlid.edge.thermals import is_throttled, temperature_c
from earlid.errors import ConfigError, EarlidError
from earlid.field.clock import FieldClock
from earlid.field.recorder import Heard, Page
from earlid.field.settings import FieldSettings

_LOG = logging.getLogger("earlid.field")
MOST_WAITING: Final = 512
"""Peaks and minutes that wait while the disk takes none; older ones are lost."""
_DAY_S: Final = 86_400.0


class Desk:
    """One session being written down, in batches: peaks wait for the end of their minute."""

    def __init__(
        self,
        folder: Path,
        order: Order,
        settings: FieldSettings,
        epoch: Epoch,
        clock: FieldClock,
        disk: Disk | None = None,
    ) -> None:
        """Open what is in `folder`; sound goes to `disk`, the real one if none is given."""
        self.order: Final = order
        self._settings = settings
        self._epoch = epoch
        self._clock = clock
        self._orders = OrderFile(folder)
        self._store = FieldStore(folder)
        self._claim: Lock | None = None
        self._minutes: list[Minute] = []
        self._peaks: list[Peak] = []
        self._sealed: dict[str, bytes] = {}
        try:
            self._clips = FieldClips(folder, disk)
            self._forgotten = self._clips.forgotten()
            self._seal = _sealer(order)
        except BaseException:
            self._store.close()
            raise

    def begin(self, setup: dict[str, object]) -> int:
        """Mend what a power cut left; how many samples of the session were recorded before."""
        try:
            self._claim = self._clips.claim()
            self._check()
            files, rows = mend(self._store, self._clips)
            if files or rows:
                _LOG.warning("field=mended clips_without_row=%d rows_without_clip=%d", files, rows)
            minutes = self._store.minutes(self.order.session)
            last = max((one.start_s for one in minutes), default=self.order.started_s)
            self._clock.is_after(last)
            self._store.add_run(Run(self.order.session, self._clock.now_s(), setup))
        except BaseException:
            self.close()
            raise
        return sum(one.listened + one.muted + one.deaf for one in minutes)

    def _check(self) -> None:
        if self._claim is None:
            raise ConfigError("another earlid listen is recording already: stop one of them")
        fault = self._store.fault()
        if fault:
            raise ConfigError(f"{self._store.folder}: the numbers are damaged ({fault}): move it away")

    def take(self, heard: Heard) -> None:
        """Seal the sound of a peak at once; its numbers wait."""
        sealed = self._sealed_once(heard.clip) if heard.clip else None
        found, clip = heard.found, new_name() if sealed else None
        if clip and sealed:
            self._sealed[clip] = sealed
        self._peaks.append(
            Peak(
                id=new_name(),
                session=self.order.session,
                at_s=heard.at_s,
                at=found.at,
                word=found.word,
                kind=found.kind,
                score=found.score,
                threshold=found.threshold,
                level_dbfs=round(dbfs_of(found.power), 1),
                trace=found.trace,
                first=FIRST_HOP,
                clip=clip,
                clip_bytes=len(sealed) if sealed else 0,
            )
        )

    def write(self, page: Page) -> None:
        """Write down all that waits: sound first, then the rows that name it, in one transaction.

        Sound that its owner wanted forgotten meanwhile is not written, or goes at once.
        """
        self._minutes.append(self._minute(page))
        try:
            if self._is_to_forget():
                self._drop_sound()
            for name, sealed in self._sealed.items():
                self._clips.put(name, sealed)
            self._store.add(self._minutes, self._peaks)
        except EarlidError:
            self._wait_for_the_next_minute()
            raise
        names = list(self._sealed)
        self._sealed.clear()
        self._minutes.clear()
        self._peaks.clear()
        if self._is_to_forget():
            self._store.let_go_of(names)
            self._clips.remove(names)
        before_s = self._clock.now_s() - self._settings.clip_days * _DAY_S
        trim(self._store, self._clips, max_bytes=self._settings.max_bytes, before_s=before_s)

    def _is_to_forget(self) -> bool:
        """Whether all sound was to be forgotten since it was last asked."""
        before, self._forgotten = self._forgotten, self._clips.forgotten()
        return self._forgotten != before

    def _drop_sound(self) -> None:
        self._sealed.clear()
        self._peaks = [replace(one, clip=None, clip_bytes=0) for one in self._peaks]

    def _wait_for_the_next_minute(self) -> None:
        """The numbers are tried again then, as many as there is room for; the sound is not."""
        names = list(self._sealed)
        self._drop_sound()
        self._peaks, self._minutes = self._peaks[-MOST_WAITING:], self._minutes[-MOST_WAITING:]
        with suppress(EarlidError):
            self._clips.remove(names)

    def end(self, why: Ended | None) -> None:
        """Write down that the session is over, if it is, and let go."""
        try:
            if why:
                self._store.end(self.order.session, min(self._clock.now_s(), self.order.ends_s), why)
                if self._orders.read() == self.order:
                    self._orders.withdraw()
        finally:
            self.close()

    def close(self) -> None:
        """Let go of the folder; harmless twice."""
        self._store.close()
        if self._claim:
            self._claim.release()

    def _minute(self, page: Page) -> Minute:
        added = page.sum
        return Minute(
            session=self.order.session,
            start_s=page.start_s,
            listened=added.listened,
            muted=added.muted,
            deaf=added.deaf,
            wakes=added.wakes,
            near_misses=added.near_misses,
            level_dbfs=None if added.power is None else round(dbfs_of(added.power), 1),
            temperature_c=temperature_c(),
            throttled=is_throttled(),
        )

    def _sealed_once(self, clip: Clip) -> bytes | None:
        """The sealed sound, or None where a mute came first; the sound is overwritten either way."""
        try:
            sealed = self._seal(wav_bytes(clip.samples)) if self._seal else None
            return None if clip.is_wiped or clip.epoch != self._epoch.value else sealed
        finally:
            clip.wipe()


def _sealer(order: Order) -> Sealer | None:
    """What seals to the reviewer's key, where sound is kept; ConfigError if there is no such key."""
    if not order.keeps_audio:
        return None
    seal = sealer_for([order.recipient])
    if seal is None:
        raise ConfigError("sound is to be kept and no key seals it: run earlid field start again")
    return seal
