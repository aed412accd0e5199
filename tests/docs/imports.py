"""Reads who imports whom out of the source, without running any of it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PACKAGE: Final = "earlid"


@dataclass(frozen=True, slots=True)
class Import:
    """`what` is imported by `who`; `is_for_types` if only a type checker ever sees it."""

    who: str
    what: str
    is_for_types: bool = False

    @property
    def library(self) -> str:
        return self.what.split(".", maxsplit=1)[0]


@dataclass(frozen=True, slots=True)
class Module:
    """One file of the package: its dotted name, and what it imports."""

    name: str
    imports: tuple[Import, ...]

    @property
    def room(self) -> str:
        return room(self.name)


def room(name: str) -> str:
    """Which floor of the house a module is on."""
    parts = name.split(".")
    if parts[1:2] in (["core"], ["edge"]):
        return parts[1]
    if parts[1:] == ["errors"]:
        return "errors"
    if len(parts) == 2 and parts[1].split("_")[0] == "cli":
        return "cli"
    return "package" if parts[1:] in ([], ["__main__"]) else "verb"


def modules(root: Path) -> dict[str, Module]:
    """Every module under the package directory `root`, by name."""
    sources = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        name = ".".join((PACKAGE, *(part for part in parts if part != "__init__")))
        sources[name] = path.read_text("utf-8")
    return read(sources)


def read(sources: Mapping[str, str]) -> dict[str, Module]:
    """The modules whose `sources` are given by name."""
    return {
        name: Module(name, tuple(_imports(name, ast.parse(source), set(sources))))
        for name, source in sources.items()
    }


def _imports(who: str, tree: ast.AST, known: set[str]) -> Iterator[Import]:
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(tree):
        hidden = id(node) in for_types
        if isinstance(node, ast.Import):
            yield from (Import(who, alias.name, hidden) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            where = node.module or ""
            assert not node.level, f"{who} imports relatively"
            for alias in node.names:
                inner = f"{where}.{alias.name}"
                yield Import(who, inner if inner in known else where, hidden)


def is_foreign(name: str) -> bool:
    """Whether `name` belongs neither to Python nor to us."""
    return name not in sys.stdlib_module_names and name != PACKAGE


def reachable(found: Mapping[str, Module], first: str) -> set[str]:
    """Everything that is imported once `first` has done all it can do, ours and others'."""
    seen: set[str] = set()
    waiting = [first]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            if name in found:
                waiting += [one.what for one in found[name].imports if not one.is_for_types]
    return seen


def cycles(found: Mapping[str, Module]) -> list[str]:
    """Modules that import themselves by a longer way, once they run."""
    return [
        f"{name} -> {one.what} -> ... -> {name}"
        for name, module in found.items()
        for one in module.imports
        if one.what in found and not one.is_for_types and name in reachable(found, one.what)
    ]
