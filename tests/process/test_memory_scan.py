"""After a mute nobody finds what was being heard, not even whoever reads all of the process's memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from earlid.edge.sound.timeline_file import read_timeline
from fakes.hand import hand_at
from fakes.memory import as_captured, found_in, marked, needles
from fakes.waiting import until

pytest.importorskip("pyaudio", reason="PyAudio is not installed: pip install '.[pi]'")

GOES_ON = "[segment]\nnobody_spoke_s = 30.0\nmax_s = 30.0\n"


@pytest.mark.parametrize("rate_hz", [16_000, 48_000])
def test_a_sound_that_was_being_captured_is_nowhere_in_memory_after_a_mute_nor_after_the_unmute(
    tmp_path: Path, models: Path, clip: Path, rate_hz: int
) -> None:
    sound, _ = soundfile.read(clip, dtype="int16")
    (call,) = read_timeline(clip).calls()
    called = soxr.resample(sound[call.start - 40_000 : call.stop], 16_000, rate_hz)
    recording = np.concatenate([called, marked(28 * rate_hz)]).astype(np.int16)
    with hand_at(tmp_path, models, recording, GOES_ON, rate_hz) as hand:
        hand.until("ready")
        hand.do("release")
        hand.until("lamp", state="capturing")
        until("too little to find", lambda: found_in(hand.process.pid, as_captured()).total() >= 20)
        answer = hand.do("press")
        assert answer["done"]
        assert not any(answer["found"].values())
        assert found_in(hand.process.pid, needles()) == {}
        hand.do("release")
        hand.rig.stall()  # or the recording, which begins anew, would come to that sound once more
        assert found_in(hand.process.pid, needles()) == {}, "an unmute brought it back"
        hand.rig.go()
        assert hand.stop() == 0
    assert hand.lamps()[-3:] == ["capturing", "muted", "listening"]
    assert not list((tmp_path / "state/spool/outbox").iterdir())
    assert not list((tmp_path / "state/spool/draft").iterdir())
