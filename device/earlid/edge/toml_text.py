"""A configuration as text: where a setting stands in it, and how a mistake in it is told."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake: where it is and what to do about it."""

    path: str
    says: str
    line: int | None = None

    def told(self, file: object) -> str:
        """The mistake as one line that an editor can jump to."""
        where = f"{file}:{self.line}" if self.line else str(file)
        line = ": ".join(part for part in (where, self.path, self.says) if part)
        return "".join(letter if letter.isprintable() else "?" for letter in line)


def line_of(text: str, path: str) -> int | None:
    """The line that sets `path`, found by its looks; None where it was written in an unusual way.

    `sinks.2.url` is the url in the second [[sinks]].
    """
    table, prefix = "", path + "."
    seen: Counter[str] = Counter()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[{1,2}([^\]]+)\]", line):
            table = _bare(header[1])
            if line.lstrip().startswith("[["):  # one of several: they are counted from 1
                seen[table] += 1
                table = f"{table}.{seen[table]}"
            if table == path or table.startswith(prefix):
                return number
        elif key := re.match(r"\s*([\w.\-\"' ]+?)\s*=", line):
            full = _bare(f"{table}.{key[1]}" if table else key[1])
            if full == path or full.startswith(prefix):
                return number
    return None


def closest(word: str, known: Iterable[str]) -> str:
    """`; did you mean X?`, or nothing where nothing is close."""
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""


def syntax_fault(message: str) -> Fault:
    """What the reader of TOML said, with its line where it gave one."""
    found = re.fullmatch(r"(.*?) \(at line (\d+), column (\d+)\)", message, re.DOTALL)
    if not found:
        return Fault(
            "",
            f"not toml: {message[:1].lower()}{message[1:].removesuffix(' (at end of document)')} at the end",
        )
    said, line, column = found.groups()
    return Fault("", f"not toml: {said[:1].lower()}{said[1:]} at column {column}", int(line))


def _bare(dotted: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in dotted.split("."))
