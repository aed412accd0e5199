"""The disk as a few verbs, each doing one thing, so that a fake can forget between any two of them."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path
from typing import Final, Protocol

from earlid.errors import ConfigError, DiskTrouble

FOLDER_MODE: Final = 0o700
FILE_MODE: Final = 0o600
_ZEROS: Final = bytes(65_536)
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_CLOSED_TO_US: Final = {
    errno.EROFS: "it is read-only: make it writable or set paths.state",
    errno.EACCES: "it is not open to you: ask as root or as its owner, or set paths.state",
    errno.EPERM: "the system does not permit it: set paths.state to a directory of ours",
    errno.ENOTDIR: "a part of the path is not a directory: move it away or set paths.state",
    errno.ELOOP: "it is a symbolic link, which is never followed: remove the link",
}


class Kind(Enum):
    """What a name in a directory is, links not followed."""

    FOLDER = auto()
    FILE = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class Entry:
    """One name in a directory. `size_bytes` is meaningful for files; `changed_s` is since 1970."""

    name: str
    kind: Kind
    size_bytes: int
    changed_s: float = field(default=0.0, compare=False)


class NotOurs(ConfigError):
    """Another user's: whoever owns it has to do this."""


class InUse(ConfigError):
    """Another process of ours has what only one may have."""


class NotThere(DiskTrouble):
    """Nothing has that name; any other trouble says nothing about what is there."""


class Lock(Protocol):
    """A claim on a directory, given back by `release` or by the end of the process."""

    def release(self) -> None:
        """Give the claim back; harmless twice."""


class Disk(Protocol):
    """What the spool asks of a disk. Every verb raises ConfigError or DiskTrouble and nothing else."""

    def make_folder(self, path: Path, like: Path | None = None) -> None:
        """Make `path` and its parents; one that exists is left as it is.

        They are for the owner only, or with the rights that the folder `like` gives to its group.
        """

    def create(self, path: Path, body: bytes | bytearray) -> None:
        """Write a new file; one that exists is trouble. Not durable before `sync`.

        It is for the owner only, or in a shared folder readable by whoever can read that.
        """

    def append(self, path: Path, body: bytes) -> None:
        """Add `body` to the end of the file `path`. Not durable before `sync`; after trouble, cut it back."""

    def overwrite(self, path: Path, body: bytes) -> None:
        """Put `body` over the beginning of the file `path`. Not durable before `sync`."""

    def cut(self, path: Path, size_bytes: int) -> None:
        """Shorten the file `path` to so many bytes. Not durable before `sync`."""

    def sync(self, path: Path) -> None:
        """Once this returns, a power cut cannot lose the bytes of the file `path`."""

    def sync_dir(self, path: Path) -> None:
        """Once this returns, a power cut cannot lose the names in the directory `path`."""

    def rename(self, old: Path, new: Path) -> None:
        """Give `old` the name `new` in one step. Not durable before `sync_dir`."""

    def wipe(self, path: Path) -> None:
        """Overwrite the file `path` with zeros, down to the device as far as the file system goes."""

    def remove(self, path: Path) -> None:
        """Unlink the file, link or empty directory `path`."""

    def list(self, path: Path) -> list[Entry]:
        """The names in the directory `path`, sorted; NotThere where there is none."""

    def read(self, path: Path, limit_bytes: int) -> bytes:
        """The bytes of the file `path`; more than `limit_bytes` is trouble."""

    def lock(self, path: Path) -> Lock | None:
        """Claim the directory `path`, or None while another process or object has it."""


@contextlib.contextmanager
def _translated(doing: str, path: Path) -> Iterator[None]:
    """Turn an OSError into the error that says what to do next."""
    try:
        yield
    except OSError as error:
        number = error.errno or 0
        if number in _FULL:
            raise DiskTrouble(f"disk full: cannot {doing} {path}, make room") from error
        if number in _CLOSED_TO_US:
            kind = NotOurs if number in (errno.EACCES, errno.EPERM) else ConfigError
            raise kind(f"cannot {doing} {path}: {_CLOSED_TO_US[number]}") from error
        why = (error.strerror or "unknown trouble").lower()
        trouble = NotThere if number == errno.ENOENT else DiskTrouble
        raise trouble(f"cannot {doing} {path}: {why}, check the disk") from error


def is_shared(folder: Path) -> bool:
    """Whether `folder` is shared with its group: somebody set its setgid bit and let the group in."""
    mode = folder.stat().st_mode
    return bool(mode & stat.S_ISGID and mode & stat.S_IRWXG)


def share_like(folder: Path, descriptor: int) -> None:
    """Let whoever may read a shared `folder` read the new file `descriptor`, whatever the umask says."""
    if is_shared(folder):
        os.fchmod(descriptor, FILE_MODE | (folder.stat().st_mode & 0o044))


def _give_to_the_owner_of(folder: Path, descriptor: int) -> None:
    """What root makes in the folder of a service belongs to that service, which must read it later."""
    if os.geteuid() == 0:
        owner = folder.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)


def _write_all(descriptor: int, body: bytes | bytearray) -> None:
    rest = memoryview(body)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _read_all(descriptor: int, limit_bytes: int) -> bytes:
    parts = []
    while limit_bytes and (part := os.read(descriptor, limit_bytes)):
        parts.append(part)
        limit_bytes -= len(part)
    return b"".join(parts)


@contextlib.contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    # not following, and not waiting: a pipe in the place of a file is trouble at once
    flags |= os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    descriptor = os.open(path, flags, FILE_MODE)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


class _Claim:
    """A directory's advisory lock, held by an open descriptor."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class RealDisk:
    """The disk of this machine. Symbolic links in the last place of a path are never followed."""

    def make_folder(self, path: Path, like: Path | None = None) -> None:
        with _translated("make the directory", path):
            mode = FOLDER_MODE | (like.stat().st_mode & stat.S_IRWXG if like else 0)
            missing = [each for each in (path, *path.parents) if not each.exists()]
            for each in reversed(missing):
                each.mkdir(mode, exist_ok=True)
                if os.geteuid() == 0:
                    owner = each.parent.stat()
                    os.chown(each, owner.st_uid, owner.st_gid, follow_symlinks=False)
                self.sync_dir(each.parent)
            if not stat.S_ISDIR(os.lstat(path).st_mode):
                raise NotADirectoryError(errno.ENOTDIR, "not a directory")

    def create(self, path: Path, body: bytes | bytearray) -> None:
        with _translated("write", path), _opened(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL) as descriptor:
            _write_all(descriptor, body)
            share_like(path.parent, descriptor)
            _give_to_the_owner_of(path.parent, descriptor)

    def append(self, path: Path, body: bytes) -> None:
        with _translated("write", path), _opened(path, os.O_WRONLY | os.O_APPEND) as descriptor:
            _write_all(descriptor, body)

    def overwrite(self, path: Path, body: bytes) -> None:
        with _translated("write", path), _opened(path, os.O_WRONLY) as descriptor:
            _write_all(descriptor, body)

    def cut(self, path: Path, size_bytes: int) -> None:
        with _translated("shorten", path), _opened(path, os.O_WRONLY) as descriptor:
            os.ftruncate(descriptor, size_bytes)

    def sync(self, path: Path) -> None:
        with _translated("sync", path), _opened(path, os.O_WRONLY) as descriptor:
            os.fdatasync(descriptor)  # its length is part of its bytes; the time of change is not

    def sync_dir(self, path: Path) -> None:
        with _translated("sync", path), _opened(path, os.O_RDONLY | os.O_DIRECTORY) as descriptor:
            os.fsync(descriptor)

    def rename(self, old: Path, new: Path) -> None:
        with _translated("rename", old):
            old.rename(new)

    def wipe(self, path: Path) -> None:
        with _translated("wipe", path), _opened(path, os.O_WRONLY) as descriptor:
            left = os.fstat(descriptor).st_size
            while left > 0:
                left -= os.write(descriptor, _ZEROS[: min(left, len(_ZEROS))])
            os.fdatasync(descriptor)  # its size is the same; when it was changed matters to nobody

    def remove(self, path: Path) -> None:
        with _translated("remove", path):
            if stat.S_ISDIR(os.lstat(path).st_mode):
                path.rmdir()
            else:
                path.unlink()

    def list(self, path: Path) -> list[Entry]:
        with _translated("list", path), os.scandir(path) as found:
            entries = [entry for entry in map(_seen, found) if entry is not None]
        return sorted(entries, key=lambda entry: entry.name)

    def read(self, path: Path, limit_bytes: int) -> bytes:
        with _translated("read", path), _opened(path, os.O_RDONLY | os.O_NONBLOCK) as descriptor:
            body = _read_all(descriptor, limit_bytes + 1)
        if len(body) > limit_bytes:
            raise DiskTrouble(f"cannot read {path}: it is longer than {limit_bytes} bytes, remove it")
        return body

    def lock(self, path: Path) -> Lock | None:
        with _translated("lock", path):
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                return None
            except OSError:
                os.close(descriptor)
                raise
        return _Claim(descriptor)


def _seen(found: os.DirEntry[str]) -> Entry | None:
    """What a name is, or None where the other process removed it meanwhile."""
    try:
        facts = found.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    kinds = {stat.S_IFDIR: Kind.FOLDER, stat.S_IFREG: Kind.FILE}
    return Entry(found.name, kinds.get(stat.S_IFMT(facts.st_mode), Kind.OTHER), facts.st_size, facts.st_mtime)
