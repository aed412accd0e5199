"""Accounts for every segment that was kept: from the spool, the ledger, and what a server says it got."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from earlid.core.entry import What
from earlid.edge.disk import Disk, RealDisk
from earlid.edge.ledger import check, entries
from earlid.edge.spool.kept import place

_GONE = {What.EXPIRED: "evicted", What.EVICTED: "evicted", What.ERASED: "erased"}


@dataclass(frozen=True, slots=True)
class Account:
    """The ids of all segments, by what became of them."""

    delivered: frozenset[str]
    quarantined: frozenset[str]
    evicted: frozenset[str]
    erased: frozenset[str]
    waiting: frozenset[str]


def account(
    kept: Mapping[str, bytes], state: Path, got: Mapping[str, Mapping[str, bytes]], disk: Disk | None = None
) -> Account:
    """What became of each of `kept` (bodies by id); AssertionError where one is lost, double, or untold.

    `got` has for each sink by name what its server keeps.
    """
    disk = disk or RealDisk()
    said = list(entries(state / "ledger", disk))
    assert check(state / "ledger", disk=disk).flaws == ()
    rooms = {room: _ids(state / "spool" / room, disk) for room in ("outbox", "quarantine", "trash", "draft")}
    assert rooms["trash"] == rooms["draft"] == frozenset(), "something was only half removed"
    for sink, bodies in got.items():
        intents = {each.id for each in said if each.what is What.INTENT and each.sink == sink}
        assert set(bodies) <= intents, f"{sink} got what no intent tells of"
        assert all(kept.get(id_) == body for id_, body in bodies.items()), f"{sink} got another body"
        sent = {each.id for each in said if each.what is What.SENT and each.sink == sink}
        assert sent <= set(bodies), f"the ledger says that {sink} has what it has not"
    fates: dict[str, str] = {}
    for each in said:
        if each.what in _GONE:
            fates[each.id] = _GONE[each.what]
    counts: dict[str, set[str]] = {name: set() for name in Account.__slots__}
    for id_ in kept:
        places = [
            name
            for name, holds in (
                ("waiting", id_ in rooms["outbox"]),
                ("quarantined", id_ in rooms["quarantine"]),
                (fates.get(id_, "delivered"), id_ not in rooms["outbox"] | rooms["quarantine"]),
            )
            if holds
        ]
        assert len(places) == 1, f"{id_} is {' and '.join(places)}"
        if places == ["delivered"]:
            missing = [sink for sink, bodies in got.items() if id_ not in bodies]
            assert not missing, f"{id_} is gone, and {missing} never got it"
        if places == ["quarantined"]:
            assert any(each.id == id_ and each.what in (What.REFUSED, What.BROKEN) for each in said)
        counts[places[0]].add(id_)
    return Account(**{name: frozenset(ids) for name, ids in counts.items()})


def _ids(room: Path, disk: Disk) -> frozenset[str]:
    return frozenset(known[1] for entry in disk.list(room) if (known := place(entry.name)))
