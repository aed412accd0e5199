"""`earlid retry` and `earlid forget --give-up` as an owner meets them, beside an uploader and without one."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from earlid.asking.slip_names import slip_name
from earlid.edge.ledger import check
from earlid.edge.sinks.whereabouts import whereabouts
from earlid.edge.spool.slips import Slips
from earlid.edge.spool.spool import Spool
from fakes.collector import LyingCollector, answers
from fakes.segments import permitted
from fakes.waiting import SECONDS


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir()
    return folder


def configure(state: Path, url: str) -> None:
    paths = {"state": state, "runtime": state / "run"}
    lines = [f"{name} = {json.dumps(str(path))}" for name, path in paths.items()]
    (state / "config.toml").write_text(
        f"[upload]\nurl = {json.dumps(url)}\n[paths]\n" + "\n".join(lines) + "\n"
    )


def earlid(state: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "earlid", "--config", str(state / "config.toml"), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@contextmanager
def uploading(state: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "earlid", "--config", str(state / "config.toml"), "upload", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        limit = threading.Timer(2 * SECONDS, process.kill)
        limit.start()
        try:
            yield process
        finally:
            limit.cancel()
            process.kill()


def until(process: subprocess.Popen[str], event: str) -> dict[str, Any]:
    assert process.stdout is not None
    for line in process.stdout:
        told: dict[str, Any] = json.loads(line)
        if told["event"] == event:
            return told
    raise AssertionError(f"it ended without {event}")


def put(state: Path, count: int) -> list[str]:
    with closing(Spool(state / "spool")) as spool:
        return [spool.put(*permitted(1_600)) for _ in range(count)]


def said(state: Path, id_: str) -> list[str]:
    lines = [json.loads(line) for line in earlid(state, "ledger", "--json").stdout.splitlines()]
    return [line["what"] for line in lines if line.get("id") == id_]


def test_what_was_refused_is_sent_again_when_its_owner_asks_and_the_ledger_tells(state: Path) -> None:
    first, second = put(state, 2)
    with LyingCollector(answers(413), answers(422)) as collector:
        configure(state, collector.url)
        assert earlid(state, "upload", "--once").returncode == 0
        assert not collector.kept
        one = earlid(state, "retry", second[:10])
        assert (one.returncode, one.stdout) == (0, "1 segment put back, for earlid upload to send\n")
        assert earlid(state, "upload", "--once").returncode == 0
        assert set(collector.kept) == {second}
        assert earlid(state, "retry", "--all").stdout.startswith("1 segment put back")
        assert earlid(state, "upload", "--once").returncode == 0
        assert set(collector.kept) == {first, second}
    assert said(state, second) == ["intent", "refused", "put back", "intent", "sent"]
    assert list((state / "spool" / "quarantine").iterdir()) == []
    assert earlid(state, "retry", "--all").stdout == "nothing is set aside\n"
    assert check(state / "ledger").flaws == ()


def test_beside_an_uploader_that_runs_it_is_that_which_sends_again(state: Path) -> None:
    ids = put(state, 3)
    with LyingCollector(*[answers(413)] * 3) as collector:
        configure(state, collector.url)
        with uploading(state) as process:
            assert [until(process, "refused")["id"] for _ in ids] == ids
            assert earlid(state, "retry", "--all").stdout == "done by earlid upload: see earlid ledger\n"
            assert [until(process, "sent")["id"] for _ in ids] == ids
        assert set(collector.kept) == set(ids)


def test_a_mistyped_address_sets_nothing_aside(state: Path) -> None:
    ids = put(state, 3)
    with LyingCollector(answers(404), answers(405), answers(403)) as collector:
        configure(state, collector.url)
        for _ in range(3):
            stopped = earlid(state, "upload", "--once")
            assert stopped.returncode == 78
            assert "check upload." in stopped.stderr
        assert list((state / "spool" / "quarantine").iterdir()) == []
        assert earlid(state, "upload", "--once").returncode == 0
        assert list(collector.kept) == ids


@pytest.mark.parametrize("words", [[], ["--all", "abcdef"], ["abcdef12"], ["xyz"]])
def test_what_is_not_clear_is_not_sent_again(state: Path, words: list[str]) -> None:
    configure(state, "http://127.0.0.1:9/")
    put(state, 1)
    done = earlid(state, "retry", *words)
    assert (done.returncode, done.stdout) == (64, "")
    assert done.stderr.startswith("earlid: ")


def test_deletions_for_a_destination_that_is_gone_are_told_and_can_be_given_up(state: Path) -> None:
    (id_,) = put(state, 1)
    with LyingCollector() as collector:
        configure(state, collector.url)
        assert earlid(state, "upload", "--once").returncode == 0
        with (state / "config.toml").open("a") as file:
            file.write('[[sinks]]\nkind = "folder"\nname = "upload2"\nfolder = "/tmp"\n')
        (state / "config.toml").write_text(
            (state / "config.toml").read_text().replace(f"url = {json.dumps(collector.url)}", 'url = ""')
        )
        assert earlid(state, "forget", "--all").returncode == 0
    (name,) = Slips(state / "forget" / "deletions").names()
    assert name == slip_name(id_, "upload", whereabouts(collector.url))
    shown = earlid(state, "status", "--json")
    assert json.loads(shown.stdout)["deletions_for_nobody"] == {"upload": 1}
    assert earlid(state, "forget", "--give-up", "upload2").returncode == 64
    done = earlid(state, "forget", "--give-up", "upload")
    assert done.stdout == "1 deletion given up: upload may still have what was sent there\n"
    assert Slips(state / "forget" / "deletions").names() == []
    assert said(state, id_)[-1] == "deletion given up"
    assert earlid(state, "forget", "--give-up", "upload").returncode == 64


@pytest.mark.parametrize(("to", "port"), [("localhost", None), ("127.0.0.1", 9)])
def test_deletions_at_an_address_that_was_left_are_told_and_can_be_given_up(
    state: Path, to: str, port: int | None
) -> None:
    ids = put(state, 2)
    with LyingCollector() as collector:
        configure(state, collector.url)
        assert earlid(state, "upload", "--once").returncode == 0
    assert earlid(state, "forget", "--all").returncode == 0
    assert json.loads(earlid(state, "status", "--json").stdout)["deletions_for_nobody"] == {}
    configure(state, moved := f"http://{to}:{port or urlsplit(collector.url).port}/")
    slips = Slips(state / "forget" / "deletions")
    slips.put({"id": "0" * 32}, still_asked := slip_name("0" * 32, "upload", whereabouts(moved)))
    assert json.loads(earlid(state, "status", "--json").stdout)["deletions_for_nobody"] == {"upload": 2}
    done = earlid(state, "forget", "--give-up", "upload")
    assert done.stdout == "2 deletions given up: upload may still have what was sent there\n"
    assert slips.names() == [still_asked]
    assert [said(state, id_)[-1] for id_ in ids] == ["deletion given up"] * 2
    assert "still asks it" in earlid(state, "forget", "--give-up", "upload").stderr


def test_a_destination_that_is_there_is_not_given_up(state: Path) -> None:
    configure(state, "http://127.0.0.1:9/")
    Slips(state / "forget" / "deletions").put({"id": "0" * 32}, f"{'0' * 32}-upload")
    assert "still asks it" in earlid(state, "forget", "--give-up", "upload").stderr
    assert len(Slips(state / "forget" / "deletions").names()) == 1
