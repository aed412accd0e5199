"""A small folder of recordings whose every word and time is known, cut out of the clips of the project."""

from __future__ import annotations

import json
import os
import subprocess
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from earlid.edge.processes import earlid

CHECKOUT = Path(__file__).resolve().parents[2]
RATE = 16_000
COLUMNS = ("path", "label", "start_s", "end_s")
ROOM_DBFS = -62.0


def cut(folder: Path) -> Path:
    """Six calls with their times, twelve sentences of talk, and a quiet room with one call in it."""
    rows: list[tuple[str, str, str, str]] = []
    for said, sound in _said("tests/clips/six_words"):
        label = "timer:10_minute" if said["wakes"] == "timer" else said["wakes"]
        first = said["start"] - RATE
        name = _keep(folder, f"positive/{said['wakes']}.flac", sound[first : said["stop"] + RATE])
        rows.append((name, label, "1.0", str((said["stop"] - first) / RATE)))
    for number, (said, sound) in enumerate(_said("device/earlid/demo/clip")):
        if "jarvis" not in said["text"]:
            name = _keep(folder, f"negative/talk/{number:02d}.wav", sound[said["start"] : said["stop"]])
            rows.append((name, "talk", "", ""))
    random = np.random.default_rng(5)
    room = random.normal(0, 32768 * 10 ** (ROOM_DBFS / 20), 20 * RATE).round().astype(np.int16)
    alexa = _keep(
        folder, "positive/quiet_room.flac", np.concatenate([room, _sound(folder, rows[0][0]), room])
    )
    rows.append((alexa, "alexa", "", ""))
    write_index(folder, rows)
    return folder


def write_index(folder: Path, rows: Sequence[Sequence[str]], columns: Sequence[str] = COLUMNS) -> None:
    """Let `folder` have an index of `rows`."""
    lines = ["\t".join(row) for row in (columns, *rows)]
    (folder / "index.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def indexed(folder: Path) -> list[list[str]]:
    """The rows of the index of `folder`."""
    return [line.split("\t") for line in (folder / "index.tsv").read_text("utf-8").splitlines()[1:]]


def environment(tmp_path: Path, models: Path) -> dict[str, str]:
    """The environment of an `earlid` that keeps all it keeps under `tmp_path`."""
    config = tmp_path / "config.toml"
    config.write_text(
        f"[paths]\nmodels = {json.dumps(str(models))}\nstate = {json.dumps(str(tmp_path / 'state'))}\n"
    )
    return dict(os.environ) | {"EARLID_CONFIG": str(config)}


def bench(env: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """What `earlid bench` with `words` prints, and how it leaves."""
    command = earlid("bench", *words)
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=120)


def _said(clip: str) -> list[tuple[dict[str, Any], Any]]:
    told = tomllib.loads((CHECKOUT / f"{clip}.toml").read_text("utf-8"))
    sound, _ = soundfile.read(CHECKOUT / f"{clip}.flac", dtype="int16")
    return [(said, sound) for said in told["said"]]


def _keep(folder: Path, name: str, sound: Any) -> str:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(folder / name, sound, RATE, subtype="PCM_16")
    return name


def _sound(folder: Path, name: str) -> Any:
    return soundfile.read(folder / name, dtype="int16")[0]
