"""Field recordings on disk: sessions, minutes, peaks, labels and prompts; no sound (`field_clips.py` has it).

One process writes what it heard, in batches; others read, label and erase meanwhile. Every method may be
called from any thread, is one transaction, and raises ConfigError or DiskTrouble. What a method changed is
durable once it returns.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from earlid.core.field import Ended, Label, Minute, Peak, Run, Session, Tag, Trial
from earlid.edge.field.book import NAME, Book
from earlid.edge.field.rows import (
    ADD_MINUTE,
    ADD_PEAK,
    ADD_TRIAL,
    Wanted,
    minute_of,
    peak_of,
    row_of_minute,
    row_of_peak,
    row_of_trial,
    said_of,
    session_of,
    trial_of,
    where_of,
)
from earlid.edge.schema import from_json, to_json
from earlid.errors import UsageError

__all__ = ["FieldStore", "Wanted"]

_CHANGES_KEPT: Final = 1_000
_PROMPTED: Final = """
UPDATE peak SET is_prompted = 1 WHERE is_prompted = 0 AND EXISTS (
    SELECT 1 FROM trial WHERE trial.session = peak.session AND trial.word = peak.word
    AND peak.at_s BETWEEN trial.asked_s AND trial.until_s)
"""


class FieldStore:
    """The numbers in the folder `state/field`, which belongs to the user that listens."""

    def __init__(self, folder: Path) -> None:
        """Open what is in `folder`, which exists, or begin there. ConfigError where it cannot be used."""
        self.folder: Final = folder
        self._book = Book(folder)

    @staticmethod
    def is_in(folder: Path) -> bool:
        """Whether anything was ever recorded in `folder`; looking creates nothing."""
        try:
            return (folder / NAME).exists()
        except PermissionError:
            return True

    def close(self) -> None:
        """Let go of the file; harmless twice."""
        self._book.close()

    def fault(self) -> str | None:
        """What is wrong with the file, or None."""
        return self._book.fault()

    # sessions

    def begin(
        self, *, note: str, started_s: float, ends_s: float, keeps_audio: bool, recipient: str = ""
    ) -> Session:
        """A new session; one that was not over is stopped by it."""
        with self._book.writing() as base:
            base.execute(
                "UPDATE session SET ended_s = ?, why = ? WHERE ended_s IS NULL",
                (started_s, Ended.STOPPED.value),
            )
            made = base.execute(
                "INSERT INTO session VALUES (NULL, ?, ?, ?, ?, ?, NULL, NULL)",
                (note, started_s, ends_s, keeps_audio, recipient),
            )
            return Session(int(made.lastrowid or 0), note, started_s, ends_s, keeps_audio, recipient)

    def end(self, session: int, ended_s: float, why: Ended) -> None:
        """The session is over; one that was over before stays as it was."""
        with self._book.writing() as base:
            base.execute(
                "UPDATE session SET ended_s = ?, why = ? WHERE id = ? AND ended_s IS NULL",
                (ended_s, why.value, session),
            )

    def sessions(self) -> list[Session]:
        """Every session, the oldest first."""
        with self._book.reading() as base:
            return [session_of(row) for row in base.execute("SELECT * FROM session ORDER BY id")]

    def open_session(self) -> Session | None:
        """The session that is not over, if there is one."""
        return next((one for one in reversed(self.sessions()) if one.ended_s is None), None)

    # what was heard

    def add_run(self, run: Run) -> None:
        """The listener began to record, set up like this."""
        with self._book.writing() as base:
            row = (run.session, run.started_s, to_json(run.setup))
            base.execute("INSERT INTO run VALUES (?, ?, ?)", row)

    def runs(self, session: int | None = None) -> list[Run]:
        """Every run of the listener, the oldest first."""
        with self._book.reading() as base:
            found = base.execute(
                "SELECT * FROM run WHERE ?1 IS NULL OR session = ?1 ORDER BY started_s", (session,)
            )
            return [Run(one, at_s, from_json(setup, dict[str, object])) for one, at_s, setup in found]

    def add(self, minutes: Iterable[Minute], peaks: Iterable[Peak] = ()) -> None:
        """All of one batch or none of it; the clips that the peaks name are durable already."""
        with self._book.writing() as base:
            base.executemany(ADD_MINUTE, map(row_of_minute, minutes))
            base.executemany(ADD_PEAK, map(row_of_peak, peaks))
            base.execute(_PROMPTED)

    def minutes(self, session: int | None = None) -> list[Minute]:
        """Every minute of one session or of all, in the order in which they were heard."""
        with self._book.reading() as base:
            found = base.execute(
                "SELECT * FROM minute WHERE ?1 IS NULL OR session = ?1 ORDER BY rowid", (session,)
            )
            return [minute_of(row) for row in found]

    def quarters(self) -> list[Minute]:
        """How long was listened in each quarter of an hour, and nothing else of it."""
        with self._book.reading() as base:
            found = base.execute(
                "SELECT session, CAST(start_s / 900 AS INTEGER) * 900.0 AS quarter, SUM(listened) "
                "FROM minute GROUP BY session, quarter ORDER BY quarter"
            )
            return [Minute(session, start_s, listened) for session, start_s, listened in found]

    # peaks

    def peaks(self, wanted: Wanted | None = None, *, limit: int = -1, offset: int = 0) -> list[Peak]:
        """The peaks that are `wanted`, newest first, at most `limit` after the first `offset`."""
        where, values = where_of(wanted or Wanted())
        with self._book.reading() as base:
            found = base.execute(
                f"SELECT * FROM peak WHERE {where} ORDER BY at_s DESC, id LIMIT ? OFFSET ?",  # noqa: S608 - made of constants
                (*values, limit, offset),
            )
            return [peak_of(row) for row in found]

    def count(self, wanted: Wanted | None = None) -> int:
        """How many peaks are `wanted`."""
        where, values = where_of(wanted or Wanted())
        with self._book.reading() as base:
            return int(
                base.execute(
                    f"SELECT COUNT(*) FROM peak WHERE {where}",  # noqa: S608 - made of constants
                    values,
                ).fetchone()[0]
            )

    def peak(self, id_: str) -> Peak:
        """The peak called `id_`; UsageError if there is none."""
        with self._book.reading() as base:
            return _found(base, id_)

    def label(self, id_: str, label: Label | None) -> Peak:
        """The peak `id_` with the owner's `label`, or with none any more. Can be undone."""
        return self._change(id_, lambda peak: replace(peak, label=label))

    def tag(self, id_: str, tags: Iterable[Tag]) -> Peak:
        """The peak `id_` with exactly these `tags`. Can be undone."""
        wanted = frozenset(tags)
        return self._change(id_, lambda peak: replace(peak, tags=wanted))

    def annotate(self, id_: str, note: str) -> Peak:
        """The peak `id_` with the owner's own words. Can be undone."""
        return self._change(id_, lambda peak: replace(peak, note=note))

    def undo(self) -> Peak | None:
        """The peak whose last label, tags or note were taken back, as it is now; None if nothing is left."""
        with self._book.writing() as base:
            last = base.execute("SELECT * FROM change ORDER BY number DESC LIMIT 1").fetchone()
            if last is None:
                return None
            number, id_, label, tags, note = last
            base.execute("DELETE FROM change WHERE number = ?", (number,))
            base.execute(
                "UPDATE peak SET label = ?, tags = ?, note = ? WHERE id = ?", (label, tags, note, id_)
            )
            return _found(base, id_)

    def blank(self, id_: str) -> None:
        """Take trace, note and the name of the clip from the peak `id_`: it is erased, and still counts.

        The clip itself is removed by `field_clips.erase`, which calls this first.
        """
        with self._book.writing() as base:
            _found(base, id_)
            base.execute(
                "UPDATE peak SET trace = x'', note = '', clip = NULL, clip_bytes = 0, is_erased = 1 "
                "WHERE id = ?",
                (id_,),
            )
            base.execute("DELETE FROM change WHERE peak = ?", (id_,))

    def erase_everything(self) -> None:
        """Delete every number, label and session. `field_clips.erase_everything` removes the sound, too."""
        with self._book.writing() as base:
            for table in ("change", "trial", "peak", "minute", "run", "session"):
                base.execute(f"DELETE FROM {table}")  # noqa: S608 - one of the names above
        self._book.forget_the_past()

    # clips, by name

    def clips(self) -> list[tuple[str, float, int]]:
        """The clips that peaks name, oldest first: name, when (seconds since 1970), and bytes."""
        with self._book.reading() as base:
            found = base.execute(
                "SELECT clip, at_s, clip_bytes FROM peak WHERE clip NOTNULL ORDER BY at_s, id"
            )
            return [(str(name), float(at_s), int(size)) for name, at_s, size in found]

    def let_go_of(self, clips: Sequence[str]) -> None:
        """No peak names these clips any more."""
        with self._book.writing() as base:
            base.executemany(
                "UPDATE peak SET clip = NULL, clip_bytes = 0 WHERE clip = ?", [(name,) for name in clips]
            )

    # prompts

    def add_trial(self, trial: Trial) -> None:
        """One prompt and what came of it; peaks between its times are prompted, whenever they are added."""
        with self._book.writing() as base:
            base.execute(ADD_TRIAL, row_of_trial(trial))
            base.execute(_PROMPTED)

    def trials(self, session: int | None = None) -> list[Trial]:
        """Every prompt, the oldest first."""
        with self._book.reading() as base:
            found = base.execute(
                "SELECT * FROM trial WHERE ?1 IS NULL OR session = ?1 ORDER BY rowid", (session,)
            )
            return [trial_of(row) for row in found]

    def _change(self, id_: str, changed: Callable[[Peak], Peak]) -> Peak:
        with self._book.writing() as base:
            before = _found(base, id_)
            after = changed(before)
            base.execute(
                "INSERT INTO change (peak, label, tags, note) VALUES (?, ?, ?, ?)", (id_, *said_of(before))
            )
            base.execute(
                "DELETE FROM change WHERE number <= (SELECT MAX(number) FROM change) - ?", (_CHANGES_KEPT,)
            )
            base.execute("UPDATE peak SET label = ?, tags = ?, note = ? WHERE id = ?", (*said_of(after), id_))
            return after


def _found(base: sqlite3.Connection, id_: str) -> Peak:
    row = base.execute("SELECT * FROM peak WHERE id = ?", (id_,)).fetchone()
    if row is None:
        raise UsageError("no such recording: it may have been erased meanwhile")
    return peak_of(row)
