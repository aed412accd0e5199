"""Real child processes: everything they say is heard, and none of them outlives the parent's wish."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable

import pytest

from earlid.edge.processes import Child, Children, Farewell, Left, Muttered, News, Told, earlid
from fakes.waiting import SECONDS, within

STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print('{"event": "ready"}', flush=True)
time.sleep(60)
"""
POLITE = """
import signal, sys, time
def leave(number, frame):
    print('{"event": "ended"}', flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
print('{"event": "ready"}', flush=True)
time.sleep(60)
"""
DYING = """
import sys
print('{"event": "lamp"}', flush=True)
print('not an event', flush=True)
print('a first complaint', file=sys.stderr)
print('earlid: no microphone', file=sys.stderr)
sys.exit(69)
"""


def started(children: Children, script: str, name: str = "child") -> Child:
    return children.start(name, [sys.executable, "-c", script])


def news_until(children: Children, is_it: Callable[[News], bool]) -> list[News]:
    """Everything heard up to and including the first item that `is_it`; fails where it never comes."""
    heard: list[News] = []
    until_s = time.monotonic() + SECONDS
    while time.monotonic() < until_s:
        item = children.news(0.1)
        if item is not None:
            heard.append(item)
            if is_it(item):
                return heard
    raise AssertionError(f"never heard; only {heard}")


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_events_and_mutterings_are_told_apart_and_the_death_comes_last() -> None:
    with Children() as children:
        started(children, DYING)
        heard = news_until(children, lambda item: isinstance(item, Left))
    assert Told("child", {"event": "lamp"}) in heard
    assert Muttered("child", "not an event") in heard
    assert heard[-1] == Left("child", 69, "earlid: no microphone")


def test_a_child_that_ignores_sigterm_is_gone_within_a_second() -> None:
    with Children() as children:
        child = started(children, STUBBORN)
        news_until(children, lambda item: isinstance(item, Told))
        with within(1.0):
            children.stop()
        assert not is_there(child.pid)
        assert news_until(children, lambda item: isinstance(item, Left))[-1] == Left("child", 137, "")


def test_two_stubborn_children_share_one_second() -> None:
    with Children() as children:
        pair = [started(children, STUBBORN, name) for name in ("one", "two")]
        for _ in pair:
            news_until(children, lambda item: isinstance(item, Told))
        with within(1.0):
            children.stop()
        assert not any(is_there(child.pid) for child in pair)


def test_the_last_words_of_a_child_that_was_asked_to_stop_are_heard() -> None:
    with Children() as children:
        started(children, POLITE)
        news_until(children, lambda item: isinstance(item, Told))
        children.stop()
        rest = list(children.rest())
    assert rest[0] == Told("child", {"event": "ended"})
    assert rest[-1] == Left("child", 0, "")


def test_leaving_the_block_by_an_error_leaves_no_child() -> None:
    with pytest.raises(ZeroDivisionError), Children() as children:
        child = started(children, POLITE)
        print(1 // 0)
    assert not is_there(child.pid)


def test_a_ctrl_c_in_the_terminal_reaches_the_parent_only() -> None:
    with Children() as children:
        child = started(children, STUBBORN)
        assert os.getpgid(child.pid) == child.pid != os.getpgid(0)


def test_a_very_long_line_does_not_hold_the_listener_up() -> None:
    script = "print('x' * 1_000_000); print('{\"event\": \"after\"}', flush=True)"
    with Children() as children:
        started(children, script)
        heard = news_until(children, lambda item: isinstance(item, Left))
    assert Told("child", {"event": "after"}) in heard


def test_a_child_can_read_what_we_were_given() -> None:
    script = "import sys, json; print(json.dumps({'event': sys.stdin.read()}), flush=True)"
    reader, writer = os.pipe()
    with Children() as children:
        children.start("child", [sys.executable, "-c", script], stdin=reader)
        os.close(reader)
        os.write(writer, b"sound")
        os.close(writer)
        heard = news_until(children, lambda item: isinstance(item, Left))
    assert Told("child", {"event": "sound"}) in heard


def test_a_farewell_is_remembered_and_the_old_handler_comes_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with Farewell() as farewell:
        assert farewell.code == 0
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)
        assert farewell.number == signal.SIGINT
        assert farewell.code == 130
    assert signal.getsignal(signal.SIGTERM) is before


def test_the_command_of_this_package_is_this_interpreter() -> None:
    assert earlid("listen", "--json") == [sys.executable, "-m", "earlid", "listen", "--json"]
