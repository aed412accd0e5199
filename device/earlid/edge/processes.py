"""Runs `listen` and `upload` as children, hears their event lines, and ends both within a second."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import IO, Final

from earlid.edge.leash import leashed
from earlid.errors import Violation

GRACE_S: Final = 0.8
"""How long a child may take to end by itself. Whoever is still there is killed: a second is the promise."""
LONGEST_LINE: Final = 65_536


@dataclass(frozen=True, slots=True)
class Told:
    """One event line of the child called `name`."""

    name: str
    event: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Muttered:
    """One line that the child wrote to stderr."""

    name: str
    line: str


@dataclass(frozen=True, slots=True)
class Left:
    """The child is gone and everything it said has been heard. `code` is as a shell would tell it."""

    name: str
    code: int
    last_line: str


News = Told | Muttered | Left
Command = Callable[..., list[str]]


class Child:
    """One process with its two ears. It is in its own process group: a Ctrl-C reaches only the parent."""

    def __init__(
        self, name: str, command: Sequence[str], env: Mapping[str, str], stdin: int, news: queue.Queue[News]
    ) -> None:
        self.name = name
        self._news = news
        self._last: deque[str] = deque(maxlen=1)
        self._process = subprocess.Popen(
            list(command),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=leashed(env),
            process_group=0,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        self._mutters = threading.Thread(target=self._hear_mutters, name=f"{name} stderr", daemon=True)
        self._events = threading.Thread(target=self._hear_events, name=f"{name} stdout", daemon=True)
        self._mutters.start()
        self._events.start()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether the process is still there."""
        return self._process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        """Send `number`, unless it is gone already."""
        if self.is_alive:
            self._process.send_signal(number)

    def wait(self, until_s: float) -> bool:
        """Whether it is gone by `until_s` on the monotonic clock."""
        try:
            self._process.wait(max(0.0, until_s - time.monotonic()))
        except subprocess.TimeoutExpired:
            return False
        return True

    def close(self) -> None:
        """Hear the rest of what it said. A grandchild that still holds its pipe cannot hold us."""
        for thread in (self._mutters, self._events):
            thread.join(0.2)

    def _hear_mutters(self) -> None:
        with _open(self._process.stderr) as lines:
            for line in _lines(lines):
                self._last.append(line)
                self._news.put(Muttered(self.name, line))

    def _hear_events(self) -> None:
        with _open(self._process.stdout) as lines:
            for line in _lines(lines):
                event = _event(line)
                self._news.put(Muttered(self.name, line) if event is None else Told(self.name, event))
        self._process.wait()
        self._mutters.join(0.2)
        code = self._process.returncode
        self._news.put(
            Left(self.name, code if code >= 0 else 128 - code, self._last[0] if self._last else "")
        )


class Children:
    """Several children with one queue of news. Leaving the block ends them all, whatever happened in it."""

    def __init__(self, grace_s: float = GRACE_S) -> None:
        self._grace_s = grace_s
        self._news: queue.Queue[News] = queue.Queue()
        self._children: list[Child] = []

    def start(
        self,
        name: str,
        command: Sequence[str],
        env: Mapping[str, str] | None = None,
        stdin: int | None = None,
    ) -> Child:
        """Start `command`; without `stdin` it reads nothing."""
        child = Child(
            name,
            command,
            os.environ if env is None else env,
            subprocess.DEVNULL if stdin is None else stdin,
            self._news,
        )
        self._children.append(child)
        return child

    def news(self, timeout_s: float) -> News | None:
        """The next thing any child said, or None if nobody says anything for `timeout_s`."""
        try:
            return self._news.get(timeout=timeout_s) if timeout_s > 0 else self._news.get_nowait()
        except queue.Empty:
            return None

    def rest(self) -> Iterator[News]:
        """Everything that was said and not yet read."""
        while (item := self.news(0.0)) is not None:
            yield item

    def post(self, event: Mapping[str, object]) -> None:
        """Let the news contain `event`, which no child said. Any thread may."""
        self._news.put(Told("run", event))

    def stop(self) -> None:
        """Ask all to end, and kill whoever has not ended in time. Nobody is left when this returns."""
        for child in self._children:
            child.signal(signal.SIGTERM)
        until_s = time.monotonic() + self._grace_s
        for child in self._children:
            if not child.wait(until_s):
                child.signal(signal.SIGKILL)
                child.wait(time.monotonic() + 5.0)
            child.close()

    def __enter__(self) -> Children:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class Farewell:
    """Remembers the first SIGINT, SIGTERM or SIGHUP instead of dying of it; the old handlers come back."""

    _SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __init__(self) -> None:
        self.number: int | None = None

    @property
    def code(self) -> int:
        """The exit code a shell gives to that signal: 130 for Ctrl-C."""
        return 0 if self.number is None else 128 + self.number

    def _remember(self, number: int, frame: FrameType | None) -> None:
        del frame
        self.number = self.number or number

    def __enter__(self) -> Farewell:
        self._before = {number: signal.signal(number, self._remember) for number in self._SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)


def earlid(*words: str) -> list[str]:
    """The command that runs this very package with `words`."""
    return [sys.executable, "-m", "earlid", *words]


def _open(stream: IO[str] | None) -> IO[str]:
    if stream is None:
        raise Violation("a child was started without a pipe")
    return stream


def _lines(stream: IO[str]) -> Iterator[str]:
    while piece := stream.readline(LONGEST_LINE):
        line = piece.strip()
        if line:
            yield line


def _event(line: str) -> Mapping[str, object] | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and isinstance(event.get("event"), str) else None
