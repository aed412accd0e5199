"""A child goes when its parent goes, however the parent went."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from earlid.edge.leash import PARENT, leashed, wear_leash
from fakes.waiting import within

CHILD = """
import signal
from earlid.edge.leash import wear_leash
wear_leash()
print("worn", flush=True)
signal.alarm(10)
signal.pause()
"""
PARENT_OF_IT = f"""
import os, subprocess, sys
from earlid.edge.leash import leashed
child = subprocess.Popen([sys.executable, "-c", {CHILD!r}], env=leashed(os.environ))
child.wait()
"""


def test_a_child_ends_when_its_parent_is_killed_without_a_chance_to_say_so() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT_OF_IT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "worn\n"
        with within(5.0):
            parent.send_signal(signal.SIGKILL)
            assert parent.stdout.read() == ""  # its end: the child, which held the pipe too, is gone


def test_who_has_no_parent_to_follow_goes_on() -> None:
    env: dict[str, str] = {}
    wear_leash(env)
    assert env == {}


def test_a_child_that_comes_up_after_its_parent_went_does_not_go_on() -> None:
    script = "from earlid.edge.leash import wear_leash; wear_leash()"
    env = leashed(os.environ) | {PARENT: "1"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=env, capture_output=True, text=True, check=False
    )
    assert "is gone" in done.stderr


def test_the_leash_is_not_handed_down_to_grandchildren() -> None:
    script = (
        f"import os; from earlid.edge.leash import wear_leash; wear_leash(); print({PARENT!r} in os.environ)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=leashed(os.environ), capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
