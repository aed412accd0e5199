"""How a value of a configuration is told to a person who got it wrong, and what would be right."""

from __future__ import annotations

from pathlib import Path
from types import NoneType
from typing import Final

LARGE: Final = 10**9
"""From here on the digits of a whole number tell nothing."""
WORDS_FOR: Final[dict[object, str]] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    Path: "a path",
    list: "a list",
    dict: "a table",
    NoneType: "nothing",
}
_SHORT: Final = 40


def got(value: object) -> str:
    """What was written, as TOML writes it where that is short and no secret; else of which kind it is."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, int):
        return str(value) if abs(value) < LARGE else "a number this large"
    if isinstance(value, str):
        return (quoted(value) or "text") if value else "an empty text"
    if isinstance(value, list) and value:
        return f"a list with {WORDS_FOR.get(type(value[0]), 'something else')} in it"
    return WORDS_FOR.get(type(value), "a date or a time")


def quoted(text: str) -> str:
    """`text` as TOML writes it; nothing where it is long, would spoil the line or may be a secret."""
    is_harmless = len(text) <= _SHORT and text.isprintable() and "secret" not in text.lower()
    return f'"{text}"' if is_harmless and not set(text) & {'"', "\\"} else ""


def plain(number: float) -> str:
    """`number` in digits, however large, and without a fraction where it has none."""
    return str(int(number)) if number == int(number) else f"{number:g}"
