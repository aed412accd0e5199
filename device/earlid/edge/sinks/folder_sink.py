"""Segments leave into a folder, local or mounted: each whole or not there, beside the few facts about it."""

from __future__ import annotations

import contextlib
import errno
import json
import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Final

from earlid.edge.sinks.http_sink import Alias
from earlid.edge.sinks.mounts import is_mounted
from earlid.edge.sinks.sink import BODY_LIMIT_BYTES, TAKEN, Receipt, insist_on_size, milliseconds
from earlid.edge.spool.kept import Kept
from earlid.errors import NotAllowed, TryLater

_ENDINGS: Final = (".wav", ".wav.age", ".json")
_FOR_A_PERSON: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.ELOOP})


class FolderSink:
    """Puts each segment into `folder`, which must be there: a mount that is missing is not replaced.

    A file system that hangs cannot be timed out from here; the rest of the uploader goes on without it.
    """

    needs_plain = False
    host = "this machine"

    def __init__(
        self,
        folder: Path,
        *,
        name: str = "folder",
        only_mounted: bool = False,
        limit_bytes: int = BODY_LIMIT_BYTES,
        resolution_s: int = 60,
        alias: Alias | None = None,
        now: Callable[[], float],
    ) -> None:
        self.name = name
        self._folder, self._only_mounted = folder, only_mounted
        self._limit_bytes, self._resolution_s = limit_bytes, max(1, resolution_s)
        self._alias, self._now = alias, now

    def burst(self) -> AbstractContextManager[None]:
        """Nothing is held open."""
        return nullcontext()

    def send(self, kept: Kept) -> Receipt:
        """Return once both files are durable there, the sound last; or raise TryLater or NotAllowed."""
        insist_on_size(kept, self._limit_bytes)
        try:
            self._insist_on_mount()
            self._write(f"{kept.id}.json", self._facts(kept))
            self._write(f"{kept.id}.wav.age" if kept.sealed else f"{kept.id}.wav", kept.wav)
            self._sync()
        except OSError as error:
            raise self._trouble(error) from error
        return TAKEN

    def forget(self, id_: str) -> bool:
        """Remove what was put there under `id_`, finished or not: True once it is gone."""
        try:
            self._insist_on_mount()
            for ending in _ENDINGS:
                (self._folder / f"{id_}{ending}").unlink(missing_ok=True)
                self._unfinished(f"{id_}{ending}").unlink(missing_ok=True)
            self._sync()
        except OSError as error:
            raise self._trouble(error) from error
        return True

    def _facts(self, kept: Kept) -> bytes:
        facts = {
            "id": kept.id,
            "wake_word": kept.facts.model,
            "duration_ms": milliseconds(kept.facts.samples),
            "lookback_ms": milliseconds(max(0, -kept.facts.start)),
        }
        return (
            json.dumps(facts if self._alias is None else {**facts, "device": self._alias()}).encode() + b"\n"
        )

    def _write(self, name: str, body: bytes) -> None:
        """Bytes, a rounded time, then the name that counts; trouble on the way leaves nothing there."""
        unfinished, moment = self._unfinished(name), self._now() // self._resolution_s
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(unfinished, flags, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            os.utime(unfinished, (moment * self._resolution_s,) * 2)
            unfinished.rename(self._folder / name)
        except OSError:
            with contextlib.suppress(OSError):
                unfinished.unlink()
            raise

    def _unfinished(self, name: str) -> Path:
        return self._folder / f".{name}.part"

    def _sync(self) -> None:
        descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        except OSError as error:
            if error.errno != errno.EINVAL:  # some network file systems cannot sync a directory
                raise
        finally:
            os.close(descriptor)

    def _insist_on_mount(self) -> None:
        if not self._folder.is_dir():
            raise FileNotFoundError(errno.ENOENT, "the folder is not there: make or mount it")
        if self._only_mounted and not is_mounted(self._folder):
            raise FileNotFoundError(errno.ENOENT, "nothing is mounted there: mount it")

    def _trouble(self, error: OSError) -> TryLater | NotAllowed:
        why = (error.strerror or "trouble").lower()
        kind = NotAllowed if error.errno in _FOR_A_PERSON else TryLater
        return kind(f"{self._folder}: {why}")
