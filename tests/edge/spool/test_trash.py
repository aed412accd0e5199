"""What is thrown away is gone from where it was before a zero is written over it, and is then destroyed."""

from __future__ import annotations

import random
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earlid.edge.spool.shelf import Shelf
from earlid.edge.spool.spool import Spool
from earlid.edge.spool.trash import SWEPT_AT_ONCE
from earlid.errors import DiskTrouble
from fakes.disk import ForgetfulDisk, PowerCut
from fakes.segments import permitted

ROOT = Path("/state/spool")


def filled(count: int) -> tuple[ForgetfulDisk, Spool, list[Path]]:
    disk = ForgetfulDisk()
    spool = Spool(ROOT, disk)
    for number in range(count):
        spool.put(*permitted(100, first_sample=number + 1))
    spool.claim_outbox()
    return disk, spool, [held.folder for held in Shelf(spool).waiting()]


@given(st.integers(0, 40), st.integers(1, 4), st.integers())
@settings(max_examples=200)
def test_whatever_a_power_cut_leaves_a_segment_is_whole_where_it_waits_or_gone_from_there(
    after: int, count: int, seed: int
) -> None:
    disk, spool, folders = filled(4)
    bodies = {kept.id: kept.wav for kept in spool.pending()}
    disk.plan_cut(after)
    thrown = False
    try:
        spool.throw_away(*folders[:count])
        thrown = True
        while spool.empty_trash_a_little():
            pass
    except PowerCut:
        pass
    with closing(Spool(ROOT, disk.after_power_cut(random.Random(seed)))) as again:
        left = {kept.id: kept.wav for kept in again.pending()}
        assert all(bodies[id_] == body for id_, body in left.items())
        assert len(left) == len(again.disk.list(again.outbox)), (
            "something in the outbox is no segment any more"
        )
        assert len(left) == 4 - count if thrown else len(left) >= 4 - count
        again.claim_outbox()
        assert again.disk.list(again.trash) == []


def test_after_a_crash_with_very_much_in_it_a_start_does_not_wait_for_all_of_it() -> None:
    count = SWEPT_AT_ONCE + 7
    disk, spool, folders = filled(count)
    spool.throw_away(*folders)
    spool.close()
    with closing(Spool(ROOT, disk)) as again:
        assert again.claim_outbox() == count
        assert len(disk.list(again.trash)) == 7
        assert [again.empty_trash_a_little() for _ in range(8)] == [True] * 7 + [False]
        assert disk.list(again.trash) == []


def test_of_several_that_cannot_all_be_moved_those_that_were_are_gone_for_good() -> None:
    disk, spool, folders = filled(3)

    def fail(verb: str, path: Path) -> None:
        if verb == "rename" and path == folders[1]:
            raise DiskTrouble("input/output error")

    disk.before_verb = fail
    with pytest.raises(DiskTrouble):
        spool.throw_away(*folders)
    assert [held.folder for held in Shelf(spool).waiting()] == folders[1:]
    found = Spool(ROOT, disk.after_power_cut(random.Random(1)))
    assert [held.folder for held in Shelf(found).waiting()] == folders[1:]


def test_forgetting_destroys_what_was_thrown_away_before_it_says_so() -> None:
    disk, spool, folders = filled(2)
    spool.throw_away(folders[0])
    spool.erase()
    assert disk.list(spool.trash) == []
