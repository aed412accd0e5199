"""Work done by a cluster comes back whole, and a cluster that is not there is told and not waited for."""

from __future__ import annotations

import signal
from importlib.metadata import version
from pathlib import Path

import pytest

from earlid.edge import clusters
from earlid.edge.clusters import on_cluster
from earlid.errors import DeviceLost
from fakes.clusters import cluster, slowly


def test_every_task_comes_back_once_though_a_machine_goes_away(tmp_path: Path) -> None:
    with cluster(tmp_path, workers=2) as machines:
        done = []
        for result in on_cluster(machines.address, slowly)(range(60)):
            done.append(result)
            if len({who for _, who in done}) == 2 and machines.workers[0].poll() is None:
                machines.workers[0].kill()
    assert sorted(number for number, _ in done) == list(range(60))
    assert {who for _, who in done} == {worker.pid for worker in machines.workers}


def test_a_scheduler_that_goes_away_is_told(tmp_path: Path) -> None:
    with cluster(tmp_path, workers=1) as machines:
        results = on_cluster(machines.address, slowly)(range(100))
        next(results)
        machines.scheduler.send_signal(signal.SIGKILL)
        with pytest.raises(DeviceLost, match="went away; run again, what it did is kept"):
            list(results)


def test_no_scheduler_and_no_machines_are_two_things(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "CONNECT_S", 1)
    with pytest.raises(DeviceLost, match=r"no dask scheduler answers at tcp://127\.0\.0\.1:1: start one"):
        list(on_cluster("tcp://127.0.0.1:1", slowly)([1]))
    with (
        cluster(tmp_path, workers=0) as machines,
        pytest.raises(DeviceLost, match=r"has no machines: start 'dask worker tcp://"),
    ):
        list(on_cluster(machines.address, slowly)([1]))


def test_machines_with_another_version_are_not_given_work(tmp_path: Path) -> None:
    other = tmp_path / "other/earlid-99.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: earlid\nVersion: 99\n")
    with (
        cluster(tmp_path, 1, other.parent) as machines,
        pytest.raises(
            DeviceLost, match=rf"tcp://.* has earlid 99, and here it is {version('earlid')}: install"
        ),
    ):
        list(on_cluster(machines.address, slowly)([1]))
