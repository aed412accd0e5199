"""The plug is pulled at every step of intent, send, receipt and removal; then everything is accounted for."""

from __future__ import annotations

import random
import threading
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earlid.asking.forgetting import Wish
from earlid.core.entry import What
from earlid.edge.ledger import Ledger, check, entries
from earlid.edge.sinks.sink import Receipt
from earlid.edge.spool.kept import Kept
from earlid.edge.spool.shelf import Shelf
from earlid.edge.spool.slips import Slips
from earlid.edge.spool.spool import Spool
from earlid.errors import Refused, TryLater
from earlid.upload import upload
from earlid.uploading.housekeeping import House, Limits
from fakes.disk import ForgetfulDisk, PowerCut
from fakes.segments import permitted

ROOT = Path("/state")
VERBS = 160


class Honest:
    """A collector that honours the key and outlives every power cut of ours; it refuses one in five."""

    needs_plain = False

    def __init__(self, name: str, disk: ForgetfulDisk) -> None:
        self.name, self.host, self.disk = name, f"{name}.example", disk
        self.bodies: dict[str, bytes] = {}
        self.refused: set[str] = set()
        self.without_intent: list[str] = []

    def send(self, kept: Kept) -> Receipt:
        intents = {
            each.id
            for each in entries(ROOT / "ledger", self.disk)
            if each.what is What.INTENT and each.sink == self.name
        }
        if kept.id not in intents:
            self.without_intent.append(kept.id)
        if int(kept.id, 16) % 5 == 0:
            self.refused.add(kept.id)
            raise Refused("no (413)")
        assert self.bodies.get(kept.id, kept.wav) == kept.wav, "a body changed between two deliveries"
        is_new = kept.id not in self.bodies
        self.bodies[kept.id] = kept.wav
        return Receipt(201 if is_new else 409)

    def burst(self) -> AbstractContextManager[None]:
        return nullcontext()

    def forget(self, id_: str) -> bool | None:
        self.bodies.pop(id_, None)
        return True


def work(disk: ForgetfulDisk, sinks: list[Honest], limits: Limits) -> None:
    spool, ledger = Spool(ROOT / "spool", disk), Ledger(ROOT / "ledger", disk)
    with closing(spool), closing(ledger):
        house = House(Shelf(spool), ledger, ROOT / "forget", limits, lambda event: None)
        upload(sinks, house, lambda event: None, threading.Event(), once=True)


def put(disk: ForgetfulDisk, count: int) -> list[str]:
    with closing(Spool(ROOT / "spool", disk)) as spool:
        return [spool.put(*permitted(200, first_sample=number + 1)) for number in range(count)]


def fate_of(id_: str, disk: ForgetfulDisk) -> set[What]:
    return {entry.what for entry in entries(ROOT / "ledger", disk) if entry.id == id_}


@given(st.lists(st.integers(0, VERBS), min_size=1, max_size=3), st.integers(1, 2), st.integers())
@settings(max_examples=120)
def test_whenever_the_power_fails_everything_kept_arrives_or_is_set_aside(
    cuts: list[int], sink_count: int, seed: int
) -> None:
    dice = random.Random(seed)
    disk = ForgetfulDisk()
    sinks = [Honest(f"sink{number}", disk) for number in range(sink_count)]
    ids = put(disk, 4)
    for after in cuts:
        disk.plan_cut(after)
        try:
            work(disk, sinks, Limits())
        except PowerCut:
            disk = disk.after_power_cut(dice)
        else:
            disk.plan_cut(None)
        for sink in sinks:
            sink.disk = disk
    disk.plan_cut(None)
    work(disk, sinks, Limits())
    aside = {each.id for each in Shelf(Spool(ROOT / "spool", disk)).aside()}
    for sink in sinks:
        assert sink.without_intent == []
        assert set(sink.bodies) | sink.refused == set(ids)
    assert aside == {id_ for id_ in ids if any(id_ in sink.refused for sink in sinks)}
    assert disk.list(ROOT / "spool" / "outbox") == disk.list(ROOT / "spool" / "trash") == []
    assert check(ROOT / "ledger", disk=disk).flaws == ()
    for id_ in ids:
        assert fate_of(id_, disk) >= {What.INTENT, What.REFUSED if id_ in aside else What.SENT}


@given(st.integers(0, VERBS), st.integers())
@settings(max_examples=80)
def test_whenever_the_power_fails_what_makes_room_or_is_forgotten_is_told(after: int, seed: int) -> None:
    disk = ForgetfulDisk()
    ids = put(disk, 5)
    down = Honest("down", disk)
    shelf = Shelf(Spool(ROOT / "spool", disk))
    size = shelf.look(shelf.waiting()[0]).size_bytes
    Slips(ROOT / "forget" / "requests", disk).put(Wish(id=ids[4]).facts())
    limits = Limits(max_bytes=2 * size + size // 2)
    disk.plan_cut(after)
    try:
        work_while_down(disk, down, limits)
    except PowerCut:
        disk = disk.after_power_cut(random.Random(seed))
        work_while_down(disk, down, limits)
    left = [held.id for held in Shelf(Spool(ROOT / "spool", disk)).waiting()]
    assert set(left) <= set(ids)
    for id_ in set(ids) - set(left):
        assert fate_of(id_, disk) & {What.EVICTED, What.ERASED}, "gone, and nobody said so"
    assert ids[4] not in left
    assert check(ROOT / "ledger", disk=disk).flaws == ()


def work_while_down(disk: ForgetfulDisk, sink: Honest, limits: Limits) -> None:
    class Down(Honest):
        def send(self, kept: Kept) -> Receipt:
            raise TryLater("down")

    with pytest.raises(TryLater):
        work(disk, [Down(sink.name, disk)], limits)


def test_so_many_verbs_are_asked_of_the_disk() -> None:
    disk = ForgetfulDisk()
    put(disk, 4)
    verbs: list[str] = []
    disk.before_verb = lambda verb, path: verbs.append(verb)
    work(disk, [Honest("a", disk), Honest("b", disk)], Limits())
    assert 60 < len(verbs) <= VERBS
