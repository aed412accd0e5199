"""The host's side of the hands inside the virtual Pi: one call, one thing done there."""

from __future__ import annotations

import base64
import io
import itertools
import json
import queue
import socket
import tarfile
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

PROGRAMS: Final = tuple(Path(__file__).with_name(f"{name}.py") for name in ("senses", "agent"))
"""What runs in the guest, each importable by the next."""
USUAL_S: Final = 180.0


class Gone(Exception):
    """The other end vanished: the machine is off, or on its way to it."""


class Failed(Exception):
    """What was asked for could not be done there; the message is the guest's."""


class Ran(str):
    """What a program in the guest said, with its exit code."""

    code: int
    errors: str


class Hands:
    """Sends the agent through `line`, then calls its functions; any thread may call."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._numbers = itertools.count(1)
        self._answers: dict[int, queue.SimpleQueue[dict[str, Any]]] = {0: queue.SimpleQueue()}
        self._turn = threading.Lock()
        self._is_gone = False
        self._reader = threading.Thread(target=self._hear, daemon=True)
        self._reader.start()
        programs = [(f"pi.virtual.{one.stem}", one.read_text(encoding="utf-8")) for one in PROGRAMS]
        self._send(json.dumps(programs))

    def wait_until_there(self, seconds: float) -> None:
        """Until the machine is up as far as its hands; Gone if it never will be."""
        self._answer(0, seconds)

    def do(self, name: str, limit_s: float = USUAL_S, **given: Any) -> Any:
        """What `do_<name>` in the guest returns; Failed with what it raised."""
        return self.answer(self.begin(name, **given), limit_s)

    def begin(self, name: str, **given: Any) -> int:
        """Have it begin; a number for `answer`."""
        number = next(self._numbers)
        self._answers[number] = queue.SimpleQueue()
        self._send(json.dumps({"id": number, "do": name, "with": given}))
        return number

    def answer(self, number: int, limit_s: float = USUAL_S) -> Any:
        """What came of the call with that number."""
        said = self._answer(number, limit_s)
        if "failed" in said:
            raise Failed(said["failed"])
        return said["done"]

    def run(self, *command: str, limit_s: float = USUAL_S, stdin: str = "", fails: bool = False) -> Ran:
        """What a program said; Failed where it exits otherwise than `fails` allows."""
        code, said, errors = self.do("run", limit_s + 5, command=list(command), seconds=limit_s, stdin=stdin)
        if code and not fails:
            raise Failed(f"{' '.join(command)} left with {code}: {(errors or said).strip()[-400:]}")
        ran = Ran(said)
        ran.code, ran.errors = code, errors
        return ran

    def unpack(self, at: str, files: Iterable[tuple[str, Path]]) -> None:
        """Copy files or folders of the host, each under its name, into the folder `at`."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            for name, file in files:
                archive.add(file, name, filter=_without_cache)
        self.do("unpack", at=at, tar=base64.b64encode(packed.getvalue()).decode())

    def close(self) -> None:
        """Let go."""
        self._line.close()
        self._reader.join(5)

    def _send(self, text: str) -> None:
        with self._turn:
            try:
                self._line.sendall(text.encode() + b"\n")
            except OSError as error:
                raise Gone("the machine is off") from error

    def _answer(self, number: int, limit_s: float) -> dict[str, Any]:
        try:
            said = self._answers[number].get(timeout=limit_s)
        except queue.Empty:
            raise TimeoutError(f"no answer from the virtual Pi in {limit_s:.0f} s") from None
        if said.get("gone"):
            raise Gone("the machine went off")
        self._answers.pop(number, None)
        return said

    def _hear(self) -> None:
        rest = b""
        while True:
            try:
                piece = self._line.recv(1 << 16)
            except OSError:
                piece = b""
            if not piece:
                break
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                said = json.loads(line)
                if said["id"] in self._answers:
                    self._answers[said["id"]].put(said)
        for waiting in list(self._answers.values()):
            waiting.put({"gone": True})


def _without_cache(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if "__pycache__" in member.name else member
