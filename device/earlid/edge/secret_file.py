"""A secret lives in a file of its own that strangers cannot read, and nowhere else."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from earlid.errors import ConfigError

_LONGEST_BYTES = 16_384


def fault_in_secret(path: Path) -> str | None:
    """What to correct before `path` may be used as a secret, or None."""
    try:
        _read(path)
    except ConfigError as error:
        return str(error)
    return None


def fault_in_readable(path: Path) -> str | None:
    """Why the plain file at `path` cannot be read, or None."""
    try:
        with path.open("rb") as file:
            file.read(1)
    except OSError as error:
        return _told(path, error)
    return None


def read_secret(path: Path, setting: str = "upload.token_file") -> str:
    """The secret in `path`, without its line end; ConfigError says what to correct and never the content."""
    try:
        return _read(path)
    except ConfigError as error:
        raise ConfigError(f"{setting}: {error}") from None


def _read(path: Path) -> str:
    try:
        descriptor = os.open(_lent(path), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            about = os.fstat(descriptor)
            if not stat.S_ISREG(about.st_mode):
                raise ConfigError(f"{path} is not a file")
            if about.st_mode & stat.S_IRWXO:
                raise ConfigError(f"everybody on this machine can open {path}: run chmod o= {path}")
            content = file.read(_LONGEST_BYTES + 1)
    except OSError as error:
        raise ConfigError(_told(path, error)) from None
    secret = content.strip()
    if not secret:
        raise ConfigError(f"{path} is empty: put the token in it")
    if len(content) > _LONGEST_BYTES or not secret.isascii() or not secret.decode("ascii").isprintable():
        raise ConfigError(f"{path} is not a token: it must be one line of plain text")
    return secret.decode("ascii")


def _lent(path: Path) -> Path:
    """The copy of `path` that systemd lends this service (LoadCredential), if there is one: by its name.

    A directory that is lent as `token` gives each of its files the name `token_` and its own.
    """
    lent = os.environ.get("CREDENTIALS_DIRECTORY")
    names = (path.name, f"token_{path.name}") if lent else ()
    return next((copy for name in names if (copy := Path(lent or "", name)).is_file()), path)


def _told(path: Path, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"{path} does not exist"
    if isinstance(error, PermissionError) and "CREDENTIALS_DIRECTORY" in os.environ:
        return f"{path} was not lent to this service: see whether it is there"
    if isinstance(error, PermissionError):
        return f"{path} cannot be read by this user: change its owner"
    return f"{path}: {(error.strerror or 'cannot be read').lower()}"
