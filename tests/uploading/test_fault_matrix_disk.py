"""The whole loop on disks that are full or become read-only, injected and real: nothing is lost."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from earlid.edge.disk import RealDisk
from earlid.edge.ledger import Ledger
from earlid.edge.sinks.http_sink import HttpSink
from earlid.edge.spool.shelf import Shelf
from earlid.edge.spool.spool import Spool
from earlid.errors import ConfigError, DiskTrouble
from earlid.upload import upload
from earlid.uploading.housekeeping import House, Limits
from fakes import collector as conducts
from fakes.accounts import account
from fakes.collector import LyingCollector
from fakes.home import Home
from fakes.home import Sink as Scripted
from fakes.place import Place, reach

VERBS = 110
TROUBLES: dict[str, Callable[[], Exception]] = {
    "full": lambda: DiskTrouble("disk full: cannot write, make room"),
    "read-only": lambda: ConfigError("cannot write: it is read-only: make it writable"),
}


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("lasts", [1, 4])
def test_a_disk_that_is_full_or_read_only_at_any_write_loses_nothing(trouble: str, lasts: int) -> None:
    reached = 0
    for number in range(VERBS):
        home = Home()
        home.put(3)
        bodies = {kept.id: kept.wav for kept in home.spool.pending()}
        left = [number, lasts]

        def fail(verb: str, path: Path, left: list[int] = left) -> None:
            if verb in ("remove", "rename", "sync_dir", "make_folder") and trouble == "full":
                return
            left[0] -= 1
            if left[0] < 0 < left[1]:
                left[1] -= 1
                raise TROUBLES[trouble]()

        home.disk.before_verb = fail
        sink = Scripted("here")
        for _ in range(lasts + 2):
            with suppress(ConfigError, DiskTrouble):
                home.run([sink], turns=40)
        reached += left[1] == 0
        home.disk.before_verb = lambda verb, path: None
        home.run([sink])
        found = account(bodies, Path("/state"), {"here": sink.has}, home.disk)
        assert found.delivered == set(bodies), f"at write {number}"
    assert reached > 10


@contextmanager
def small_disk(size: str) -> Iterator[Path]:
    """A real file system with little room, which only root can have."""
    if os.geteuid() != 0:
        pytest.skip("NOT RUN: only root can mount a small disk")
    with TemporaryDirectory() as folder:
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder]
        mounted = subprocess.run(command, check=False, capture_output=True, text=True)
        if mounted.returncode:
            pytest.skip(f"NOT RUN: no small disk can be mounted here: {mounted.stderr.strip()}")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "-l", folder], check=True)


def test_a_real_disk_that_is_full_keeps_what_it_has_and_goes_on_when_there_is_room() -> None:
    with small_disk("200k") as folder:
        place = Place(folder / "state", {})
        place.put(4)
        with suppress(OSError), (folder / "ballast").open("wb", buffering=0) as ballast:
            while True:
                ballast.write(bytes(4096))
        with pytest.raises(DiskTrouble, match="make room"):
            place.put(1)
        with LyingCollector() as server:
            stop = threading.Event()
            with (
                closing(Spool(place.state / "spool")) as spool,
                closing(Ledger(place.state / "ledger")) as ledger,
            ):
                house = House(Shelf(spool), ledger, place.state / "forget", Limits(), lambda event: None)
                with pytest.raises(DiskTrouble):
                    upload([HttpSink(server.url, reach())], house, lambda event: None, stop, once=True)
            assert server.requests == [], "nothing leaves that cannot be written down"
            (folder / "ballast").unlink()
            place.upload([HttpSink(server.url, reach())])
            assert place.account(upload=server.kept).delivered == set(place.bodies)


@pytest.mark.parametrize("when", ["before", "during"])
def test_a_real_disk_that_becomes_read_only_stops_it_and_costs_nothing(when: str) -> None:
    with small_disk("2m") as folder:
        place = Place(folder / "state", {})
        place.put(6)

        def remount(how: str) -> None:
            subprocess.run(["mount", "-o", f"remount,{how}", str(folder)], check=True)

        def and_then_read_only(call: conducts.Call) -> None:
            request = call.request()
            remount("ro")
            call.answer(call.collector.take(request))

        script = [conducts.is_honest, and_then_read_only] if when == "during" else []
        with LyingCollector(*script) as server:
            if when == "before":
                remount("ro")
            with pytest.raises(ConfigError, match="read-only"):
                place.upload([HttpSink(server.url, reach())])
            remount("rw")
            assert isinstance(RealDisk().list(folder), list)
            place.upload([HttpSink(server.url, reach())])
            assert place.account(upload=server.kept).delivered == set(place.bodies)
