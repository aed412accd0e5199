"""A stand-in for `earlid listen` and `earlid upload`: a real process that speaks their event lines.

`python actor.py PART listen|upload ...` plays PART, one of the functions below.
"""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import NoReturn

HOP = 1_280


def command(listen: str, upload: str = "waits") -> Callable[..., list[str]]:
    """What to give to `run`: `listen` and `upload` are the parts that the two children play."""
    parts = {"listen": listen, "upload": upload}
    return lambda *words: [sys.executable, str(Path(__file__)), parts[words[0]], *words]


def tell(event: str, **rest: object) -> None:
    print(json.dumps({"event": event, **rest}), flush=True)


def speaks() -> None:
    """A recording of 50 hops, in which one segment is kept, and its end."""
    tell("ready", source="a recording", models=["hey_jarvis"])
    tell("lamp", state="listening", sample=0, cause="")
    for hop in range(1, 51):
        tell("hop", sample=hop * HOP, level_dbfs=-30.0, scores={"hey_jarvis": 0.1})
        if hop == 20:
            tell("lamp", state="capturing", sample=hop * HOP, cause="")
            tell("wake", sample=hop * HOP, model="hey_jarvis", score=0.9)
        if hop == 40:
            where = {"model": "hey_jarvis", "start": 20 * HOP, "stop": 40 * HOP}
            tell("kept", id="a", **where, endpoint="speech ended")
            tell("lamp", state="listening", sample=hop * HOP, cause="")
    tell("ended", heard=50 * HOP, kept=20 * HOP, wakes=1, segments=1, lost={})


def waits() -> None:
    """Runs until it is asked to stop, and says a last word."""

    def leave(number: int, frame: FrameType | None) -> NoReturn:
        del number, frame
        tell("ended", heard=5 * HOP, kept=0, wakes=0, segments=0, lost={})
        sys.exit(0)

    signal.signal(signal.SIGTERM, leave)
    tell("ready", source="a microphone", models=["hey_jarvis"])
    tell("lamp", state="listening", sample=0, cause="")
    time.sleep(60)


def delivers() -> None:
    """Delivers the segment that `speaks` keeps, and runs on."""
    tell("sent", id="a", bytes=51_244, seconds=0.01, status=201)
    waits()


def deaf_to_signals() -> None:
    """Has to be killed."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    tell("ready", source="a microphone", models=["hey_jarvis"])
    time.sleep(60)


def dies() -> NoReturn:
    """Is gone at once, and says why."""
    print("something technical", file=sys.stderr)
    print("earlid: no microphone is called thunder", file=sys.stderr)
    sys.exit(69)


if __name__ == "__main__":
    globals()[sys.argv[1]]()
