"""Very many segments, and very strange things among them: the uploader's work and memory stay the same."""

from __future__ import annotations

import os
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earlid.edge.disk import Entry, RealDisk
from earlid.edge.ledger import Ledger, check
from earlid.edge.sinks.sink import Receipt
from earlid.edge.spool.kept import Kept
from earlid.edge.spool.shelf import Shelf
from earlid.edge.spool.spool import Spool
from earlid.upload import upload
from earlid.uploading.housekeeping import LOOKS_AT_ONCE, House, Limits
from fakes.segments import permitted

MANY = 1_200


class CountingDisk(RealDisk):
    """A disk without the time that syncing takes, and how often a folder was looked at."""

    def __init__(self) -> None:
        self.listings = 0
        self.names = 0

    def sync(self, path: Path) -> None:
        pass

    def sync_dir(self, path: Path) -> None:
        pass

    def list(self, path: Path) -> list[Entry]:
        found = super().list(path)
        self.listings += 1
        self.names += len(found)
        return found


class Hungry:
    """Takes everything at once, and remembers ids only."""

    name, host, needs_plain = "hungry", "example.org", False

    def __init__(self, disk: CountingDisk) -> None:
        self.disk = disk
        self.came: list[str] = []
        self.listings: list[int] = []
        self.held_bytes: list[int] = []

    def send(self, kept: Kept) -> Receipt:
        self.came.append(kept.id)
        self.listings.append(self.disk.listings)
        if len(self.came) % 300 == 0 and tracemalloc.is_tracing():
            self.held_bytes.append(tracemalloc.get_traced_memory()[0])
        return Receipt(201)

    def burst(self) -> AbstractContextManager[None]:
        return nullcontext()

    def forget(self, id_: str) -> bool | None:
        return None


@pytest.fixture
def state() -> Iterator[Path]:
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)


def drain(state: Path, disk: CountingDisk, limits: Limits) -> Hungry:
    sink = Hungry(disk)
    with closing(Spool(state / "spool", disk)) as spool, closing(Ledger(state / "ledger", disk)) as ledger:
        house = House(Shelf(spool), ledger, state / "forget", limits, lambda event: None)
        upload([sink], house, lambda event: None, threading.Event(), once=True)
    return sink


def test_very_many_segments_leave_in_order_with_flat_work_and_flat_memory(state: Path) -> None:
    disk = CountingDisk()
    with closing(Spool(state / "spool", disk)) as spool:
        ids = [spool.put(*permitted(160)) for _ in range(MANY)]
    disk.listings = disk.names = 0
    tracemalloc.start()
    try:
        sink = drain(state, disk, Limits(max_bytes=10**9))
    finally:
        tracemalloc.stop()
    assert sink.came == ids
    assert sink.listings[0] <= LOOKS_AT_ONCE + 30, "a start looked into more folders than it had to"
    assert disk.listings < 30 * MANY
    assert disk.names < 120 * MANY, "what waits was listed again for every segment"
    assert max(sink.held_bytes) - sink.held_bytes[0] < 500_000
    assert check(state / "ledger").flaws == ()


ID = "0123456789abcdef" * 2
strange_names = st.sampled_from(
    [
        f"00000002-{ID}",
        f"00000002-{ID[:-1]}",
        f"99999999999999-{ID}",
        "notes.txt",
        "x" * 255,
        "\udcff",
        "-",
        "a b",
    ]
)
strange_things = st.sampled_from(
    ["file", "folder", "link to a file", "link to a folder", "dangling link", "pipe", "nested", "marks"]
)


@given(st.dictionaries(strange_names, strange_things, max_size=5), st.sampled_from(["outbox", "quarantine"]))
@settings(max_examples=60)
def test_strange_things_are_never_followed_never_sent_and_never_in_the_way(
    strange: dict[str, str], room: str
) -> None:
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        state, disk = Path(folder), CountingDisk()
        precious = state / "precious"
        precious.mkdir()
        (precious / "letter").write_bytes(b"mine")
        with closing(Spool(state / "spool", disk)) as spool:
            whole = spool.put(*permitted(160))
        for name, thing in strange.items():
            make(state / "spool" / room / name, thing, precious)
        sink = drain(state, disk, Limits(longest_s=1e9, max_bytes=10**9))
        assert sink.came == [whole]
        assert (precious / "letter").read_bytes() == b"mine"
        assert check(state / "ledger").flaws == ()
        for name, thing in strange.items():
            is_ours = name == f"00000002-{ID}" and thing in ("folder", "nested", "marks")
            places = [state / "spool" / each / name for each in ("outbox", "quarantine")]
            assert any(os.path.lexists(place) for place in places) or is_ours


def make(path: Path, thing: str, precious: Path) -> None:
    if thing == "file":
        path.write_bytes(b"something")
    elif thing == "link to a file":
        path.symlink_to(precious / "letter")
    elif thing == "link to a folder":
        path.symlink_to(precious)
    elif thing == "dangling link":
        path.symlink_to("/nowhere/at/all")
    elif thing == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()
    if thing == "nested":
        (path / "segment.wav").mkdir()
        (path / "segment.wav" / "more").symlink_to(precious)
        (path / "segment.json").symlink_to(precious / "letter")
    elif thing == "marks":
        for name in ("sent-hungry", "refused-other", "sent-" + "y" * 200, "sent-../x".replace("/", "_")):
            (path / name).write_bytes(b"\xff\x00")
