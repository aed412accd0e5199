"""What a report says, what it never says, and what becomes of several that anybody may have made."""

from __future__ import annotations

import csv
import getpass
import io
import json
import platform
import time
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from earlid.config import Config
from earlid.config_file import parse
from earlid.core.field import FIRST_HOP, Kind, Label, Minute, Peak, Run, Tag, Trial
from earlid.core.units import RATE_HZ
from earlid.edge.field.store import FieldStore
from earlid.edge.intervals import rate
from earlid.errors import UsageError
from earlid.field.report import How, merge, report

HOURS = 200
NIGHT_S = float(time.time() // 86_400 * 86_400 - 40 * 86_400)
SAID = "Ruth called from the garden"


class Script(HTMLParser):
    """Collects the tags of a page, and where it points."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.handlers: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        self.addresses += [str(value) for name, value in attrs if name in {"src", "href", "action"}]


def device(folder: Path, false: int, true: int = 30) -> Config:
    """A device that listened for HOURS, and what its owner says of its wakes."""
    config = parse(f'[paths]\nstate = "{folder}"\n', None, secrets=False, environ={})
    config.paths.field.mkdir(parents=True)
    with closing(FieldStore(config.paths.field)) as store:
        session = store.begin(note=SAID, started_s=NIGHT_S, ends_s=NIGHT_S + 1e7, keeps_audio=False).id
        store.add_run(Run(session, NIGHT_S, {"machine": "Raspberry Pi 5 Model B Rev 1.0", "words": "alexa"}))
        minutes = [
            Minute(session, NIGHT_S + 3600 * hour, 3600 * RATE_HZ, 0, 0, 0, 0, -50.0, 61.0, hour == 7)
            for hour in range(HOURS)
        ]
        store.add(minutes, [peak(session, at) for at in range(false + true)])
        for at in range(false + true):
            store.label(f"{at:032x}", Label.FALSE if at < false else Label.TRUE)
            store.annotate(f"{at:032x}", SAID)
            if at < false:
                store.tag(f"{at:032x}", {Tag.TELEVISION})
        for at in range(20):
            store.add_trial(Trial(session, NIGHT_S + at, NIGHT_S + at + 0.5, "alexa", 3.0, "quiet", at > 1))
    return config


def peak(session: int, at: int) -> Peak:
    trace = np.full(62, 0.1, np.float32)
    told = ("alexa", Kind.WAKE, 0.9, 0.5, -31.0, trace, FIRST_HOP)
    return Peak(f"{at:032x}", session, NIGHT_S + 5 * 3600 * at % (3600 * HOURS), at, *told)


def told(config: Config, how: How, capsys: pytest.CaptureFixture[str], *, notes: bool = False) -> str:
    assert report(config, how, notes=notes) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("how", list(How))
def test_no_form_of_it_tells_who_or_when_or_what_was_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], how: How
) -> None:
    said = told(device(tmp_path / "state", 6), how, capsys)
    day = time.localtime(NIGHT_S)
    identifying = [SAID, "Ruth", platform.node(), str(tmp_path), f"{1:032x}", str(int(NIGHT_S))]
    identifying += [time.strftime(form, day) for form in ("%Y-%m-%d", "%d %b", "%B")]
    user = getpass.getuser()
    identifying += [user] if len(user) > 4 else []
    assert [word for word in identifying if word in said] == []
    for sound in ("RIFF", "AGE ENCRYPTED", "age-encryption", "base64", "<audio"):
        assert sound not in said
    assert said.isascii() or how in {How.TEXT, How.HTML}


def test_notes_of_a_session_are_told_to_whoever_asks_and_those_beside_a_wake_never(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = json.loads(told(device(tmp_path / "state", 6), How.JSON, capsys, notes=True))
    assert said["devices"][0]["notes"] == [SAID]


def test_its_figures_are_those_of_the_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = device(tmp_path / "state", 6)
    said = json.loads(told(config, How.JSON, capsys))
    (one,), (figures,) = said["devices"], said["figures"]
    expected = rate(6, HOURS)
    assert (one["listened_h"], one["tags"]) == (HOURS, {"television": 6})
    assert figures["false_per_hour"] == {
        "value": expected.value,
        "low": expected.low,
        "high": expected.high,
    }
    assert one["asked"] == [{"distance_m": 3.0, "noise": "quiet", "asked": 20, "heard": 18}]
    assert (one["warmest_c"], one["throttled_share"]) == (61.0, 1 / HOURS)
    rows = list(csv.DictReader(io.StringIO(told(config, How.CSV, capsys))))
    assert len(rows) == 24
    assert sum(int(row["wakes_false"]) for row in rows) == 6
    assert sum(float(row["listened_h"]) for row in rows) == pytest.approx(HOURS)
    assert "0.03 (0.01 to 0.066)" in told(config, How.TEXT, capsys)


def test_the_page_needs_nothing_else_and_runs_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = Script()
    found.feed(told(device(tmp_path / "state", 6), How.HTML, capsys))
    assert found.addresses == []
    assert not found.tags & {"script", "link", "iframe", "img", "object", "form"}


def reports(folder: Path, capsys: pytest.CaptureFixture[str], *false: int) -> list[Path]:
    files = []
    for number, count in enumerate(false):
        files.append(folder / f"{number}.json")
        files[-1].write_text(told(device(folder / str(number), count), How.JSON, capsys))
    return files


def merged(files: list[Path], how: How, capsys: pytest.CaptureFixture[str]) -> str:
    assert merge(files, how) == 0
    return capsys.readouterr().out


def test_several_devices_stay_apart_and_their_interval_is_as_wide_as_they_differ(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alike = json.loads(merged(reports(tmp_path / "a", capsys, 10, 11, 9), How.JSON, capsys))["together"]
    apart = json.loads(merged(reports(tmp_path / "b", capsys, 1, 27, 2), How.JSON, capsys))["together"]
    plain = rate(30, 3 * HOURS)
    for one in (alike, apart):
        assert one["listened_h"] == 3 * HOURS
        assert one["false"]["value"] == plain.value
    assert (alike["false"]["low"], alike["false"]["high"]) == (plain.low, plain.high)
    assert apart["false"]["low"] < plain.low
    assert apart["false"]["high"] > plain.high
    assert alike["spread"]["chance"] > 0.5
    assert apart["spread"]["chance"] < 0.001
    text = merged([tmp_path / "b" / f"{at}.json" for at in range(3)], How.TEXT, capsys)
    assert "times as much as chance would have it" in text
    assert "read them one by one" in text


def test_a_report_that_somebody_made_up_runs_nothing_on_the_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = reports(tmp_path, capsys, 3, 4)
    evil: dict[str, Any] = json.loads(files[0].read_text())
    one, markup = evil["devices"][0], "\"><script src='http://evil.example/x.js'></script><img onerror=1>"
    one["setup"] = {"machine": markup, markup: markup}
    one["notes"] = [markup]
    one["tags"] = {markup: 3}
    one["words"][0]["word"] = markup
    one["asked"][0]["noise"] = markup
    files[0].write_text(json.dumps(evil))
    found = Script()
    found.feed(merged(files, How.HTML, capsys))
    assert not found.tags & {"script", "img", "iframe", "link"}
    assert found.handlers == []
    assert found.addresses == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        b'{"earlid_field_report": 1}',
        b'{"earlid_field_report": 1, "devices": [{"listened_h": "<script>"}]}',
        b'{"earlid_field_report": 99, "devices": []}',
        b"[" * 100_000,
        b'{"earlid_field_report": 1, "devices": "' + b"x" * 5_000_000 + b'"}',
    ],
    ids=["empty", "nothing", "a list", "no text", "no devices", "no number", "newer", "deep", "huge"],
)
def test_what_is_no_report_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str], body: bytes) -> None:
    (good,) = reports(tmp_path, capsys, 3)
    bad = tmp_path / "bad.json"
    bad.write_bytes(body)
    with pytest.raises(UsageError, match=r"bad\.json: not a report made with earlid field report --json"):
        merge([good, bad], How.HTML)


def test_one_device_cannot_be_merged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError, match="two devices or more"):
        merge(reports(tmp_path, capsys, 3), How.TEXT)
    with pytest.raises(UsageError, match="no such file"):
        merge([tmp_path / "nowhere.json"], How.TEXT)


def test_a_device_that_is_named_twice_is_not_counted_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = reports(tmp_path, capsys, 3, 4)
    copy, both = tmp_path / "copy.json", tmp_path / "both.json"
    copy.write_text(one.read_text())
    both.write_text(merged([one, other], How.JSON, capsys))
    for again in (one, copy, both):
        with pytest.raises(UsageError, match=rf"{one.name} and \S*{again.name} tell of the same device"):
            merge([one, other, again], How.TEXT)
    assert capsys.readouterr().out == ""
