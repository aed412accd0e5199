"""A fortnight in a few seconds: of each hour a few seconds of recordings are heard, then the clock leaps.

What happens in which hour is planned beforehand. The listener is the real one, with the real models; only
the source and the clock are made up, and the clock moves by the samples that are heard.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Final

import numpy as np
import soundfile

from earlid.config_file import parse
from earlid.core.epoch import Epoch
from earlid.core.frame import Frame
from earlid.core.units import HOP, Samples, seconds
from earlid.edge.age import new_key
from earlid.edge.budget_file import BudgetFile, Uptime
from earlid.edge.disk import RealDisk
from earlid.edge.field.order import Order, OrderFile
from earlid.edge.field.store import FieldStore
from earlid.edge.model.store import ModelStore
from earlid.edge.spool.spool import Spool
from earlid.field.clock import FieldClock
from earlid.field.fieldwork import Fieldwork
from earlid.field.settings import FieldSettings
from earlid.field.setup import setup_of
from earlid.listening.ears import operating_points
from earlid.listening.lantern import Lantern
from earlid.listening.loop import Listening
from earlid.listening.muting import Muting
from fakes.wall import Wall

DAYS: Final = 14
HOUR_S: Final = 3600.0
BEGAN_S: Final = 1_800_000_000.0 - 1_800_000_000.0 % 86_400  # a midnight
SPOKEN_AT: Final = 8
"""The hop of an hour with which a call begins."""
CALLS: Final = tuple(f"positive/alexa/{number:04}.flac" for number in (2, 3, 5, 8))
NEARLY: Final = "positive/alexa/0007.flac"
ROOM: Final = "negative/house_noise_words/0229.flac"
THRESHOLD: Final = 0.9


class What(Enum):
    """What an hour is planned to bring."""

    QUIET = "quiet"
    CALL = "call"
    TELEVISION = "television"
    NEARLY = "nearly"
    MUTED = "muted"
    SILENT = "silent"  # the microphone gives zeros: it is deaf


@dataclass(frozen=True)
class Plan:
    """What each hour of the fortnight brings, and some hours after it."""

    hours: tuple[What, ...]
    hops: int
    """How many hops of each hour are heard."""

    def of_day(self, *what: What) -> Counter[int]:
        """How often that is planned, by hour of the day, within the fortnight."""
        return Counter(hour % 24 for hour in self.which(*what))

    def which(self, *what: What) -> list[int]:
        return [hour for hour, one in enumerate(self.hours[: DAYS * 24]) if one in what]


def plan(seed: int = 1, hops: int = 62) -> Plan:
    """A call a day, a television now and then, two muted nights, and a morning with a deaf microphone."""
    dice = random.Random(seed)
    hours = [What.QUIET] * (DAYS * 24 + 2)
    for day in range(DAYS):
        hours[24 * day + dice.randrange(7, 22)] = What.CALL
        hours[24 * day + dice.choice((6, 22, 23))] = dice.choice((What.TELEVISION, What.NEARLY, What.QUIET))
    for day in (2, 9):
        hours[24 * day : 24 * day + 4] = [What.MUTED] * 4
    hours[24 * 5 + 3 : 24 * 5 + 6] = [What.SILENT] * 3
    hours[-1] = What.CALL  # after the end: nobody counts it
    return Plan(tuple(hours), hops)


@dataclass
class Fortnight:
    """Runs a plan in `folder`, and is the source of its sound."""

    folder: Path
    models: Path
    recordings: Path
    plan: Plan
    keeps_audio: bool = True
    now_s: float = BEGAN_S
    hour: int = 0
    hop: int = 0
    total: int = 0
    lines: list[dict[str, Any]] = field(default_factory=list)
    name: str = "fortnight"
    lost: dict[str, int] = field(default_factory=lambda: {"overflow": 0, "backlog": 0, "device": 0})

    def __post_init__(self) -> None:
        text = (
            f'[paths]\nmodels = "{self.models}"\n[wake]\nwords = ["alexa"]\n'
            f"[wake.thresholds]\nalexa = {THRESHOLD}\n"
        )
        own = {"STATE_DIRECTORY": str(self.folder / "state"), "RUNTIME_DIRECTORY": str(self.folder / "run")}
        self.config = parse(text, None, secrets=False, environ=own)
        self.epoch = Epoch()
        public, self.secret = new_key()
        RealDisk().make_folder(self.config.paths.field)
        store = FieldStore(self.config.paths.field)
        ends_s = BEGAN_S + DAYS * 24 * HOUR_S
        session = store.begin(
            note="", started_s=BEGAN_S, ends_s=ends_s, keeps_audio=self.keeps_audio, recipient=public
        )
        store.close()
        order = Order(session.id, BEGAN_S, ends_s, self.keeps_audio, public if self.keeps_audio else "")
        OrderFile(self.config.paths.field).give(order)
        self._sounds = {path: self._read(path) for path in (*CALLS, NEARLY, ROOM)}
        self._calls = 0
        self._hour_of_sound = self._sound()

    def run(self) -> None:
        """Live through all of it."""
        disk, wall = RealDisk(), Wall([])
        self.wall = wall
        self.muting = Muting(
            state=self.folder / "state",
            runtime=self.config.paths.runtime,
            privacy=self.config.privacy,
            disk=disk,
            epoch=self.epoch,
            nudge=self.nudge,
            panel_of=lambda _says: wall,
        )
        budget = BudgetFile(self.folder / "state", disk, 180.0, Uptime(), first_start=True)
        manifests = ModelStore(self.models).manifests(self.config.wake.words)
        words = operating_points(manifests, self.config.wake.thresholds, self.config.wake.patience)
        fieldwork = Fieldwork(
            self.config.paths.field,
            words,
            setup_of(self.config, words),
            FieldSettings(),
            self.epoch,
            FieldClock(wall=lambda: self.now_s, steady=lambda: self.now_s),
        )
        spool = Spool(self.folder / "state/spool")
        lantern = Lantern(wall, budget, None, self.lines.append, lambda: fieldwork.is_wanted)
        listening = Listening(
            self.config,
            self,
            spool,
            self.epoch,
            self.lines.append,
            self.muting,
            budget,
            lantern,
            comes_back=True,
            fieldwork=fieldwork,
        )
        fieldwork.open()
        try:
            listening.run(self._stopped)
        finally:
            fieldwork.close()
            spool.close()

    def _stopped(self) -> bool:
        """Between two turns of the loop time leaps to the next hour, and somebody may mute."""
        is_muted = self.lines[-1:] != [] and self.lines[-1].get("state") == "muted"
        if self.hop == self.plan.hops or is_muted:
            self._leap()
        if self.hour >= len(self.plan.hours):
            return True
        wants_mute = self.plan.hours[self.hour] is What.MUTED
        if wants_mute and not self.muting.muted:
            self.muting.lid.mute()
        elif is_muted and not wants_mute:
            self.muting.lid.unmute()
        return False

    def _leap(self) -> None:
        self.hour += 1
        self.hop = 0
        self.now_s = BEGAN_S + self.hour * HOUR_S
        if self.hour < len(self.plan.hours):
            self._hour_of_sound = self._sound()

    def open(self) -> None:
        """Always there."""

    def read(self, timeout_s: float) -> Frame | None:
        at = self.hop * HOP
        samples = self._hour_of_sound[at : at + HOP].copy()
        frame = Frame(self.total, self.epoch.value, samples)
        self.hop += 1
        self.total += HOP
        self.now_s += seconds(HOP)
        return frame

    def nudge(self) -> None:
        """Nobody waits here."""

    def close(self) -> None:
        """Nothing to close."""

    def _sound(self) -> Samples:
        """The sound of the hour that has begun."""
        what, room = self.plan.hours[self.hour], self._sounds[ROOM]
        length = self.plan.hops * HOP
        whole = np.resize(room // 8 + np.arange(len(room)) % 2, length).astype(np.int16)
        if what is What.SILENT:
            whole[:] = 0
        if what in {What.CALL, What.TELEVISION, What.NEARLY}:
            said = self._sounds[NEARLY if what is What.NEARLY else CALLS[self._calls % len(CALLS)]]
            self._calls += what is not What.NEARLY
            whole[SPOKEN_AT * HOP : SPOKEN_AT * HOP + len(said)] = said
        return whole

    def _read(self, path: str) -> Samples:
        sound: Samples = soundfile.read(self.recordings / path, dtype="int16")[0]
        return sound
