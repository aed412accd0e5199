"""The file in which field recordings are counted: made and opened here, read and written elsewhere."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from earlid.errors import ConfigError, DiskTrouble

NAME: Final = "field.sqlite3"
VERSION: Final = 1
_PATIENCE_MS: Final = 4_000
"""How long one process waits for another's turn at writing."""

_TABLES: Final = """
CREATE TABLE session (
    id INTEGER PRIMARY KEY, note TEXT NOT NULL, started_s REAL NOT NULL, ends_s REAL NOT NULL,
    keeps_audio INTEGER NOT NULL, recipient TEXT NOT NULL, ended_s REAL, why TEXT);
CREATE TABLE run (session INTEGER NOT NULL REFERENCES session, started_s REAL NOT NULL, setup BLOB NOT NULL);
CREATE TABLE minute (
    session INTEGER NOT NULL REFERENCES session, start_s REAL NOT NULL,
    listened INTEGER NOT NULL, muted INTEGER NOT NULL, deaf INTEGER NOT NULL,
    wakes INTEGER NOT NULL, near_misses INTEGER NOT NULL,
    level_dbfs REAL, temperature_c REAL, throttled INTEGER);
CREATE TABLE peak (
    id TEXT PRIMARY KEY, session INTEGER NOT NULL REFERENCES session, at_s REAL NOT NULL, at INTEGER NOT NULL,
    word TEXT NOT NULL, kind TEXT NOT NULL, score REAL NOT NULL, threshold REAL NOT NULL,
    level_dbfs REAL NOT NULL, trace BLOB NOT NULL, first INTEGER NOT NULL,
    clip TEXT UNIQUE, clip_bytes INTEGER NOT NULL, is_prompted INTEGER NOT NULL,
    label TEXT, tags TEXT NOT NULL, note TEXT NOT NULL, is_erased INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX peak_by_time ON peak (at_s);
CREATE TABLE trial (
    session INTEGER NOT NULL REFERENCES session, asked_s REAL NOT NULL, until_s REAL NOT NULL,
    word TEXT NOT NULL, distance_m REAL NOT NULL, noise TEXT NOT NULL, heard INTEGER NOT NULL);
CREATE TABLE change (
    number INTEGER PRIMARY KEY, peak TEXT NOT NULL, label TEXT, tags TEXT NOT NULL, note TEXT NOT NULL);
"""


class Book:
    """One SQLite file, in WAL mode and fully synchronous: what was committed outlives a power cut.

    For several threads, one at a time; for several processes. What is deleted is overwritten.
    """

    def __init__(self, folder: Path) -> None:
        """Open the file in `folder`, or make it. ConfigError where it cannot be used as it is."""
        self.path: Final = folder / NAME
        self._lock = threading.RLock()
        with self._told("open"):
            _make(self.path, folder)
            self._base = sqlite3.connect(
                self.path, timeout=_PATIENCE_MS / 1000, isolation_level=None, check_same_thread=False
            )
        try:
            self._set_up()
        except BaseException:
            self._base.close()
            raise

    def close(self) -> None:
        """Let go of it; harmless twice."""
        with self._lock, contextlib.suppress(sqlite3.Error):
            self._base.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The file for one look, in which nothing changes."""
        with self._lock, self._told("read"):
            self._base.execute("BEGIN")
            try:
                yield self._base
            finally:
                self._base.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The file for one change, all of it or none, durable once the block has ended."""
        with self._lock, self._told("write"):
            self._base.execute("BEGIN IMMEDIATE")
            try:
                yield self._base
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._base.execute("ROLLBACK")
                raise
            try:
                self._base.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._base.execute("ROLLBACK")
                raise

    def forget_the_past(self) -> None:
        """Take what was deleted out of the log that SQLite writes ahead, as far as no reader needs it."""
        with self._lock, self._told("write"):
            self._base.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def fault(self) -> str | None:
        """What SQLite finds wrong with the file, or None."""
        with self._lock, self._told("read"):
            said = str(self._base.execute("PRAGMA quick_check(1)").fetchone()[0])
        return None if said == "ok" else said

    def _set_up(self) -> None:
        with self._told("open"):
            for pragma in (
                f"busy_timeout={_PATIENCE_MS}",
                "journal_mode=WAL",
                "synchronous=FULL",
                "secure_delete=ON",
                "foreign_keys=ON",
                "journal_size_limit=1048576",
            ):
                self._base.execute(f"PRAGMA {pragma}").fetchall()
        with self.writing() as base:
            version = base.execute("PRAGMA user_version").fetchone()[0]
            if version > VERSION:
                raise ConfigError(f"{self.path} was made by a newer earlid: update this one, or move it away")
            if version == 0:
                for statement in _TABLES.split(";"):
                    base.execute(statement)
                base.execute(f"PRAGMA user_version={VERSION}")

    @contextmanager
    def _told(self, doing: str) -> Iterator[None]:
        """Turn SQLite's trouble into the error that says what to do next."""
        try:
            yield
        except sqlite3.OperationalError as error:
            said = str(error).lower()
            if "readonly" in said or "unable to open" in said:
                raise ConfigError(f"cannot {doing} {self.path}: {said}, correct its owner") from error
            raise DiskTrouble(f"cannot {doing} {self.path}: {said}, check the disk") from error
        except sqlite3.ProgrammingError:
            raise  # a mistake of ours
        except sqlite3.DatabaseError as error:
            said = str(error).lower()
            raise ConfigError(f"cannot {doing} {self.path}: {said}, move it away") from error
        except OSError as error:
            why = (error.strerror or "unknown trouble").lower()
            raise ConfigError(f"cannot {doing} {self.path}: {why}, correct its owner") from error


def _make(path: Path, folder: Path) -> None:
    """An empty file for its owner only, who is the folder's; a link is never followed."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            raise ConfigError(f"{path} is not a file: move it away") from None
        return
    try:
        if os.geteuid() == 0:
            owner = folder.stat()
            os.fchown(descriptor, owner.st_uid, owner.st_gid)
    finally:
        os.close(descriptor)
