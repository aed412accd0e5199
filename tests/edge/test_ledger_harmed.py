"""A ledger that is not as it was left is not written to, whatever was done to it."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from earlid.core.entry import Entry, What
from earlid.edge.ledger import Ledger, LedgerBroken, check, entries
from earlid.errors import EarlidError

FOLDER = Path("/state/ledger")
NOON = "2026-01-01T12:00:00.000Z"
SMALL = 600  # three or four entries a file


def entry(number: int) -> Entry:
    return Entry(what=What.SENT, id=f"{number:032x}", sink="http", host="example.org", bytes=number)


def cut_the_end(folder: Path) -> None:
    last = sorted(folder.glob("*.jsonl"))[-1]
    last.write_bytes(b"".join(last.read_bytes().splitlines(keepends=True)[:-1]))


def edit_an_entry(folder: Path) -> None:
    last = sorted(folder.glob("*.jsonl"))[-1]
    last.write_bytes(last.read_bytes().replace(b"example.org", b"example.net", 1))


def remove_a_line(folder: Path) -> None:
    last = sorted(folder.glob("*.jsonl"))[-1]
    last.write_bytes(b"".join(last.read_bytes().splitlines(keepends=True)[1:]))


def remove_the_last_file(folder: Path) -> None:
    sorted(folder.glob("*.jsonl"))[-1].unlink()


def remove_the_heads(folder: Path) -> None:
    for each in folder.glob("head.*"):
        each.unlink()


def remove_everything_but_the_heads(folder: Path) -> None:
    for each in folder.glob("*.jsonl"):
        each.unlink()


@pytest.mark.parametrize(
    "harm",
    [
        cut_the_end,
        edit_an_entry,
        remove_a_line,
        remove_the_last_file,
        remove_the_heads,
        remove_everything_but_the_heads,
    ],
)
def test_a_ledger_that_is_not_as_it_was_left_is_not_written_to(
    tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    with closing(Ledger(tmp_path, rotate_bytes=SMALL)) as ledger:
        for number in range(9):
            ledger.append(entry(number))
    harm(tmp_path)
    before = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
    with closing(Ledger(tmp_path)) as ledger, pytest.raises(LedgerBroken, match="nothing is sent"):
        ledger.append(entry(1))
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == before
    if harm is not remove_the_heads:
        assert check(tmp_path).flaws


@pytest.mark.parametrize("name", ["head.0", "head.1", "000000000001.jsonl"])
@pytest.mark.parametrize("thing", ["link", "dangling link", "folder", "pipe"])
def test_a_strange_thing_in_the_place_of_a_file_is_never_followed_nor_written_to(
    tmp_path: Path, name: str, thing: str
) -> None:
    folder, precious = tmp_path / "ledger", tmp_path / "letter"
    precious.write_bytes(b"mine")
    with closing(Ledger(folder)) as ledger:
        for number in range(3):
            ledger.append(entry(number))
    (folder / name).unlink()
    if thing == "folder":
        (folder / name).mkdir()
    elif thing == "pipe":
        os.mkfifo(folder / name)
    else:
        (folder / name).symlink_to(precious if thing == "link" else tmp_path / "nowhere")
    with closing(Ledger(folder)) as ledger, suppress(EarlidError):
        ledger.append(entry(9))
    check(folder)
    list(entries(folder))
    assert precious.read_bytes() == b"mine"
    assert not (tmp_path / "nowhere").exists()
    if name.endswith(".jsonl"):
        assert check(folder).flaws, "that it is gone was not told"
