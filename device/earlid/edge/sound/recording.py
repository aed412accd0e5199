"""A recording as a source: WAV, FLAC and what else libsndfile reads, of any rate, width and channel count."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import soundfile

from earlid.core.epoch import Epoch
from earlid.core.frame import Frame
from earlid.core.units import HOP, RATE_HZ, Samples
from earlid.edge.sound.resample import Resampler, round_to_int16
from earlid.edge.sound.riff import missing_bytes
from earlid.errors import SourceEnded, UsageError

BLOCK: Final = 4096
"""Frames decoded at once: what is in memory of a file, whatever its length."""

_EXACT: Final = frozenset({"PCM_16", "PCM_S8", "PCM_U8", "ULAW", "ALAW"})
_WIDE: Final = frozenset({"PCM_24", "PCM_32"})


class Recording:
    """Frames from the file at `path`, `channel` counted from 1, as fast as they are asked for.

    16 kHz PCM16 mono is given bit for bit. Wider samples are rounded to the nearest, other rates resampled.
    `notes` tells each conversion in a line for people. What does not fill the last hop is not given: `tail`
    counts it. `total` is the number of samples, None while unknown. After `close`, `open` goes on with the
    next hop, as a paused tape does.
    """

    def __init__(self, path: str | Path, channel: int, epoch: Epoch, first: int = 0) -> None:
        self._path = Path(path)
        self._channel = channel
        self._epoch = epoch
        self._first = first
        self._given = 0
        self._file: soundfile.SoundFile | None = None
        self._resampler: Resampler | None = None
        self._pending: Samples = np.zeros(0, np.int16)
        self._decoded = 0
        self._over = False
        self.notes: tuple[str, ...] = ()
        self.total: int | None = None
        self.tail = 0

    @property
    def name(self) -> str:
        """The file's name without its folder."""
        return self._path.name

    @property
    def lost(self) -> dict[str, int]:
        """A file loses nothing."""
        return {"overflow": 0, "backlog": 0, "device": 0}

    def open(self) -> None:
        """Look at the file and make ready to read it. Raises UsageError for what is not usable as it is."""
        if self._file is not None:
            return
        file = self._opened()
        try:
            self._accept(file)
        except BaseException:
            file.close()
            raise
        self._file = file
        self._resampler = Resampler(file.samplerate) if file.samplerate != RATE_HZ else None
        self._pending = np.zeros(0, np.int16)
        self._decoded = 0
        self._over = False
        if self._given:
            with self._told(file):
                self._decoded = file.seek(min(file.frames, round(self._given * file.samplerate / RATE_HZ)))

    def read(self, timeout_s: float) -> Frame | None:
        """The next frame. Raises SourceEnded after the last, UsageError where the file turns out damaged."""
        if self._file is None:
            return None
        epoch = self._epoch.value
        while len(self._pending) < HOP and not self._over:
            self._pending = np.concatenate([self._pending, self._decode(self._file)])
        if len(self._pending) < HOP:
            self.tail = len(self._pending)
            self._complete(self._file)
            raise SourceEnded(f"{self.name} is over")
        frame = Frame(self._first + self._given, epoch, self._pending[:HOP].copy())
        self._pending = self._pending[HOP:]
        self._given += HOP
        return frame

    def rest(self) -> Samples:
        """After the end: the samples that did not fill the last hop."""
        return self._pending.copy()

    def nudge(self) -> None:
        """Nothing waits here: a file gives its frames at once."""

    def close(self) -> None:
        """Close the file, and overwrite what was decoded and not given."""
        file, self._file = self._file, None
        if file is not None:
            file.close()
        self._pending[:] = 0
        self._pending = self._pending[:0]
        if self._resampler:
            self._resampler.reset()

    def _opened(self) -> soundfile.SoundFile:
        if self._path.is_dir():
            raise UsageError(f"{self.name} is a directory: name the recordings in it")
        try:
            if self._path.stat().st_size == 0:
                raise UsageError(f"{self.name} is empty (0 bytes): record or copy it again")
            missing = missing_bytes(self._path)
            file = soundfile.SoundFile(str(self._path))
        except FileNotFoundError as error:
            raise UsageError(
                f"{self.name}: no such file, looked in {self._path.absolute().parent}"
            ) from error
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise UsageError(
                f"{self.name} cannot be read ({why}): correct its permissions or copy it"
            ) from error
        except soundfile.SoundFileError as error:
            raise UsageError(
                f"{self.name} holds no sound that can be read: give a wav or flac file"
            ) from error
        if missing:
            file.close()
            raise UsageError(
                f"{self.name} is cut short, {missing} bytes promised by its header are absent: copy it again"
            )
        return file

    def _accept(self, file: soundfile.SoundFile) -> None:
        if file.frames == 0:
            raise UsageError(f"{self.name} has a header and no sound: record or copy it again")
        if not 1 <= self._channel <= file.channels:
            raise UsageError(f"{self.name} has no channel {self._channel}: choose 1 to {file.channels}")
        known = file.frames < 2**62  # a flac that was streamed does not know its length
        self.total = int(file.frames * RATE_HZ / file.samplerate) if known else None
        notes = []
        if file.channels > 1:
            notes.append(f"{self.name}: {file.channels} channels, using channel {self._channel}")
        if file.samplerate != RATE_HZ:
            notes.append(f"{self.name}: {file.samplerate} hz, resampled to {RATE_HZ} hz")
        if file.subtype != "PCM_16":
            notes.append(f"{self.name}: {file.subtype_info.lower()}, converted to 16 bit")
        self.notes = tuple(notes)

    def _decode(self, file: soundfile.SoundFile) -> Samples:
        """The next samples, resampled; the last of them come with the file's end."""
        as_is = not self._resampler and file.subtype in _EXACT
        kind = "int16" if as_is else "int32" if not self._resampler and file.subtype in _WIDE else "float32"
        with self._told(file):
            block = file.read(BLOCK, dtype=kind, always_2d=True)[:, self._channel - 1]
        self._over = len(block) == 0
        self._decoded += len(block)
        if kind == "int16":
            exact: Samples = np.ascontiguousarray(block)
            return exact
        if kind == "int32":
            rounded: Samples = np.minimum((block.astype(np.int64) + 0x8000) >> 16, 32767).astype(np.int16)
            return rounded
        scaled: npt.NDArray[np.float32] = np.nan_to_num(block, nan=0.0, posinf=1.0, neginf=-1.0) * 32768.0
        if self._resampler:
            return self._resampler.feed_scaled(np.ascontiguousarray(scaled), last=self._over)
        return round_to_int16(scaled)

    def _complete(self, file: soundfile.SoundFile) -> None:
        if self.total is None:
            self.total = self._given + self.tail
        elif self._decoded < file.frames:
            raise UsageError(f"{self.name} is cut short: {self._heard_s(file)}, copy it again")

    @contextlib.contextmanager
    def _told(self, file: soundfile.SoundFile) -> Iterator[None]:
        try:
            yield
        except soundfile.SoundFileError as error:
            raise UsageError(f"{self.name} is damaged: {self._heard_s(file)}, copy it again") from error

    def _heard_s(self, file: soundfile.SoundFile) -> str:
        heard_s, promised_s = self._decoded / file.samplerate, file.frames / file.samplerate
        return f"sound ends after {heard_s:.1f} s of {promised_s:.1f} s"


def whole(path: str | Path, channel: int = 1) -> Samples:
    """All samples of the recording at `path`; UsageError for what is not usable, damaged or cut short."""
    sound, parts = Recording(path, channel, Epoch()), []
    sound.open()
    try:
        while True:
            frame = sound.read(0.0)
            if frame is not None:
                parts.append(frame.samples)
    except SourceEnded:
        return np.concatenate([*parts, sound.rest()])
    finally:
        sound.close()
