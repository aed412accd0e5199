"""The log: key=value lines on stderr, set up in this one place. Never given sound or secrets."""

from __future__ import annotations

import logging
import os
import sys
import time
from typing import Final

_PRIORITY: Final = {
    logging.DEBUG: 7,
    logging.INFO: 6,
    logging.WARNING: 4,
    logging.ERROR: 3,
    logging.CRITICAL: 2,
}


class Line(logging.Formatter):
    """One record as one line, whatever is in it; under systemd with its priority and without the time."""

    def __init__(self, *, journal: bool) -> None:
        super().__init__()
        self._journal = journal

    def format(self, record: logging.LogRecord) -> str:
        """The record's line."""
        said = record.getMessage()
        if record.exc_info:
            said += f" error={self.formatException(record.exc_info)!r}"
        said = "".join(letter if letter.isprintable() else " " for letter in said)
        if self._journal:
            return f"<{_PRIORITY.get(record.levelno, 6)}>{said}"
        clock = time.strftime("%H:%M:%S", time.localtime(record.created))
        level = "" if record.levelno == logging.INFO else f"level={record.levelname.lower()} "
        return f"{clock} {level}{said}"


def set_up(*, debug: bool = False) -> None:
    """Send the log to stderr; `debug` shows everything. Called again, it replaces what it did before."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Line(journal="JOURNAL_STREAM" in os.environ and not sys.stderr.isatty()))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("earlid").setLevel(logging.DEBUG if debug else logging.INFO)
    logging.captureWarnings(True)
