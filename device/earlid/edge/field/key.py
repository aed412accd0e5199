"""The key that opens the sound of field recordings: for root and whoever reviews, never for who listens."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from earlid.edge.age import new_key, public_of
from earlid.errors import ConfigError

_LIMIT_BYTES: Final = 4_096
_OPENS: Final = "AGE-SECRET-KEY-"


def public_key(path: Path) -> str:
    """The public half of the key in `path`, which is made now if there is none."""
    if not path.exists():
        _make(path)
    return public_of(secret_key(path))


def secret_key(path: Path) -> str:
    """The secret half; ConfigError says what to correct, and never what is in the file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as file:
            about = os.fstat(descriptor)
            said = file.read(_LIMIT_BYTES) if stat.S_ISREG(about.st_mode) else b""
    except FileNotFoundError:
        raise ConfigError(
            f"{path} does not exist: put the key there that was made by earlid field start"
        ) from None
    except OSError as error:
        why = (error.strerror or "cannot be read").lower()
        raise ConfigError(f"{path}: {why}: ask as root, or as whoever made it") from None
    if about.st_mode & stat.S_IRWXO:
        raise ConfigError(f"everybody on this machine can open {path}: run chmod o= {path}")
    found = [line for line in said.decode("ascii", "replace").split() if line.startswith(_OPENS)]
    if len(found) != 1:
        raise ConfigError(f"{path} holds no secret key of age: move it away, and start a recording anew")
    return found[0]


def _make(path: Path) -> None:
    """A new key, for its owner only, durable before anything is sealed to it."""
    public, secret = new_key()
    try:
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"# opens the sound of field recordings; public key: {public}\n{secret}\n")
            file.flush()
            os.fsync(descriptor)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        why = (error.strerror or "unknown").lower()
        raise ConfigError(f"cannot write {path}: {why}; set field.key_file, or use sudo") from None
