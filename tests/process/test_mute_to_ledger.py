"""From a press in the middle of a segment to the line in the ledger that says so: two real processes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile

from earlid.core.entry import What
from earlid.edge.ledger import check, entries
from earlid.edge.sound.timeline_file import read_timeline
from fakes.collector import LyingCollector
from fakes.hand import Hand, hand_at

RATE = 16_000


def heard_s(hand: Hand) -> float:
    """How much it has heard so far, as it says itself."""
    return float(hand.do("status")["answer"]["status"]["heard_s"])


def test_a_segment_that_a_press_destroyed_is_told_in_the_ledger_and_never_sent(
    tmp_path: Path, models: Path, clip: Path
) -> None:
    pytest.importorskip("pyaudio", reason="PyAudio is not installed: pip install '.[pi]'")
    (call,) = read_timeline(clip).calls()
    sound, _ = soundfile.read(clip, dtype="int16")
    with hand_at(tmp_path, models, sound[max(0, call.start - 4 * RATE) :]) as hand:
        hand.until("ready")
        hand.do("release")
        hand.until("lamp", state="capturing")
        opened_s = heard_s(hand)
        while heard_s(hand) < opened_s + 0.4:  # by now there is something to destroy
            pass
        assert hand.do("press")["done"]
        assert hand.stop() == 0
    assert list((tmp_path / "state/spool/outbox").iterdir()) == []
    with LyingCollector() as collector:
        file = tmp_path / "config.toml"
        file.write_text(f"[upload]\nurl = {json.dumps(collector.url)}\n{file.read_text()}")
        command = [sys.executable, "-m", "earlid", "upload", "--once", "--config", str(file)]
        subprocess.run(command, check=True, timeout=60)
        assert collector.requests == []
    (told,) = entries(tmp_path / "state/ledger")
    assert (told.what, told.word) == (What.DISCARDED, call.wakes)
    assert told.seconds is not None
    assert 0.2 < told.seconds < 3.0
    assert check(tmp_path / "state/ledger").flaws == ()
    assert list((tmp_path / "state/spool/notes").iterdir()) == []
