"""Typed settings out of TOML: every mistake is found in one reading, none is guessed away.

A setting is declared once, as an annotated field of a `Settings` struct; its range, unit, help text and
the row in the README all come from that declaration.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, Final, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from earlid.edge.told import LARGE, WORDS_FOR, got, plain, quoted
from earlid.edge.toml_text import Fault, closest, line_of, syntax_fault
from earlid.errors import ConfigError

_Kind = TypeVar("_Kind")
_Table = TypeVar("_Table", bound="Settings")
_MISSING: Final = msgspec.NODEFAULT
_SECRET_NAMES: Final = frozenset(
    {"token", "password", "passwd", "secret", "key", "api_key", "apikey", "bearer"}
)


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One table of the configuration, never changed after it was read."""


def says(
    about: str,
    *,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    shown: str | None = None,
    number_too: bool = False,
) -> msgspec.Meta:
    """What a setting is for, in one line, and the range it must lie in, ends included.

    `shown` replaces the default in tables for people where the default depends on the machine. With
    `number_too` a text may be written as a whole number, and is that number's digits.
    """
    extra = {"unit": unit, "shown": shown, "number_too": number_too}
    return msgspec.Meta(ge=low, le=high, description=about, extra=extra)


@dataclass(frozen=True, slots=True)
class Setting:
    """One declared setting; `kind` is its type, `default` is None where only a reading can tell."""

    table: str
    key: str
    kind: Any
    meta: msgspec.Meta
    default: object

    @property
    def path(self) -> str:
        """How the setting is called in a message: table, dot, key."""
        return f"{self.table}.{self.key}"

    @property
    def about(self) -> str:
        """The one line that says what the setting is for."""
        return self.meta.description or ""

    @property
    def unit(self) -> str:
        """`s`, `ms` or nothing."""
        return str((self.meta.extra or {}).get("unit", ""))

    @property
    def shown(self) -> str | None:
        """The words that stand for the default, where it depends on the machine."""
        shown = (self.meta.extra or {}).get("shown")
        return None if shown is None else str(shown)

    @property
    def choices(self) -> list[str]:
        """The words it may be, where only a few are known."""
        kind = self.kind
        return [each.value for each in kind] if isinstance(kind, type) and issubclass(kind, Enum) else []

    @property
    def bounds(self) -> str:
        """`0 to 400`, the words it may be, or nothing where any value will do."""
        if self.choices:
            return ", ".join(self.choices)
        low, high = self.meta.ge, self.meta.le
        if low is not None and high is not None:
            return f"{plain(low)} to {plain(high)}"
        return f"{plain(low)} or more" if low is not None else ""

    @property
    def wants(self) -> str:
        """The values that would be right, in words."""
        if self.choices:
            return f"one of {self.bounds}"
        if get_origin(self.kind) is tuple:
            return f"a list of {WORDS_FOR[get_args(self.kind)[0]]}"
        if (self.meta.extra or {}).get("number_too"):
            return "text or a whole number"
        words = WORDS_FOR[dict if get_origin(self.kind) is dict else self.kind]
        unit = f" {self.unit}" if self.unit else ""
        if self.meta.ge is not None and self.meta.le is None:
            return f"{words} of {plain(self.meta.ge)}{unit} or more"
        return f"{words} from {self.bounds}{unit}" if self.bounds else words


@dataclass(slots=True)
class Gathered:
    """What one file says: the good values by table and key, and every mistake."""

    values: dict[str, dict[str, Any]]
    faults: list[Fault] = field(default_factory=list)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


def settings_of(tables: Mapping[str, type[Settings]]) -> Iterator[Setting]:
    """Every setting of `tables`, in the order of declaration."""
    for table, kind in tables.items():
        hints = get_type_hints(kind, include_extras=True)
        for each in msgspec.structs.fields(kind):
            base, meta = get_args(hints[each.name])[:2]
            if NoneType in get_args(base):
                base = get_args(base)[0]
            default = each.default if each.default_factory is _MISSING else each.default_factory()
            yield Setting(table, each.name, base, meta, None if default is _MISSING else default)


def gather(text: str, tables: Mapping[str, type[Settings]], several: Collection[str] = ()) -> Gathered:
    """Read TOML `text` against `tables`; nothing is raised, every mistake is in `faults`.

    What is written as [[name]], for a name in `several`, is put into `rows` and not looked at.
    """
    found = Gathered({table: {} for table in tables})
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found.faults.append(syntax_fault(str(error)))
        return found
    except RecursionError:
        found.faults.append(Fault("", "nested too deeply to be a configuration"))
        return found
    declared = {setting.path: setting for setting in settings_of(tables)}
    for table, content in document.items():
        if table in several and isinstance(content, list) and all(isinstance(row, dict) for row in content):
            found.rows[table] = content
        elif table in several:
            found.faults.append(
                Fault(table, f"there may be several: write [[{table}]]", line_of(text, table))
            )
        elif table not in tables:
            found.faults.append(_unknown(text, table, table, tables, declared))
        elif not isinstance(content, dict):
            found.faults.append(Fault(table, f"is a table: write [{table}]", line_of(text, table)))
        else:
            gather_table(text, table, content, declared, found)
    return found


def build(kind: type[_Kind], values: Mapping[str, Any]) -> _Kind:
    """A struct of `kind` from values that `gather` approved; the rest are its defaults."""
    return kind(**values)


def checked(kind: type[_Table], table: str, **values: Any) -> _Table:
    """The table `kind` from a program's `values`; ConfigError for the first that lies out of its range."""
    for setting in settings_of({table: kind}):
        if setting.key in values and _converted(setting.kind, setting.meta, values[setting.key]) is _MISSING:
            raise ConfigError(f"{setting.path}: wants {setting.wants}, not {got(values[setting.key])}")
    return build(kind, values)


def changed(settings: _Table, **values: Any) -> _Table:
    """A copy of `settings` with other `values`, which the caller has checked."""
    return msgspec.structs.replace(settings, **values)


def to_json(value: object) -> bytes:
    """`value`, a dataclass, struct or builtin, as one line of JSON."""
    return msgspec.json.encode(value, enc_hook=str)


def from_json(text: bytes, kind: type[_Kind]) -> _Kind:
    """A `kind` out of JSON; anything that does not fit raises ValueError."""
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from None


def gather_table(
    text: str, table: str, content: dict[str, Any], declared: dict[str, Setting], found: Gathered
) -> None:
    """Sort what one table says into values and mistakes, by what is declared for it."""
    keys = [setting.key for setting in declared.values() if setting.table == table]
    for key, value in content.items():
        path = f"{table}.{key}"
        if path not in declared:
            found.faults.append(_unknown(text, path, key, keys, declared))
            continue
        setting = declared[path]
        if value == "" and (setting.kind is Path or setting.default is None):
            continue  # people write an empty text for "none"
        if get_origin(setting.kind) is dict and isinstance(value, dict):
            _gather_entries(text, setting, value, found)
            continue
        if (good := _converted(setting.kind, setting.meta, value)) is _MISSING:
            found.faults.append(Fault(path, _refusal(setting, value), line_of(text, path)))
        else:
            found.values[table][key] = good


def _gather_entries(text: str, setting: Setting, entries: dict[str, Any], found: Gathered) -> None:
    base, meta = get_args(get_args(setting.kind)[1])[:2]
    entry = Setting(setting.path, "", base, meta, None)
    kept = found.values[setting.table].setdefault(setting.key, {})
    for name, value in entries.items():
        if (good := _converted(base, meta, value)) is _MISSING:
            path = f"{setting.path}.{name}"
            found.faults.append(Fault(path, f"wants {entry.wants}, not {got(value)}", line_of(text, path)))
        else:
            kept[name] = good


def _converted(kind: Any, meta: msgspec.Meta, value: object) -> Any:
    if (meta.extra or {}).get("number_too") and type(value) is int and 0 <= value < LARGE:
        value = str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return _MISSING
    try:
        return msgspec.convert(value, Annotated[kind, meta], dec_hook=_as_path)
    except (msgspec.ValidationError, OverflowError):
        return _MISSING


def _as_path(kind: type, value: object) -> Path:
    if kind is not Path or not isinstance(value, str) or not value or "\0" in value:
        raise ValueError("not a path")
    return Path(value)


def _unknown(
    text: str,
    path: str,
    key: str,
    here: Mapping[str, object] | list[str],
    declared: dict[str, Setting],
) -> Fault:
    if key.lower() in _SECRET_NAMES:
        said = (
            "a secret has no place in this file; put it in a file of its own and name it in upload.token_file"
        )
        return Fault(path, said, line_of(text, path))
    what = "setting" if "." in path else "table"
    hint = closest(key, here)
    if not hint:
        elsewhere = next((setting.path for setting in declared.values() if setting.key == key), None)
        hint = f"; did you mean {elsewhere}?" if elsewhere else f"; known here: {', '.join(here)}"
    return Fault(path, f"unknown {what}{hint}", line_of(text, path))


def _refusal(setting: Setting, value: object) -> str:
    if isinstance(value, str) and setting.wants == f"a list of {WORDS_FOR[str]}":
        put = f"write [{quoted(value)}]" if quoted(value) else "put [ ] around it"
        return f"wants {setting.wants}: {put}"
    return f"wants {setting.wants}, not {got(value)}{closest(str(value), setting.choices)}"
