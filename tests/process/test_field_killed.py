"""Whoever writes a field recording down is killed without warning, again and again, at any moment."""

from __future__ import annotations

import random
import subprocess
import time
from pathlib import Path
from typing import Final

import pytest

from earlid.core.field import Kind, Label
from earlid.edge.age import new_key, unsealed
from earlid.edge.field.clips import FieldClips, erase, mend
from earlid.edge.field.order import Order, OrderFile
from earlid.edge.field.store import FieldStore, Wanted
from earlid.errors import DiskTrouble, UsageError
from fakes import mortal_scribes
from fakes.mortals import command_of, environ

KILLS: Final = 60
MOST_KILLS: Final = 600
"""A busy machine gets less done in the same time; there it takes more of them to tell anything."""


class Site:
    """A folder with an order in it, and a reviewer who has the key."""

    def __init__(self, state: Path) -> None:
        self.folder = state / "field"
        self.folder.mkdir(parents=True)
        public, self.secret = new_key()
        self.clips = FieldClips(self.folder)
        store = FieldStore(self.folder)
        now_s = time.time()
        session = store.begin(
            note="", started_s=now_s, ends_s=now_s + 1e6, keeps_audio=True, recipient=public
        )
        store.close()
        OrderFile(self.folder).give(Order(session.id, now_s, now_s + 1e6, True, public))
        self.command = command_of(mortal_scribes, str(self.folder), public)

    def check(self, store: FieldStore) -> int:
        """How many minutes were written down; nothing contradicts anything else."""
        assert store.fault() is None
        minutes = store.minutes()
        assert sum(one.wakes for one in minutes) == store.count(Wanted(kind=Kind.WAKE))
        assert sum(one.near_misses for one in minutes) == store.count(Wanted(kind=Kind.NEAR_MISS))
        return len(minutes)

    def check_clips(self, store: FieldStore) -> None:
        named = {name: size for name, _, size in store.clips()}
        assert self.clips.names() == named.keys()
        assert {file.name for file in self.clips.folder.iterdir()} == {f"{name}.age" for name in named}
        for name, size in named.items():
            sealed = self.clips.read(name)
            assert len(sealed) == size
        for name in list(named)[:2]:
            wav = unsealed(self.clips.read(name), self.secret)
            assert len(wav) == 44 + 2 * 80_000
            assert len(set(wav[44::2])) == 1, "a clip of another moment"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_killed_at_any_moment_it_leaves_no_clip_without_a_row_and_no_row_without_its_clip(
    site: Site, tmp_path: Path
) -> None:
    dice, orphans, seen = random.Random(8), 0, 0
    pipe = subprocess.PIPE
    with subprocess.Popen(site.command, stdin=pipe, stdout=pipe, text=True, env=environ()) as mortal:
        assert mortal.stdin
        assert mortal.stdout
        for kill in range(MOST_KILLS):
            if kill >= KILLS and seen > KILLS and orphans:
                break
            mortal.stdin.write(f"{dice.uniform(0.005, 0.12):.4f}\n")
            mortal.stdin.flush()
            assert mortal.stdout.readline() == "killed\n"
            store = FieldStore(site.folder)
            minutes = site.check(store)
            done = len((tmp_path / "done").read_bytes())
            assert minutes >= done, "what was said to be written down is gone"
            assert minutes >= seen
            seen = minutes
            if dice.random() < 0.5:  # else the next writer mends
                claim = site.clips.claim()
                assert claim, "a dead writer still has the claim"
                files, rows = mend(store, site.clips)
                claim.release()
                orphans += files
                assert rows == 0, "a row named a clip that was never whole"
                site.check_clips(store)
            store.close()
        mortal.stdin.close()
    assert seen > KILLS, "too little was written between the kills to tell anything"
    assert orphans, "no kill ever fell between a clip and its row"


def test_labels_and_erasures_meanwhile_get_through_and_outlive_the_kills(site: Site) -> None:
    labelled: dict[str, Label] = {}
    erased: set[str] = set()
    pipe = subprocess.PIPE
    dice = random.Random(9)
    with subprocess.Popen(site.command, stdin=pipe, stdout=pipe, text=True, env=environ()) as mortal:
        assert mortal.stdin
        assert mortal.stdout
        for kill in range(MOST_KILLS):
            if kill >= 8 and len(labelled) > 10 and len(erased) > 3:
                break
            mortal.stdin.write("0.2\n")
            mortal.stdin.flush()
            store = FieldStore(site.folder)
            until_s = time.monotonic() + 0.15
            while time.monotonic() < until_s:
                peaks = store.peaks(Wanted(is_erased=False, has_label=False), limit=20)
                if not peaks:
                    continue
                peak = dice.choice(peaks)
                try:
                    if dice.random() < 0.3:
                        erase(store, site.clips, peak.id)
                        erased.add(peak.id)
                    else:
                        store.label(peak.id, Label.FALSE)
                        labelled[peak.id] = Label.FALSE
                except (DiskTrouble, UsageError) as error:
                    raise AssertionError("the reviewer was turned away") from error
            store.close()
            assert mortal.stdout.readline() == "killed\n"
        mortal.stdin.close()
    store = FieldStore(site.folder)
    site.check(store)
    claim = site.clips.claim()
    assert claim
    mend(store, site.clips)
    claim.release()
    site.check_clips(store)
    found = {peak.id: peak for peak in store.peaks()}
    assert len(labelled) > 10 and len(erased) > 3, "too little was judged between the kills to tell anything"
    assert all(found[id_].label is label for id_, label in labelled.items())
    assert all(found[id_].is_erased and found[id_].clip is None for id_ in erased)
    store.close()
