"""The house around the virtual Pi: somebody who talks, and a collector at the other end of its network."""

from __future__ import annotations

import base64
import hashlib
import io
import ssl
import threading
import wave
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import soundfile
import trustme

from fakes.collector import Call, Conduct, LyingCollector, Request
from pi.virtual.host import CHECKOUT
from pi.virtual.recipe import COLLECTOR

_CLIP: Final = CHECKOUT / "device/earlid/demo/clip.flac"
_BEFORE, _NAME_ENDS, _AFTER = 263_776, 285_203, 324_000
"""In the demo's recording: silence before the name, the name's last sample, and the end of what is asked."""
RATE_HZ: Final = 16_000
Sound = npt.NDArray[np.int16]


def words() -> Sound:
    """The name, and a question after it: 3.8 s."""
    sound, rate_hz = soundfile.read(_CLIP, dtype="int16")
    if rate_hz != RATE_HZ:
        raise ValueError(f"{_CLIP} is no longer at {RATE_HZ} Hz")
    part: Sound = sound[_BEFORE:_AFTER]
    return part


def for_the_agent(sound: Sound) -> str:
    """The sound as the hands take it."""
    return base64.b64encode(sound.astype("<i2").tobytes()).decode()


def after_the_name_s(wav: bytes) -> float:
    """How long after the name's end a recording of `words` begins; negative is before. Found by its sound."""
    with wave.open(io.BytesIO(wav)) as file:
        kept = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)
    whole = words().astype(float)
    size = 1 << (len(whole) + len(kept)).bit_length()
    match = np.fft.irfft(np.fft.rfft(whole, size) * np.conj(np.fft.rfft(kept, size)), size)
    at = int(np.argmax(match))
    return ((at if at < len(whole) else at - size) + _BEFORE - _NAME_ENDS) / RATE_HZ


@dataclass(slots=True)
class Home:
    """A collector behind TLS that is reached from the virtual Pi, and may go away for a while."""

    authority: str
    context: ssl.SSLContext
    port: int = 0
    collector: LyingCollector | None = None
    _open: ExitStack | None = None

    def open(self, *script: Conduct) -> LyingCollector:
        """Be there, at the same port as ever; what was kept before is still known."""
        before = self.collector
        self.close()
        self.collector = LyingCollector(*script, tls=self.context, port=self.port)
        if before:
            self.collector.kept.update(before.kept)
            self.collector.requests.extend(before.requests)
        self._open = ExitStack()
        self._open.enter_context(self.collector)
        self.port = self.collector.port
        return self.collector

    def close(self) -> None:
        """Be gone: whoever knocks is refused."""
        opened, self._open = self._open, None
        if opened:
            opened.close()

    @property
    def requests(self) -> list[Request]:
        """Every request that came whole, in order."""
        return self.collector.requests if self.collector else []

    @property
    def kept(self) -> dict[str, bytes]:
        """Every body that was taken, by its key."""
        return self.collector.kept if self.collector else {}


@contextmanager
def home() -> Iterator[Home]:
    """A home with a certificate of its own for the address that the virtual network gives it."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(COLLECTOR).configure_cert(context)
    made = Home(authority.cert_pem.bytes().decode(), context)
    try:
        yield made
    finally:
        made.close()


class Held:
    """A conduct that takes the whole request, and answers only when it is let go."""

    def __init__(self) -> None:
        self.came = threading.Event()
        self._free = threading.Event()

    def __call__(self, call: Call) -> None:
        """Take it, wait, be honest."""
        request = call.request()
        self.came.set()
        self._free.wait(60)
        call.answer(call.collector.take(request))

    def let_go(self) -> None:
        """Answer now."""
        self._free.set()


def fingerprint(body: bytes) -> str:
    """A body in a few letters."""
    return hashlib.sha256(body).hexdigest()[:12]
