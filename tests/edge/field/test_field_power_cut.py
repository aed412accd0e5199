"""The plug is pulled while a field recording is written down: what was said to be written is there, whole.

Sound goes to the disk that forgets. The numbers go through SQLite to a real one: it answers for what it had
committed, and what it had not is torn here as a power cut tears it.
"""

from __future__ import annotations

import random
import shutil
import time
from contextlib import closing
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from earlid.core.epoch import Epoch
from earlid.core.field import AFTER, BEFORE, Clip, Kind
from earlid.core.tally import Sum
from earlid.edge.age import new_key, unsealed
from earlid.edge.disk import Disk, RealDisk
from earlid.edge.field.book import NAME
from earlid.edge.field.clips import FieldClips, mend
from earlid.edge.field.order import Order
from earlid.edge.field.store import FieldStore, Wanted
from earlid.field.clock import FieldClock
from earlid.field.desk import Desk
from earlid.field.recorder import Heard, Page
from earlid.field.settings import FieldSettings
from fakes.disk import ForgetfulDisk, PowerCut
from fakes.mortal_scribes import found

FEW: Final = FieldSettings(max_bytes=1_000_000)
"""Room for six clips: the oldest are erased while others are written."""
MINUTES: Final = 6
PUBLIC, SECRET = new_key()


class Writer:
    """Writes down minutes with a wake or two each, and remembers how many it was told are written."""

    def __init__(self, folder: Path, disk: Disk) -> None:
        folder.mkdir(exist_ok=True)
        with closing(FieldStore(folder)) as store:
            now_s = time.time()
            session = store.begin(
                note="", started_s=now_s, ends_s=now_s + 1e6, keeps_audio=True, recipient=PUBLIC
            )
        order = Order(session.id, now_s, now_s + 1e6, True, PUBLIC)
        self.desk = Desk(folder, order, FEW, Epoch(), FieldClock(), disk)
        self.desk.begin({})
        self.done = 0

    def write(self, wakes: int) -> None:
        for at in range(wakes):
            clip = Clip(0, np.full(BEFORE + AFTER, 7 + at, np.int16))
            self.desk.take(Heard(found(Kind.WAKE, AFTER), time.time(), clip))
        self.desk.write(Page(time.time(), Sum(960_000, 0, 0, wakes, 0, 1e6)))
        self.done += 1


def check(store: FieldStore, clips: FieldClips, done: int) -> tuple[int, int]:
    """Nothing contradicts anything, before and after mending; what had to be mended."""
    assert store.fault() is None
    minutes = store.minutes()
    assert done <= len(minutes) <= done + 1
    assert sum(one.wakes for one in minutes) == store.count(Wanted(kind=Kind.WAKE))
    mended = mend(store, clips)
    named = {name: size for name, _, size in store.clips()}
    assert clips.names() == named.keys()
    for name, size in named.items():
        sealed = clips.read(name)
        assert len(sealed) == size
        assert len(unsealed(sealed, SECRET)) == 44 + 2 * (BEFORE + AFTER)
    assert mend(store, clips) == (0, 0)
    return mended


@pytest.mark.parametrize("part", range(4))
def test_pulled_at_any_step_no_clip_is_without_a_row_and_no_row_without_its_clip(
    tmp_path: Path, part: int
) -> None:
    orphans = torn = 0
    for after in range(part, 72, 4):
        dice, disk, folder = random.Random(after), ForgetfulDisk(), tmp_path / str(after)
        writer = Writer(folder, disk)
        disk.plan_cut(after)
        try:
            while writer.done < MINUTES:
                writer.write(1 + dice.randrange(2))
        except PowerCut:
            torn += 1
        writer.desk._store.close()
        with closing(FieldStore(folder)) as store:
            files, rows = check(store, FieldClips(folder, disk.after_power_cut(dice)), writer.done)
            orphans += files
            assert rows == 0, "a row named a clip that was not durable"
    assert torn > 8, "the plug was pulled after everything was over"
    assert orphans, "it was never pulled between a clip and its row"


def test_a_batch_that_was_torn_in_the_log_is_gone_whole_and_its_clips_with_it(tmp_path: Path) -> None:
    swept = lost = 0
    for seed in range(24):
        dice, folder = random.Random(seed), tmp_path / f"{seed}" / "field"
        folder.parent.mkdir()
        writer = Writer(folder, RealDisk())
        for _ in range(1 + dice.randrange(3)):
            writer.write(1)
        log = folder / f"{NAME}-wal"
        safe_bytes = log.stat().st_size
        writer.write(2)
        after = tmp_path / f"{seed}" / "after"
        shutil.copytree(folder, after)
        writer.desk.close()
        tear(after / log.name, safe_bytes, dice)
        with closing(FieldStore(after)) as store:
            before = writer.done - 1
            lost += len(store.minutes()) == before
            swept += check(store, FieldClips(after), before)[0]
    assert lost > 12
    assert swept == 2 * lost


def tear(log: Path, safe_bytes: int, dice: random.Random) -> None:
    """Of what was not synced, a beginning is there, and then nothing, or zeros, or rubbish."""
    whole = log.read_bytes()
    at = dice.randrange(safe_bytes, len(whole))
    rest = {0: b"", 1: bytes(len(whole) - at), 2: dice.randbytes(len(whole) - at)}[dice.randrange(3)]
    log.write_bytes(whole[:at] + rest)


def test_sqlite_is_told_to_sync_what_it_commits_and_to_write_ahead(tmp_path: Path) -> None:
    with closing(FieldStore(tmp_path)) as store, store._book.reading() as base:
        told = [base.execute(f"PRAGMA {one}").fetchone()[0] for one in ("journal_mode", "synchronous")]
    assert told == ["wal", 2]
