"""A file that its owner wrote by hand, replaced as a whole: never somebody else's, never one that changed."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from earlid.errors import ConfigError

_LIMIT_BYTES: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class OwnFile:
    """What `path` said when it was read, and which file that was."""

    path: Path
    text: str
    about: os.stat_result

    def replace(self, text: str) -> None:
        """Let the file say `text`, its owner and rights unchanged; ConfigError, and it stays as it is.

        After a power cut it says the one or the other. Nothing is written if it changed since it was read.
        """
        draft = self.path.with_name(f".{self.path.name}.{os.getpid()}.new")
        with _told("write", self.path):
            if _same(self.path.lstat()) != _same(self.about):
                raise ConfigError(f"{self.path} changed meanwhile, and was left as it is: try again")
            try:
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
                with os.fdopen(os.open(draft, flags, 0o600), "w", encoding="utf-8", newline="") as file:
                    if os.fstat(file.fileno()).st_gid != self.about.st_gid:
                        os.fchown(file.fileno(), -1, self.about.st_gid)
                    os.fchmod(file.fileno(), stat.S_IMODE(self.about.st_mode))
                    file.write(text)
                    file.flush()
                    os.fsync(file.fileno())
                draft.rename(self.path)
            except BaseException:
                with suppress(OSError):
                    draft.unlink()
                raise
            folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


def own_file(path: Path) -> OwnFile:
    """The file at `path`; ConfigError unless it is a plain file, and belongs to whoever asks."""
    with (
        _told("read", path),
        os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW), "rb") as file,
    ):
        about = os.fstat(file.fileno())
        body = file.read(_LIMIT_BYTES + 1) if stat.S_ISREG(about.st_mode) else b""
    if not stat.S_ISREG(about.st_mode):
        raise ConfigError(f"{path} is not a file: change it by hand")
    if about.st_uid != os.geteuid():
        raise ConfigError(f"{path} is another user's: run this as its owner, or change it by hand")
    if about.st_mode & stat.S_IWOTH:
        raise ConfigError(f"everybody on this machine can write {path}: run chmod o-w {path}")
    if about.st_nlink > 1:
        raise ConfigError(f"{path} has another name as well, which would part from it: change it by hand")
    if len(body) > _LIMIT_BYTES:
        raise ConfigError(f"{path} is too large to be a configuration: change it by hand")
    return OwnFile(path, body.decode("utf-8"), about)


def _same(about: os.stat_result) -> tuple[int, ...]:
    return about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns, about.st_mode, about.st_uid


@contextmanager
def _told(doing: str, path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if path.is_symlink():
            raise ConfigError(
                f"{path} is a link, which is not followed: name the file with --config"
            ) from error
        why = (error.strerror or "unknown trouble").lower()
        raise ConfigError(
            f"cannot {doing} {path}: {why}; change it by hand, or run this as its owner"
        ) from error
