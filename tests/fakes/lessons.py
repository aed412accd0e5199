"""A state directory in which "hey jarvis" was said by somebody who meant it, and by a television.

The television has the same voice a quarter faster, and so higher. Each time it is louder or softer, in more
or less noise, at another phase of the hop. The scores are the real engine's, the moment is the one that the
real detector accepts, and the sound is sealed; only the times are made up.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile  # ships no types

from earlid.core.detector import Detector, Word
from earlid.core.field import AFTER, BEFORE, FIRST_HOP, LAST_HOP, Kind, Label, Minute, Peak, Run
from earlid.core.units import HOP, RATE_HZ, Samples
from earlid.edge.age import new_key
from earlid.edge.field.clips import FieldClips, new_name
from earlid.edge.field.key import public_key
from earlid.edge.field.store import FieldStore
from earlid.edge.model.engine import Engine
from earlid.edge.processes import earlid
from earlid.edge.seal import sealer_for
from earlid.edge.sound.resample import at_speed
from earlid.edge.sound.timeline_file import demo_clip, read_timeline
from earlid.edge.sound.wav import wav_bytes

WORD = "hey_jarvis"
OWNER = 1.0
TELEVISION = 1.25
"""Who says it, by how fast."""
BEGAN_S = 1_790_000_000.0
HOUR_S = 3600.0
_ROOM = 4 * RATE_HZ


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """What was heard around one wake: the peak that the listener would write down, and its clip."""

    peak: Peak
    clip: Samples


def said(speed: float) -> Samples:
    """The wake word as it is said in the demo's clip, at that speed."""
    sound: Samples = soundfile.read(demo_clip(), dtype="int16")[0]
    (call,) = read_timeline(demo_clip()).calls()
    return at_speed(sound[call.start : call.stop], speed)


def recorded(path: Path, speed: float) -> Path:
    """A recording in which nothing but that is heard, once."""
    quiet = np.zeros(4 * RATE_HZ, np.int16)
    soundfile.write(path, np.concatenate([quiet, said(speed) // 2, quiet]), RATE_HZ, "PCM_16")
    return path


def moments(models: Path, speed: float, label: Label | None, count: int, seed: int = 1) -> Iterator[Moment]:
    """So many wakes by the word said at that speed, labelled, some hours apart."""
    dice = np.random.default_rng(seed)
    engine, word, found = Engine.load(models, [WORD]), said(speed), 0
    while found < count:
        length = _ROOM // HOP * HOP + 5 * RATE_HZ // HOP * HOP
        sound = dice.normal(size=length) * 10.0 ** dice.uniform(0.6, 1.4)
        start = _ROOM + int(dice.integers(HOP))
        sound[start : start + len(word)] += word * 10.0 ** dice.uniform(-0.6, -0.1)
        heard = np.clip(np.round(sound), -32768, 32767).astype(np.int16)
        engine.wipe()
        scores = np.stack([engine.step(hop) for hop in heard.reshape(-1, HOP)])
        detector = Detector([Word(WORD, 0.5)], 0)
        wake = next(
            (one for hop, row in enumerate(scores, 1) if (one := detector.judge(row, hop * HOP))), None
        )
        if wake is None or wake.at + AFTER > length:
            continue
        found += 1
        hop = wake.at // HOP - 1
        trace = scores[hop + FIRST_HOP : hop + LAST_HOP + 1, 0].astype(np.float32)
        at_s = BEGAN_S + (2 * found + (label is Label.FALSE)) * 3 * HOUR_S
        told = (WORD, Kind.WAKE, wake.score, 0.5, -30.0, trace, FIRST_HOP, new_name())
        peak = Peak(new_name(), 1, at_s, wake.at, *told, label=label)
        yield Moment(peak, heard[wake.at - BEFORE : wake.at + AFTER])


@dataclass(frozen=True, slots=True)
class House:
    """A state directory, and the configuration that finds it."""

    state: Path
    config: Path

    def command(self, *words: str) -> list[str]:
        return earlid(*words, "--config", str(self.config))

    def say(self, *words: str, code: int = 0, answer: str = "") -> str:
        """What a command says, with `answer` typed in; it leaves with `code`."""
        done = subprocess.run(self.command(*words), input=answer, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    def files(self) -> dict[str, bytes]:
        """Every file of settings and of what was taught, with what is in it."""
        folders = (self.config.parent, self.state / "field" / "taught")
        return {str(one): one.read_bytes() for each in folders for one in each.glob("*") if one.is_file()}

    def keep(self, all_: Sequence[Moment]) -> None:
        """Have them recorded."""
        seal = sealer_for([public_key(self.config.parent / "field.key")])
        assert seal
        clips = FieldClips(self.state / "field")
        kept = []
        for one in all_:
            sealed = seal(wav_bytes(one.clip))
            assert one.peak.clip
            clips.put(one.peak.clip, sealed)
            kept.append(one.peak)
        with closing(FieldStore(self.state / "field")) as store:
            store.add([], kept)


def house(folder: Path, models: Path, *, hours: int = 200) -> House:
    """A recording of so many hours that is over, and a configuration with comments in it."""
    state = folder / "state"
    (state / "field").mkdir(mode=0o700, parents=True)
    public, secret = new_key()
    key = folder / "field.key"
    key.write_text(secret + "\n")
    key.chmod(0o600)
    with closing(FieldStore(state / "field")) as store:
        ends_s = BEGAN_S + hours * HOUR_S
        session = store.begin(note="", started_s=BEGAN_S, ends_s=ends_s, keeps_audio=True, recipient=public)
        store.add_run(Run(session.id, BEGAN_S, {"words": WORD}))
        store.add([Minute(session.id, BEGAN_S + hour * HOUR_S, 3600 * RATE_HZ) for hour in range(hours)])
    paths = {"state": state, "runtime": folder / "run", "models": models}
    file = folder / "earlid.toml"
    file.write_text(
        "# in the kitchen\n[wake]\n"
        f'words = ["{WORD}"]  # the butler\n\n[paths]\n'
        + "".join(f"{name} = {json.dumps(str(path))}\n" for name, path in paths.items())
    )
    return House(state, file)
