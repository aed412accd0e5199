"""`earlid doctor`: what stands between this machine and a good listener, and what to do about it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import numpy as np

from earlid.asking.leftovers import orphans, resting, told
from earlid.config import Config
from earlid.core.boards import UNWIRED, PinFactory, Wiring
from earlid.core.epoch import Epoch
from earlid.core.units import RATE_HZ, Samples, dbfs
from earlid.drop_in import AGAIN, is_outdated
from earlid.edge import computer
from earlid.edge.ledger import check
from earlid.edge.model.store import ModelStore
from earlid.edge.model.verifier_file import VerifierFiles
from earlid.edge.panel.reachable import DEV, check_reachable
from earlid.edge.reach import greet, reach
from earlid.edge.schema import to_json
from earlid.edge.sinks.places import ID, TOKEN, WYOMING_PORT
from earlid.edge.sinks.settings import FolderSettings, ReachSettings, SinkSettings
from earlid.edge.sound.microphone import Microphone
from earlid.edge.sound.source import Source
from earlid.edge.spool.spool import Spool
from earlid.edge.terminal import table
from earlid.errors import ConfigError, DeviceLost, EarlidError, TryLater

LISTEN_S: Final = 2.0
LEAST_FREE_BYTES: Final = 100_000_000
QUIETEST_DBFS: Final = -70.0
FULL_SCALE: Final = 32_767
MOST_LEDGER_BYTES: Final = 10_000_000
"""Some 30,000 entries, which take 0.6 s to verify on a PC and several times that on a small Pi."""
MOST_CLIPPED: Final = 0.001
"""The share of samples at full scale from which words begin to suffer."""


class Verdict(Enum):
    """How much a finding matters."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: what was found, what to do, and the exit code if it fails."""

    verdict: Verdict
    name: str
    found: str
    todo: str = ""
    exit_code: int = 0


def doctor(load: Callable[[], Config], *, json: bool) -> int:
    """Print every finding and return the worst one's exit code: 78 before 69 before 0."""
    findings = list(examine(load))
    if json:
        for each in findings:
            sys.stdout.write(to_json(each).decode() + "\n")
    else:
        rows = [(each.verdict.value, each.name, each.found, each.todo) for each in findings]
        table("", ("", "what", "found", "what to do"), rows)
    return max((each.exit_code for each in findings), default=0)


def examine(load: Callable[[], Config]) -> Iterator[Finding]:
    """Every finding there is to make; without a configuration only those that need none."""
    yield word_size()
    yield clock()
    try:
        config = load()
    except ConfigError as error:
        yield pins()
        for mistake in str(error).splitlines():
            yield Finding(Verdict.FAIL, "configuration", mistake, "correct it", error.exit_code)
        return
    yield pins(config.panel.wired)
    yield Finding(Verdict.OK, "configuration", str(config.file or "no file: the defaults"))
    yield from models(config)
    yield from verifiers(config)
    yield state(config)
    yield ledger(config)
    yield room(config)
    microphone = Microphone(config.microphone.device, config.microphone.channel, Epoch())
    yield hearing(microphone)
    yield collector(config)
    for sink in config.sinks:
        yield destination(sink)
    if is_outdated(config):
        said = "made for another configuration: it may forbid what this one needs"
        yield Finding(Verdict.WARN, "uploader's sandbox", said, AGAIN)
    gone = orphans(config)
    if gone:
        found, _, todo = told(gone).partition(": ")
        yield Finding(Verdict.WARN, "deletions", found, todo)
    yield from (Finding(Verdict.WARN, "uploader", found, todo) for found, todo in resting(config))


def word_size() -> Finding:
    """Whether Python is 64-bit."""
    if computer.is_64_bit():
        return Finding(Verdict.OK, "python", f"{sys.version.split()[0]}, 64 bit")
    return Finding(Verdict.FAIL, "python", "32 bit", "install the 64-bit Raspberry Pi OS", 78)


def clock() -> Finding:
    """Whether certificates can be judged by this clock."""
    year, synchronised = computer.year(), computer.is_clock_synchronised()
    if year < computer.EARLIEST_YEAR:
        return Finding(Verdict.FAIL, "clock", f"it says {year}", "set it, or let it be set by ntp", 78)
    if synchronised is False:
        return Finding(Verdict.WARN, "clock", "plausible, not synchronised", "see timedatectl status")
    return Finding(Verdict.OK, "clock", "synchronised" if synchronised else "plausible")


def pins(wired: Wiring = UNWIRED, dev: Path = DEV) -> Finding:
    """Whether the panel can be reached; where there is none, whether one could be wired."""
    if wired.has_pins:
        return panel(wired, dev)
    usable, told = computer.gpio()
    hint = "pip install '.[pi]' in the checkout, to wire a lamp or a switch"
    todo = "" if usable or told.startswith("no pins") else hint
    return Finding(Verdict.WARN if todo else Verdict.OK, "gpio", told, todo)


def panel(wired: Wiring, dev: Path = DEV) -> Finding:
    """Whether this machine has all that the configured board needs: without it nothing listens."""
    name = f"panel {wired.board.value}"
    try:
        check_reachable(wired, dev)
    except (DeviceLost, ConfigError) as error:
        found, _, todo = str(error).partition(": ")
        return Finding(Verdict.FAIL, name, found, todo, error.exit_code)
    is_mock = wired.factory is PinFactory.MOCK
    return Finding(Verdict.OK, name, "pins that move nothing" if is_mock else "its pins can be reached")


def models(config: Config) -> Iterator[Finding]:
    """Whether each wake word's files are here, byte for byte."""
    store = ModelStore(config.paths.models)
    for word in config.wake.words:
        wrong = [(part.name, why) for part in store.parts([word]) if (why := store.trouble(part))]
        if wrong:
            absent = all(why == "not installed" for _, why in wrong)
            found = "not installed" if absent else ", ".join(f"{name} {why}" for name, why in wrong)
            yield Finding(Verdict.FAIL, f"model {word}", found, f"earlid models get {word}", 78)
        else:
            yield Finding(Verdict.OK, f"model {word}", "whole")


def verifiers(config: Config) -> Iterator[Finding]:
    """Whether each word that must also pass a verifier was taught one: without it nothing listens."""
    for word in config.wake.verifiers:
        name = f"verifier {word}"
        try:
            VerifierFiles(config.paths.field).read(word)
        except EarlidError as error:
            what, _, todo = str(error).rpartition(": ")
            yield Finding(Verdict.FAIL, name, what, todo, 78)
        else:
            yield Finding(Verdict.OK, name, "taught")


def state(config: Config) -> Finding:
    """Whether a segment could be kept now."""
    try:
        trouble = Spool(config.spool_folder).trouble()
    except EarlidError as error:
        trouble = str(error)
    if trouble is None:
        return Finding(Verdict.OK, "state", f"{config.paths.state} can be written")
    return Finding(Verdict.FAIL, "state", trouble, "correct it, or set paths.state", 78)


def ledger(config: Config) -> Finding:
    """Whether the ledger is as it was written; where it is not, nothing may be sent any more."""
    folder = config.paths.ledger
    try:
        size = sum(each.stat().st_size for each in folder.iterdir() if each.suffix == ".jsonl")
        if size > MOST_LEDGER_BYTES:
            found = f"not looked at: {size / 1e6:.0f} MB are too long for here"
            return Finding(Verdict.OK, "ledger", found, "earlid ledger verify")
        checked = check(folder)
    except FileNotFoundError:
        return Finding(Verdict.OK, "ledger", "nothing has left yet")
    except PermissionError:
        return Finding(Verdict.WARN, "ledger", "not visible to this user", "ask as root, or as its owner")
    except (OSError, EarlidError) as error:
        return Finding(Verdict.FAIL, "ledger", str(error), "earlid ledger verify", 78)
    if not checked.flaws:
        found = f"whole, up to entry {checked.head.number}" if checked.lines else "nothing has left yet"
        return Finding(Verdict.OK, "ledger", found)
    first, more = checked.flaws[0], len(checked.flaws) - 1
    found = f"line {first.line}: {first.says}" + (f", and {more} more" if more else "")
    todo = "see earlid ledger verify; keep a copy, then move it away to begin a new one"
    return Finding(Verdict.FAIL, "ledger", found, todo, 78)


def room(config: Config) -> Finding:
    """Whether there is room for segments that cannot be sent for a while."""
    try:
        free = computer.free_bytes(config.paths.state)
    except EarlidError as error:
        return Finding(Verdict.FAIL, "disk", str(error), "set paths.state", 78)
    found = f"{free / 1e9:.1f} GB free"
    if free < LEAST_FREE_BYTES:
        return Finding(Verdict.WARN, "disk", found, "make room, or set paths.state")
    return Finding(Verdict.OK, "disk", found)


def hearing(source: Source, listen_s: float = LISTEN_S) -> Finding:
    """What `source` sounds like for `listen_s` seconds of its own time; nothing of it is kept."""
    heard: list[Samples] = []
    count, wanted = 0, round(listen_s * RATE_HZ)
    silent_after = time.monotonic() + listen_s + 3.0
    try:
        source.open()
        while count < wanted and time.monotonic() < silent_after:
            frame = source.read(0.5)
            if frame is not None:
                heard.append(frame.samples)
                count += len(frame.samples)
    except EarlidError as error:
        what, _, todo = str(error).rpartition(": ")
        found, todo = (what, todo) if what else (todo, "see earlid devices")
        return Finding(Verdict.FAIL, "microphone", found, todo, error.exit_code or 69)
    finally:
        source.close()
    if not heard:
        return Finding(Verdict.FAIL, "microphone", f"{source.name}: no sound came", "plug it in again", 69)
    return level(source.name, np.concatenate(heard))


def level(name: str, sound: Samples) -> Finding:
    """Whether `sound` could be somebody speaking: not deaf, not all but silent, not clipped."""
    if not sound.any():
        return Finding(
            Verdict.FAIL, "microphone", f"{name}: deaf, every sample is zero", "unmute it: alsamixer", 69
        )
    loudness = dbfs(sound)
    clipped = np.count_nonzero(np.abs(sound.astype(np.int32)) >= FULL_SCALE) / sound.size
    found = f"{name}: {loudness:.0f} dbfs"
    if clipped > MOST_CLIPPED:
        return Finding(Verdict.WARN, "microphone", f"{found}, clipped", "lower its gain: alsamixer")
    if loudness < QUIETEST_DBFS:
        return Finding(Verdict.WARN, "microphone", f"{found}, all but silent", "raise its gain: alsamixer")
    return Finding(Verdict.OK, "microphone", found)


def collector(config: Config) -> Finding:
    """Whether something answers where segments would go."""
    if not config.upload.url:
        found = "none of this kind" if config.sends else "none: segments stay on this machine"
        return Finding(Verdict.OK, "collector", found)
    try:
        found = reach(config.upload.url, config.upload.ca_file, config.upload.connect_timeout_s)
    except TryLater as error:
        what, _, todo = str(error).partition(": ")
        return Finding(Verdict.FAIL, "collector", what, todo, error.exit_code)
    return Finding(Verdict.OK, "collector", found)


def destination(sink: SinkSettings) -> Finding:
    """Whether something is where segments would go; neither sound nor a token is sent to find out."""
    name = f"sink {sink.called}"
    if isinstance(sink, FolderSettings):
        if sink.folder is not None and sink.folder.is_dir():
            return Finding(Verdict.OK, name, "the folder is there")
        return Finding(Verdict.FAIL, name, f"{sink.folder} is not there", "make or mount it", 69)
    if not isinstance(sink, ReachSettings):
        return Finding(Verdict.WARN, name, "not looked at")
    try:
        found = _reached(sink)
    except TryLater as error:
        what, _, todo = str(error).partition(": ")
        return Finding(Verdict.FAIL, name, what, todo, error.exit_code)
    return Finding(Verdict.OK, name, found)


def _reached(sink: ReachSettings) -> str:
    setting, parts = f"sinks.{sink.called}", urlsplit(sink.url)
    if parts.scheme in ("http", "https"):
        url = sink.url.replace(ID, "0" * 32).replace(TOKEN, "")
        return reach(url, sink.ca_file, sink.connect_timeout_s, setting)
    return greet(parts.hostname or "", parts.port or WYOMING_PORT, sink.connect_timeout_s, setting)
