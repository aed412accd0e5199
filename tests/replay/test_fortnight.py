"""A fortnight of real recordings through the real listener: what it reports is what was planned."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path

import pytest

from earlid.core.field import AFTER, BEFORE, Ended, Kind, Label, Tag
from earlid.core.units import HOP, seconds
from earlid.edge.age import unsealed
from earlid.edge.field.clips import FieldClips
from earlid.edge.field.order import OrderFile
from earlid.edge.field.store import FieldStore, Wanted
from earlid.edge.intervals import rate
from earlid.field.report import How, report
from fakes.fortnight import BEGAN_S, DAYS, HOUR_S, Fortnight, Plan, What, plan


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, models: Path, recordings: Path) -> tuple[Plan, Fortnight]:
    planned = plan()
    fortnight = Fortnight(tmp_path_factory.mktemp("fortnight"), models, recordings, planned)
    fortnight.run()
    return planned, fortnight


@pytest.fixture
def store(lived: tuple[Plan, Fortnight]) -> FieldStore:
    return FieldStore(lived[1].config.paths.field)


@pytest.fixture
def in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


def heard(planned: Plan) -> int:
    """Samples that were to be heard within the fortnight; those of a deaf microphone are not."""
    silent = planned.which(What.SILENT)
    return (DAYS * 24 - len(planned.which(What.MUTED)) - len(silent)) * planned.hops * HOP


def test_the_time_listened_muted_and_deaf_is_what_was_planned(
    lived: tuple[Plan, Fortnight], store: FieldStore
) -> None:
    planned, _ = lived
    minutes = store.minutes()
    assert sum(one.listened for one in minutes) == heard(planned)
    assert seconds(sum(one.muted for one in minutes)) == len(planned.which(What.MUTED)) * HOUR_S
    deaf_s = seconds(sum(one.deaf for one in minutes))
    unheard_s = len(planned.which(What.SILENT)) * planned.hops * seconds(HOP)
    leapt_s = HOUR_S - planned.hops * seconds(HOP)  # once deaf, what the clock leaps over is told as lost
    assert deaf_s == pytest.approx(unheard_s + leapt_s, abs=1.5 * seconds(HOP))


def test_each_wake_and_near_miss_is_in_the_hour_for_which_it_was_planned(
    lived: tuple[Plan, Fortnight], store: FieldStore
) -> None:
    planned, _ = lived
    for kind, what in (
        (Kind.WAKE, (What.CALL, What.TELEVISION)),
        (Kind.NEAR_MISS, (What.NEARLY,)),
    ):
        found = [int((peak.at_s - BEGAN_S) // HOUR_S) for peak in store.peaks(Wanted(kind=kind))]
        assert sorted(found) == planned.which(*what)


def test_it_ended_by_itself_and_the_lamp_said_so_as_long_as_it_lasted(
    lived: tuple[Plan, Fortnight], store: FieldStore
) -> None:
    planned, fortnight = lived
    (session,) = store.sessions()
    assert session.why is Ended.TIME
    assert session.ended_s == pytest.approx(BEGAN_S + DAYS * 24 * HOUR_S, abs=1.0)
    assert OrderFile(fortnight.config.paths.field).read() is None
    wakes = [line for line in fortnight.lines if line["event"] == "wake"]
    assert len(wakes) == len(planned.which(What.CALL, What.TELEVISION)) + 1, "one is heard after the end"
    looks = [line["look"] for line in fortnight.lines if line["event"] in {"lamp", "look"}]
    last = len(looks) - 1 - looks[::-1].index("recording")
    assert set(looks[: last + 1]) == {"recording", "capturing", "muted", "fault"}
    assert looks[: last + 1].count("capturing") == len(wakes) - 1, "what is kept is told, recorded or not"
    assert "capturing" in looks[last:], "the call after the end is not recorded"


def test_every_peak_worth_hearing_has_its_sound_and_the_call_is_in_the_middle_of_it(
    lived: tuple[Plan, Fortnight], store: FieldStore
) -> None:
    _, fortnight = lived
    clips = FieldClips(fortnight.config.paths.field)
    peaks = store.peaks(Wanted(kind=Kind.WAKE))
    assert clips.names() == {peak.clip for peak in store.peaks() if peak.clip}
    assert all(peak.clip for peak in peaks)
    for peak in peaks[:3]:
        assert peak.clip
        wav = unsealed(clips.read(peak.clip), fortnight.secret)
        sound = memoryview(wav)[44:].cast("h")
        assert len(sound) == BEFORE + AFTER
        middle = max(abs(value) for value in sound[BEFORE - 16_000 : BEFORE])
        assert middle > 3 * max(abs(value) for value in sound[:8_000])


@pytest.mark.usefixtures("in_utc")
def test_the_report_says_what_was_planned(
    lived: tuple[Plan, Fortnight], store: FieldStore, capsys: pytest.CaptureFixture[str]
) -> None:
    planned, fortnight = lived
    television = set(planned.which(What.TELEVISION))
    for peak in store.peaks(Wanted(kind=Kind.WAKE)):
        is_false = int((peak.at_s - BEGAN_S) // HOUR_S) in television
        store.label(peak.id, Label.FALSE if is_false else Label.TRUE)
        if is_false:
            store.tag(peak.id, {Tag.TELEVISION})
    assert report(fortnight.config, How.JSON, notes=False) == 0
    said = json.loads(capsys.readouterr().out)
    (device,), (figures,) = said["devices"], said["figures"]
    hours = heard(planned) / 16_000 / 3600
    assert device["listened_h"] == pytest.approx(hours)
    assert device["muted_h"] == len(planned.which(What.MUTED))
    assert device["tags"] == {"television": len(television)}
    (word,) = device["words"]
    assert word["counts"]["true"] == len(planned.which(What.CALL))
    assert word["counts"]["false"] == len(television)
    assert word["counts"]["near_misses"] == len(planned.which(What.NEARLY))
    assert word["counts"]["waiting"] == 0
    for kind, what in (("true", What.CALL), ("false", What.TELEVISION), ("near_misses", What.NEARLY)):
        by_hour = Counter({one["hour"]: one["counts"][kind] for one in device["hours"]})
        assert +by_hour == planned.of_day(what)
    expected = rate(len(television), hours)
    assert figures["false_per_hour"]["value"] == pytest.approx(expected.value)
    assert figures["false_per_hour"]["high"] == pytest.approx(expected.high)
    for one in device["hours"]:
        muted = planned.of_day(What.MUTED)[one["hour"]] + planned.of_day(What.SILENT)[one["hour"]]
        hops = (DAYS - muted) * planned.hops
        assert one["listened_h"] * 3600 == pytest.approx(hops * seconds(HOP), abs=DAYS * seconds(HOP))
