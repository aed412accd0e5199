"""What is in memory stays there, or one line says that it may not."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

LOCKS = """
import os, resource, sys
from earlid.edge import log
from earlid.edge.locked import keep_out_of_swap

log.set_up()
if sys.argv[1] == "little":
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (65_536, 65_536))
    if os.geteuid() == 0:
        os.setresuid(65_534, 65_534, 65_534)
is_locked = keep_out_of_swap()
(kilobytes,) = (line.split()[1] for line in open("/proc/self/status") if line.startswith("VmLck:"))
print(is_locked, int(kilobytes))
"""


def locking(allowed: str) -> tuple[str, int, list[str]]:
    """What a process that may lock `allowed` of its memory found, how many kB it locked, and its log."""
    command = [sys.executable, "-c", LOCKS, allowed]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    said, kilobytes = done.stdout.split()
    return said, int(kilobytes), done.stderr.splitlines()


def test_where_only_a_part_may_be_locked_nothing_is_and_one_line_says_so() -> None:
    said, kilobytes, log = locking("little")
    assert (said, kilobytes) == ("False", 0)
    (line,) = log
    assert "locked=no cause='LimitMEMLOCK is 64 kB, not infinity; where this machine swaps," in line


def test_where_everything_may_be_locked_it_is_and_nothing_is_said() -> None:
    if resource.getrlimit(resource.RLIMIT_MEMLOCK)[0] != resource.RLIM_INFINITY and not may_lock_anything():
        pytest.skip("NO MEMORY WAS SEEN LOCKED: this machine lets nobody lock all of his own")
    said, kilobytes, log = locking("everything")
    assert (said, log) == ("True", [])
    assert kilobytes > 1_000


def may_lock_anything() -> bool:
    """Whether this process has the capability CAP_IPC_LOCK."""
    status = Path("/proc/self/status").read_text("ascii").splitlines()
    (held,) = (line.split()[1] for line in status if line.startswith("CapEff:"))
    return bool(int(held, 16) >> 14 & 1)
