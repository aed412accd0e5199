"""Keeping and sending are killed before each of their system calls: whole or not at all, and never untold."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from earlid.edge.ledger import entries
from earlid.edge.sinks.http_sink import HttpSink
from earlid.edge.spool.spool import Spool
from fakes import mortal_callers
from fakes.collector import LyingCollector
from fakes.place import Place, reach


@pytest.fixture
def folder() -> Iterator[Path]:
    """On a disk that takes no time, where there is one: a kill is not a power cut."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as made:
        yield Path(made)


def killed(work: str, folder: Path, url: str) -> int:
    """How often the work was killed, each time one system call later."""
    tests = Path(__file__).parents[1]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tests), os.environ.get("PYTHONPATH", "")])}
    command = [sys.executable, mortal_callers.__file__, work, str(folder), url]
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, text=True, check=True)
    return int(done.stdout)


def test_killed_before_any_call_a_put_leaves_all_of_the_segment_or_none(folder: Path) -> None:
    kills = killed("put", folder, "http://127.0.0.1:9/")
    assert kills > 40, kills
    wholes = []
    for number in range(kills + 1):
        with closing(Spool(folder / f"{number}" / "spool")) as spool:
            spool.claim_drafts()
            assert list(spool.draft.iterdir()) == []
            bodies = [kept.wav for kept in spool.pending()]
            assert list(spool.quarantined.iterdir()) == [], "half a segment was in the outbox"
        assert bodies, "the one that was kept before is gone"
        wholes.append(len(bodies))
    assert (wholes[0], wholes[-1]) == (1, 2)
    assert wholes == sorted(wholes), "once it is there it stays"


def test_killed_before_any_call_an_upload_loses_nothing_sends_nothing_untold_and_nothing_twice(
    folder: Path,
) -> None:
    with LyingCollector() as collector:
        kills = killed("upload", folder, collector.url)
        assert kills > 100, kills
        for number in range(kills + 1):
            place = Place(folder / f"{number}", {})
            with closing(Spool(place.state / "spool")) as spool:
                place.bodies |= {kept.id: kept.wav for kept in spool.pending()}
            if not place.bodies:  # it is out already
                ids = {entry.id for entry in entries(place.state / "ledger") if entry.id}
                place.bodies |= {id_: collector.kept[id_] for id_ in ids}
            place.upload([HttpSink(collector.url, reach())])
            (id_,) = place.bodies
            assert place.account(upload={id_: collector.kept[id_]}).delivered == {id_}
        came = [request.headers["idempotency-key"] for request in collector.requests]
    assert len(collector.kept) == kills + 1
    assert len(came) > kills + 1, "no kill fell between a delivery and its receipt"
