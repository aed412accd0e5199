"""The real uploader with destinations of several kinds: each gets every segment, sealed ones nobody hears."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from earlid.edge.age import new_key
from earlid.edge.collector import Collector
from earlid.edge.seal import is_sealed, sealer_for
from earlid.edge.spool.spool import Spool
from fakes import collector as conducts
from fakes.collector import LyingCollector
from fakes.segments import permitted


def upload(folder: Path, text: str) -> tuple[int, list[dict[str, Any]], str]:
    config = folder / "my.toml"
    config.write_text(f'[paths]\nstate = "{folder}"\nruntime = "{folder}/run"\n{text}')
    command = [sys.executable, "-m", "earlid", "upload", "--once", "--json", "--config", str(config)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return ended.returncode, [json.loads(line) for line in ended.stdout.splitlines()], ended.stderr


def test_each_kind_gets_every_segment_and_then_nothing_waits(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    with closing(Spool(tmp_path / "spool")) as spool:
        ids = [spool.put(*permitted()) for _ in range(2)]
    heard = conducts.answers(200, body=b'{"text": "hello"}')
    with Collector() as collector, LyingCollector(heard, heard) as speech:
        write = (
            f"import os; open(os.path.join({str(tmp_path)!r}, os.environ['EARLID_ID']), 'w').write(input())"
        )
        code, _, complaint = upload(
            tmp_path,
            f'[upload]\nurl = "{collector.url}"\n[[sinks]]\nkind = "folder"\nfolder = "there"\n'
            f'[[sinks]]\nkind = "transcribe"\nurl = "{speech.url}"\n'
            f"then_command = {json.dumps([sys.executable, '-S', '-c', write])}\n",
        )
        assert (code, complaint) == (0, "")
        assert [each.id for each in collector.received] == ids
    assert {each.stem for each in (tmp_path / "there").glob("*.wav")} == set(ids)
    assert [(tmp_path / id_).read_text() for id_ in ids] == ["hello", "hello"]
    with closing(Spool(tmp_path / "spool")) as spool:
        assert spool.waiting() == 0


def test_what_was_kept_sealed_is_sealed_wherever_it_goes(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    with closing(Spool(tmp_path / "spool", sealer=sealer_for([new_key()[0]]))) as spool:
        id_ = spool.put(*permitted())
    with Collector(tmp_path / "collected") as collector:
        text = f'[upload]\nurl = "{collector.url}"\n[[sinks]]\nkind = "folder"\nfolder = "there"\n'
        assert upload(tmp_path, text)[0] == 0
    for folder in ("there", "collected"):
        assert is_sealed((tmp_path / folder / f"{id_}.wav.age").read_bytes())


def test_a_mistake_in_one_destination_stops_before_anything_is_sent(tmp_path: Path) -> None:
    with Collector() as collector:
        text = f'[upload]\nurl = "{collector.url}"\n[[sinks]]\nkind = "s3"\nurl = "https://s3.example/x"\n'
        code, _, complaint = upload(tmp_path, text)
        assert collector.received == ()
    assert code == 78
    assert "sinks.1.access_key" in complaint and "sinks.1.url" in complaint
