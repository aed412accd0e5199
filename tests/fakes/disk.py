"""A disk that forgets: at a power cut, any part of what was not synced is gone.

The model, a little worse than ext4 and as good as POSIX promises:
- bytes written to a file are durable after `sync` of that file; before, it may hold none of them, any
  beginning of them, or zeros in the place of all or of a beginning; what is written over something leaves
  the old, the new, or a beginning of the new;
- a name made, moved or unlinked is durable after `sync_dir` of a directory it concerns; before, each such
  step may or may not have happened, independently, but a rename happens whole or not at all;
- the folders the spool makes at its opening are durable at once, as on the real disk; a draft's is not.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from earlid.edge.disk import Entry, Kind, Lock, NotThere
from earlid.errors import DiskTrouble


class PowerCut(BaseException):
    """The plug was pulled just before a verb."""


@dataclass(eq=False)
class _File:
    """A file's bytes now, and what of them is on the device for sure."""

    now: bytes
    durable: bytes | None = None
    made_s: float = 0.0


@dataclass(eq=False)
class _Folder:
    """A folder's names now, and those it had when the power last came on."""

    now: dict[str, _File | _Folder] = field(default_factory=dict)
    base: dict[str, _File | _Folder] = field(default_factory=dict)


@dataclass(eq=False)
class _Step:
    """Changes of names that happen together or not at all; None unlinks."""

    changes: tuple[tuple[_Folder, str, _File | _Folder | None], ...]
    is_durable: bool = False

    def apply(self, names: Callable[[_Folder], dict[str, _File | _Folder]]) -> None:
        for folder, name, thing in self.changes:
            if thing is None:
                names(folder).pop(name, None)
            else:
                names(folder)[name] = thing


class _Claim:
    def __init__(self, held: set[Path], path: Path) -> None:
        self._held, self._path = held, path

    def release(self) -> None:
        self._held.discard(self._path)


class ForgetfulDisk:
    """A disk in memory, powered until `plan_cut` says when the plug is pulled.

    `before_verb` is called with the name and path of each verb that changes something, `before_look` of each
    that does not; both may raise.
    `now_s` is the time that files made now will show. What is in `unlistable` cannot be listed for now.
    """

    def __init__(self, top: _Folder | None = None) -> None:
        self._top = top or _Folder()
        self._steps: list[_Step] = []
        self._held: set[Path] = set()
        self._left: int | None = None
        self.now_s = 0.0
        self.unlistable: set[Path] = set()
        self.before_verb: Callable[[str, Path], None] = lambda verb, path: None
        self.before_look: Callable[[str, Path], None] = lambda verb, path: None

    def plan_cut(self, after: int | None) -> None:
        """Pull the plug after so many more verbs that change something, or never."""
        self._left = after

    def after_power_cut(self, dice: random.Random) -> ForgetfulDisk:
        """The disk as it is found when the power is back: one of the many ways that could be."""
        found: dict[int, dict[str, _File | _Folder]] = {}

        def names(folder: _Folder) -> dict[str, _File | _Folder]:
            return found.setdefault(id(folder), dict(folder.base))

        for step in self._steps:
            if step.is_durable or dice.random() < 0.5:
                step.apply(names)

        def rebuilt(thing: _File | _Folder) -> _File | _Folder:
            if isinstance(thing, _File):
                left = _survivor(thing, dice)
                return _File(left, left, thing.made_s)
            inside = {name: rebuilt(each) for name, each in names(thing).items()}
            return _Folder(inside, dict(inside))

        top = rebuilt(self._top)
        assert isinstance(top, _Folder)
        return ForgetfulDisk(top)

    def make_folder(self, path: Path, like: Path | None = None) -> None:
        here = self._top
        for part in path.parts[1:]:
            inside = here.now.get(part)
            if inside is None:
                self._about_to("make_folder", path)
                inside = _Folder()
                self._step((here, part, inside)).is_durable = path.parent.name != "draft"
            here = _as_folder(inside, path)

    def create(self, path: Path, body: bytes | bytearray) -> None:
        self._about_to("create", path)
        parent = self._folder(path.parent)
        if path.name in parent.now:
            raise DiskTrouble(f"cannot write {path}: it is there")
        self._step((parent, path.name, _File(bytes(body), made_s=self.now_s)))

    def append(self, path: Path, body: bytes) -> None:
        self._about_to("append", path)
        file = self._file(path)
        file.now += body

    def overwrite(self, path: Path, body: bytes) -> None:
        self._about_to("overwrite", path)
        file = self._file(path)
        file.now = body + file.now[len(body) :]

    def cut(self, path: Path, size_bytes: int) -> None:
        self._about_to("cut", path)
        file = self._file(path)
        file.now = file.now[:size_bytes]

    def sync(self, path: Path) -> None:
        self._about_to("sync", path)
        file = self._file(path)
        file.durable = file.now

    def sync_dir(self, path: Path) -> None:
        self._about_to("sync_dir", path)
        folder = self._folder(path)
        for step in self._steps:
            step.is_durable |= any(concerned is folder for concerned, _, _ in step.changes)

    def rename(self, old: Path, new: Path) -> None:
        self._about_to("rename", old)
        source, target = self._folder(old.parent), self._folder(new.parent)
        if old.name not in source.now or new.name in target.now:
            raise DiskTrouble(f"cannot rename {old}: it is not there, or the new name is taken")
        self._step((source, old.name, None), (target, new.name, source.now[old.name]))

    def wipe(self, path: Path) -> None:
        self._about_to("wipe", path)
        file = self._file(path)
        file.now = file.durable = bytes(len(file.now))

    def remove(self, path: Path) -> None:
        self._about_to("remove", path)
        parent = self._folder(path.parent)
        thing = parent.now.get(path.name)
        if thing is None or (isinstance(thing, _Folder) and thing.now):
            raise DiskTrouble(f"cannot remove {path}: it is not there, or not empty")
        self._step((parent, path.name, None))

    def list(self, path: Path) -> list[Entry]:
        self.before_look("list", path)
        if path in self.unlistable:
            raise DiskTrouble(f"cannot list {path}: input/output error")
        return [_entry(name, thing) for name, thing in sorted(self._folder(path).now.items())]

    def read(self, path: Path, limit_bytes: int) -> bytes:
        self.before_look("read", path)
        body = self._file(path).now
        if len(body) > limit_bytes:
            raise DiskTrouble(f"cannot read {path}: it is longer than {limit_bytes} bytes")
        return body

    def lock(self, path: Path) -> Lock | None:
        self._folder(path)
        if path in self._held:
            return None
        self._held.add(path)
        return _Claim(self._held, path)

    def _about_to(self, verb: str, path: Path) -> None:
        self.before_verb(verb, path)
        if self._left is not None:
            if self._left <= 0:
                raise PowerCut
            self._left -= 1

    def _step(self, *changes: tuple[_Folder, str, _File | _Folder | None]) -> _Step:
        step = _Step(changes)
        step.apply(lambda folder: folder.now)
        self._steps.append(step)
        return step

    def _folder(self, path: Path) -> _Folder:
        here: _Folder = self._top
        for part in path.parts[1:]:
            here = _as_folder(here.now.get(part), path)
        return here

    def _file(self, path: Path) -> _File:
        thing = self._folder(path.parent).now.get(path.name)
        if not isinstance(thing, _File):
            raise DiskTrouble(f"cannot open {path}: it is not a file")
        return thing


def _as_folder(thing: _File | _Folder | None, path: Path) -> _Folder:
    if thing is None:
        raise NotThere(f"cannot enter {path}: it is not there")
    if not isinstance(thing, _Folder):
        raise DiskTrouble(f"cannot enter {path}: it is not a directory")
    return thing


def _entry(name: str, thing: _File | _Folder) -> Entry:
    if isinstance(thing, _File):
        return Entry(name, Kind.FILE, len(thing.now), thing.made_s)
    return Entry(name, Kind.FOLDER, 0)


def _survivor(file: _File, dice: random.Random) -> bytes:
    """What is left of a file: what was synced, or some ruin of what was not."""
    if file.durable == file.now:
        return file.now
    sure, whole = file.durable or b"", file.now
    if not whole.startswith(sure):  # written over, or cut shorter: old, new, or a beginning of the new
        begun = whole[: dice.randrange(len(whole) + 1)]
        return dice.choice([sure, whole, begun + sure[len(begun) :]])
    rest = whole[len(sure) :]
    some = dice.randrange(len(rest) + 1)
    hole = bytes(some) + rest[some:]  # a later page can reach the device before an earlier one
    return sure + dice.choice([b"", rest, rest[:some], bytes(len(rest)), hole])
