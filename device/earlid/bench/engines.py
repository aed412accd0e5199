"""Who listens: Earlid itself, and its peers, each in an environment of its own and spoken to over a pipe."""

from __future__ import annotations

import hashlib
import math
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Final, Protocol

import numpy as np

from earlid.bench.environments import Environments, Unavailable
from earlid.bench.peer_pipe import PEER, Worker
from earlid.core.room import Room
from earlid.core.trace import Trace
from earlid.core.units import HOP, Samples, Scores
from earlid.edge.model.engine import Engine, Memory
from earlid.edge.model.manifest import Manifest, backbone, manifest
from earlid.edge.model.store import RECIPE, ModelStore
from earlid.edge.model.verifier_file import VerifierFiles
from earlid.edge.sound.wav import wav_bytes
from earlid.errors import UsageError
from earlid.listening.ears import words_of

OURS: Final = "earlid"


@dataclass(frozen=True, slots=True)
class Peer:
    """What a peer needs, and which wake words it brings; `python` is the only version it installs on."""

    label: str
    requirements: tuple[str, ...]
    words: tuple[str, ...]
    python: str | None = None
    option: str = ""


PEERS: Final = {
    "openwakeword": Peer(
        "openwakeword 0.6.0",
        ("openwakeword==0.6.0", "numpy<2"),
        ("alexa", "hey_jarvis", "hey_mycroft", "hey_rhasspy"),
        python="3.11",
        option="onnx",
    ),
    "pyopen-wakeword": Peer(
        "pyopen-wakeword 1.1.0",
        ("pyopen-wakeword==1.1.0",),
        ("alexa", "hey_jarvis", "hey_mycroft", "hey_rhasspy"),
    ),
    "pymicro-wakeword": Peer(
        "pymicro-wakeword 2.5.0", ("pymicro-wakeword==2.5.0",), ("alexa", "hey_jarvis", "hey_mycroft")
    ),
}


class Ear(Protocol):
    """Something that gives each hop of a stream its scores, from a cold start."""

    def hear(self, stream: Samples, lead_in: int) -> Trace:
        """The trace of int16 `stream`, whose first `lead_in` hops are not the recording's."""

    def close(self) -> None:
        """Leave no process behind."""


@dataclass(frozen=True, slots=True)
class Listener:
    """One listener for the wake words `models`; its traces have a column for each of `words`.

    `identity` is the same for listeners whose traces can stand for each other. `thresholds`, one a model,
    are its own; empty where those of the models hold. `python` is the peer's.
    """

    name: str
    label: str
    models: tuple[str, ...]
    words: tuple[str, ...]
    identity: str
    folder: Path
    python: Path | None = None
    thresholds: tuple[float, ...] = ()
    field: Path = Path()
    verified: tuple[str, ...] = ()

    def columns(self, model: Manifest) -> list[int]:
        """Where the words of `model` are in a trace."""
        return [self.words.index(word) for word in model.words]

    def ear(self) -> Ear:
        """It, ready to listen in this process."""
        return OurEar(self) if self.python is None else PeerEar(self)


def ours(models: Path, names: Sequence[str], field: Path = Path(), verified: Sequence[str] = ()) -> Listener:
    """Earlid with the wake words `names`, out of the folder `models`; ConfigError for a model amiss.

    Those in `verified` with their verifiers, out of the folder `field`.
    """
    files = VerifierFiles(field)
    taught = [
        hashlib.sha256(one.weights.tobytes()).hexdigest() + repr(one.bias) for one in files.read_all(verified)
    ]
    store = ModelStore(models)
    store.graph(names)  # composed now, once, and not by every process at the same time
    shared = backbone()
    parts = [shared.melspectrogram.sha256, shared.embedding.sha256, *(manifest(n).part.sha256 for n in names)]
    return Listener(
        OURS,
        f"earlid {version('earlid')}{', taught' if taught else ''}",
        tuple(names),
        words_of(names),
        _digest([str(RECIPE), version("onnxruntime"), *parts, *taught]),
        models,
        field=field,
        verified=tuple(verified),
    )


def peer(wanted: str, names: Sequence[str], environments: Environments) -> Listener:
    """The peer `wanted`, called NAME or NAME=PYTHON, with those of the words `names` that it knows.

    Without a PYTHON its environment is built, once. Raises UsageError for an unknown peer, Unavailable for
    one that cannot be had here.
    """
    name, _, given = wanted.partition("=")
    if name not in PEERS:
        raise UsageError(f"no engine is called {name}; known are {OURS}, {', '.join(PEERS)}")
    known = PEERS[name]
    words = tuple(word for word in names if word in known.words)
    if not words:
        raise UsageError(f"{name} knows none of {', '.join(names)}: it knows {', '.join(known.words)}")
    python = Path(given) if given else environments.python(known.requirements, known.python)
    if not python.is_file():
        raise UsageError(f"{python}: no such python; name the one in the environment of {name}")
    folder = environments.published_models() if known.option else environments.cache
    who = Listener(name, known.label, words, words, "", folder, python)
    tried = PeerEar(who)  # one that does not start is told before the work begins
    tried.close()
    marks = [name, known.option, *map(str, tried.versions.items()), PEER.read_text(encoding="utf-8")]
    return replace(
        who,
        label=f"{name} {tried.versions[name]}",
        identity=_digest(marks),
        thresholds=tuple(tried.thresholds),
    )


class OurEar:
    """The engine that listens. Rests never: where it would have, the trace's powers tell."""

    def __init__(self, who: Listener) -> None:
        self._engine = Engine.load(who.folder, who.models)
        of = {one.word: one for one in VerifierFiles(who.field).read_all(who.verified)}
        self._verifiers = [of.get(word) for word in who.words] if of else []
        self._room = Room()
        self._silence: dict[int, tuple[Scores, Memory]] = {}

    def hear(self, stream: Samples, lead_in: int) -> Trace:
        """The trace of all whole hops of `stream`, from a cold start. The same silence is heard only once."""
        self._room.forget()
        hops = _hops(stream)
        lead_in = min(lead_in, len(hops))
        scores = np.zeros((len(hops), len(self._engine.words)), np.float32)
        margins = np.full_like(scores, np.nan) if self._verifiers else None
        powers = np.zeros(len(hops))
        first = 0 if hops[:lead_in].any() else self._hear_silence(lead_in, scores)
        if not first:
            self._engine.wipe()
        for number, hop in enumerate(hops):
            powers[number] = self._room.power(hop)
            if number >= first:
                scores[number] = self._engine.step(hop)
                if margins is not None:
                    margins[number] = self._margins()
        return Trace(scores, powers, lead_in, margins)

    def _margins(self) -> list[float]:
        """What each word's verifier says of the hop just heard; NaN where there is none."""
        heard = self._engine.embeddings()
        return [math.nan if one is None else one.margin(heard) for one in self._verifiers]

    def _hear_silence(self, hops: int, scores: Scores) -> int:
        """Write the scores of so many silent hops, and be as after them; how many there were."""
        if hops and hops not in self._silence:
            self._engine.wipe()
            heard = np.array([self._engine.step(np.zeros(HOP, np.int16)) for _ in range(hops)], np.float32)
            self._silence[hops] = heard, self._engine.memory()
        if hops:
            scores[:hops], memory = self._silence[hops]
            self._engine.go_on_from(memory)
        return hops

    def close(self) -> None:
        """No process of its own."""


class PeerEar:
    """A peer's process, which is given WAV files and answers with scores."""

    def __init__(self, who: Listener) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="earlid-bench-")
        self._name = who.name
        load = {"models": str(who.folder), "words": list(who.words), "option": PEERS[who.name].option}
        try:
            self._worker = Worker(
                [str(who.python), str(PEER), who.name], load, Path(self._folder.name, "log.txt")
            )
        except Unavailable as error:
            self._folder.cleanup()
            raise Unavailable(f"{who.name}: {error}") from error
        self.thresholds = self._worker.started.thresholds
        self.versions = self._worker.started.versions

    def hear(self, stream: Samples, lead_in: int) -> Trace:
        """The trace of all whole hops of `stream`; a hop without a score is NaN."""
        file = Path(self._folder.name, "stream.wav")
        file.write_bytes(wav_bytes(stream))
        try:
            rows = self._worker.run(file, 0).scores
        except Unavailable as error:
            raise Unavailable(f"{self._name}: {error}") from error
        scores = np.array(rows, np.float32).reshape(len(rows), len(self.thresholds))
        return Trace(scores, np.zeros(0), min(lead_in, len(rows)))

    def close(self) -> None:
        """End the process, and remove what it was given."""
        self._worker.close()
        self._folder.cleanup()


def _hops(stream: Samples) -> Samples:
    whole: Samples = stream[: len(stream) // HOP * HOP].reshape(-1, HOP)
    return whole


def _digest(marks: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(marks).encode()).hexdigest()[:12]
