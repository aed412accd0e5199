"""A thousand requests at the same moment, beside a real listener at a real microphone: it keeps every hop."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from earlid.core.units import HOP, RATE_HZ
from earlid.edge.control import ask
from earlid.edge.field.store import FieldStore, Wanted
from earlid.edge.processes import earlid
from earlid.edge.sound.timeline_file import demo_clip, read_timeline
from fakes import storm
from fakes.alsa_microphone import NAME, alsa_microphone
from fakes.field_evenings import Evenings
from fakes.reviewing import reviewing

pytest.importorskip("pyaudio", reason="PyAudio is not installed: pip install '.[pi]'")

AT_ONCE = 1_000
PERIOD = 60 * HOP


def test_the_listener_keeps_every_hop_and_the_page_goes_on(
    kitchen: Evenings, config: Path, tmp_path: Path, store: FieldStore
) -> None:
    sound = soundfile.read(demo_clip(), dtype="int16")[0]
    (call,) = read_timeline(demo_clip()).calls()
    stop = call.stop + RATE_HZ
    spoken = np.tile(sound[stop - PERIOD : stop], 30)
    with alsa_microphone(tmp_path, spoken) as rig:
        config.write_text(f'{config.read_text()}[microphone]\ndevice = "{NAME}"\n')
        started = earlid("field", "start", "--keep-audio", "--config", str(config))
        subprocess.run(started, check=True, capture_output=True)
        heard = earlid("listen", "--json", "--config", str(config))
        with subprocess.Popen(heard, env=rig.environment, stdout=subprocess.PIPE, text=True) as ear:
            assert ear.stdout
            facts: list[dict[str, Any]] = [{"event": "not yet"}]
            try:
                while facts[-1]["event"] != "wake":
                    facts.append(json.loads(next(ear.stdout)))
                with reviewing(config) as page:
                    owner = page.pair()
                    peak = store.peaks(Wanted(has_clip=True))[-1].id
                    dear = (
                        "/numbers",
                        f"/api/peaks/{peak}/picture",
                        f"/sound/{peak}.wav",
                        "/api/peaks",
                    )
                    before = lost_hops(config)
                    command = [
                        sys.executable,
                        storm.__file__,
                        str(page.port),
                        owner.cookie,
                        str(AT_ONCE),
                        *dear,
                    ]
                    done = subprocess.run(command, check=True, capture_output=True, text=True)
                    answered = {int(status): count for status, count in json.loads(done.stdout).items()}
                    assert page.ask("GET", "/api/peaks", None, owner).status == 200
                    after = lost_hops(config)
                    while sum(fact["event"] == "wake" for fact in facts) <= 2:  # the storm may be over sooner
                        facts.append(json.loads(next(ear.stdout)))
            finally:
                ear.send_signal(signal.SIGTERM)
                rig.rush()
            facts += [json.loads(line) for line in ear.stdout]
    print(f"{AT_ONCE} requests at once: {answered}; lost hops before {before}, after {after}")
    assert answered.pop(200) == AT_ONCE, "whoever asked again was answered"
    assert set(answered) == {0}, "there was room for all of them at once: that was no storm"
    assert set(before.values()) == set(after.values()) == {0}
    assert set(facts[-1]["lost"].values()) == {0}
    wakes = [fact["sample"] for fact in facts if fact["event"] == "wake"]
    assert len(wakes) > 2
    assert {later - sooner for sooner, later in pairwise(wakes)} == {PERIOD}
    assert all(peak.clip for peak in store.peaks(Wanted(session=store.sessions()[-1].id))[1:])


def lost_hops(config: Path) -> dict[str, int]:
    """What the listener says that it lost so far, by cause."""
    found: dict[str, int] = ask(config.parent / "run", "status")["status"]["lost_hops"]
    return found
