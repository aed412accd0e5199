"""`earlid demo`: a recording goes through the real processes, and what left is measured, not claimed."""

from __future__ import annotations

import io
import os
import sys
import tempfile
import wave
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import numpy as np

from earlid.config import Config, in_toml
from earlid.config_file import parse
from earlid.core.epoch import Epoch
from earlid.core.plain import several, weight
from earlid.core.screenplay import Fate
from earlid.core.timeline import Timeline
from earlid.core.units import HOP, Samples, seconds
from earlid.core.verdict import judge
from earlid.edge.collector import Collector
from earlid.edge.model.manifest import manifest
from earlid.edge.model.store import ModelStore
from earlid.edge.processes import Children, Farewell, earlid
from earlid.edge.screen import Screen
from earlid.edge.sound.recording import Recording
from earlid.edge.sound.timeline_file import demo_clip, read_timeline
from earlid.errors import EarlidError, SourceEnded, Violation
from earlid.fetch import get_models
from earlid.run import listening
from earlid.watch import Watch, chosen, on, out

WORD: Final = "hey_jarvis"
DELIVERY_S: Final = 5.0
"""After the clip has ended, how long the delivery may take on loopback."""
LAST_LOOK_S: Final = 1.2


def demo(config: Config | None, pace: float, plain: bool) -> int:
    """Play the committed clip at `pace` times real time; 0 only if exactly the question left.

    Nothing is read from a microphone, nothing leaves this machine, and nothing is left behind.
    """
    settled = config or _defaults()
    clip = demo_clip()
    story, sound = read_timeline(clip), _sound_of(clip)
    _make_the_model_ready(settled)
    screen = chosen(Screen("earlid demo", {WORD: manifest(WORD).threshold}), plain)
    with Farewell() as farewell, ExitStack() as running:
        home = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="earlid-demo-")))
        collector = running.enter_context(Collector())
        env = dict(os.environ) | {
            "EARLID_CONFIG": str(_configuration(home, settled.paths.models, collector.url))
        }
        with ExitStack() as stage:
            children = stage.enter_context(Children())
            watch = Watch(children, screen, story)
            stage.enter_context(on(screen))
            children.start("upload", earlid("upload", "--json"), env)
            children.start("listen", listening(str(clip), pace), env)
            watch.until(lambda: bool(farewell.number or watch.left))
            if not farewell.number and watch.left["listen" if "listen" in watch.left else "upload"].code == 0:
                watch.until(lambda: bool(farewell.number or not watch.play.count(Fate.WAITING)), DELIVERY_S)
                watch.linger(LAST_LOOK_S)
            dead = dict(watch.left)
            children.stop()
            watch.finish()
        watch.leave_a_picture()
        if farewell.number:
            out("demo: stopped before its end")
            return farewell.code
        for name, left in dead.items():
            if left.code or name == "upload":
                raise _died(name, left.code, left.last_line)
        return _close(watch, story, sound, [received.wav for received in collector.received])


def _close(watch: Watch, story: Timeline, sound: Samples, bodies: Sequence[bytes]) -> int:
    """The closing summary, from the sound that arrived; 70 and what is wrong if anything is."""
    verdict = judge(story, sound, watch.play.heard, watch.play.kept, [_sound_in(body) for body in bodies])
    before = "unknown" if verdict.before is None else several(verdict.before, "sample")
    out(
        f"heard {seconds(watch.play.heard):.1f} s, kept {seconds(watch.play.kept):.1f} s, "
        f"sent {weight(sum(len(body) for body in bodies))} in {several(len(bodies), 'segment')},"
        f"{' ' if watch.is_plain else chr(10)}sent from before the wake word: {before}"
    )
    for fault in verdict.faults:
        sys.stderr.write(f"earlid: {fault}\n")
    return Violation.exit_code if verdict.faults else 0


def _make_the_model_ready(config: Config) -> None:
    store = ModelStore(config.paths.models)
    if store.installed(WORD):
        store.compose_missing((WORD,))
    else:
        out(f"the model for {WORD} is not here yet: getting it into {config.paths.models}")
        get_models(config, (WORD,), None)


def _configuration(home: Path, models: Path, url: str) -> Path:
    """A configuration that keeps everything under `home` and sends to `url` only."""
    file = home / "config.toml"
    file.write_text(
        f"[wake]\nwords = [{in_toml(WORD)}]\n"
        f"[upload]\nurl = {in_toml(url)}\n"
        f"[paths]\nstate = {in_toml(str(home / 'state'))}\nruntime = {in_toml(str(home / 'run'))}\n"
        f"models = {in_toml(str(models))}\n",
        encoding="utf-8",
    )
    return file


def _defaults() -> Config:
    return parse("", None, secrets=False, environ=os.environ)


def _sound_of(clip: Path) -> Samples:
    """All of the clip's samples, read as `listen` reads them."""
    recording = Recording(clip, 1, Epoch())
    frames: list[Samples] = []
    recording.open()
    try:
        while True:
            frame = recording.read(1.0)
            if frame is not None:
                frames.append(frame.samples)
    except SourceEnded:
        return np.concatenate(frames) if frames else np.zeros(HOP, dtype=np.int16)
    finally:
        recording.close()


def _sound_in(body: bytes) -> Samples:
    try:
        with wave.open(io.BytesIO(body)) as told:
            return np.frombuffer(told.readframes(told.getnframes()), dtype="<i2").astype(np.int16)
    except (wave.Error, EOFError) as broken:
        raise Violation(f"what arrived is not a wav file ({broken})") from broken


def _died(name: str, code: int, last_line: str) -> EarlidError:
    died = Violation(f"{name} ended before its time: {last_line or f'exit code {code}'}")
    died.exit_code = code or Violation.exit_code
    return died
