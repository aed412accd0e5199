"""Segments on disk: whole and waiting, or not there at all."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from earlid.core.gate import Permit
from earlid.core.segment import Segment, Wake
from earlid.core.units import seconds
from earlid.edge.budget_file import Uptime
from earlid.edge.disk import Disk, Entry, InUse, Kind, Lock, RealDisk
from earlid.edge.seal import SEAL_LIMIT_BYTES, Sealer
from earlid.edge.sound.wav import wav_bytes
from earlid.edge.spool.draft import Draft, insist
from earlid.edge.spool.kept import (
    FACTS,
    FACTS_LIMIT_BYTES,
    SEALED_SOUND,
    SOUND,
    SOUND_LIMIT_BYTES,
    BrokenSegmentError,
    Facts,
    Kept,
    assemble,
    folder_name,
    place,
)
from earlid.edge.spool.slips import Slips
from earlid.edge.spool.trash import Trash, destroy_all_in, destroy_in, take_back
from earlid.errors import ConfigError, DiskTrouble, KeptInDoubt

_log = logging.getLogger(__name__)
_FIRST: Final = 1


class Spool:
    """One folder a segment under `root`: written in `draft`, waiting in `outbox`, kept in `quarantine`.

    Two processes share it: one puts, one takes away. Each claims its end by a lock, on its first use of
    it or by `claim_*`, and sweeps what a crash left at that end. Looking claims nothing and changes nothing.
    """

    def __init__(
        self,
        root: Path,
        disk: Disk | None = None,
        sealer: Sealer | None = None,
        uptime: Uptime | None = None,
    ) -> None:
        """With a `sealer`, no sound touches the disk but what it makes of it."""
        self._sealer, self._uptime = sealer, uptime or Uptime()
        self.disk: Disk = RealDisk() if disk is None else disk
        self.root = root
        self.draft = root / "draft"
        self.outbox = root / "outbox"
        self.quarantined = root / "quarantine"
        self.trash = root / "trash"
        self._claims: dict[Path, Lock] = {}
        self._bin = Trash(self.disk, self.trash)
        self._told: set[str] = set()
        self._next = _FIRST
        for folder in (root, self.draft, self.outbox, self.quarantined, self.trash):
            self.disk.make_folder(folder)

    def close(self) -> None:
        """Give both ends back; harmless twice."""
        while self._claims:
            self._claims.popitem()[1].release()

    def claim_drafts(self) -> int:
        """Become the only one that puts. Says how many unfinished segments of a crash were wiped."""
        if not self._claim(self.draft, "earlid listen"):
            return 0
        swept = self._sweep(self.draft)
        places = [place(entry.name) for at in (self.outbox, self.quarantined) for entry in self.disk.list(at)]
        self._next = max((known[0] for known in places if known), default=_FIRST - 1) + 1
        return swept

    def claim_outbox(self) -> int:
        """Become the only one that takes away. Says how many half-removed segments are wiped, now or soon."""
        if not self._claim(self.trash, "earlid upload"):
            return 0
        return self._tell_swept(self._bin.take_up(), self.trash)

    def put(self, segment: Segment, permit: Permit) -> str:
        """Keep `segment`. Once this returns, a power cut cannot lose it; before, all or none of it is there.

        Raises Violation, with nothing written, unless `permit` covers it; DiskTrouble or ConfigError if the
        disk will not keep it: then nothing half written remains, and what was waiting is untouched. Only
        KeptInDoubt says that it is in the outbox.
        """
        draft = self.prepare(segment, permit)
        try:
            self.write(draft)
        finally:
            draft.wipe()
        return draft.id

    def prepare(self, segment: Segment, permit: Permit) -> Draft:
        """What will be written of `segment`, in memory only; Violation unless `permit` covers it."""
        insist(segment, permit)
        wav = wav_bytes(segment.samples)
        sound_name, sound = (SOUND, wav) if self._sealer is None else (SEALED_SOUND, self._sealer(wav))
        facts = Facts.of(segment, uuid.uuid4().hex, self._uptime.boot, self._uptime())
        return Draft(facts, sound_name, bytearray(sound))

    def write(self, draft: Draft, is_wanted: Callable[[], bool] = lambda: True) -> bool:
        """Keep `draft`, as `put` promises: True once it is safe. Its memory is zeroed once the disk has it.

        False if `is_wanted` did not hold any more when it had got its place in the outbox, however long the
        disk took over that: then it was overwritten and unlinked, unless the uploader was quicker. What a
        power cut leaves of a draft is overwritten at the next start.
        """
        self.claim_drafts()
        name = folder_name(self._next, draft.id)
        try:
            self._write(self.draft / name, draft)
            is_kept = is_wanted()
            if is_kept:
                self.disk.rename(self.draft / name, self.outbox / name)
        except (DiskTrouble, ConfigError):
            destroy_in(self.disk, self.draft, name)
            raise
        if not is_kept:
            destroy_in(self.disk, self.draft, name)
            return False
        self._next += 1
        if not is_wanted() and take_back(self.disk, self.outbox / name, self.draft):
            return False
        try:
            self.disk.sync_dir(self.outbox)
        except (DiskTrouble, ConfigError) as trouble:
            if take_back(self.disk, self.outbox / name, self.draft):
                raise
            raise KeptInDoubt(str(trouble)) from trouble
        return True

    def pending(self) -> Iterator[Kept]:
        """Every whole segment in the outbox, oldest first; what is not one is told once and passed by.

        The process that claimed the outbox also moves a folder of ours that is broken to quarantine.
        """
        found = [(place(entry.name), entry) for entry in self.disk.list(self.outbox)]
        for known, entry in found:
            if known is None or entry.kind is not Kind.FOLDER:
                self.tell_foreign(entry.name)
        ours = [(known, entry) for known, entry in found if known and entry.kind is Kind.FOLDER]
        for _, entry in sorted(ours, key=lambda each: (each[0], each[1].name)):
            kept = self._opened(entry)
            if kept is not None:
                yield kept

    def waiting(self) -> int:
        """How many segments are in the outbox, without opening them."""
        return sum(place(entry.name) is not None for entry in self.disk.list(self.outbox))

    def remove(self, kept: Kept) -> None:
        """Take a delivered segment out of the outbox for good."""
        self.erase(kept.folder)

    def erase(self, *folders: Path) -> None:
        """Destroy the segments in `folders`, in outbox or quarantine, and all that was thrown away before."""
        self.throw_away(*folders)
        while self.empty_trash_a_little():
            pass

    def throw_away(self, *folders: Path) -> None:
        """Take the segments in `folders` away for good; `empty_trash_a_little` destroys them.

        Their new names are durable before the first zero is written, so that no power cut can bring back
        a segment full of zeros. A cut before that brings it back whole.
        """
        if folders:
            self.claim_outbox()
            self._bin.throw(*folders)

    def empty_trash_a_little(self) -> bool:
        """Overwrite and remove one of the segments that were thrown away; False if none is left."""
        return self._bin.empty_a_little()

    def quarantine(self, kept: Kept, why: str) -> None:
        """Set aside a segment that nobody will take, with `why` beside it; it is never sent again."""
        self.set_aside(kept.folder, why)

    def read(self, folder: Path) -> Kept:
        """The segment in `folder`; BrokenSegmentError where it is none, DiskTrouble where it is gone."""
        return self._read(folder)

    def note_discarded(self, wake: Wake, length: int) -> None:
        """Leave a durable note for the ledger that a mute destroyed a segment; trouble is told only."""
        facts = {"word": wake.model, "seconds": f"{seconds(length):.3f}"}
        try:
            Slips(self.root / "notes", self.disk).put(facts)
        except (DiskTrouble, ConfigError) as trouble:
            _log.warning("not_noted=%r trouble=%r", "discarded by mute", str(trouble))

    def check(self, room_bytes: int = 4096) -> None:
        """Return if a segment of `room_bytes` could be kept now; otherwise raise what `put` would."""
        probe = self.root / f"probe-{uuid.uuid4().hex}"
        try:
            self.disk.create(probe, bytes(room_bytes))
            self.disk.sync(probe)
            self.disk.sync_dir(self.root)
        finally:
            if any(entry.name == probe.name for entry in self.disk.list(self.root)):
                self.disk.remove(probe)

    def trouble(self, room_bytes: int = 4096) -> str | None:
        """Why no segment of `room_bytes` could be kept now, or None."""
        try:
            self.check(room_bytes)
        except (DiskTrouble, ConfigError) as trouble:
            return str(trouble)
        return None

    def _claim(self, end: Path, who: str) -> bool:
        """Whether `end` was claimed just now rather than before."""
        if end in self._claims:
            return False
        lock = self.disk.lock(end)
        if lock is None:
            raise InUse(f"another {who} is already using {self.root}: stop it, or set paths.state")
        self._claims[end] = lock
        return True

    def _write(self, folder: Path, draft: Draft) -> None:
        """Bytes, then names: everything in `folder` is durable before it gets the name that counts."""
        self.disk.make_folder(folder, like=self.outbox)
        self.disk.create(folder / draft.sound_name, draft.sound)
        draft.wipe()  # the disk may take its time to make it durable; memory need not hold it for so long
        self.disk.create(folder / FACTS, draft.facts.told())
        for name in (draft.sound_name, FACTS):
            self.disk.sync(folder / name)
        self.disk.sync_dir(folder)

    def _opened(self, entry: Entry) -> Kept | None:
        folder = self.outbox / entry.name
        try:
            return self._read(folder)
        except BrokenSegmentError as broken:
            self._tell_once(entry.name, f"broken: {broken}")
            if self.trash in self._claims:
                self.set_aside(folder, str(broken))
        except (DiskTrouble, ConfigError) as trouble:
            if entry in self.disk.list(self.outbox):
                self._tell_once(entry.name, f"unreadable: {trouble}")
        return None

    def _read(self, folder: Path) -> Kept:
        files = {each.name: each.kind for each in self.disk.list(folder)}
        sealed = SEALED_SOUND in files
        sound = SEALED_SOUND if sealed else SOUND
        if any(files.get(name) is not Kind.FILE for name in (sound, FACTS)):
            raise BrokenSegmentError(f"{sound} or {FACTS} is missing or not a plain file")
        facts = self.disk.read(folder / FACTS, FACTS_LIMIT_BYTES)
        body = self.disk.read(folder / sound, SOUND_LIMIT_BYTES + SEAL_LIMIT_BYTES)
        return assemble(folder, facts, body, sealed=sealed)

    def set_aside(self, folder: Path, why: str) -> None:
        """Move `folder` from outbox to quarantine, with `why` beside it."""
        self.claim_outbox()
        aside = self.quarantined / folder.name
        self.disk.rename(folder, aside)
        self.disk.sync_dir(self.quarantined)
        self.disk.sync_dir(self.outbox)
        try:
            self.disk.create(aside / "why.txt", f"{why}\n".encode())
            self.disk.sync(aside / "why.txt")
            self.disk.sync_dir(aside)
        except (DiskTrouble, ConfigError) as trouble:
            _log.warning("quarantine=%s why=%r trouble=%r", folder.name, why, str(trouble))

    def _sweep(self, where: Path) -> int:
        """Wipe and remove everything under `where`; how many names there were."""
        return self._tell_swept(destroy_all_in(self.disk, where), where)

    def _tell_swept(self, swept: int, where: Path) -> int:
        if swept:
            _log.warning("swept=%d folder=%s cause=%r", swept, where.name, "left by a crash")
        return swept

    def tell_foreign(self, name: str) -> None:
        """Say once that `name` does not belong there."""
        self._tell_once(name, "not a segment of ours: ignored, remove it by hand")

    def _tell_once(self, name: str, what: str) -> None:
        if name not in self._told:
            self._told.add(name)
            _log.warning("outbox=%r %s", name, what)
