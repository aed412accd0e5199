"""A microphone through PortAudio. It moves sound and decides nothing."""

from __future__ import annotations

import contextlib
import io
import math
import threading
import time
from collections import deque
from typing import Any, Final

import numpy as np

from earlid.core.epoch import Epoch
from earlid.core.frame import Frame
from earlid.core.microphones import MicrophoneInfo, choose
from earlid.core.units import HOP, RATE_HZ, samples
from earlid.edge.sound.hops import Hops
from earlid.edge.sound.hush import hush
from earlid.edge.sound.resample import Resampler
from earlid.errors import ConfigError, DeviceLost

PERIOD_S: Final = 0.02
"""Sound in one callback: closing a stream waits for one, and must fit into the 50 ms of a mute.

Measured through ALSA's file plugin, eight channels, CPU per second of sound, all of capture against periods
of 1,280 samples: 640 cost 1.5 times as much, 320 cost 2.2 times. Nearly all of it is threads waking up, most
within PortAudio and the plugin; what this file and its queue add is about what a loop costs that only sleeps
for 20 ms at a time. The arithmetic alone is a tenth of that.
"""

SILENT_S: Final = 2.0
"""A device from which nothing came for this long is lost."""


class Microphone:
    """Frames from the device that `wanted` names (see `choose`), `channel` counted from 1.

    Callback mode, because it survives an overflow and tells it: a blocking read either hides overflows or
    closes the stream on the first. Every block carries the epoch that was read *before* its first sample
    can have been captured, as far back as the driver's buffer reaches.

    After `close`, `open` goes on: indices jump over the whole hops that passed meanwhile, which count as
    lost["device"] only if the device failed. Each overflow counts as one lost hop, the one it fell into.
    What was heard and not read is overwritten on `close`; copies inside PortAudio, ALSA and the kernel
    are theirs and live for one buffer, some 40 ms.
    """

    def __init__(self, wanted: str, channel: int, epoch: Epoch, first: int = 0) -> None:
        if channel < 1:
            raise ConfigError(f"microphones count channels from 1, not {channel}: correct microphone.channel")
        self._wanted = wanted
        self._channel = channel
        self._epoch = epoch
        self._hops = Hops(first)
        self._control = threading.Lock()
        self._session: Any = None
        self._stream: Any = None
        self._shut = True
        self._failed = False
        self._fault: Exception | None = None
        self._info: MicrophoneInfo | None = None
        self._resampler: Resampler | None = None
        self._epochs: deque[int] = deque([0], maxlen=1)
        self._heard_at: float | None = None

    @property
    def name(self) -> str:
        """The device's own name once it was open, until then what was asked for."""
        return self._info.name if self._info else self._wanted or "default"

    @property
    def lost(self) -> dict[str, int]:
        """Hops lost so far, by cause."""
        return dict(self._hops.lost)

    @property
    def rate_hz(self) -> int:
        """The rate at which the device itself records."""
        return self._resampler.rate_hz if self._resampler else RATE_HZ

    @property
    def blank(self) -> bool:
        """Whether nothing heard is left in memory here."""
        return self._hops.blank

    def open(self) -> None:
        """Begin to listen. Raises ConfigError for a wrong setting, DeviceLost for a device gone or busy."""
        with self._control:
            if self._stream is not None:
                return
            try:
                with hush():
                    self._open()
            except ConfigError:
                self._end_session()
                raise
            except DeviceLost:
                self._give_up()
                raise
            except OSError as error:
                self._give_up()
                raise DeviceLost(
                    f"the microphone '{self.name}' does not open ({_plain(error)}): end what else uses it"
                ) from error

    def read(self, timeout_s: float) -> Frame | None:
        """The next frame, or None when none came in time. After a DeviceLost, close, then open again."""
        frame = self._hops.next(min(timeout_s, SILENT_S))
        if frame is None:
            self._check()
        return frame

    def nudge(self) -> None:
        """Let a `read` that waits return at once."""
        self._hops.nudge()

    def close(self) -> None:
        """Stop, and overwrite what was heard and not read, first of all. Takes about one period."""
        self._shut = True
        self._hops.wipe()
        with self._control:
            self._end_session()  # only a new session sees devices that came or went
            self._hops.wipe()  # a callback may have been under way
            if self._resampler:
                self._resampler.reset()

    def _open(self) -> None:
        """Open the device and start it; muted meanwhile it is left unstarted, for whoever opened to close."""
        epoch = self._epoch.value  # before the first sample
        library = _portaudio()
        self._session = library.PyAudio()
        info = self._find(_listed(self._session))
        if self._channel > info.channels:
            raise ConfigError(
                f"'{info.name}' has {info.channels} channels: set microphone.channel to at most that,"
                f" not {self._channel}"
            )
        self._info = info
        rate_hz = RATE_HZ if self._can(RATE_HZ, info, library.paInt16) else info.rate_hz
        if self._resampler is None or self._resampler.rate_hz != rate_hz:
            self._resampler = Resampler(rate_hz) if rate_hz != RATE_HZ else None
        period = round(PERIOD_S * rate_hz)
        self._stream = self._session.open(
            rate=rate_hz,
            channels=self._channel,
            format=library.paInt16,
            input=True,
            input_device_index=info.index,
            frames_per_buffer=period,
            stream_callback=self._heard,
            start=False,
        )
        reach = math.ceil(self._stream.get_input_latency() / PERIOD_S) + 2
        self._epochs = deque([epoch] * reach, maxlen=reach)
        self._let_time_pass()
        self._failed = False
        self._fault = None
        self._shut = False
        if self._epoch.value == epoch:
            self._stream.start_stream()

    def _find(self, present: list[MicrophoneInfo]) -> MicrophoneInfo:
        """The device that is meant; once it was there, its absence is a loss, not a wrong setting."""
        if self._info is None:
            return choose(self._wanted, present)
        by_index = self._wanted.strip().isdecimal()  # indices move: the same name, never just the same number
        wanted = self._info.name.partition(" (hw:")[0] if by_index else self._wanted
        try:
            return choose(wanted, present)
        except ConfigError as error:
            raise DeviceLost(f"the microphone '{self._info.name}' is gone: plug it in again") from error

    def _can(self, rate_hz: int, info: MicrophoneInfo, form: int) -> bool:
        try:
            return bool(
                self._session.is_format_supported(
                    rate_hz, input_device=info.index, input_channels=self._channel, input_format=form
                )
            )
        except ValueError:
            return False

    def _give_up(self) -> None:
        if not self._failed:
            self._let_time_pass()  # until now it was closed on purpose
        self._failed = True
        self._end_session()

    def _let_time_pass(self) -> None:
        """Let indices jump over the time without sound, so that they stay near the clock's."""
        now = time.monotonic()
        if self._heard_at is not None:
            hops = math.ceil(samples(now - self._heard_at) / HOP)
            if self._failed:
                self._hops.lose(hops, "device")
            else:
                self._hops.jump(hops)
        self._heard_at = now

    def _heard(self, sound: bytes, _count: int, _when: object, status: int) -> tuple[None, int]:
        """PortAudio's thread: one block of sound. It raises nothing; `read` tells what went wrong here."""
        if self._shut:
            return None, 2  # paAbort
        try:
            epoch = self._epochs[0]
            if status & 2:  # paInputOverflow: sound is missing before this block
                self._hops.lose(1, "overflow")
            block = np.frombuffer(sound, np.int16)
            if self._channel > 1:  # as many channels are open as reach up to it
                block = block[self._channel - 1 :: self._channel]
            self._hops.take(self._resampler.feed(block) if self._resampler else block, epoch)
            self._heard_at = time.monotonic()
            self._epochs.append(self._epoch.value)  # for what is captured from now on
        except Exception as fault:  # noqa: BLE001  # raising would end in C; told by the next read
            self._fault = fault
            return None, 2
        return None, 0  # paContinue

    def _check(self) -> None:
        with self._control:  # so that no other thread frees the stream meanwhile
            if self._stream is None:
                return
            if self._fault is not None:
                why = f"capture failed with {type(self._fault).__name__}: {self._fault}"
            elif time.monotonic() - (self._heard_at or 0.0) >= SILENT_S:
                why = f"nothing came from it for {SILENT_S:.0f} seconds"
            elif not self._active():
                why = "it stopped"
            else:
                return
            self._failed = True
        raise DeviceLost(f"the microphone '{self.name}' is lost ({why}): check its cable")

    def _active(self) -> bool:
        try:
            return bool(self._stream.is_active())
        except OSError:
            return False

    def _close_stream(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            with contextlib.suppress(OSError):  # an unplugged device cannot be closed in order
                stream.close()

    def _end_session(self) -> None:
        self._close_stream()
        session, self._session = self._session, None
        if session is not None:
            with hush():
                session.terminate()


def microphones() -> list[MicrophoneInfo]:
    """All devices that can record, as PortAudio lists them now. Raises ConfigError without PyAudio."""
    with hush():
        session = _portaudio().PyAudio()
        try:
            return _listed(session)
        finally:
            session.terminate()


def _listed(session: Any) -> list[MicrophoneInfo]:
    try:
        default = int(session.get_default_input_device_info()["index"])
    except OSError:
        default = -1
    every = (session.get_device_info_by_index(index) for index in range(session.get_device_count()))
    return [
        MicrophoneInfo(
            index=int(one["index"]),
            name=str(one["name"]),
            channels=int(one["maxInputChannels"]),
            rate_hz=round(one["defaultSampleRate"]),
            is_default=int(one["index"]) == default,
        )
        for one in every
        if one["maxInputChannels"] > 0
    ]


def _portaudio() -> Any:
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # it explains its absence where events are printed
            import pyaudio  # noqa: PLC0415  # an extra: everything but microphones works without it
    except ImportError as error:
        raise ConfigError(
            "a microphone needs PyAudio: apt install python3-dev build-essential portaudio19-dev, "
            "then pip install '.[pi]' in the checkout"
        ) from error
    return pyaudio


def _plain(error: OSError) -> str:
    return str(error.args[-1] if error.args and isinstance(error.args[-1], str) else error.args[0]).lower()
