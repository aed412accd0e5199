"""What it takes to forget: copies here are destroyed, and whoever got one is asked to delete it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from earlid.asking.dating import Dating
from earlid.asking.slip_names import slip_name
from earlid.core.entry import Entry, What
from earlid.edge.computer import EARLIEST_YEAR
from earlid.edge.disk import Disk, NotThere
from earlid.edge.ledger import Ledger, entries, seconds_of
from earlid.edge.spool.shelf import Held, Shelf
from earlid.edge.spool.slips import Slips


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be forgotten: everything, everything since a time (UTC, as in the ledger), or one id."""

    since: str = ""
    id: str = ""

    def __post_init__(self) -> None:
        if self.since:
            seconds_of(self.since)

    def facts(self) -> dict[str, str]:
        """The wish as a note for the uploader."""
        return {"forget": "yes", "since": self.since, "id": self.id}

    @classmethod
    def of(cls, facts: dict[str, str]) -> Wish:
        """The wish that a note holds; ValueError where it holds none: an empty note is not everything."""
        if facts.keys() != {"forget", "since", "id"}:
            raise ValueError("it is no wish to forget")
        return cls(facts["since"], facts["id"])

    def covers(self, id_: str, at: str) -> bool:
        """Whether what happened to segment `id_` at `at` is meant; a time that is not known is covered."""
        return (not self.id or self.id == id_) and (not self.since or not at or at >= self.since)

    def covers_held(self, held: Held, shelf: Shelf, dating: Dating) -> bool:
        """Whether a segment on this machine is meant; one of which nobody knows when it was kept is."""
        if self.id and self.id != held.id:
            return False
        if not self.since:
            return True
        kept_s = dating.kept_s(held, shelf)
        return not kept_s or kept_s >= seconds_of(self.since)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many copies here were destroyed, and how many deliveries are to be deleted elsewhere."""

    erased: int
    asked: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """One body that left, or may have, and of which nobody has said that it is gone.

    `host` is where it went, wherever `sink` is by now; "" where that is not known.
    """

    id: str
    sink: str
    host: str
    at: str
    is_sure: bool
    is_hopeless: bool = False


def carry_out(
    wish: Wish, shelves: Iterable[Shelf], ledger: Ledger, deletions: Slips, dating: Dating | None = None
) -> Forgotten:
    """Queue what is to be deleted elsewhere, and destroy what is in `shelves`, each told in the ledger first.

    Once it returns all of it is durable; cut short, it is simply done again.
    """
    meant = [each for each in deliveries(ledger.folder, ledger.disk) if wish.covers(each.id, each.at)]
    queue(meant, "forget", deletions)
    dating, erased = dating or Dating(), 0
    for shelf in shelves:
        for held in map(shelf.look, [*shelf.waiting(), *shelf.aside()]):
            if wish.covers_held(held, shelf, dating):
                erase(held, What.ERASED, "forget", shelf, ledger)
                erased += 1
        shelf.spool.erase()
    return Forgotten(erased, len(meant))


def queue(meant: Iterable[Delivery], cause: str, deletions: Slips) -> None:
    """Make it durable that these are to be deleted elsewhere; what is queued already stays as it is."""
    queued = set(deletions.names())
    for each in meant:
        name = slip_name(each.id, each.sink, each.host)
        if name not in queued:
            queued.add(name)
            deletions.put({"id": each.id, "sink": each.sink, "host": each.host, "cause": cause}, name)


def erase(held: Held, what: What, cause: str, shelf: Shelf, ledger: Ledger) -> None:
    """Write down why, then destroy a copy on this machine; cut short in between, it is told once only."""
    if not any(entry.what is what for entry in ledger.recent.get(held.id, ())):
        facts = shelf.facts(held)
        entry = Entry(what=what, id=held.id, cause=cause)
        ledger.append(entry if facts is None else entry.about(facts))
    try:
        shelf.spool.erase(held.folder)
    except NotThere:
        if shelf.is_there(held):
            raise
        return  # its owner was quicker; the note about that is yet to come, and says nothing new
    ledger.recent.pop(held.id, None)


def deliveries(folder: Path, disk: Disk | None = None) -> list[Delivery]:
    """Every body that left and is not known to be deleted, one for each place that has it."""
    return list(_still_there(in_order(list(entries(folder, disk)))))


def in_order(said: Sequence[Entry]) -> list[Entry]:
    """The same entries, none later than those that follow it: each was written before them.

    A time that cannot be, such as 1970 before a clock is set, is that of the next entry with one that can.
    So a clock that was ahead for a while makes nothing younger than what came after it; "" where nothing is
    known. One that was behind, by less than years, makes older what was written by it, and what was before.
    """
    latest, found = "", []
    for entry in reversed(said):
        if entry.at >= f"{EARLIEST_YEAR}":
            latest = min(latest or entry.at, entry.at)
        found.append(replace(entry, at=latest))
    return found[::-1]


def overdue(found: Iterable[Delivery], before: str, held_ids: Container[str]) -> Iterator[Delivery]:
    """Those sent before the time `before` that somebody can still be asked to delete."""
    for each in found:
        is_out = each.is_sure or each.id not in held_ids
        if is_out and each.at and each.at < before and not each.is_hopeless:
            yield each


def _still_there(said: Iterable[Entry]) -> Iterator[Delivery]:
    found: dict[tuple[str, str], dict[str, Delivery]] = {}
    for entry in said:
        at = found.setdefault((entry.id, entry.sink), {})
        left = Delivery(entry.id, entry.sink, entry.host, entry.at, is_sure=entry.what is What.SENT)
        if entry.what is What.SENT:
            at[entry.host] = left
        elif entry.what is What.INTENT:
            at.setdefault(entry.host, left)
        elif entry.what in (What.REFUSED, What.DELETED):
            for host in _meant(at, entry.host):
                del at[host]
        elif entry.what in (What.UNCONFIRMED, What.GIVEN_UP):
            for host in _meant(at, entry.host):
                at[host] = replace(at[host], is_hopeless=True)
    for at in found.values():
        yield from at.values()


def _meant(hosts: Iterable[str], host: str) -> list[str]:
    """Those of `hosts` that something said of `host` is about; what is not known may be any."""
    return [each for each in hosts if each == host or not (each and host)]
