"""`earlid ledger` and `earlid forget` as an owner meets them, with and without an uploader that runs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from earlid.edge.ledger import check
from earlid.edge.sinks.whereabouts import whereabouts
from earlid.edge.spool.spool import Spool
from fakes.collector import Call, LyingCollector, answers
from fakes.field_session import FieldSession
from fakes.segments import permitted

DONE_BY_BOTH = ["1 segment destroyed on this machine", "done by earlid upload: see earlid ledger"]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir()
    return folder


def configure(state: Path, url: str, more: str = "") -> Path:
    paths = {"state": state, "runtime": state / "run"}
    lines = [f"{name} = {json.dumps(str(path))}" for name, path in paths.items()]
    file = state / "config.toml"
    file.write_text(f"[upload]\nurl = {json.dumps(url)}\n{more}[paths]\n" + "\n".join(lines) + "\n")
    return file


def earlid(state: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "earlid", "--config", str(state / "config.toml"), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@contextmanager
def uploading(state: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "earlid", "--config", str(state / "config.toml"), "upload", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def put(state: Path, count: int = 1) -> list[str]:
    with closing(Spool(state / "spool")) as spool:
        return [spool.put(*permitted(16_000)) for _ in range(count)]


def deletes(call: Call) -> None:
    """Take DELETE requests for what was kept, whatever the path before the id."""
    head = call.head()
    id_ = head[""].split()[1].rpartition("/")[2]
    call.answer(204 if call.collector.kept.pop(id_, None) is not None else 404)


def test_what_was_kept_on_the_card_before_the_spool_moved_is_forgotten_beside_an_uploader_that_runs(
    state: Path,
) -> None:
    put(state)
    with LyingCollector() as collector:
        configure(state, collector.url, "[spool]\ndurable = false\n")
        with uploading(state) as process:
            assert process.stdout is not None
            assert json.loads(process.stdout.readline())["event"] == "drained"
            assert earlid(state, "forget", "--all").stdout.splitlines() == DONE_BY_BOTH
    assert list((state / "spool" / "outbox").iterdir()) == []


def test_another_program_on_the_machine_that_has_the_sound_is_not_asked_to_delete_it(state: Path) -> None:
    with LyingCollector() as collector, LyingCollector() as neighbour:
        configure(state, collector.url)
        (id_,) = put(state)
        assert earlid(state, "upload", "--once").returncode == 0
        assert earlid(state, "forget", "--all").returncode == 0
        configure(state, neighbour.url)
        assert earlid(state, "upload", "--once").returncode == 0
        assert "deleted" not in earlid(state, "ledger").stdout
        assert "not configured any more or moved" in earlid(state, "status").stdout
        assert list(collector.kept) == [id_]
        configure(state, collector.url)
        assert earlid(state, "upload", "--once").returncode == 0
        assert not collector.kept
    assert neighbour.requests == []
    (row,) = [row for row in earlid(state, "ledger").stdout.splitlines() if "  deleted remotely" in row]
    assert row.rstrip().endswith(f"upload (127.0.0.1:{collector.port})")


def test_what_left_is_shown_day_by_day_with_totals_and_verified(state: Path) -> None:
    with LyingCollector() as collector:
        configure(state, collector.url)
        ids = put(state, 2)
        assert earlid(state, "upload", "--once").returncode == 0
    shown = earlid(state, "ledger").stdout
    assert all(id_[:8] in shown for id_ in ids)
    assert "hey_jarvis" in shown
    assert f"upload ({whereabouts(collector.url)})" in shown
    assert shown.splitlines()[-1] == "2 sent, 2.0 s, 64 kB", "the sum of a single day is told once"
    lines = [json.loads(line) for line in earlid(state, "ledger", "--json").stdout.splitlines()]
    assert [line["what"] for line in lines] == ["intent", "sent", "intent", "sent"]
    verified = earlid(state, "ledger", "verify")
    assert verified.returncode == 0
    assert "4 entries, none changed" in verified.stdout


def test_several_days_are_summed_up_at_the_end(state: Path) -> None:
    with LyingCollector() as collector:
        configure(state, collector.url)
        put(state, 2)
        assert earlid(state, "upload", "--once").returncode == 0
    (file,) = (state / "ledger").glob("*.jsonl")
    *lines, last = file.read_text().splitlines(keepends=True)
    file.write_text("".join([*lines, re.sub(r"\b20\d\d-", "2019-", last, count=1)]))
    shown = earlid(state, "ledger").stdout.splitlines()
    assert [line for line in shown if "sent, " in line] == [
        "1 sent, 1.0 s, 32 kB",
        "1 sent, 1.0 s, 32 kB",
        "in all: 2 sent, 2.0 s, 64 kB",
    ]


def test_an_entry_that_was_changed_is_told_with_its_line_and_a_head_kept_elsewhere_settles_it(
    state: Path,
) -> None:
    with LyingCollector() as collector:
        configure(state, collector.url)
        put(state, 2)
        earlid(state, "upload", "--once")
    head = earlid(state, "ledger", "head").stdout.strip()
    assert earlid(state, "ledger", "verify", "--head", head).returncode == 0
    mistyped = earlid(state, "ledger", "verify", "--head", head[:-1] + ("0" if head[-1] != "0" else "1"))
    assert (mistyped.returncode, mistyped.stdout) == (70, "")
    assert "was it copied right?" in mistyped.stderr
    assert "who changed it" not in mistyped.stderr
    (file,) = (state / "ledger").glob("*.jsonl")
    file.write_bytes(file.read_bytes().replace(b'"seconds":1.0', b'"seconds":0.1', 1))
    found = earlid(state, "ledger", "verify", "--head", head)
    assert found.returncode == 70
    assert "line 1: entry 1 was changed after it was written" in found.stdout
    put(state)
    refused = earlid(state, "upload", "--once")
    assert refused.returncode == 78
    assert "nothing is sent" in refused.stderr
    for each in (state / "ledger").iterdir():
        each.unlink()
    assert earlid(state, "ledger", "verify").returncode == 0
    assert "no entry has the mark" in earlid(state, "ledger", "verify", "--head", head).stdout


def test_forgetting_without_an_uploader_destroys_here_at_once_and_asks_elsewhere_later(state: Path) -> None:
    with LyingCollector() as collector:
        configure(state, collector.url)
        sent = put(state)[0]
        earlid(state, "upload", "--once")
        assert list(collector.kept) == [sent]
    waiting = put(state)[0]
    done = earlid(state, "forget", "--all")
    assert done.stdout.splitlines()[0] == "1 segment destroyed on this machine"
    assert "1 deletion to be asked for elsewhere" in done.stdout
    assert list((state / "spool" / "outbox").iterdir()) == []
    with LyingCollector(answers(500), deletes, port=collector.port) as again:
        again.kept[sent] = b""
        configure(state, again.url)
        assert earlid(state, "upload", "--once").returncode == 69
        assert earlid(state, "upload", "--once").returncode == 0
        assert again.kept == {}
    said = [json.loads(line) for line in earlid(state, "ledger", "--json").stdout.splitlines()]
    assert [line["what"] for line in said if line["id"] == waiting] == ["erased"]
    assert [line["what"] for line in said if line["id"] == sent][-1] == "deleted remotely"
    assert check(state / "ledger").flaws == ()


def test_forgetting_beside_an_uploader_is_done_by_both_even_while_the_collector_is_down(state: Path) -> None:
    with LyingCollector(*[answers(500)] * 50) as collector:
        configure(state, collector.url)
        first, second = put(state, 2)
        with uploading(state):
            assert collector.wait_for_one()
            done = earlid(state, "forget", second[:10])
            assert done.stdout.splitlines() == DONE_BY_BOTH
            names = [each.name for each in (state / "spool" / "outbox").iterdir()]
            assert [name[9:] for name in names] == [first]


def test_segments_that_need_not_last_wait_in_memory_and_expire(state: Path) -> None:
    configure(state, "http://127.0.0.1:9/", "[spool]\ndurable = false\nmax_age_s = 0.01\n")
    with closing(Spool(state / "run" / "spool")) as spool:
        id_ = spool.put(*permitted())
    assert earlid(state, "upload", "--once").returncode == 0
    assert not (state / "spool").exists()
    said = [json.loads(line) for line in earlid(state, "ledger", "--json").stdout.splitlines()]
    assert [(line["what"], line["id"]) for line in said] == [("expired", id_)]


def test_forgetting_all_or_since_a_time_destroys_the_sound_of_field_recordings_too(state: Path) -> None:
    configure(state, "")
    with closing(FieldSession(state / "field")) as field:
        field.hear(time.time() - 7_200)
        field.hear()
        field.write()
        assert "field recording" not in earlid(state, "forget", put(state)[0]).stdout
        for words in (["--since", "1h"], ["--all"]):
            done = earlid(state, "forget", *words)
            assert done.stdout.splitlines()[-1] == "the sound of 1 field recording destroyed"
        assert (field.sounds, field.store.count()) == (0, 2)
        assert "field recording" not in earlid(state, "forget", "--all").stdout


@pytest.mark.parametrize(
    "words", [[], ["--all", "--since", "1d"], ["--since", "soon"], ["xyz"], ["abcdef12"]]
)
def test_what_is_not_clear_is_not_forgotten(state: Path, words: list[str]) -> None:
    configure(state, "http://127.0.0.1:9/")
    put(state)
    done = earlid(state, "forget", *words)
    assert done.returncode == 64
    assert done.stderr.startswith("earlid: ")
    assert len(list((state / "spool" / "outbox").iterdir())) == 1
