"""What may be asked of an uploader beside forgetting: to send again, and to give deletions up."""

from __future__ import annotations

from dataclasses import dataclass

from earlid.asking.forgetting import Wish
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
    """Nothing more is to be deleted at the destination `sink`."""

    sink: str

    def facts(self) -> dict[str, str]:
        """The wish as a note for the uploader."""
        return {"give up": "yes", "sink": self.sink}


def wish_in(facts: dict[str, str]) -> Wish | Again | GiveUp:
    """The wish that a note holds; ValueError where it holds none."""
    if facts.keys() == {"again", "id"}:
        return Again(facts["id"])
    if facts.keys() == {"give up", "sink"}:
        return GiveUp(facts["sink"])
    return Wish.of(facts)


def send_again(wish: Again, shelf: Shelf, ledger: Ledger) -> int:
    """Have what was set aside wait again, each told in the ledger first; how many these were."""
    count = 0
    for held in shelf.aside():
        if wish.id in ("", held.id):
            facts = shelf.facts(held)
            entry = Entry(what=What.PUT_BACK, id=held.id, cause="its owner asked")
            ledger.append(entry if facts is None else entry.about(facts))
            shelf.put_back(held)
            count += 1
    return count


def give_up(wish: GiveUp, ledger: Ledger, deletions: Slips) -> int:
    """Take away all requests to delete at a destination, each told in the ledger first; how many."""
    names = [name for name in deletions.names() if name[32:] == f"-{wish.sink}"]
    for name in names:
        ledger.append(Entry(what=What.GIVEN_UP, id=name[:32], sink=wish.sink, cause="its owner asked"))
    if names:
        deletions.remove(*names)
    return len(names)
