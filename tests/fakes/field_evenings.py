"""Thirteen days of a field recording, filled in a second: real scores of spoken clips, at made-up times.

The words are the project's own clips, each time louder or softer, in more or less noise, at another phase of
the hop; the scores are the real engine's. `python tests/fakes/field_evenings.py FOLDER` fills a state
directory to look at with `earlid field review`.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile  # ships no types

from earlid.core.field import (
    AFTER,
    BEFORE,
    FIRST_HOP,
    LAST_HOP,
    NEAR,
    Kind,
    Label,
    Minute,
    Peak,
    Run,
    Tag,
    Trial,
)
from earlid.core.units import HOP, RATE_HZ, Samples, Scores, dbfs
from earlid.edge.age import new_key
from earlid.edge.field.clips import FieldClips, new_name
from earlid.edge.field.store import FieldStore
from earlid.edge.model.engine import Engine
from earlid.edge.seal import sealer_for
from earlid.edge.sound.timeline_file import demo_clip, read_timeline
from earlid.edge.sound.wav import wav_bytes

WORDS = ("alexa", "hey_jarvis")
THRESHOLD = 0.5
DAYS = 13
FIRST_DAY_S = time.time() // 86_400 * 86_400 - 14 * 86_400
"""A fortnight ago: sound that is a month old would be erased."""
AWAKE = range(7, 23)
_SIX = Path(__file__).parents[1] / "clips" / "six_words.flac"
_ROOM_S = 4.0


@dataclass(frozen=True)
class Evenings:
    """What was filled in: the folder that is `state/field`, the key, and the ids by kind, newest first."""

    folder: Path
    key: Path
    wakes: list[str]
    near: list[str]


def fill(state: Path, models: Path, *, count: int = 60, labelled: float = 0.7) -> Evenings:
    """Record `count` moments in `state`/field; a share `labelled` of the older wakes has labels already."""
    random = np.random.default_rng(20_261_102)
    folder = state / "field"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    public, secret = new_key()
    key = state / "field.key"
    key.write_text(secret + "\n")
    key.chmod(0o600)
    seal = sealer_for([public])
    assert seal
    with closing(FieldStore(folder)) as store:
        clips = FieldClips(folder)
        ends_s = FIRST_DAY_S + 14 * 86_400
        session = store.begin(
            note="kitchen", started_s=FIRST_DAY_S, ends_s=ends_s, keeps_audio=True, recipient=public
        ).id
        setup: dict[str, object] = {"machine": "Raspberry Pi 4 Model B Rev 1.4", "words": ", ".join(WORDS)}
        store.add_run(Run(session, FIRST_DAY_S, {**setup, "thresholds": "0.5, 0.5", "patience": "1, 1"}))
        peaks: list[Peak] = []
        for sound, at, word, scores in _moments(models, random, count):
            day = len(peaks) * DAYS // count
            at_s = FIRST_DAY_S + day * 86_400 + float(random.uniform(7.5, 22.5)) * 3600
            clip, score = new_name(), float(scores[-FIRST_HOP])
            sealed = seal(wav_bytes(sound[at - BEFORE : at + AFTER]))
            has_sound = bool(random.random() < 0.85)
            if has_sound:
                clips.put(clip, sealed)
            kind = Kind.WAKE if score >= THRESHOLD else Kind.NEAR_MISS
            level = dbfs(sound[at - RATE_HZ : at])
            told = (word, kind, score, THRESHOLD, level, scores, FIRST_HOP)
            kept = (clip, len(sealed)) if has_sound else (None, 0)
            at_s = peaks[-1].at_s + 7.0 if len(peaks) % 11 == 10 else at_s  # said twice
            peaks.append(Peak(new_name(), session, at_s, int((at_s - FIRST_DAY_S) * RATE_HZ), *told, *kept))
        store.add(_minutes(session, random, peaks), peaks)
        wakes = [peak for peak in peaks if peak.kind is Kind.WAKE]
        wakes.sort(key=lambda one: one.at_s)
        for number, peak in enumerate(wakes[: round(labelled * len(wakes))]):
            _judge(store, peak, number)
        for number in range(20):
            asked_s = FIRST_DAY_S + 86_400 + 36_000 + 30 * number
            distance, noise = (1.0, "quiet") if number < 10 else (3.0, "television")
            store.add_trial(Trial(session, asked_s, asked_s + 8, "alexa", distance, noise, number % 7 != 6))
        newest = [peak.id for peak in store.peaks()]
        by_id = {peak.id: peak.kind for peak in peaks}
        return Evenings(
            folder,
            key,
            [one for one in newest if by_id[one] is Kind.WAKE],
            [one for one in newest if by_id[one] is Kind.NEAR_MISS],
        )


def copied(evenings: Evenings, to: Path) -> Evenings:
    """The same in another state directory, to be changed there."""
    shutil.copytree(evenings.folder.parent, to)
    return replace(evenings, folder=to / "field", key=to / "field.key")


def configured(state: Path, evenings: Evenings, models: Path) -> Path:
    """A configuration for `earlid --config` that finds all of it."""
    file = state / "config.toml"
    paths = {"state": state, "runtime": state / "run", "models": models}
    lines = [f"{name} = {json.dumps(str(path))}" for name, path in paths.items()]
    field = f"[field]\nkey_file = {json.dumps(str(evenings.key))}\n"
    file.write_text(field + "[paths]\n" + "\n".join(lines) + "\n")
    return file


def _moments(
    models: Path, random: np.random.Generator, count: int
) -> Iterator[tuple[Samples, int, str, Scores]]:
    """Sound, the sample at which its highest score ends, the word, and the scores of the hops around."""
    engine = Engine.load(models, WORDS)
    calls = list(_calls())
    talk: Samples = soundfile.read(demo_clip(), dtype="int16")[0][: 8 * RATE_HZ]
    found = 0
    while found < count:
        call = calls[int(random.integers(len(calls)))]
        length = round((_ROOM_S + 5.0) * RATE_HZ) // HOP * HOP
        sound = random.normal(size=length) * 10.0 ** random.uniform(1.8, 2.6)
        start = round(_ROOM_S * RATE_HZ) + int(random.integers(HOP))
        sound[start : start + len(call)] += call * 10.0 ** random.uniform(-1.2, -0.3)
        if random.random() < 0.4:
            sound[: len(talk)] += talk * 10.0 ** random.uniform(-1.2, -0.2)
        heard = np.clip(np.round(sound), -32768, 32767).astype(np.int16)
        engine.wipe()
        scores = np.stack([engine.step(hop) for hop in heard.reshape(-1, HOP)])
        scores[: BEFORE // HOP + 1] = np.nan
        hop = int(np.nanargmax(np.nanmax(np.nan_to_num(scores, nan=0.0), axis=1)))
        column = int(np.nanargmax(scores[hop]))
        if scores[hop, column] < NEAR * THRESHOLD or hop + LAST_HOP + 1 > len(scores):
            continue
        found += 1
        around = scores[hop + FIRST_HOP : hop + LAST_HOP + 1, column].astype(np.float32)
        yield heard, (hop + 1) * HOP, WORDS[column], around


def _calls() -> Iterator[Samples]:
    for path in (_SIX, demo_clip()):
        sound: Samples = soundfile.read(path, dtype="int16")[0]
        for call in read_timeline(path).calls():
            if call.wakes in WORDS:
                yield sound[call.start : call.stop]


def _minutes(session: int, random: np.random.Generator, peaks: list[Peak]) -> list[Minute]:
    counts = Counter((peak.at_s // 60, peak.kind) for peak in peaks)
    minutes = []
    for day in range(DAYS):
        for hour in AWAKE:
            for minute in range(60):
                start_s = FIRST_DAY_S + day * 86_400 + hour * 3600 + minute * 60
                muted = 60 * RATE_HZ if hour == 13 and minute < 20 else 0
                level = float(random.normal(-52, 3))
                found = (counts[start_s // 60, Kind.WAKE], counts[start_s // 60, Kind.NEAR_MISS])
                told = (60 * RATE_HZ - muted, muted, 0, *found, level, 48.0, False)
                minutes.append(Minute(session, start_s, *told))
    return minutes


def _judge(store: FieldStore, peak: Peak, number: int) -> None:
    tags = [{Tag.TELEVISION}, {Tag.SIMILAR_WORD}, {Tag.TELEVISION, Tag.MUSIC}, {Tag.MUSIC}, set[Tag]()]
    if peak.score < 0.997 and number % 4 != 3:
        store.label(peak.id, Label.FALSE)
        store.tag(peak.id, tags[number % len(tags)])
    elif number % 13 == 12:
        store.label(peak.id, Label.UNSURE)
    else:
        store.label(peak.id, Label.TRUE)
        if number % 10 == 0:
            store.annotate(peak.id, "Ruth, from the hall")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from fakes.models import models_folder

    began_s = time.monotonic()
    where = Path(sys.argv[1])
    installed = models_folder(*WORDS)
    print(configured(where, fill(where, installed), installed), f"{time.monotonic() - began_s:.1f} s")
