"""PyAudio with physics: a device is driven by the test, block by block, through the callback it was given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

OVERFLOW = 2


class FakePortAudio:
    """Stands where the module `pyaudio` would. `rates` are what the one device can do."""

    paInt16 = 8  # noqa: N815  # its name there

    def __init__(
        self, rates: tuple[int, ...] = (16_000,), channels: int = 2, latency_s: float = 0.04
    ) -> None:
        self.rates = rates
        self.channels = channels
        self.latency_s = latency_s
        self.name = "Fake USB: Audio (hw:1,0)"
        self.plugged = True
        self.busy = False
        self.under_way: Callable[[], None] = lambda: None
        self.while_opening: Callable[[], None] = lambda: None
        self.sessions = 0
        self.stream: FakeStream | None = None

    def PyAudio(self) -> FakeSession:
        """A session, which sees what is plugged in now and later does not look again."""
        self.while_opening()
        self.sessions += 1
        return FakeSession(self, self.plugged)

    def hear(self, sound: npt.NDArray[np.int16], status: int = 0) -> tuple[None, int]:
        """Give `sound`, of shape (frames,) or (frames, channels), to the callback as PortAudio does."""
        assert self.stream is not None, "nobody listens"
        return self.stream.callback(sound.tobytes(), len(sound), {}, status)


class FakeSession:
    """What `PyAudio()` gives."""

    def __init__(self, library: FakePortAudio, plugged: bool) -> None:
        self._library = library
        self._plugged = plugged

    def get_device_count(self) -> int:
        """As PyAudio."""
        return int(self._plugged)

    def get_default_input_device_info(self) -> dict[str, Any]:
        """As PyAudio: OSError where there is none."""
        if not self._plugged:
            raise OSError("No Default Input Device Available")
        return self.get_device_info_by_index(0)

    def get_device_info_by_index(self, index: int) -> dict[str, Any]:
        """As PyAudio."""
        return {
            "index": index,
            "name": self._library.name,
            "maxInputChannels": self._library.channels,
            "defaultSampleRate": float(self._library.rates[-1]),
        }

    def is_format_supported(self, rate: int, **_form: int) -> bool:
        """As PyAudio: True or ValueError."""
        if rate not in self._library.rates:
            raise ValueError("Invalid sample rate", -9997)
        return True

    def open(self, *, stream_callback: Callable[..., tuple[None, int]], rate: int, **form: Any) -> FakeStream:
        """As PyAudio, not started."""
        if self._library.busy or not self._library.plugged:
            raise OSError(-9985, "Device unavailable")
        self._library.stream = FakeStream(self._library, stream_callback, rate, form)
        return self._library.stream

    def terminate(self) -> None:
        """End of session."""
        self._library.sessions -= 1


class FakeStream:
    """What `open` gives."""

    def __init__(
        self,
        library: FakePortAudio,
        callback: Callable[..., tuple[None, int]],
        rate: int,
        form: dict[str, Any],
    ) -> None:
        self._library = library
        self.callback = callback
        self.rate = rate
        self.form = form
        self.active = False

    def get_input_latency(self) -> float:
        """How far back a block may reach."""
        return self._library.latency_s

    def start_stream(self) -> None:
        """Callbacks may come."""
        self.active = True

    def is_active(self) -> bool:
        """Whether callbacks come; a device pulled out stops them."""
        return self.active and self._library.plugged

    def close(self) -> None:
        """No callback comes any more; an unplugged device refuses even this."""
        self.active = False
        self._library.stream = None
        self._library.under_way()  # closing waits for a callback that had begun
        if not self._library.plugged:
            raise OSError(-9988, "Stream closed")
