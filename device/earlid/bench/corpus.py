"""Which recordings there are, and what each of them is to a wake word: from an index, or from folders."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Final

from earlid.edge.model.manifest import Manifest
from earlid.errors import UsageError

INDEX: Final = "index.tsv"
SOUND: Final = frozenset(
    {".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".au", ".caf", ".w64"}
)
"""Endings of files that are taken for recordings where no index lists them."""


class Role(Enum):
    """What a recording is for."""

    CALL = "call"
    NEAR = "sound-alike"
    OTHER = "other sound"


_FOLDERS: Final = {"positive": Role.CALL, "near": Role.NEAR, "negative": Role.OTHER}


@dataclass(frozen=True, slots=True)
class Source:
    """A folder or an index that was named, and the role of all in it; None where each tells its own.

    `word` is what is said in a folder whose own names say nothing that a model knows.
    """

    path: Path
    role: Role | None = None
    word: str | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """One recording: its file, its name for people, and what is said in it.

    `start_s` and `end_s` are where the wake word begins and ends, if the index tells. A recording in which
    it is called several times has as many takes.
    """

    path: Path
    name: str
    label: str
    role: Role
    start_s: float | None = None
    end_s: float | None = None

    @property
    def word(self) -> str:
        """What is called here, without what follows the call: hey_mycroft of hey_mycroft+cmd."""
        return self.label.split("+")[0]

    def to(self, model: Manifest) -> Role | None:
        """What it is to the wake word `model`; None where another one is called, which counts for neither."""
        if self.role is not Role.CALL:
            return self.role
        return Role.CALL if self.word == model.name or self.word in model.words else None

    def wants(self, model: Manifest) -> tuple[str, ...]:
        """The words of `model` any of which finds this call: a timer only the one for the right time."""
        return (self.word,) if self.word in model.words else model.words


@dataclass(frozen=True, slots=True)
class Corpus:
    """The takes, in the order of their names, and what was wrong with the rest."""

    takes: tuple[Take, ...]
    troubles: tuple[str, ...] = ()

    def called(self, models: Mapping[str, Manifest]) -> list[str]:
        """The wake words of `models` that are called anywhere in here."""
        return [name for name, model in models.items() if any(t.to(model) is Role.CALL for t in self.takes)]

    def sample(self, most: int) -> Corpus:
        """At most `most` takes of each role and label, spread evenly."""
        groups: dict[tuple[Role, str], list[Take]] = {}
        for take in self.takes:
            groups.setdefault((take.role, take.label), []).append(take)
        kept = {
            group[place * len(group) // most]
            for group in groups.values()
            for place in range(most)
            if len(group) > most
        } | {take for group in groups.values() if len(group) <= most for take in group}
        return replace(self, takes=tuple(take for take in self.takes if take in kept))


def gather(sources: Sequence[Source], models: Mapping[str, Manifest]) -> Corpus:
    """All recordings of `sources`. What cannot be used is told in `troubles`, and the rest goes on.

    Raises UsageError for a source that is not there or is no index.
    """
    takes: list[Take] = []
    troubles: list[str] = []
    for source in sources:
        prefix = f"{source.path.name}/" if len(sources) > 1 else ""
        listed = _listed(source, models, troubles)
        takes.extend(replace(take, name=prefix + take.name) for take in listed)
    strange: dict[str, int] = {}
    for take in takes:
        if take.role is Role.CALL and not _is_known(take.label, models):
            strange[take.word] = strange.get(take.word, 0) + 1
    for word, count in sorted(strange.items()):
        troubles.append(
            f"{word} is called in {_recordings(count)}, and no model knows it: left out; "
            f"known are {', '.join(models)}"
        )
    takes = sorted(
        (take for take in takes if take.word not in strange or take.role is not Role.CALL), key=_place
    )
    return Corpus(tuple(takes), tuple(troubles))


def _place(take: Take) -> tuple[str, float]:
    return take.name, take.start_s or 0.0


def _listed(source: Source, models: Mapping[str, Manifest], troubles: list[str]) -> Iterator[Take]:
    path = source.path
    if path.is_file():
        yield from _indexed(path, source.role, models, troubles)
    elif (path / INDEX).is_file():
        yield from _indexed(path / INDEX, source.role, models, troubles)
    elif path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.suffix.lower() in SOUND)
        if not files:
            raise UsageError(f"{path} has neither an {INDEX} nor recordings in it: name another folder")
        for file in files:
            name = file.relative_to(path).as_posix()
            label = file.parent.name if file.parent != path else path.resolve().name
            if source.word and not _is_known(label, models):
                label = source.word
            yield Take(file, name, label, _role(source.role, name, label, models))
    else:
        raise UsageError(f"{path}: no such folder or index")


def _indexed(
    index: Path, role: Role | None, models: Mapping[str, Manifest], troubles: list[str]
) -> Iterator[Take]:
    for line, row in _rows(index):
        name, label = (row.get("path") or "").strip(), (row.get("label") or "").strip()
        where = f"{index.name} line {line}"
        if not name or not label:
            troubles.append(f"{where} names no {'label' if name else 'path'}: left out")
            continue
        file = index.parent / name
        if not file.is_file():
            troubles.append(f"{where}: {name}: no such file, left out")
            continue
        try:
            start_s, end_s = (_time(row.get(column)) for column in ("start_s", "end_s"))
        except ValueError:
            troubles.append(f"{where}: start_s and end_s are seconds, left out")
            continue
        yield Take(file, name, label, _role(role, name, label, models), start_s, end_s)


def _rows(index: Path) -> Iterable[tuple[int, dict[str, str | None]]]:
    try:
        with index.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file, delimiter="\t")
            missing = {"path", "label"} - set(reader.fieldnames or ())
            if missing:
                raise UsageError(
                    f"{index} has no column {' or '.join(sorted(missing))}: tabs between, names first"
                )
            return [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{index} cannot be read as an index: {error}") from error


def _time(cell: str | None) -> float | None:
    if not cell or not cell.strip():
        return None
    value = float(cell)
    if not 0 <= value < math.inf:
        raise ValueError("a time is 0 s or later")
    return value


def _role(given: Role | None, name: str, label: str, models: Mapping[str, Manifest]) -> Role:
    """The role that was given, else the first folder's, else a call if `label` is a wake word."""
    if given:
        return given
    if (folder := name.split("/", 1)[0]) in _FOLDERS:
        return _FOLDERS[folder]
    return Role.CALL if _is_known(label, models) else Role.OTHER


def _is_known(label: str, models: Mapping[str, Manifest]) -> bool:
    word = label.split("+", maxsplit=1)[0]
    return any(word == model.name or word in model.words for model in models.values())


def _recordings(count: int) -> str:
    return f"{count} recording{'' if count == 1 else 's'}"
