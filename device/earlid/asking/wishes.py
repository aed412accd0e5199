"""What may be asked of an uploader beside forgetting: to send again, and to give deletions up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from earlid.asking.forgetting import Wish, deliveries
from earlid.asking.slip_names import id_in, is_for, sink_in, slip_name
from earlid.core.entry import Entry, What
from earlid.edge.ledger import Ledger
from earlid.edge.spool.shelf import Shelf
from earlid.edge.spool.slips import Slips


@dataclass(frozen=True, slots=True)
class Again:
    """What was set aside is to be sent again: one segment, or all where `id` is empty."""

    id: str = ""

    def facts(self) -> dict[str, str]:
        """The wish as a note for the uploader."""
        return {"again": "yes", "id": self.id}


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Nothing more is to be deleted at the destination `sink`, but where that is by now."""

    sink: str
    but_at: str = ""

    def facts(self) -> dict[str, str]:
        """The wish as a note for the uploader."""
        return {"give up": "yes", "sink": self.sink} | ({"but at": self.but_at} if self.but_at else {})


def wish_in(facts: dict[str, str]) -> Wish | Again | GiveUp:
    """The wish that a note holds; ValueError where it holds none."""
    if facts.keys() == {"again", "id"}:
        return Again(facts["id"])
    if {"give up", "sink"} <= facts.keys() <= {"give up", "sink", "but at"} and facts.get("but at") != "":
        return GiveUp(facts["sink"], facts.get("but at", ""))
    return Wish.of(facts)


def send_again(wish: Again, shelves: Iterable[Shelf], ledger: Ledger) -> int:
    """Have what was set aside wait again, each told in the ledger first; how many these were."""
    count = 0
    for shelf in shelves:
        for held in shelf.aside():
            if wish.id in ("", held.id):
                facts = shelf.facts(held)
                entry = Entry(what=What.PUT_BACK, id=held.id, cause="its owner asked")
                ledger.append(entry if facts is None else entry.about(facts))
                shelf.put_back(held)
                count += 1
    return count


def give_up(wish: GiveUp, ledger: Ledger, deletions: Slips) -> int:
    """Take away all requests to delete that are given up, each told in the ledger first; how many."""
    hosts = {
        slip_name(each.id, each.sink, each.host): each.host for each in deliveries(ledger.folder, ledger.disk)
    }
    names = [name for name in deletions.names() if sink_in(name) == wish.sink]
    names = [name for name in names if not (wish.but_at and is_for(name, wish.sink, wish.but_at))]
    for name in names:
        id_, host = id_in(name), hosts.get(name, "")
        entry = Entry(what=What.GIVEN_UP, id=id_, sink=wish.sink, host=host, cause="its owner asked")
        ledger.append(entry)
    if names:
        deletions.remove(*names)
    return len(names)
