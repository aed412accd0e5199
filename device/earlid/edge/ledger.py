"""The ledger on disk: chained lines in a few files, each durable before it counts, and a small head file.

`ledger/NUMBER.jsonl` begins with entry NUMBER; the chain goes on from file to file. `head.0` and `head.1`
are written in turn after each entry, so that one of them is whole after any power cut: they show when the
end of the chain was cut off. They protect against accidents and against who can reach the ledger only; who
can write both can forge both, and only a head kept on another machine shows that.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from earlid.core.chain import BrokenEntryError, Checked, Head, chained, mark_of, read_entry, verify
from earlid.core.entry import Entry, What
from earlid.edge.disk import Disk, InUse, Kind, Lock, NotThere, RealDisk
from earlid.errors import ConfigError, DiskTrouble

ROTATE_BYTES: Final = 500_000
_LONGEST_FILE_BYTES: Final = 8_000_000
_SLOTS: Final = ("head.0", "head.1")
_SLOT: Final = re.compile(rb"([0-9]{12}) ([0-9a-f]{64}) ([0-9a-f]{16})\n")
_FILE: Final = re.compile(r"([0-9]{12})\.jsonl")

_log = logging.getLogger(__name__)


class LedgerBroken(ConfigError):
    """The ledger is not as it was left: nothing may be sent until somebody has looked."""


class Ledger:
    """Appends entries, each durable before `append` returns. One process at a time, by a lock.

    Open it before the first `append`; `recent` then holds what the last files say of each segment.
    """

    def __init__(
        self,
        folder: Path,
        disk: Disk | None = None,
        now: Callable[[], str] | None = None,
        rotate_bytes: int = ROTATE_BYTES,
    ) -> None:
        self.folder = folder
        self.disk: Disk = RealDisk() if disk is None else disk
        self._now = now or utc_now
        self._rotate_bytes = rotate_bytes
        self._lock: Lock | None = None
        self._file: Path | None = None
        self._size = 0
        self._undo: Callable[[], None] | None = None
        self._unshown: list[Entry] = []  # durable, but their head is not, and whoever added them was told so
        self.head = Head()
        self.recent: dict[str, list[Entry]] = {}

    def open(self) -> None:
        """Claim the ledger and mend a torn last line; LedgerBroken where it is not as it was left."""
        if self._lock is not None:
            return
        self.disk.make_folder(self.folder)
        self._lock = self.disk.lock(self.folder)
        if self._lock is None:
            raise InUse(f"another earlid is writing {self.folder}: stop it, or let it do this")
        try:
            self._take_up()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give the ledger back; harmless twice."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def append(self, *said: Entry) -> Head:
        """Add entries with the time of now. Once this returns all are durable; if it raises, do not go on.

        Whoever adds the same again after that need not know how far it came: none is added twice.
        """
        if self._lock is None:
            self.open()
        if self._undo is not None:
            self._undo()
            self._undo = None
        unshown, fresh = list(self._unshown), []
        for entry in said:
            if entry in unshown:
                unshown.remove(entry)
            else:
                fresh.append(entry)
        if fresh:
            self._write(fresh)
        self._unshown = [*unshown, *said]
        slot = self.folder / _SLOTS[self.head.number % 2]
        self.disk.overwrite(slot, _slot(self.head))
        self.disk.sync(slot)
        self._unshown = unshown
        return self.head

    def settled(self, ids: set[str]) -> None:
        """Forget what is remembered of every segment but these."""
        self.recent = {id_: entries for id_, entries in self.recent.items() if id_ in ids}

    def _write(self, said: Sequence[Entry]) -> None:
        at, first, head, body = self._now(), self.head.number + 1, self.head, b""
        for entry in said:
            line, head = chained(head, replace(entry, at=at).facts())
            body += line
        if self._file is None or self._size + len(body) > self._rotate_bytes:
            self._begin_file(body, first)
        else:
            self._grow(self._file, body)
        self.head = head
        for entry in said:
            self._remember(replace(entry, at=at))

    def _begin_file(self, body: bytes, first: int) -> None:
        path = self.folder / f"{first:012d}.jsonl"

        def undo() -> None:
            if any(entry.name == path.name for entry in self.disk.list(self.folder)):
                self.disk.remove(path)

        self._undo = undo
        self.disk.create(path, body)
        self.disk.sync(path)
        self.disk.sync_dir(self.folder)
        self._undo = None
        self._file, self._size = path, len(body)

    def _grow(self, path: Path, body: bytes) -> None:
        size = self._size
        self._undo = lambda: self._shorten(path, size)
        self.disk.append(path, body)
        self.disk.sync(path)
        self._undo = None
        self._size += len(body)

    def _shorten(self, path: Path, size: int) -> None:
        self.disk.cut(path, size)
        self.disk.sync(path)

    def _remember(self, entry: Entry) -> None:
        if entry.id:
            self.recent.setdefault(entry.id, []).append(entry)

    def _take_up(self) -> None:
        """Go on where the last process stopped."""
        files, known = _files(self.folder, self.disk), _known_head(self.folder, self.disk)
        self.head, self._file, self._size, self.recent = Head(), None, 0, {}
        torn = 0
        for path in files[-2:]:
            torn = self._read(path, known, is_first=path == files[-2:][0], is_last=path == files[-1])
        if known is not None and known.number > self.head.number:
            self._broken(f"entries after {self.head.number} are missing")
        if known is None and self.head.number > 1:
            self._broken("its head files are missing or unreadable")
        for number, slot in enumerate(_SLOTS):
            if known is None or not self._is_there(slot):
                first = Head() if number or not known else known
                self.disk.create(self._free(slot), _slot(first))
                self.disk.sync(self.folder / slot)
        self.disk.sync_dir(self.folder)
        if torn:
            _log.warning("ledger=%s repaired=%d cause=%r", self.folder, torn, "torn by a power cut")
            self.append(Entry(what=What.REPAIRED, bytes=torn, cause="torn by a power cut"))

    def _read(self, path: Path, known: Head | None, *, is_first: bool, is_last: bool) -> int:
        """Walk one file to its end; how many torn bytes were cut off it.

        What lies behind the newest known head is the last `append`, of which nobody was told that it is
        durable: after a power cut it may be torn anywhere.
        """
        body = self.disk.read(path, _LONGEST_FILE_BYTES)
        begins = int(path.stem)
        if is_first:
            self.head = Head(begins - 1, "" if begins > 1 else Head().mark)
        self._file, self._size = path, 0
        while (end := body.find(b"\n", self._size) + 1) > 0:
            line = body[self._size : end]
            fault = self._fault_in(line, known)
            if fault is not None:
                is_sure = known is not None or end == len(body)
                if not (is_last and is_sure and self.head.number >= (known or Head()).number):
                    self._broken(f"entry {self.head.number + 1} {fault}")
                break
            self._size = end
        torn = len(body) - self._size
        if torn and not is_last:
            self._broken(f"{path.name} ends in the middle of an entry")
        if torn:
            self._shorten(path, self._size)
        return torn

    def _fault_in(self, line: bytes, known: Head | None) -> str | None:
        """What is wrong with the next line, or None: then it is the new head."""
        try:
            facts = read_entry(line)
            entry = Entry.of(facts)
        except BrokenEntryError as error:
            return f"is unreadable: {error}"
        except ValueError:
            return "is none of ours"
        if facts["n"] != self.head.number + 1:
            return f"is missing or moved: entry {facts['n']} is in its place"
        if self.head.mark and facts["before"] != self.head.mark:
            return "does not follow the one before it"
        head = Head(facts["n"], mark_of(line))
        if known is not None and known.number == head.number and known.mark != head.mark:
            return "is not the one that was written"
        self.head = head
        self._remember(entry)
        return None

    def _is_there(self, name: str) -> bool:
        return any(entry.name == name for entry in self.disk.list(self.folder))

    def _free(self, name: str) -> Path:
        if self._is_there(name):
            self.disk.remove(self.folder / name)
        return self.folder / name

    def _broken(self, how: str) -> None:
        told = f"the ledger in {self.folder} is broken: {how}; nothing is sent"
        raise LedgerBroken(f"{told}: see earlid ledger verify, then move it away to begin a new one")


def lines(folder: Path, disk: Disk | None = None) -> Iterator[bytes]:
    """Every line of the ledger in `folder`, oldest first, a file at a time; none where there is no ledger."""
    disk = disk or RealDisk()
    for path in _files(folder, disk):
        yield from disk.read(path, _LONGEST_FILE_BYTES).splitlines(keepends=True)


def entries(folder: Path, disk: Disk | None = None) -> Iterator[Entry]:
    """Every entry that can be read, oldest first; what cannot is passed by, for `check` to tell."""
    for line in lines(folder, disk):
        try:
            yield Entry.of(read_entry(line))
        except ValueError:
            continue


def check(folder: Path, kept_mark: str | None = None, disk: Disk | None = None) -> Checked:
    """Verify the whole ledger against its head files, and against a mark kept elsewhere."""
    disk = disk or RealDisk()
    known = _known_head(folder, disk)  # before the lines: the ledger may grow while we look
    return verify(lines(folder, disk), known, kept_mark)


def utc_now() -> str:
    """The time of now by this machine's clock, to the millisecond."""
    return in_utc(datetime.now(UTC))


def in_utc(moment: datetime) -> str:
    """`moment` as the ledger writes it; the order of such texts is the order of time."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seconds_of(at: str) -> float:
    """The time `at`, as the ledger writes it, in seconds since 1970."""
    return datetime.fromisoformat(at).timestamp()


def _files(folder: Path, disk: Disk) -> list[Path]:
    try:
        names = [entry.name for entry in disk.list(folder) if entry.kind is Kind.FILE]
    except NotThere:
        return []
    return [folder / name for name in names if _FILE.fullmatch(name)]


def _slot(head: Head) -> bytes:
    said = f"{head.number:012d} {head.mark}"
    return f"{said} {hashlib.sha256(said.encode()).hexdigest()[:16]}\n".encode()


def _known_head(folder: Path, disk: Disk) -> Head | None:
    """The newest head that was written whole, or None."""
    found = []
    for name in _SLOTS:
        try:
            match = _SLOT.fullmatch(disk.read(folder / name, 1000))
        except (DiskTrouble, ConfigError):
            continue
        if match and hashlib.sha256(b" ".join(match.groups()[:2])).hexdigest()[:16] == match[3].decode():
            found.append(Head(int(match[1]), match[2].decode()))
    return max(found, key=lambda head: head.number, default=None)
