"""`earlid replay`: recordings through exactly the code that listens, as fast as possible."""

from __future__ import annotations

import csv
import json
import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import numpy as np

from earlid.asked import as_asked
from earlid.core.epoch import Epoch
from earlid.core.frame import Frame
from earlid.core.gate import Permit, State
from earlid.core.listener import Listener, Ports
from earlid.core.segment import Endpoint, Segment, Wake
from earlid.core.units import HOP, Scores, samples, seconds
from earlid.costs import costs
from earlid.edge.schema import changed
from earlid.edge.sound.recording import Recording
from earlid.edge.sound.wav import wav_bytes
from earlid.edge.stopwatch import Stopwatch
from earlid.edge.terminal import line, progress, table
from earlid.errors import EarlidError, SourceEnded, UsageError
from earlid.listening.ears import ears, taught, words_of

if TYPE_CHECKING:
    from earlid.config import Config

_LOG = logging.getLogger("earlid.replay")


LEAD_IN_S: Final = 2.0
"""Silence before a recording: what the models must have heard before their first score."""
_APART: Final = 1_000 * HOP


@dataclass(slots=True)
class Heard:
    """What one recording gave. Times are seconds from its first sample."""

    file: str
    seconds: float = 0.0
    wakes: list[dict[str, Any]] = field(default_factory=list)
    segments: list[dict[str, Any]] = field(default_factory=list)
    vetoed: list[dict[str, Any]] = field(default_factory=list)


def replay(
    config: Config,
    files: Sequence[Path],
    models: Sequence[str],
    threshold: float | None,
    as_json: bool,
    scores: Path | None,
    segments: Path | None,
    lead_in_s: float = LEAD_IN_S,
    profile: bool = False,
    verified: bool = True,
) -> int:
    """Run `files` one after the other, each from a cold start. One that is not usable stops none of the rest.

    The exit code is 0, or that of the first file that was not usable.
    """
    wake = config.wake
    verifiers = taught(config) if verified else ()
    if models:
        wake = changed(wake, words=tuple(dict.fromkeys(models)))
        with as_asked():
            words_of(wake.words)
        verifiers = tuple(one for one in verifiers if one.word in words_of(wake.words))
    wake = changed(wake, verifiers=tuple(one.word for one in verifiers))
    if scores:
        wake = changed(wake, quiet_gate=False)  # every hop is to have its score
    if threshold is not None:
        wake = changed(wake, thresholds=dict.fromkeys(words_of(wake.words), threshold))
    code = 0
    with _table(scores) as write_score:
        watch = Stopwatch() if profile else None
        tape = Tape(wake.words, write_score, segments, watch)
        listener = ears(config.paths.models, wake, config.segment, tape.ports(), None, watch, verifiers)
        if watch:
            watch.start()
        with progress("replay", len(files)) as advance:
            for number, path in enumerate(files):
                advance(number, path.name)
                try:
                    heard = tape.play(listener, path, config.microphone.channel, samples(lead_in_s))
                except EarlidError as error:
                    sys.stderr.write(f"earlid: {error}\n")
                    code = code or error.exit_code
                else:
                    _tell(heard, as_json)
            advance(len(files))
    if watch:
        _tell_costs(costs(watch, config.paths.models, wake.words, tape.heard_s), as_json)
    return code


class Tape:
    """Plays one recording after the other through one listener, and notes what it did."""

    def __init__(
        self, models: Sequence[str], write_score: Any, segments: Path | None, watch: Stopwatch | None = None
    ) -> None:
        self._words = words_of(models)
        self._watch = watch or Stopwatch()
        self.heard_s = 0.0
        self._write_score = write_score
        self._segments = segments
        self._heard = Heard("")
        self._path = Path()
        self._origin = 0

    def ports(self) -> Ports:
        """Where the listener's doings go."""
        score = self._score if self._write_score else None
        return Ports(_no_lamp, self._keep, self._woke, score, vetoed=self._vetoed)

    def play(self, listener: Listener, path: Path, channel: int, lead_in: int = 0) -> Heard:
        """Hear the recording at `path` from a cold start, after at least `lead_in` samples of silence."""
        silence = -(-lead_in // HOP)
        self._path, self._heard = path, Heard(str(path))
        sound = Recording(path, channel, Epoch())
        sound.open()
        for note in sound.notes:
            _LOG.warning("%s", note)
        try:
            first = listener.now + _APART  # no refractory period reaches from one recording to the next
            self._origin = first + silence * HOP
            for hop in range(silence):
                listener.hear(Frame(first + hop * HOP, 0, np.zeros(HOP, np.int16)))
            stop = 0
            for frame in self._frames(sound):
                stop = frame.stop
                listener.hear(Frame(self._origin + frame.start, 0, frame.samples))
        finally:
            listener.stop(Endpoint.SOURCE_ENDED)
            sound.close()
        self._heard.seconds = round(seconds(stop + sound.tail), 3)
        self.heard_s += self._heard.seconds + seconds(silence * HOP)
        return self._heard

    def _frames(self, sound: Recording) -> Iterator[Frame]:
        while True:
            try:
                with self._watch.during("capture"):
                    frame = sound.read(0.0)
            except SourceEnded:
                return
            if frame is not None:
                yield frame

    def _woke(self, wake: Wake) -> None:
        self._heard.wakes.append(self._told(wake))

    def _vetoed(self, wake: Wake) -> None:
        self._heard.vetoed.append(self._told(wake))

    def _told(self, wake: Wake) -> dict[str, Any]:
        return {"model": wake.model, "time_s": self._time_s(wake.at), "score": round(wake.score, 6)}

    def _keep(self, segment: Segment, _permit: Permit) -> None:
        self._heard.segments.append(
            {
                "start_s": self._time_s(segment.start),
                "end_s": self._time_s(segment.stop),
                "endpoint": segment.endpoint.value,
                "model": segment.wake.model,
            }
        )
        if self._segments:
            _write(self._segments, f"{self._path.stem}.{len(self._heard.segments)}.wav", segment)

    def _score(self, frame: Frame, scores: Scores) -> None:
        hop = (frame.start - self._origin) // HOP
        for word, score in zip(self._words, scores, strict=True):
            if hop >= 0 and not np.isnan(score):
                self._write_score((self._heard.file, hop, word, f"{score:.9g}"))

    def _time_s(self, sample: int) -> float:
        return round(seconds(sample - self._origin), 4)


def _no_lamp(_state: State, _cause: str) -> None:
    """A recording is played in the dark: nobody in the room is heard."""


def _tell(heard: Heard, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(asdict(heard)) + "\n")
        sys.stdout.flush()
        return
    line(f"{heard.file}: {heard.seconds:.1f} s, {_count(len(heard.wakes), 'wake')}")
    for wake in heard.wakes:
        line(f"  {wake['time_s']:8.2f} s  {wake['model']}  score {wake['score']:.3f}")
    for wake in heard.vetoed:
        line(
            f"  {wake['time_s']:8.2f} s  {wake['model']}  score {wake['score']:.3f}, refused by its verifier"
        )
    for one in heard.segments:
        line(f"  {one['start_s']:8.2f} s  kept {one['end_s'] - one['start_s']:.2f} s, {one['endpoint']}")


def _tell_costs(found: dict[str, float], as_json: bool) -> None:
    if as_json:
        sys.stdout.write(
            json.dumps({"profile": {part: round(cost, 4) for part, cost in found.items()}}) + "\n"
        )
        return
    total = sum(found.values())
    rows = [(part, f"{cost:.3f}", f"{100 * cost / total:.0f} %") for part, cost in found.items()]
    columns = ("part", "ms per second of sound", "share")
    table("what it cost", columns, [*rows, ("all", f"{total:.3f}", "100 %")])


def _count(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"


@contextmanager
def _table(path: Path | None) -> Iterator[Any]:
    """Something to write a row of scores with, or None; the file is complete once the block ends."""
    if path is None:
        yield None
        return
    with _opened(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("file", "hop", "model", "score"))
        yield writer.writerow


def _opened(path: Path) -> IO[str]:
    try:
        return path.open("w", newline="", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({(error.strerror or '?').lower()})") from error


def _write(folder: Path, name: str, segment: Segment) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(wav_bytes(segment.samples))
    except OSError as error:
        raise UsageError(f"{folder / name}: cannot be written ({(error.strerror or '?').lower()})") from error
