"""What came of errands: written down together, then marked, then taken out of the outbox, each once only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from earlid.asking.slip_names import id_in
from earlid.core.entry import Entry, What
from earlid.edge.spool.kept import Kept
from earlid.edge.spool.shelf import Held
from earlid.errors import DiskTrouble, NotAllowed, Refused, TryLater
from earlid.uploading.courier import Errand
from earlid.uploading.housekeeping import House, Tell
from earlid.uploading.lane import Lane

_NOT_DELETED: Final = {
    True: "this kind of destination cannot be asked to delete",
    False: "the destination will not delete it: ask its owner",
}


class Settling:
    """Settles what `lanes` brought back. Cut short by trouble, it goes on where it was."""

    def __init__(self, lanes: Sequence[Lane], house: House, tell: Tell) -> None:
        self._lanes, self._house, self._tell = lanes, house, tell
        self._shelf, self._ledger = house.shelf, house.ledger

    def settle(self, lane: Lane) -> Errand | None:
        """Settle everything that was answered; the errand that failed, if one did, waits again.

        The ledger has all answers, durably, before the first segment is touched.
        """
        failed = self._put_back(lane)
        answered = list(lane.landed)
        fresh = [errand for errand in answered if not errand.is_recorded]
        if fresh:
            self._ledger.append(*(_outcome(lane, errand) for errand in fresh))
            for errand in fresh:
                errand.is_recorded = True
        self._take_out(lane, [(errand, errand.held) for errand in answered if errand.held])
        self._deleted(lane, [errand for errand in answered if not errand.held])
        if failed is not None and not isinstance(failed.error, TryLater | NotAllowed) and failed.error:
            raise failed.error
        return failed

    def finish(self, found: Sequence[Held]) -> None:
        """Take out of the outbox those of `found` that every lane is done with; one sync for all erased."""
        done = [held for held in found if self._is_done(held)]
        erased = [held for held in done if not held.refused]
        try:
            self._shelf.spool.throw_away(*(held.folder for held in erased))
        except DiskTrouble:
            there = [held for held in erased if self._shelf.is_there(held)]
            if len(there) == len(erased):
                raise
            self._shelf.spool.throw_away(*(held.folder for held in there))  # others were taken out by hand
        for held in done:
            if held.refused and self._shelf.is_there(held):
                self._shelf.take_aside(held)
            self._let_go_of(held)

    def _let_go_of(self, held: Held) -> None:
        """Remember nothing of what is not there any more: under the same name it may be put back."""
        for lane in self._lanes:
            lane.done.discard(held.folder)
        self._ledger.recent.pop(held.id, None)

    def _put_back(self, lane: Lane) -> Errand | None:
        """Have everything wait again that was not answered; the one errand that failed, if one did."""
        failed = None
        for errand in list(lane.landed):
            is_late = not errand.is_begun
            if is_late or (errand.error is not None and not isinstance(errand.error, Refused)):
                lane.landed.remove(errand)
                if not is_late:
                    failed = errand
                    lane.recall()
                lane.put_back(errand)
        return failed

    def _is_done(self, held: Held) -> bool:
        return bool(self._lanes) and all(held.folder in lane.done for lane in self._lanes)

    def _take_out(self, lane: Lane, landed: Sequence[tuple[Errand, Held]]) -> None:
        """Mark what others wait for, or may be sent to again some day; take out what nobody does."""
        found: list[Held] = []
        events: list[dict[str, object]] = []
        for errand, seen in landed:
            held, refusal = self._shelf.see(seen), errand.refusal
            is_last = all(other is lane or held.folder in other.done for other in self._lanes)
            is_gone = errand.is_touched and not self._shelf.is_there(held)
            errand.is_touched = True
            if not is_gone and (refusal is not None or held.refused or not is_last):
                held = self._mark(held, lane, refusal)
            if is_gone:
                self._let_go_of(held)
            else:
                lane.done.add(held.folder)
                found.append(held)
            events.append(_told(lane, errand, is_all=(is_last or is_gone) and not held.refused))
        self.finish(found)
        self._over(lane, [errand for errand, _ in landed], events)

    def _mark(self, held: Held, lane: Lane, refusal: str | None) -> Held:
        try:
            return self._shelf.mark(held, lane.sink.name, refusal=refusal)
        except DiskTrouble:
            if self._shelf.is_there(held):
                raise
        return held  # its owner took it away by hand

    def _deleted(self, lane: Lane, errands: Sequence[Errand]) -> None:
        if errands:
            ids, asked = (
                {errand.id for errand in errands},
                self._house.to_delete(lane.sink.name, lane.sink.host),
            )
            self._house.deletions_done([name for name in asked if id_in(name) in ids])
        events: list[dict[str, object]] = []
        for errand in errands:
            self._ledger.recent.pop(errand.id, None)
            told, cause = {"id": errand.id, "sink": lane.sink.name}, _not_deleted(errand)
            events.append(
                {"event": "not deleted", **told, "cause": cause} if cause else {"event": "deleted", **told}
            )
        self._over(lane, errands, events)

    def _over(self, lane: Lane, errands: Sequence[Errand], events: Sequence[dict[str, object]]) -> None:
        for errand, event in zip(errands, events, strict=True):
            lane.landed.remove(errand)
            lane.over(errand)
            lane.answered(errand)
            self._tell(event)


def _outcome(lane: Lane, errand: Errand) -> Entry:
    """The entry that says what came of an errand."""
    sink, host = lane.sink.name, lane.sink.host
    if errand.kept is None:
        cause = _not_deleted(errand)
        what = What.UNCONFIRMED if cause else What.DELETED
        return Entry(what=what, id=errand.id, sink=sink, host=host, cause=cause)
    if errand.refusal is not None:
        return replace(about(lane, errand, errand.kept, What.REFUSED), cause=errand.refusal)
    return replace(about(lane, errand, errand.kept, What.SENT), status=errand.receipt().status)


def about(lane: Lane, errand: Errand, kept: Kept, what: What) -> Entry:
    """An entry about a body and where it goes."""
    sink, host = lane.sink.name, lane.sink.host
    entry = Entry(what=what, id=kept.id, sink=sink, host=host, bytes=len(kept.wav), sha256=errand.sha256)
    return entry.about(kept.facts)


def _not_deleted(errand: Errand) -> str:
    """Why a request to delete was not granted, or nothing."""
    if errand.error is None and errand.answer is True:
        return ""
    return str(errand.error or _NOT_DELETED[errand.answer is None])


def _told(lane: Lane, errand: Errand, *, is_all: bool) -> dict[str, object]:
    """What to tell of a segment that was answered; it is sent once every sink has it."""
    if errand.refusal is not None:
        return {"event": "refused", "id": errand.id, "cause": errand.refusal}
    status = errand.receipt().status
    if not is_all or errand.kept is None:
        return {"event": "arrived", "id": errand.id, "sink": lane.sink.name, "status": status}
    facts = {"bytes": len(errand.kept.wav), "seconds": errand.kept.duration_s, "status": status}
    return {"event": "sent", "id": errand.id, **facts}
