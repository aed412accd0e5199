"""The main job on a real sound stack: PortAudio hears, and a collector gets what was permitted."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile

from earlid.core.timeline import places
from earlid.core.units import Samples
from earlid.edge.collector import Collector
from earlid.edge.sound.timeline_file import read_timeline
from fakes.alsa_microphone import NAME, alsa_microphone

pytest.importorskip("pyaudio", reason="PyAudio is not installed: pip install '.[pi]'")


def listening_from(folder: Path, models: Path, url: str) -> Path:
    """A configuration for the rig's microphone and a collector on loopback."""
    file = folder / "config.toml"
    file.write_text(
        f'[microphone]\ndevice = "{NAME}"\n[upload]\nurl = "{url}"\n'
        f'[paths]\nstate = "{folder}"\nruntime = "{folder}/run"\nmodels = "{models}"\n'
    )
    return file


def sound_of(wav: bytes) -> Samples:
    """The samples of a WAV body."""
    with wave.open(io.BytesIO(wav)) as opened:
        return np.frombuffer(opened.readframes(opened.getnframes()), np.int16)


def test_a_question_is_heard_through_portaudio_and_delivered_and_nothing_else_is(
    tmp_path: Path, models: Path, clip: Path
) -> None:
    recording, _ = soundfile.read(clip, dtype="int16")
    story = read_timeline(clip)
    with Collector() as collector, alsa_microphone(tmp_path, recording, pace=6.0) as rig:
        config = listening_from(tmp_path, models, collector.url)
        env = {**rig.environment, "EARLID_CONFIG": str(config)}
        words = [sys.executable, "-m", "earlid"]
        with (
            subprocess.Popen([*words, "listen", "--json"], env=env, stdout=subprocess.PIPE, text=True) as ear,
            subprocess.Popen(
                [*words, "upload", "--json"], env=env, stdout=subprocess.PIPE, text=True
            ) as mail,
        ):
            try:
                assert mail.stdout
                sent = next(fact for fact in map(json.loads, mail.stdout) if fact["event"] == "sent")
            finally:
                ear.send_signal(signal.SIGTERM)
                mail.send_signal(signal.SIGTERM)
                rig.rush()
            facts = [json.loads(line) for line in ear.stdout or ()]
        (received,) = collector.received
    assert (ear.returncode, mail.returncode) == (0, 0)
    (kept,) = [fact for fact in facts if fact["event"] == "kept"]
    assert (kept["id"], kept["model"], kept["endpoint"]) == (sent["id"], "hey_jarvis", "speech ended")
    lamp = [fact["state"] for fact in facts if fact["event"] == "lamp"]
    assert lamp == ["listening", "capturing", "listening"]
    sound = sound_of(received.wav)
    (start,) = places(sound, recording)  # it is a piece of what was played, sample for sample
    (call,) = story.calls()
    assert start >= call.stop
    assert facts[-1]["lost"]["overflow"] == 0
    assert not list((tmp_path / "spool/outbox").iterdir())
