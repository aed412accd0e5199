"""A microphone without a sound card: real PortAudio and ALSA, and a recording for hardware.

ALSA's `file` plugin over its `null` device replaces what the null device "records" by the bytes of a raw
file. What was found out with ALSA 1.2.8 and PortAudio 19.6:

- The null device keeps no time: it gives sound as fast as it is asked for. The plugin also *writes* all that
  was captured to an output file; here that is a FIFO of one page, which this fake empties at the pace of
  life, so capture blocks when it is early. Sound comes in bursts of one page: 128 ms at 16 kHz mono, 21 ms
  at 48 kHz stereo. Empty it no more (`stall`) and the device hangs, as a wedged USB one does. While it
  hangs, closing the stream hangs too. On closing, the plugin still writes its whole buffer, at the pace of
  life; no real device does that, so `rush` before closing where the time counts.
- Every opening plays the recording from its first sample, and the first callback brings exactly that one.
- At the recording's end nothing fails: the last period is repeated for ever. So silence is appended.
- The null device never overflows and takes any rate, format and up to 128 channels, and the bytes are taken
  as they are asked for: open exactly as many channels as the recording has. Over `multi`, which would fix
  their number, samples come twice; `share`, which would fix the rate, corrupts the heap. So rates are
  refused by `OneRate`.
- PortAudio aborts the process if every listed device opens, so one that cannot open must be listed too.
- ALSA reads its configuration again for each session when the file changed, within one process as well.
- PortAudio from Debian also asks JACK; without a server that costs milliseconds and noise on stderr.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

NAME = "earlid_test"
OTHER = "earlid_other"
_SET_PIPE_SIZE = 1031
_PAGE = 4096


@dataclass
class Rig:
    """A microphone called `name` for this process, and with `environment` for a child."""

    name: str
    configuration: Path
    bytes_per_s: float
    flowing: threading.Event = field(default_factory=threading.Event)
    rushing: threading.Event = field(default_factory=threading.Event)
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def environment(self) -> dict[str, str]:
        """What a child process needs to find the microphone."""
        return {**os.environ, "ALSA_CONFIG_PATH": str(self.configuration)}

    def stall(self) -> None:
        """Let the device hang after at most one more burst."""
        self.flowing.clear()

    def go(self) -> None:
        """Let it go on."""
        self.flowing.set()

    def rush(self) -> None:
        """Keep no time from now on, until `stroll`."""
        self.rushing.set()

    def stroll(self) -> None:
        """Keep time again."""
        self.rushing.clear()

    def empty(self, pipe: int) -> None:
        """Take from `pipe` what a real device would have recorded by now; runs in a thread of its own."""
        origin, taken = time.monotonic(), 0
        while not self.closing.is_set():
            if not self.flowing.wait(0.02):
                origin, taken = time.monotonic(), 0
                continue
            early_s = origin + taken / self.bytes_per_s - time.monotonic()
            if early_s > 0 and not self.rushing.is_set() and self.closing.wait(early_s):
                return
            if early_s < -0.5 or self.rushing.is_set():  # nobody listened for a while, or time stood still
                origin, taken = time.monotonic(), 0
            try:
                taken += len(os.read(pipe, 512))
            except BlockingIOError:
                self.closing.wait(0.001)


@contextmanager
def alsa_microphone(
    folder: Path,
    recording: npt.NDArray[np.int16],
    rate_hz: int = 16_000,
    pace: float = 1.0,
    silence_s: float = 60.0,
    seen_in: Path | None = None,
) -> Iterator[Rig]:
    """A microphone that plays `recording`, of shape (frames,) or (frames, channels), then silence.

    `seen_in` is where whoever hears it finds `folder`, if that is another system.
    """
    channels = 1 if recording.ndim == 1 else recording.shape[1]
    raw, fifo, configuration = folder / "recording.raw", folder / "pace.fifo", folder / "asound.conf"
    silence = np.zeros(round(silence_s * rate_hz) * channels, np.int16)
    raw.write_bytes(recording.astype("<i2").tobytes() + silence.tobytes())
    os.mkfifo(fifo)
    fifo.chmod(0o666)  # another system's user plays with it, too
    where = seen_in or folder
    configuration.write_text(_configuration(where / raw.name, where / fifo.name))
    rig = Rig(NAME, configuration, 2.0 * rate_hz * channels * pace)
    pipe = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)
    fcntl.fcntl(pipe, _SET_PIPE_SIZE, _PAGE)
    before = os.environ.get("ALSA_CONFIG_PATH")
    os.environ["ALSA_CONFIG_PATH"] = str(configuration)
    rig.go()
    clock = threading.Thread(target=rig.empty, args=(pipe,), daemon=True)
    clock.start()
    try:
        yield rig
    finally:
        rig.closing.set()
        clock.join()
        os.close(pipe)
        del os.environ["ALSA_CONFIG_PATH"]
        if before is not None:
            os.environ["ALSA_CONFIG_PATH"] = before


def _configuration(raw: Path, fifo: Path) -> str:
    return (
        f'pcm.{NAME} {{ type file slave.pcm {{ type null }} file "{fifo}" infile "{raw}" format raw }}\n'
        f"pcm.{OTHER} {{ type null }}\n"
        "pcm.earlid_absent { type hw card 31 }\n"
    )


class OneRate:
    """The real PyAudio module, with a device that says it records at `rate_hz` only."""

    def __init__(self, library: Any, rate_hz: int) -> None:
        self.paInt16 = library.paInt16
        self._library = library
        self._rate_hz = rate_hz

    def PyAudio(self) -> OneRateSession:
        """A real session behind the claim."""
        return OneRateSession(self._library.PyAudio(), self._rate_hz)


class OneRateSession:
    """Answers about rates; all else is PortAudio's own."""

    def __init__(self, session: Any, rate_hz: int) -> None:
        self._session = session
        self._rate_hz = rate_hz

    def is_format_supported(self, rate: int, **form: int) -> bool:
        """As PyAudio: True or ValueError."""
        if rate != self._rate_hz:
            raise ValueError("Invalid sample rate", -9997)
        return bool(self._session.is_format_supported(rate, **form))

    def get_device_info_by_index(self, index: int) -> dict[str, Any]:
        """The device, with its one rate."""
        return {**self._session.get_device_info_by_index(index), "defaultSampleRate": float(self._rate_hz)}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)
