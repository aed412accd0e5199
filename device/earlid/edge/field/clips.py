"""The sound of field recordings: one sealed file a clip, and none without the peak that names it.

Writing: the file first, then the row that names it. Erasing: the row first, then the file. So whatever is
cut short leaves a file without a row, or, where SQLite's last change was lost, a row without its file;
`mend` ends both. The listener holds the public key alone: what is read here is sealed.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from earlid.edge.disk import Disk, Kind, Lock, RealDisk
from earlid.edge.field.store import FieldStore
from earlid.edge.seal import is_sealed
from earlid.edge.whole_file import read_file, replace_file
from earlid.errors import DiskTrouble, UsageError, Violation

_NAME: Final = re.compile(r"[0-9a-f]{32}")
_END: Final = ".age"
_DRAFT: Final = ".new"
_LIMIT_BYTES: Final = 1_000_000


class FieldClips:
    """The folder `clips` in `folder`, which is `state/field`. Names are 32 hex digits made by `new_name`."""

    def __init__(self, folder: Path, disk: Disk | None = None) -> None:
        """Make the folder if it is missing. ConfigError or DiskTrouble."""
        self.folder: Final = folder / "clips"
        self._mark = folder / "forgotten"
        self._disk = disk or RealDisk()
        self._disk.make_folder(self.folder)

    def claim(self) -> Lock | None:
        """Leave to write and to mend, which only one process at a time has; None while another has it."""
        return self._disk.lock(self.folder)

    def put(self, name: str, sealed: bytes) -> None:
        """Keep `sealed` as `name`. Once this returns, a power cut cannot lose it; then let a peak name it."""
        if not is_sealed(sealed):
            raise Violation("a clip was to be kept that is not sealed")
        path = self._path(name)
        draft = path.with_suffix(_DRAFT)
        self._disk.create(draft, sealed)
        self._disk.sync(draft)
        self._disk.rename(draft, path)
        self._disk.sync_dir(self.folder)

    def read(self, name: str) -> bytes:
        """The sealed bytes of `name`; UsageError if there is no such clip, or no longer."""
        path = self._path(name)
        if path.name not in {entry.name for entry in self._disk.list(self.folder)}:
            raise UsageError("no such clip: it may have been erased meanwhile")
        return self._disk.read(path, _LIMIT_BYTES)

    def names(self) -> set[str]:
        """Every clip that is here."""
        files = (Path(entry.name) for entry in self._disk.list(self.folder) if entry.kind is Kind.FILE)
        return {file.stem for file in files if file.suffix == _END and _NAME.fullmatch(file.stem)}

    def remove(self, names: Sequence[str]) -> None:
        """Overwrite these clips with zeros and unlink them. No peak may name them any more."""
        here = self.names()
        for name in names:
            if name in here:
                self._destroy(self._path(name))
        self._disk.sync_dir(self.folder)

    def sweep(self, named: set[str]) -> int:
        """Destroy everything here but the clips in `named`; how many files that were. Only with the claim."""
        keep = {name + _END for name in named}
        swept = [entry.name for entry in self._disk.list(self.folder) if entry.name not in keep]
        for name in swept:
            self._destroy(self.folder / name)
        if swept:
            self._disk.sync_dir(self.folder)
        return len(swept)

    def forgotten(self) -> bytes | None:
        """What changes each time that all sound is to be forgotten; None if it never was."""
        return read_file(self._disk, self._mark, _LIMIT_BYTES)

    def have_forgotten(self) -> None:
        """Let whoever records drop the sound that has no row yet."""
        replace_file(self._disk, self._mark, new_name().encode() + b"\n")

    def _destroy(self, path: Path) -> None:
        try:
            self._disk.wipe(path)
            self._disk.remove(path)
        except DiskTrouble:
            if path.name in {entry.name for entry in self._disk.list(self.folder)}:
                raise  # else somebody was quicker, who wipes before unlinking, too

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise UsageError("no clip has such a name")
        return self.folder / (name + _END)


def new_name() -> str:
    """A name that says nothing: 32 random hex digits, for a peak or a clip."""
    return secrets.token_hex(16)


def mend(store: FieldStore, clips: FieldClips) -> tuple[int, int]:
    """No clip without a row, no row without its clip: how many files were destroyed, and rows corrected.

    Whoever calls it has the claim: a clip that is just being written has no row yet.
    """
    named, here = {name for name, _, _ in store.clips()}, clips.names()
    lost = sorted(named - here)
    if lost:
        store.let_go_of(lost)
    return clips.sweep(named), len(lost)


def trim(store: FieldStore, clips: FieldClips, *, max_bytes: int, before_s: float) -> int:
    """Erase clips of before `before_s`, and then the oldest beyond `max_bytes`; how many that were."""
    found = store.clips()
    too_much = sum(size for _, _, size in found) - max_bytes
    gone = []
    for name, at_s, size in found:
        if at_s >= before_s and too_much <= 0:
            break
        gone.append(name)
        too_much -= size
    if gone:
        store.let_go_of(gone)
        clips.remove(gone)
    return len(gone)


def erase(store: FieldStore, clips: FieldClips, peak: str) -> None:
    """Destroy the sound, the trace and the note of one peak; that it happened still counts."""
    clip = store.peak(peak).clip
    store.blank(peak)
    if clip:
        clips.remove([clip])


def erase_everything(store: FieldStore, clips: FieldClips) -> None:
    """Destroy every clip, number and label. While a listener records, what it is just writing comes after."""
    gone = [name for name, _, _ in store.clips()]
    store.erase_everything()
    clips.remove(gone)


def forget_sound(store: FieldStore, clips: FieldClips, since_s: float = float("-inf")) -> int:
    """Destroy all sound of `since_s` and later; how many clips that were. Every number and label stays.

    A listener that records drops what it has not written down yet, before it writes or right after.
    """
    clips.have_forgotten()
    gone = [name for name, at_s, _ in store.clips() if at_s >= since_s]
    store.let_go_of(gone)
    clips.remove(gone)
    return len(gone)
