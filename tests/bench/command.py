"""Measure Earlid and its peers side by side; write a table, the numbers as JSON, and a chart."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench import contestants, recordings, report
from bench.drawing import draw
from bench.environments import Environments, Unavailable
from bench.measuring import Measured, measure
from bench.tables import Table, reached
from bench.targets import verdicts
from bench.whole_process import Grown, listen_to, pour

_ROOT = Path(__file__).resolve().parents[2]
_DRAWING = ("matplotlib>=3.9,<4",)


def main(words: list[str]) -> int:
    """Run the bench; 0 whenever it measured, whatever the numbers are."""
    asked = _parser().parse_args(words)
    at = Environments(Path(asked.cache).resolve())
    out = Path(asked.out).resolve()
    out.mkdir(parents=True, exist_ok=True)
    audio, into = Path(asked.audio).resolve(), at.cache / "recordings"
    speech = recordings.people(audio, _ROOT / "device" / "earlid" / "demo" / "clip.flac", into)
    heard = (speech, recordings.quiet_room(into))
    chosen = [one for one in contestants.ALL if not asked.only or one.key in asked.only]
    found, missing = measure(chosen, heard, asked.rounds, at)
    whole = None if asked.no_listen else _whole(heard, asked.hours, at, missing)
    tables = [report.contest(found, missing, one.name, one.about) for one in heard]
    if whole:
        tables.append(report.whole_process(whole, found))
    numbers = report.numbers(found, whole)
    tables.append(reached(verdicts(numbers), numbers))
    if "listen" in missing:
        print(f"bench: the whole process was not measured: {missing['listen']}", file=sys.stderr)
    _write(out, tables, _as_json(found, missing, numbers, whole, heard))
    print("\n\n".join(table.text() for table in tables))
    _draw(out, Path(asked.chart).resolve() if asked.chart else out / "bench.png", at)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    cache = os.environ.get("EARLID_BENCH_CACHE", str(_ROOT / ".bench"))
    audio = os.environ.get("EARLID_AUDIO", str(_ROOT.parent / "shared" / "audio"))
    parser.add_argument("--rounds", type=_from_one, default=5, help="runs of each, interleaved (default 5)")
    parser.add_argument(
        "--only", action="append", choices=[one.key for one in contestants.ALL], metavar="NAME"
    )
    parser.add_argument("--hours", type=float, default=1.0, help="sound poured into listen for its memory")
    parser.add_argument("--no-listen", action="store_true", help="leave the whole process out")
    parser.add_argument(
        "--cache", default=cache, help="environments and models (default $EARLID_BENCH_CACHE)"
    )
    parser.add_argument("--audio", default=audio, help="recordings of people (default $EARLID_AUDIO)")
    parser.add_argument(
        "--out", default=str(_ROOT / "tests" / "bench" / "out"), help="folder for the results"
    )
    parser.add_argument("--chart", help="where the bar chart goes (default: bench.png among the results)")
    return parser


def _from_one(word: str) -> int:
    value = int(word)
    if value < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return value


def _whole(
    heard: tuple[recordings.Recording, ...], hours: float, at: Environments, missing: dict[str, str]
) -> report.Whole | None:
    speech, quiet = heard
    into = at.cache / "recordings"
    print("bench: the whole listen process", file=sys.stderr, flush=True)
    try:
        models = at.earlid_models((("alexa",), ("hey_jarvis",)))
        runs = {
            "speech": listen_to(speech, "alexa", models),
            "speech, nobody calls": listen_to(speech, "hey_jarvis", models),
            "quiet": listen_to(quiet, "alexa", models),
        }
        start = listen_to(recordings.silence(25, into), "alexa", models)
        passes = round(hours * 3600 / speech.seconds)
        grown: Grown | None = pour(speech, passes, "alexa", models) if passes else None
        return report.Whole(start, runs, grown, passes * speech.seconds / 3600)
    except Unavailable as error:
        missing["listen"] = str(error)
        return None


def _as_json(
    found: dict[str, Measured],
    missing: dict[str, str],
    numbers: dict[str, float | None],
    whole: report.Whole | None,
    heard: tuple[recordings.Recording, ...],
) -> dict[str, Any]:
    return {
        "machine": {
            "processor": platform.machine(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
        },
        "recordings": {one.name: one.about for one in heard},
        "contestants": [
            {
                "key": key,
                "label": one.who.label,
                "versions": one.starts[0].versions,
                "first_score_s": asdict(one.start_s()),
                "first_score_cpu_s": min(start.cpu_s for start in one.starts),
                "peak_mb": one.peak_mb(),
                "maxrss_mb": max(run.maxrss_kib for runs in one.heard.values() for run in runs) / 1024,
                "cpu_ms_per_s": {name: [run.ms_per_s for run in runs] for name, runs in one.heard.items()},
                "wakes_at_hops": {name: one.wakes(name) for name in one.heard},
                "threads": max(run.threads for runs in one.heard.values() for run in runs),
            }
            for key, one in found.items()
        ],
        "missing": missing,
        "listen": asdict(whole) if whole else None,
        "targets": {
            each.key: {
                "limit": each.limit,
                "way": each.way.value,
                "found": numbers[each.key],
                "said": said.value,
            }
            for each, said in verdicts(numbers)
        },
    }


def _write(out: Path, tables: list[Table], results: dict[str, Any]) -> None:
    (out / "bench.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    (out / "bench.md").write_text("\n\n".join(table.markdown() for table in tables) + "\n", encoding="utf-8")


def _draw(out: Path, chart: Path, at: Environments) -> None:
    try:
        draw(at.python(_DRAWING, None), out / "bench.json", chart)
    except Unavailable as error:
        print(f"bench: no chart: {error}", file=sys.stderr)
    else:
        print(f"bench: wrote {out / 'bench.json'}, {out / 'bench.md'} and {chart}", file=sys.stderr)
