"""A unix socket on which this machine's owner says mute, unmute or status: a line in, a line out.

Only this process's own user and root are heard, and where the folder is shared, its group. Whatever else is
said there, however much and however slowly, costs a small thread a little time and nobody else anything.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import select
import selectors
import socket
import stat
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from earlid.edge.disk import is_shared
from earlid.edge.schema import from_json, to_json
from earlid.errors import ConfigError, DeviceLost

_LOG = logging.getLogger("earlid.control")
NAME: Final = "control"
LONGEST_BYTES: Final = 256
"""The longest question; the answer to a status is longer."""
MOST: Final = 16
"""Who may be connected at once. One more, and whoever waited longest is cut off."""
PATIENCE_S: Final = 1.0
"""How long a question may take."""
_PAUSE_S: Final = 0.2
"""So long it rests after trouble; whoever has asked waits longer than that."""
_LONGEST_ANSWER: Final = 65_536
_TRIES: Final = 3
_CREDENTIALS: Final = struct.Struct("3i")
_SO_PEERGROUPS: Final = 59
_MOST_GROUPS: Final = 256

Answer = Mapping[str, Any]


class Control:
    """Serves the socket `control` in `folder` from a thread of its own. `answer` is called there.

    No trouble ends that: it is logged, each kind once in a row, and after a moment it goes on.
    """

    def __init__(self, folder: Path, answer: Callable[[str], Answer]) -> None:
        self._folder = folder
        self._answer = answer
        self._callers: dict[socket.socket, tuple[float, bytearray]] = {}
        self._thread: threading.Thread | None = None
        self._told = ""

    def open(self) -> None:
        """Begin to serve. ConfigError if somebody else does already, or if the socket cannot be made."""
        try:
            self._open_door()
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise ConfigError(
                f"cannot make {self._folder / NAME}: {why}, correct its owner or set paths.runtime"
            ) from error
        self._end = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._thread = threading.Thread(target=self._serve, name="control", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Serve nobody any more; harmless twice."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        with contextlib.suppress(OSError):
            (self._folder / NAME).unlink()
        os.eventfd_write(self._end, 1)
        thread.join()
        os.close(self._end)

    def _open_door(self) -> None:
        self._folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        with _short(self._folder) as path:
            self._door = _bound(path, self._folder)
        self._door.setblocking(False)
        self._door.listen(MOST)

    def _serve(self) -> None:
        """Until it is closed, whatever breaks."""
        is_over = False
        while not is_over:
            try:
                if not _is_listening(self._door):
                    self._door.close()
                    self._open_door()
                with selectors.DefaultSelector() as self._ready:
                    self._serve_until_closed()
                is_over = True
            except Exception as error:  # noqa: BLE001 - logged; a mute has to reach somebody as long as it listens
                self._tell(error)
                is_over = self._pause()
            while self._callers:
                self._callers.popitem()[0].close()
        self._door.close()

    def _serve_until_closed(self) -> None:
        self._ready.register(self._door, selectors.EVENT_READ)
        self._ready.register(self._end, selectors.EVENT_READ)
        while True:
            for key, _ in self._ready.select(PATIENCE_S / 2 if self._callers else None):
                if key.fileobj is self._door:
                    self._admit()
                elif isinstance(key.fileobj, socket.socket):
                    self._listen_to(key.fileobj)
                else:
                    return
            self._lose_patience(time.monotonic())

    def _tell(self, error: Exception) -> None:
        said = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
        if said != self._told:
            self._told = said
            _LOG.warning("control trouble=%r", said)

    def _pause(self) -> bool:
        """Rest for a moment, which no file is opened for; whether it was closed meanwhile."""
        end = select.poll()
        end.register(self._end, select.POLLIN)
        return bool(end.poll(_PAUSE_S * 1000))

    def _admit(self) -> None:
        try:
            caller, _ = self._door.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        except OSError as error:  # no room for one more; who waits at the door still does after a pause
            self._tell(error)
            self._pause()
            return
        caller.setblocking(False)
        try:
            is_ours = _is_ours(caller, self._folder)
        except OSError as error:
            self._tell(error)
            is_ours = False
        if not is_ours:
            caller.close()
            return
        if len(self._callers) >= MOST:
            self._leave(next(iter(self._callers)))
        self._callers[caller] = (time.monotonic(), bytearray())
        self._ready.register(caller, selectors.EVENT_READ)

    def _listen_to(self, caller: socket.socket) -> None:
        if caller not in self._callers:
            return
        said = self._callers[caller][1]
        try:
            piece = caller.recv(LONGEST_BYTES + 1)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        said += piece
        if b"\n" in said or len(said) > LONGEST_BYTES:
            with contextlib.suppress(OSError):  # who does not listen to the answer misses it
                caller.sendall(to_json(self._reply(bytes(said))) + b"\n")
            self._leave(caller)
        elif not piece:
            self._leave(caller)

    def _reply(self, said: bytes) -> Answer:
        line, newline, rest = said.partition(b"\n")
        is_one_line = newline and not rest and len(said) <= LONGEST_BYTES
        try:
            wish = from_json(line, dict[str, str]) if is_one_line else {}
        except ValueError:
            wish = {}
        try:
            return self._answer(wish.get("do", ""))
        except Exception:  # noqa: BLE001 - logged; the next caller is to be heard too
            _LOG.exception("control wish=%r", wish)
            return {"ok": False, "refused": "something broke inside earlid: see its log"}

    def _lose_patience(self, now_s: float) -> None:
        for caller, (since_s, _) in list(self._callers.items()):
            if now_s - since_s >= PATIENCE_S:
                self._leave(caller)

    def _leave(self, caller: socket.socket) -> None:
        del self._callers[caller]
        self._ready.unregister(caller)
        caller.close()


def ask(folder: Path, wish: str, timeout_s: float = 5.0) -> dict[str, Any]:
    """What the listener behind `folder` answers to `wish`. DeviceLost if nobody does.

    On a machine so busy that the question came too late to be heard, it is asked again; but never for an
    unmute, which a hand may have answered meanwhile.
    """
    for _ in range(1 if wish == "unmute" else _TRIES):
        try:
            said = _answered(folder, wish, timeout_s)
        except PermissionError:
            raise ConfigError(
                f"{folder / NAME} is not open to you: ask as root, or as the user that runs earlid"
            ) from None
        except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError) as error:
            raise DeviceLost(
                "nothing listens: start it with earlid run, or systemctl start earlid-listen"
            ) from error
        except BlockingIOError:
            break  # all its time is over
        except OSError:
            continue
        with contextlib.suppress(ValueError):
            return from_json(said, dict[str, Any])
    raise DeviceLost("what listens does not answer: ask again, or see its log")


def _answered(folder: Path, wish: str, timeout_s: float) -> bytes:
    """What comes back; nothing, or half of it, from somebody who hung up."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        for which in (socket.SO_SNDTIMEO, socket.SO_RCVTIMEO):  # unlike settimeout, this waits in the queue
            line.setsockopt(socket.SOL_SOCKET, which, struct.pack("@ll", int(timeout_s), 0))
        with _short(folder) as path:
            line.connect(path)
        line.sendall(to_json({"do": wish}) + b"\n")
        said = bytearray()
        while not said.endswith(b"\n") and (piece := line.recv(_LONGEST_ANSWER)):
            said += piece
        return bytes(said)


def _bound(path: str, folder: Path) -> socket.socket:
    """A socket at `path`, for its owner or also for its folder's group, in place of one that a crash left."""
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        try:
            door.bind(path)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            _remove_if_dead(path, folder)
            door.bind(path)
        Path(path).chmod(0o660 if is_shared(folder) else 0o600)  # nobody can connect before it listens
    except BaseException:
        door.close()
        raise
    return door


def _is_listening(door: socket.socket) -> bool:
    try:
        return bool(door.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
    except OSError:
        return False


def _remove_if_dead(path: str, folder: Path) -> None:
    if not stat.S_ISSOCK(os.lstat(path).st_mode):
        raise ConfigError(f"{folder / NAME} is not a socket: move it away")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            Path(path).unlink()
            return
    raise ConfigError(f"another earlid listen is already using {folder}: stop it, or set paths.runtime")


def _is_ours(caller: socket.socket, folder: Path) -> bool:
    known = caller.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, user, group = _CREDENTIALS.unpack(known)
    if user in {0, os.geteuid()}:
        return True
    if not is_shared(folder):
        return False
    try:
        more = caller.getsockopt(socket.SOL_SOCKET, _SO_PEERGROUPS, _MOST_GROUPS * 4)
    except OSError:  # a member of very many groups
        more = b""
    return folder.stat().st_gid in {group, *struct.unpack(f"{len(more) // 4}I", more)}


@contextmanager
def _short(folder: Path) -> Iterator[str]:
    """A name for the socket that is short enough for the kernel, however long the folder's is."""
    held = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{held}/{NAME}"
    finally:
        os.close(held)
