"""`earlid bench` as a person runs it: what it tells of recordings, and of what is wrong with them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import soundfile

from fakes.benched import COLUMNS, bench, environment, indexed, write_index
from fakes.browser import DESK, PHONE, Visit, chromium, where

CHECKOUT = Path(__file__).parents[2]
SIX = ["alexa", "hey_jarvis", "hey_mycroft", "hey_rhasspy", "timer", "weather"]


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where scores are kept, so that no test scores what another has scored."""
    return tmp_path_factory.mktemp("work")


def report(env: dict[str, str], folder: Path, *words: str, code: int = 0) -> Any:
    """The report on `folder`, as a program reads it."""
    file = Path(env["EARLID_CONFIG"]).with_name("report.json")
    done = bench(env, str(folder), "--json", str(file), *words)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    told = json.loads(file.read_bytes())
    return told | {"printed": done.stdout, "complained": done.stderr.splitlines()}


def of(told: Any, word: str, condition: str = "clean") -> Any:
    """What is told of one word under one condition."""
    (one,) = [r for r in told["results"] if (r["word"], r["condition"]) == (word, condition)]
    return one


def missed(told: Any) -> int:
    """The calls that were missed, of all words under all conditions."""
    return sum(one["calls"]["missed"] for one in told["results"])


def test_every_call_is_found_where_it_was_said_and_told_three_ways(
    heard: Path, work: Path, models: Path, tmp_path: Path
) -> None:
    env, page = environment(tmp_path, models), tmp_path / "report.html"
    told = report(env, heard, "--work", str(work), "--html", str(page))
    assert [one["word"] for one in told["results"]] == SIX
    assert missed(told) == 0
    for word in SIX:
        one = of(told, word)
        assert one["calls"]["of"] == (2 if word == "alexa" else 1)
        assert -1500 < one["latency"]["median_ms"] < 500, "it woke around the word's end, or nowhere near it"
        assert one["other"]["seconds"] == pytest.approx(22.5, abs=1)
    assert "alexa: 2 calls" in told["printed"] and "0.0 % (0.0-84.2)" in told["printed"]
    html = page.read_text("utf-8")
    assert html.count("<svg") == 3 * len(SIX)
    assert all(word in html for word in SIX)
    assert not [word for word in ("<script", "src=", "@import", "url(http", "<link") if word in html]


@pytest.mark.skipif(where() is None, reason="no chromium here: apt install chromium")
def test_the_page_fits_a_phone_is_dark_at_night_and_asks_nobody_for_anything(
    heard: Path, work: Path, models: Path, tmp_path: Path
) -> None:
    env, page = environment(tmp_path, models), tmp_path / "report.html"
    report(env, heard, "--work", str(work), "--html", str(page), "--threshold", "0.9")
    with chromium() as browser:
        for how in (PHONE, {"viewport": DESK, "color_scheme": "dark"}):
            tab = Visit(browser.new_context(**how).new_page(), "file://")
            tab.page.goto(page.as_uri())
            tab.check()
            wide = tab.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= (390 if how is PHONE else 1280), "it would have to be pushed aside"
            background = tab.page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert (background == "rgb(255, 255, 255)") is (how is PHONE)
            assert tab.page.locator("figure svg").first.bounding_box()["width"] > 250  # type: ignore[index]


def test_a_threshold_that_was_raised_by_mistake_is_seen_in_the_report(
    heard: Path, work: Path, models: Path, tmp_path: Path
) -> None:
    env = environment(tmp_path, models)
    noise = ("--noise", str(heard / "negative"), "--snr", "10", "--work", str(work))
    good, bad = report(env, heard, *noise), report(env, heard, *noise, "--threshold", "0.8")
    assert missed(bad) > missed(good)
    assert "0.80" in bad["printed"] and "0.80" not in good["printed"]
    for before, after in zip(good["results"], bad["results"], strict=True):
        assert after["curve"] == before["curve"], "the scores are the same, and so is the curve"
        assert after["miss_rate"]["value"] >= before["miss_rate"]["value"]


def test_what_is_wrong_with_recordings_is_told_and_the_rest_is_measured_all_the_same(
    heard: Path, models: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(heard, broken)
    rows = indexed(broken)
    rows[2:2] = [["positive/gone.flac", "alexa", "", ""], ["positive/alexa.flac", "okay_nobody", "", ""]]
    write_index(broken, rows, COLUMNS)
    flac = broken / "positive/hey_mycroft.flac"
    body = bytearray(flac.read_bytes())
    body[len(body) // 2 : len(body) // 2 + 3000] = bytes(3000)
    flac.write_bytes(body)
    (broken / "negative/talk/02.wav").write_bytes(b"no sound at all" * 40)
    told = report(environment(tmp_path, models), broken, code=65)
    assert [line.split(": ", 2)[1] for line in told["complained"]] == [
        "index.tsv line 4",
        "okay_nobody is called in 1 recording, and no model knows it",
        "negative/talk/02.wav",
        "positive/hey_mycroft.flac",
    ]
    assert len(told["troubles"]) == len(told["complained"])
    assert (of(told, "hey_mycroft")["calls"]["of"], of(told, "alexa")["calls"]["of"]) == (0, 2)
    assert missed(told) == 0
    assert 15 < of(told, "alexa")["other"]["seconds"] < 22


def test_without_a_call_there_is_no_miss_rate_and_false_accepts_are_told(
    heard: Path, work: Path, models: Path, tmp_path: Path
) -> None:
    env, file = environment(tmp_path, models), tmp_path / "report.json"
    words = ("--negatives", str(heard / "negative"), "--model", "alexa", "--work", str(work))
    done = bench(env, *words, "--json", str(file))
    assert done.returncode == 65
    assert done.stderr == (
        "earlid: alexa is called in none of the recordings: there is no miss rate for it\n"
    )
    (one,) = json.loads(file.read_bytes())["results"]
    assert one["miss_rate"]["value"] is None
    assert one["false_accepts_per_hour"]["high"] > 100, "some twenty seconds say next to nothing"


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("nowhere",), 64, "nowhere: no such folder or index"),
        ((), 64, "name recordings"),
        (("HEARD", "--snr", "5"), 64, "noise has to come from somewhere"),
        (("HEARD", "--rir", "HEARD/negative/none"), 64, "no recordings in it"),
        (("HEARD", "--condition", "loud"), 64, "loud: a condition is clean"),
        (("HEARD", "--snr", "loud"), 64, "loud is no list of numbers"),
        (("HEARD", "--engine", "siri"), 64, "no engine is called siri"),
        (("HEARD", "--engine", "openwakeword=/nowhere/python"), 64, "/nowhere/python: no such python"),
        (("HEARD", "--model", "siri"), 64, "no wake word is called siri"),
        (("HEARD", "--json", "/proc/no/report.json"), 64, "/proc/no/report.json: cannot be written"),
    ],
)
def test_what_cannot_be_measured_at_all_is_refused_in_a_line(
    heard: Path, work: Path, models: Path, tmp_path: Path, words: tuple[str, ...], code: int, says: str
) -> None:
    asked = [word.replace("HEARD", str(heard)) for word in words]
    done = bench(environment(tmp_path, models), *asked, "--work", str(work))
    assert done.returncode == code
    assert says in done.stderr and "Traceback" not in done.stderr


def test_what_was_missed_and_what_woke_it_can_be_listened_to(
    heard: Path, work: Path, models: Path, tmp_path: Path
) -> None:
    env, clips = environment(tmp_path, models), tmp_path / "clips"
    noise = ("--noise", str(heard / "negative"), "--snr", "10", "--work", str(work))
    told = report(env, heard, *noise, "--threshold", "0.8", "--clips", str(clips))
    wanted = sum(len(one["misses"]) + len(one["false_accepts"]) for one in told["results"])
    assert len(list(clips.iterdir())) == wanted > 0
    for clip in clips.iterdir():
        sound, rate = soundfile.read(clip, dtype="int16")
        assert rate == 16_000 and 8_000 < len(sound) <= 48_000
        assert sound.any()


def test_what_was_measured_is_written_into_manifests_and_shown_by_the_table_made_of_them(
    heard: Path, work: Path, models: Path, tmp_path: Path
) -> None:
    package = tmp_path / "src/earlid"  # a checkout of its own, or the test would write into this one
    shutil.copytree(CHECKOUT / "device/earlid", package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(CHECKOUT / "models", package / "models", ignore=shutil.ignore_patterns("__pycache__"))
    env = environment(tmp_path, models) | {"PYTHONPATH": str(package.parent), "PYTHONDONTWRITEBYTECODE": "1"}

    def copied(*words: str) -> str:
        return subprocess.run(
            [sys.executable, *words], env=env, capture_output=True, text=True, check=True
        ).stdout

    asked = ("bench", str(heard), "--work", str(work), "--model", "alexa", "--threshold", "0.35")
    said = copied("-m", "earlid", *asked, "--write", "two sentences")
    manifest = package / "models/alexa.toml"
    assert f"wrote {manifest}" in said
    told = tomllib.loads(manifest.read_text("utf-8"))
    assert (told["threshold"], told["measured"][0]["source"]) == (0.35, "two sentences")
    table = copied("-c", "from earlid.edge.model.manifest import accuracy_table; print(accuracy_table())")
    assert "| `alexa` | 0.35 | clean | 0 of 2: 0.0 % (0.0-84.2) |" in table
