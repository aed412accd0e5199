"""Notes from one process to another: none is there, or nobody can tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from earlid.edge.spool.slips import Slips
from earlid.errors import DiskTrouble
from fakes.disk import ForgetfulDisk

FOLDER = Path("/state/forget/requests")


def test_where_nobody_ever_left_a_note_there_is_none() -> None:
    assert Slips(FOLDER, ForgetfulDisk()).names() == []


def test_notes_that_cannot_be_listed_for_a_moment_are_not_none() -> None:
    disk = ForgetfulDisk()
    slips = Slips(FOLDER, disk)
    name = slips.put({"word": "alexa"})
    disk.unlistable = {FOLDER}
    with pytest.raises(DiskTrouble):
        slips.names()
    disk.unlistable = set()
    assert slips.names() == [name]
