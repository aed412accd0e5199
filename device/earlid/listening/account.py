"""What one run of the listener tells: a line for each thing that happens, and a status file of the whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from earlid.core.frame import Frame
from earlid.core.gate import State
from earlid.core.plain import several
from earlid.core.segment import Segment, Wake
from earlid.core.units import Scores, dbfs, seconds
from earlid.edge.notify import Service
from earlid.edge.status_file import StatusFile
from earlid.errors import ConfigError, DiskTrouble
from earlid.listening.ears import words_of


class Account:
    """Counts wakes and segments, and tells them. Never given sound to tell, only how loud it was."""

    def __init__(
        self,
        status: Path,
        models: Sequence[str],
        tell: Callable[[dict[str, Any]], None],
        service: Service | None = None,
        waiting: Callable[[], int] = lambda: 0,
        verifiers: Sequence[str] = (),
    ) -> None:
        """`waiting` says how many segments have not left yet; `service` is whom systemd knows, if it does."""
        self._status = StatusFile(status)
        self._service, self._waiting = service or Service({}), waiting
        self._heard = -1
        self._models = list(models)
        self._words = words_of(models)
        self._tell = tell
        self._verifiers = list(verifiers)
        self._counts = {"wakes": 0, "segments": 0, "kept": 0}
        self._vetoed = 0
        self._wakes_of = dict.fromkeys(self._words, 0)
        self._last_trouble = ""

    def ready(self, source: str) -> None:
        """It begins."""
        self._tell({"event": "ready", "source": source, "models": self._models})
        self._service.ready()

    def goes_on(self, state: State, heard: int, *, is_lost: bool) -> None:
        """Feed the watchdog if more was `heard`, or nothing can be: muted, or looking for a lost device."""
        if heard != self._heard or is_lost or state is State.MUTED:
            self._heard = heard
            self._service.alive()

    def woke(self, wake: Wake) -> None:
        """A word was recognised."""
        self._counts["wakes"] += 1
        self._wakes_of[wake.model] += 1
        self._tell({"event": "wake", "sample": wake.at, "model": wake.model, "score": round(wake.score, 6)})

    def vetoed(self, wake: Wake) -> None:
        """A word was recognised, and what its owner taught refused it."""
        self._vetoed += 1
        self._tell({"event": "vetoed", "sample": wake.at, "model": wake.model, "score": round(wake.score, 6)})

    def kept(self, name: str, segment: Segment) -> None:
        """A segment is safe under `name`."""
        self._counts["segments"] += 1
        self._counts["kept"] += len(segment.samples)
        where = {"model": segment.wake.model, "start": segment.start, "stop": segment.stop}
        self._tell({"event": "kept", "id": name, **where, "endpoint": segment.endpoint.value})

    def scored(self, frame: Frame, scores: Scores) -> None:
        """One hop's level and scores."""
        known = [None if np.isnan(score) else round(float(score), 4) for score in scores]
        level, named = round(dbfs(frame.samples), 1), dict(zip(self._words, known, strict=True))
        self._tell({"event": "hop", "sample": frame.stop, "level_dbfs": level, "scores": named})

    def trouble(self, cause: str) -> None:
        """Something is amiss."""
        self._last_trouble = cause
        self._tell({"event": "trouble", "cause": cause})

    def end(self, heard: int, lost: Mapping[str, int]) -> None:
        """It is over."""
        self._service.stopping()
        self._tell({"event": "ended", "heard": heard, **self._counts, "lost": dict(lost)})
        self._status.remove()

    def facts(self) -> dict[str, Any]:
        """What was counted, for the status."""
        return {
            "models": self._models,
            "wakes": self._counts["wakes"],
            "wakes_of": dict(self._wakes_of),
            "verifiers": self._verifiers,
            "vetoed": self._vetoed,
            "segments": self._counts["segments"],
            "kept_s": round(seconds(self._counts["kept"]), 1),
            "trouble": self._last_trouble,
        }

    def signed(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """`facts`, and who says them."""
        return self._status.signed(facts)

    def write_status(self, facts: Mapping[str, Any]) -> None:
        """Let the status file say `facts`."""
        self._status.write(facts)
        if self._service.is_there:
            self._service.status(self._in_a_line(facts))

    def _in_a_line(self, facts: Mapping[str, Any]) -> str:
        """`facts` as `systemctl status` shows them."""
        state = ": ".join(part for part in (facts["state"], facts["cause"]) if part)
        if facts["not_remembered"]:
            state += ", and a power cut would undo that"
        try:
            waiting = f"{several(self._waiting(), 'segment')} waiting"
        except (DiskTrouble, ConfigError) as trouble:
            waiting = str(trouble)
        return f"{state}; {facts['heard_s'] / 3600:.1f} h heard, {waiting}"
