"""From a press on the switch to a closed microphone and zeroed memory, many times, at moments drawn by lot.

A real `earlid listen` hears a real PortAudio over ALSA's file plugin, with its switch on a mock pin. Timing
starts just before the pin moves and stops when stream, resampler, ring, engine and segment are gone and the
lamp says muted; only then it is looked whether they are. Run it as `python tests/bench/mute.py [PRESSES]`.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile

CHECKOUT = Path(__file__).parents[2]
sys.path.insert(0, str(CHECKOUT / "tests"))

from earlid.edge.sound.timeline_file import demo_clip, read_timeline  # noqa: E402 - tests are not installed
from fakes.hand import Hand, hand_at  # noqa: E402
from fakes.models import models_folder  # noqa: E402

PROMISED_MS = 50.0
LONGEST_S = 5.0
"""Every fifth moment lies within this after the microphone was opened, the others within half a second."""
SETTINGS = "[privacy]\nmax_seconds_per_hour = 3600.0\n"


def moments(count: int, dice: random.Random) -> Iterator[float]:
    """How long to wait before each press."""
    for _ in range(count):
        yield dice.uniform(0.0, LONGEST_S if dice.random() < 0.2 else 0.5)


def press(hand: Hand, after_s: float) -> tuple[float, str, int, list[str]]:
    """Milliseconds, the gate's state at the press, late samples so far, and what was still there."""
    hand.do("release")
    time.sleep(after_s)
    told = hand.do("press")
    assert told["done"], told
    states = [line["state"] for line in hand.events if line["event"] == "lamp"]
    hand.events.clear()
    before = states[-2] if len(states) > 1 else "listening"
    return told["took_ms"], before, told["late"], [name for name, is_left in told["found"].items() if is_left]


def main(count: int) -> int:
    """Press `count` times, print what was measured, and say whether the promise held."""
    sound, _ = soundfile.read(demo_clip(), dtype="int16")
    (call,) = read_timeline(demo_clip()).calls()
    recording = sound[call.start - 36_000 :]
    took: list[float] = []
    states: Counter[str] = Counter()
    left: Counter[str] = Counter()
    late = 0
    with (
        tempfile.TemporaryDirectory() as folder,
        hand_at(Path(folder), models_folder("hey_jarvis"), recording, SETTINGS) as hand,
    ):
        hand.until("ready")
        for number, after_s in enumerate(moments(count, random.Random(4)), 1):
            took_ms, state, late, remains = press(hand, after_s)
            took.append(took_ms)
            states[state] += 1
            left.update(remains)
            if number % 100 == 0:
                print(f"{number} of {count}", file=sys.stderr, flush=True)
        hand.stop()
    p50, p99 = np.percentile(took, [50, 99])
    shown = ", ".join(f"{number} while {state}" for state, number in states.most_common())
    print(f"{count} presses: {shown}")
    print(f"press to closed and zeroed: p50 {p50:.1f} ms, p99 {p99:.1f} ms, most {max(took):.1f} ms")
    print(f"samples heard after the press that reached anything: {late}")
    print(f"found in memory afterwards: {dict(left) or 'nothing'}")
    return int(p99 >= PROMISED_MS or late > 0 or bool(left))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000))
