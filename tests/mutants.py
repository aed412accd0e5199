"""Breaks the core on purpose as mutants.toml says, one change at a time, and sees that the named test fails.

Run it as `python tests/mutants.py`; words after it choose the rows that contain them. It exits 1 if a change
survives, or no longer fits its file.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CHECKOUT: Final = Path(__file__).parents[1]
CAUGHT: Final = "caught"
_VERDICTS: Final = {0: "SURVIVED", 1: CAUGHT}


@dataclass(frozen=True, slots=True)
class Mutant:
    """`old` in `file` of the package becomes `new`, and `test` must notice."""

    name: str
    file: str
    old: str
    new: str
    test: str

    def fits(self, package: Path) -> bool:
        """Whether the file still says `old` exactly once."""
        return (package / self.file).read_text("utf-8").count(self.old) == 1


def read(table: Path) -> tuple[Mutant, ...]:
    """The rows of the TOML file `table`."""
    return tuple(Mutant(**row) for row in tomllib.loads(table.read_text("utf-8"))["mutant"])


MUTANTS: Final = read(CHECKOUT / "tests" / "mutants.toml")


def run(package: Path, tests: Sequence[str]) -> int:
    """pytest's exit code for `tests` against the package under `package`; nothing is shrunk, nothing told."""
    options = ["-x", "-p", "no:cacheprovider", "--hypothesis-profile=hasty"]
    done = subprocess.run(
        [sys.executable, "-B", "-m", "pytest", *options, *tests],
        cwd=CHECKOUT,
        env=dict(os.environ) | {"PYTHONPATH": str(package.parent)},
        check=False,
        capture_output=True,
    )
    return done.returncode


def judge(mutant: Mutant, copy: Path) -> str:
    """Apply `mutant` to the `copy` of the package, run its test, and mend the copy again."""
    if not mutant.fits(copy):
        return "NO LONGER FITS"
    file = copy / mutant.file
    sound = file.read_text("utf-8")
    file.write_text(sound.replace(mutant.old, mutant.new), "utf-8")
    try:
        return _VERDICTS.get(code := run(copy, [mutant.test]), f"NOT RUN ({code})")
    finally:
        file.write_text(sound, "utf-8")


def main(mutants: Sequence[Mutant], words: Sequence[str]) -> int:
    """Judge the `mutants` whose names contain one of `words`, or all; print a row for each."""
    chosen = [each for each in mutants if not words or any(word in each.name for word in words)]
    verdicts = []
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / "earlid"
        shutil.copytree(CHECKOUT / "device" / "earlid", copy, ignore=shutil.ignore_patterns("__pycache__"))
        if chosen and run(copy, sorted({each.test for each in chosen})) != 0:
            print("the tests fail, or are not found, though nothing is broken: mend that first")
            return 1
        for each in chosen:
            verdicts.append(judge(each, copy))
            print(
                f"{verdicts[-1]:15} {each.name:32} {each.file:18} {each.test.rpartition('::')[2]}", flush=True
            )
    caught = verdicts.count(CAUGHT)
    print(f"{caught} of {len(chosen)} caught")
    return int(caught < len(chosen) or not chosen)


if __name__ == "__main__":
    sys.exit(main(MUTANTS, sys.argv[1:]))
