"""What lies in outbox and quarantine, without its sound: how much, since when, and which sinks are done."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from earlid.edge.disk import Kind, NotThere
from earlid.edge.spool.kept import (
    FACTS,
    FACTS_LIMIT_BYTES,
    SEALED_SOUND,
    SOUND,
    BrokenSegmentError,
    Facts,
    place,
)
from earlid.edge.spool.spool import Spool
from earlid.errors import ConfigError, DiskTrouble

_MARK: Final = re.compile(r"(sent|refused)-([A-Za-z0-9_.-]{1,64})")


@dataclass(frozen=True, slots=True)
class Held:
    """One segment's folder. `sent` and `refused` name the sinks that are done with it.

    `kept_s` is when it was written, in seconds since 1970 by the clock of then.
    """

    folder: Path
    sequence: int
    id: str
    size_bytes: int = 0
    kept_s: float = 0.0
    sent: frozenset[str] = field(default=frozenset())
    refused: frozenset[str] = field(default=frozenset())

    @property
    def name(self) -> str:
        """Its folder's name."""
        return self.folder.name

    @property
    def done(self) -> frozenset[str]:
        """Every sink that is done with it."""
        return self.sent | self.refused


class Shelf:
    """Knows every segment on disk by its folder's name, and what is inside once it was looked into."""

    def __init__(self, spool: Spool) -> None:
        self.spool = spool
        self._known: dict[Path, Held] = {}

    def waiting(self) -> list[Held]:
        """Everything in the outbox, oldest first."""
        return self._held(self.spool.outbox)

    def aside(self) -> list[Held]:
        """Everything in quarantine, oldest first."""
        return self._held(self.spool.quarantined)

    def mark(self, held: Held, sink: str, *, refusal: str | None = None) -> Held:
        """Make it durable that `sink` is done with a segment which others still wait for."""
        held = self.see(held)
        mark = held.folder / f"{'sent' if refusal is None else 'refused'}-{sink}"
        if sink not in held.done:
            if all(entry.name != mark.name for entry in self.spool.disk.list(held.folder)):
                self.spool.disk.create(mark, f"{refusal or ''}\n".encode())  # or one that was cut short did
            self.spool.disk.sync(mark)
            self.spool.disk.sync_dir(held.folder)
        marked = _with(held, mark.name)
        self._known[held.folder] = marked
        return marked

    def facts(self, held: Held) -> Facts | None:
        """What is known of a segment, or None where that cannot be read any more."""
        try:
            return Facts.heard(self.spool.disk.read(held.folder / FACTS, FACTS_LIMIT_BYTES))
        except (BrokenSegmentError, DiskTrouble, ConfigError):
            return None

    def is_known(self, held: Held) -> bool:
        """Whether a segment's folder was looked into."""
        return held.folder in self._known

    def see(self, held: Held) -> Held:
        """The same segment with its size, its age and every mark that it has by now; gone, it has none.

        DiskTrouble where nobody can tell: without its marks it would be sent to those who have it.
        """
        if held.folder not in self._known:
            try:
                self._known[held.folder] = self._looked_into(held)
            except NotThere:
                return held
        return self._known[held.folder]

    def look(self, held: Held) -> Held:
        """What `see` sees, for all that is not about sending; the same as it was where nobody can tell."""
        try:
            return self.see(held)
        except (DiskTrouble, ConfigError):
            return held

    def take_aside(self, held: Held) -> None:
        """Take out of the outbox what every sink is done with and one refused, with the reasons beside it."""
        self.spool.set_aside(held.folder, self._refusals(held))

    def put_back(self, held: Held) -> None:
        """Have a segment that was set aside wait again, for those sinks that had refused it."""
        disk, waiting = self.spool.disk, self.spool.outbox / held.name
        for each in (held.folder, waiting):  # what is known of it there will hold no more
            self._known.pop(each, None)
        self.spool.claim_outbox()
        for entry in disk.list(held.folder):
            if entry.name == "why.txt" or _sinks("refused", [entry.name]):
                disk.remove(held.folder / entry.name)
        disk.sync_dir(held.folder)
        disk.rename(held.folder, waiting)
        disk.sync_dir(self.spool.outbox)
        disk.sync_dir(self.spool.quarantined)

    def is_there(self, held: Held) -> bool:
        """Whether it still lies where it was seen."""
        try:
            self.spool.disk.list(held.folder)
        except DiskTrouble:
            return any(entry.name == held.name for entry in self.spool.disk.list(held.folder.parent))
        return True

    def _refusals(self, held: Held) -> str:
        """Why sinks refused a segment, a line each, as far as that can be read."""
        whys = []
        for sink in sorted(held.refused):
            try:
                why = self.spool.disk.read(held.folder / f"refused-{sink}", FACTS_LIMIT_BYTES)
            except (DiskTrouble, ConfigError):
                continue
            whys.append(f"{sink}: {why.decode('utf-8', 'replace').strip()}")
        return "\n".join(whys)

    def _held(self, room: Path) -> list[Held]:
        found = {}
        for entry in self.spool.disk.list(room):
            known = place(entry.name)
            if known is None or entry.kind is not Kind.FOLDER:
                self.spool.tell_foreign(entry.name)
                continue
            folder = room / entry.name
            found[folder] = self._known.get(folder) or Held(folder, *known)
        self._known = {
            folder: held for folder, held in self._known.items() if folder.parent != room or folder in found
        }
        return sorted(found.values(), key=lambda held: (held.sequence, held.name))

    def _looked_into(self, held: Held) -> Held:
        inside = self.spool.disk.list(held.folder)
        size_bytes = sum(entry.size_bytes for entry in inside if entry.kind is Kind.FILE)
        kept_s = max(
            (entry.changed_s for entry in inside if entry.name in (SOUND, SEALED_SOUND)), default=0.0
        )
        held = replace(held, size_bytes=size_bytes, kept_s=kept_s)
        return _with(held, *(entry.name for entry in inside if entry.kind is Kind.FILE))


def _with(held: Held, *names: str) -> Held:
    return replace(
        held, sent=held.sent | _sinks("sent", names), refused=held.refused | _sinks("refused", names)
    )


def _sinks(what: str, names: Iterable[str]) -> frozenset[str]:
    return frozenset(mark[2] for mark in map(_MARK.fullmatch, names) if mark and mark[1] == what)
