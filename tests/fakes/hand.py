"""A hand at the switch of a real `earlid listen` that hears a microphone made of ALSA and a recording."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fakes.alsa_microphone import NAME, Rig, alsa_microphone
from fakes.pressed import MUTE_PIN

LIMIT_S = 60.0
LATCHING = 'mute_kind = "latching"'


class Hand:
    """Says words to the process and hears its event lines, in order."""

    def __init__(self, process: subprocess.Popen[str], rig: Rig) -> None:
        self.process = process
        self.rig = rig
        self.events: list[dict[str, Any]] = []
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._hear, daemon=True).start()

    def do(self, wish: str) -> dict[str, Any]:
        """Have it do `wish`, and give what it says once that is done.

        A real device does not write its buffer to a file on closing, which takes this one as long as the
        buffer lasts: for that moment it keeps no time.
        """
        if wish in {"press", "mute", "touch"}:
            self.rig.rush()
        assert self.process.stdin
        self.process.stdin.write(wish + "\n")
        self.process.stdin.flush()
        answer = self.until("obeyed")
        self.rig.stroll()
        return answer

    def until(self, event: str, **facts: object) -> dict[str, Any]:
        """The next line of that kind with those facts; the ones before it are in `events`."""
        while True:
            line = json.loads(self._lines.get(timeout=LIMIT_S))
            self.events.append(line)
            if line["event"] == event and facts.items() <= line.items():
                return dict(line)

    def lamps(self) -> list[str]:
        """All states the lamp went through so far."""
        return [line["state"] for line in self.events if line["event"] == "lamp"]

    def stop(self) -> int:
        """End it in order; its exit code."""
        self.rig.rush()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(LIMIT_S)

    def _hear(self) -> None:
        for line in self.process.stdout or ():
            self._lines.put(line)


@contextmanager
def hand_at(
    folder: Path,
    models: Path,
    recording: npt.NDArray[np.int16],
    settings: str = "",
    rate_hz: int = 16_000,
    panel: str = LATCHING,
    *more: str,
) -> Iterator[Hand]:
    """A process that listens, with a latching switch unless `panel` says otherwise, and a hand."""
    file = folder / "config.toml"
    file.write_text(
        f'[microphone]\ndevice = "{NAME}"\n'
        f'[panel]\nboard = "custom"\nmute_pin = {MUTE_PIN}\n{panel}\n'
        f'[paths]\nstate = "{folder}/state"\nruntime = "{folder}/run"\nmodels = "{models}"\n{settings}'
    )
    with alsa_microphone(folder, recording, rate_hz) as rig:
        rate = str(0 if rate_hz == 16_000 else rate_hz)
        command = [sys.executable, "-m", "fakes.pressed", str(file), rate, *more]
        where = [str(Path(__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
        env = {
            **rig.environment,
            "PYTHONPATH": os.pathsep.join(where),
            "LD_BIND_NOW": "1",
        }  # as the unit says
        with subprocess.Popen(
            command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                yield Hand(process, rig)
            finally:
                rig.rush()
                process.kill()
