"""Tables of which there may be several, each of a kind of its own; they are numbered from 1."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from earlid.edge.schema import Gathered, Settings, build, gather_table, settings_of
from earlid.edge.toml_text import Fault, closest, line_of

_Row = TypeVar("_Row", bound=Settings)


def gather_rows(
    text: str,
    name: str,
    kinds: Mapping[str, type[_Row]],
    found: Gathered,
    settle: Callable[[Path], Path],
) -> Iterator[tuple[int, _Row]]:
    """Every [[name]] in `text` with its number, as a struct of its kind; mistakes go to `found`.

    `settle` completes a path.
    """
    for number, row in enumerate(found.rows.get(name, ()), start=1):
        table = f"{name}.{number}"
        kind = row.get("kind", "")
        if not isinstance(kind, str) or kind not in kinds:
            hint = closest(kind, kinds) if isinstance(kind, str) else ""
            path = f"{table}.kind"
            where = line_of(text, path) or line_of(text, table)
            found.faults.append(Fault(path, f"wants one of {', '.join(kinds)}{hint}", where))
            continue
        declared = {setting.path: setting for setting in settings_of({table: kinds[kind]})}
        here = Gathered({table: {}})
        gather_table(text, table, row, declared, here)
        found.faults += here.faults
        values = here.values[table]
        settled = {key: settle(value) if isinstance(value, Path) else value for key, value in values.items()}
        yield number, build(kinds[kind], settled)
