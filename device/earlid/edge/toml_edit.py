"""Changes a few settings in a configuration's text, and leaves every other character of it alone."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping, MutableMapping
from copy import deepcopy
from typing import Any, Final

from earlid.errors import ConfigError

Value = bool | int | float | str | list[str]
_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")


def edited(text: str, changes: Mapping[str, Value]) -> str:
    """`text` with the settings in `changes` (wake.patience, wake.thresholds.alexa) set to their values.

    One that stands there keeps its line and the comment on it; a new one is put below the line that explains
    it, else at the head of its table. Whatever comes of it is read again: ConfigError, and no text, unless it
    says exactly what it said before and these changes.
    """
    wanted = tomllib.loads(text)
    result = text
    for path, value in changes.items():
        found = None
        if _put(wanted, path.split("."), value):
            tried = (attempt(result, path, value) for attempt in (_in_its_line, _in_a_new_line, _at_the_top))
            found = next((each for each in tried if each is not None and _says(each) == wanted), None)
        if found is None:
            raise ConfigError(f"{path} is written in an unusual way: set it to {_plain(value)} by hand")
        result = found
    return result


def difference(before: str, after: str) -> Iterator[str]:
    """The lines that differ, as `-` and `+`, each with its number."""
    old, new = before.splitlines(), after.splitlines()
    for what, first, stop, start, end in difflib.SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if what != "equal":
            yield from (f"{number + 1:4} - {old[number]}" for number in range(first, stop))
            yield from (f"{number + 1:4} + {new[number]}" for number in range(start, end))


def _in_its_line(text: str, path: str, value: Value) -> str | None:
    """Replaced where it stands; None where it does not."""
    import tomlkit  # noqa: PLC0415 - an extra, for those who have settings changed

    document = tomlkit.parse(text)
    *tables, key = path.split(".")
    place: Any = document
    for table in tables:
        if not isinstance(place, Mapping) or table not in place:
            return None
        place = place[table]
    if not isinstance(place, MutableMapping) or (key not in place and not _is_inline(place)):
        return None
    place[key] = value
    return document.as_string()


def _is_inline(place: object) -> bool:
    from tomlkit.items import InlineTable  # noqa: PLC0415 - as above

    return isinstance(place, InlineTable)


def _in_a_new_line(text: str, path: str, value: Value) -> str | None:
    """In the table that is nearest to it: below its explanation, else below the table's head."""
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    tables, key = path.split(".")[:-1], path.rsplit(".", maxsplit=1)[-1]
    for depth in range(len(tables), 0, -1):
        table, name = ".".join(tables[:depth]), ".".join([*tables[depth:], key])
        head = _head(lines, table)
        if head is not None:
            place = _below_its_explanation(lines, head, name) or head + 1
            return "".join([*lines[:place], f"{name} = {_plain(value)}\n", *lines[place:]])
    head_line, name = f"[{tables[0]}]\n", ".".join([*tables[1:], key])
    gap = ["\n"] if lines else []
    return "".join([*lines, *gap, head_line, f"{name} = {_plain(value)}\n"])


def _at_the_top(text: str, path: str, value: Value) -> str:
    """Before the first table, where a file does without them."""
    return f"{path} = {_plain(value)}\n{text}"


def _head(lines: list[str], table: str) -> int | None:
    """Where the line `[table]` is."""
    wanted = re.compile(rf"\s*\[\s*{re.escape(table)}\s*\]\s*(#.*)?")
    return next((number for number, each in enumerate(lines) if wanted.fullmatch(each.rstrip("\n"))), None)


def _below_its_explanation(lines: list[str], head: int, name: str) -> int | None:
    """The line after `#name = ...`, as a new configuration shows a default, in the table of `head`."""
    shown = re.compile(rf"#\s*{re.escape(name.split('.', maxsplit=1)[0])}\s*=")
    for number in range(head + 1, len(lines)):
        if lines[number].lstrip().startswith("["):
            return None
        if shown.match(lines[number]):
            return number + 1
    return None


def _put(document: dict[str, Any], path: list[str], value: Value) -> bool:
    """Set it in what was read; whether there is a place for it."""
    place: Any = document
    for part in path[:-1]:
        place = place.setdefault(part, {})
        if not isinstance(place, dict):
            return False
    place[path[-1]] = deepcopy(value)
    return True


def _says(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _plain(value: Value) -> str:
    """`value` as TOML; every text in it is the name of a word of ours."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(_plain, value))}]"
    if isinstance(value, str):
        if not _KEY.fullmatch(value):
            raise ConfigError(f"{value!r} is no name that belongs into a configuration")
        return f'"{value}"'
    return repr(value)
