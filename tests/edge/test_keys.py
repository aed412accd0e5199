"""Keys come one by one without Return, and the terminal is afterwards as it was."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import termios
from pathlib import Path

from earlid.edge.keys import Keys

CHILD = """
import os, sys, termios
os.setsid()
import fcntl
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from queue import Queue
from earlid.edge.keys import Keys
pressed = Queue()
before = termios.tcgetattr(0)
with Keys(0, pressed.put) as keys:
    assert keys.are_possible
    during = termios.tcgetattr(0)
    assert not during[3] & termios.ICANON and not during[3] & termios.ECHO and during[3] & termios.ISIG
    print("ready", flush=True)
    print(pressed.get(timeout=20) + pressed.get(timeout=20), flush=True)
assert termios.tcgetattr(0) == before
print("restored", flush=True)
"""


def test_keys_of_a_terminal_come_at_once_and_it_is_restored() -> None:
    outer, inner = os.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", CHILD], stdin=inner, stdout=subprocess.PIPE, text=True
    ) as child:
        os.close(inner)
        assert child.stdout
        assert child.stdout.readline() == "ready\n"
        os.write(outer, b"m")
        os.write(outer, "ü".encode())
        assert child.stdout.read() == "mü\nrestored\n"
    os.close(outer)
    assert child.returncode == 0


def test_where_there_is_no_terminal_nothing_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mmm")
    pressed: queue.SimpleQueue[str] = queue.SimpleQueue()
    fd = os.open(tmp_path / "file", os.O_RDONLY)
    with Keys(fd, pressed.put) as keys:
        assert not keys.are_possible
    os.close(fd)
    with Keys(fd, pressed.put) as keys:
        assert not keys.are_possible
    assert pressed.empty()


def test_a_terminal_that_is_not_ours_is_left_as_it_is() -> None:
    outer, inner = os.openpty()
    before = termios.tcgetattr(inner)
    with Keys(inner, lambda _key: None) as keys:
        assert not keys.are_possible
        assert termios.tcgetattr(inner) == before
    os.close(inner)
    os.close(outer)
