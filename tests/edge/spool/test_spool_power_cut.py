"""The plug is pulled at every verb, and the disk forgets every way it may: whole segments or none."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earlid.edge.spool.spool import Spool
from fakes.disk import ForgetfulDisk, PowerCut
from fakes.segments import permitted

ROOT = Path("/state/spool")
VERBS = 24  # more than put and remove together ask of the disk


def sounds(disk: ForgetfulDisk) -> dict[str, int]:
    """The id and first sample of everything pending once the power is back, after the usual sweeping."""
    spool = Spool(ROOT, disk)
    spool.claim_drafts()
    spool.claim_outbox()
    found = {kept.id: int.from_bytes(kept.wav[44:46], "little") for kept in spool.pending()}
    assert disk.list(spool.draft) == []
    assert disk.list(spool.trash) == []
    assert disk.list(spool.quarantined) == [], "a broken segment was in the outbox"
    return found


@given(st.integers(0, VERBS), st.integers(0, 3), st.integers())
@settings(max_examples=400, deadline=None)
def test_a_power_cut_while_putting_leaves_all_of_it_or_none(after: int, before: int, seed: int) -> None:
    disk = ForgetfulDisk()
    spool = Spool(ROOT, disk)
    kept = {spool.put(*permitted(first_sample=number + 1)): number + 1 for number in range(before)}
    disk.plan_cut(after)
    try:
        kept[spool.put(*permitted(first_sample=99))] = 99
    except PowerCut:
        found = sounds(disk.after_power_cut(random.Random(seed)))
        assert kept.items() <= found.items()
        assert set(found.values()) - set(kept.values()) <= {99}
    else:
        assert sounds(disk.after_power_cut(random.Random(seed))) == kept


@given(st.integers(0, VERBS), st.integers())
@settings(max_examples=200, deadline=None)
def test_what_is_not_wanted_any_more_is_in_no_outbox_whenever_the_power_fails(after: int, seed: int) -> None:
    disk = ForgetfulDisk()
    spool = Spool(ROOT, disk)
    spool.claim_drafts()
    disk.plan_cut(after)
    draft = spool.prepare(*permitted())
    with suppress(PowerCut):
        assert spool.write(draft, lambda: False) is False
        assert disk.list(spool.draft) == []
    assert sounds(disk.after_power_cut(random.Random(seed))) == {}


@given(st.integers(0, VERBS), st.integers())
@settings(max_examples=400, deadline=None)
def test_what_is_taken_back_is_whole_or_gone_and_gone_once_that_is_said(after: int, seed: int) -> None:
    disk = ForgetfulDisk()
    spool = Spool(ROOT, disk)
    spool.claim_drafts()
    disk.plan_cut(after)
    wanted = iter([True, False])
    is_said = False
    with suppress(PowerCut):
        is_said = spool.write(spool.prepare(*permitted(first_sample=7)), lambda: next(wanted)) is False
        assert is_said and disk.list(spool.draft) == disk.list(spool.outbox) == []
    found = sounds(disk.after_power_cut(random.Random(seed)))
    assert set(found.values()) <= (set() if is_said else {7})


@given(st.integers(0, VERBS), st.integers())
@settings(max_examples=400, deadline=None)
def test_a_power_cut_while_removing_leaves_all_of_it_or_none(after: int, seed: int) -> None:
    disk = ForgetfulDisk()
    spool = Spool(ROOT, disk)
    whole = {spool.put(*permitted(first_sample=number)): number for number in (1, 2)}
    disk.plan_cut(after)
    first, second = spool.pending()
    rest = {second.id: 2}
    try:
        spool.remove(first)
    except PowerCut:
        assert sounds(disk.after_power_cut(random.Random(seed))) in (whole, rest)
    else:
        assert sounds(disk.after_power_cut(random.Random(seed))) == rest


@given(st.integers(0, VERBS), st.integers())
@settings(max_examples=200, deadline=None)
def test_a_power_cut_while_setting_aside_loses_nothing(after: int, seed: int) -> None:
    disk = ForgetfulDisk()
    spool = Spool(ROOT, disk)
    spool.put(*permitted())
    (kept,) = spool.pending()
    disk.plan_cut(after)
    try:
        spool.quarantine(kept, "refused")
    except PowerCut:
        pass
    else:
        after = VERBS
    found = disk.after_power_cut(random.Random(seed))
    places = [ROOT / "quarantine"] if after == VERBS else [ROOT / "quarantine", ROOT / "outbox"]
    wavs = [
        found.read(place / entry.name / "segment.wav", 10_000)
        for place in places
        for entry in found.list(place)
    ]
    assert wavs == [kept.wav]


def test_a_cut_at_every_verb_was_really_tried() -> None:
    disk = ForgetfulDisk()
    spool = Spool(ROOT, disk)
    verbs: list[str] = []
    disk.before_verb = lambda verb, path: verbs.append(verb)
    spool.put(*permitted())
    (kept,) = spool.pending()
    spool.remove(kept)
    assert 10 < len(verbs) <= VERBS
    disk.plan_cut(0)
    with pytest.raises(PowerCut):
        spool.put(*permitted())
