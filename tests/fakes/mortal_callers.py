"""Run as a script: the same work again and again, killed before its first system call, its second, and so on.

Arguments: `put` or `upload`, a folder, and the address of a collector. Each time the work is done in a state
directory of its own, FOLDER/0, FOLDER/1 ..., in which one segment waits already. `put` keeps a second one;
`upload` sends what waits. Once the work is done before its time comes, it prints how often it killed.
The system calls are those that Python asks of the disk; the network's fall between them.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from earlid.edge.sinks.http_sink import HttpSink
from fakes.place import Place, reach

CALLS: Final = (
    *("open", "close", "read", "write", "fsync", "fdatasync", "ftruncate", "rename", "mkdir", "rmdir"),
    *("unlink", "lstat", "stat", "fstat", "fchmod", "fchown", "scandir"),
)


def die_before(number: int) -> None:
    """Have this process killed before the system call `number`, counted from 0."""
    left, turn = itertools.count(number, -1), threading.Lock()

    def mortal(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            with turn:
                if next(left) == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **named)

        return call

    for name in CALLS:
        setattr(os, name, mortal(getattr(os, name)))
    setattr(fcntl, "flock", mortal(fcntl.flock))  # noqa: B010 - mypy knows what a function is


def main(work: str, folder: Path, url: str) -> None:
    for number in itertools.count():
        place = Place(folder / f"{number}", {})
        place.put(1)
        child = os.fork()
        if child == 0:
            sinks = [HttpSink(url, reach())]
            die_before(number)
            if work == "put":
                place.put(1)
            else:
                place.upload(sinks)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0, "it did not end as it should"
            print(number)
            return


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
