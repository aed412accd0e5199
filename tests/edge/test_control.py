"""The socket hears its owner, whoever else shouts."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import random
import resource
import selectors
import socket
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from earlid.edge import control as module
from earlid.edge.control import LONGEST_BYTES, MOST, NAME, PATIENCE_S, Answer, Control, ask
from earlid.errors import ConfigError, DeviceLost
from fakes.waiting import SECONDS, until, within


class Owner:
    """Answers with the wish, and remembers it."""

    def __init__(self) -> None:
        self.wishes: list[str] = []

    def __call__(self, wish: str) -> Answer:
        self.wishes.append(wish)
        return {"ok": bool(wish), "wish": wish}


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[Owner]:
    made = Owner()
    control = Control(tmp_path, made)
    control.open()
    yield made
    control.close()
    control.close()
    assert not (tmp_path / NAME).exists()


def connected(folder: Path) -> socket.socket:
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        line.connect(str(folder / NAME))
    except OSError:
        line.close()
        raise
    return line


def has_ended(line: socket.socket) -> bool:
    """Whether the other side is gone, for which this waits."""
    try:
        return line.recv(10) == b""
    except ConnectionResetError:
        return True


def test_a_line_in_a_line_out(tmp_path: Path, owner: Owner) -> None:
    assert ask(tmp_path, "mute") == {"ok": True, "wish": "mute"}
    assert owner.wishes == ["mute"]


@pytest.mark.usefixtures("owner")
def test_the_socket_is_its_owners_alone(tmp_path: Path) -> None:
    facts = (tmp_path / NAME).stat()
    assert stat.S_IMODE(facts.st_mode) == 0o600
    assert facts.st_uid == os.geteuid()


def test_another_users_process_is_not_heard(
    tmp_path: Path, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_is_ours", lambda _caller, _folder: False)
    with pytest.raises(DeviceLost):
        ask(tmp_path, "unmute")
    assert owner.wishes == []


@pytest.mark.usefixtures("owner")
def test_who_is_heard_is_decided_by_the_kernels_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    if os.getuid() == 0:
        assert ask(tmp_path, "status")["ok"]
    else:
        with pytest.raises(DeviceLost):
            ask(tmp_path, "status")


def test_with_nobody_there_it_says_how_to_start(tmp_path: Path) -> None:
    with pytest.raises(DeviceLost, match="nothing listens: start it with earlid run"):
        ask(tmp_path, "mute")
    with pytest.raises(DeviceLost, match="nothing listens"):
        ask(tmp_path / "none", "mute")


@pytest.mark.parametrize(("wish", "asked"), [("mute", 3), ("status", 3), ("unmute", 1)])
def test_whoever_is_cut_off_asks_again_but_never_to_unmute(tmp_path: Path, wish: str, asked: int) -> None:
    came: list[bytes] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
        door.bind(str(tmp_path / NAME))
        door.listen()

        def hang_up() -> None:
            for _ in range(asked):
                line, _ = door.accept()
                with line:
                    came.append(line.recv(LONGEST_BYTES))

        listener = threading.Thread(target=hang_up)
        listener.start()
        with pytest.raises(DeviceLost, match="does not answer: ask again"):
            ask(tmp_path, wish)
        listener.join()
    assert [json.loads(each)["do"] for each in came] == [wish] * asked


def test_a_listener_that_hangs_is_not_waited_for_twice(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
        door.bind(str(tmp_path / NAME))
        door.listen()
        door.setblocking(False)
        with pytest.raises(DeviceLost, match="does not answer"):
            ask(tmp_path, "mute", timeout_s=1.0)
        door.accept()[0].close()
        with pytest.raises(BlockingIOError):  # nobody else came
            door.accept()


def test_a_socket_that_a_crash_left_is_replaced(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as dead:
        dead.bind(str(tmp_path / NAME))
    control = Control(tmp_path, Owner())
    control.open()
    assert ask(tmp_path, "mute")["ok"]
    control.close()


@pytest.mark.usefixtures("owner")
def test_a_second_listener_in_the_same_place_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="another earlid listen is already using"):
        Control(tmp_path, Owner()).open()
    assert ask(tmp_path, "mute")["ok"]


def test_what_is_not_a_socket_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("mine")
    with pytest.raises(ConfigError, match="not a socket: move it away"):
        Control(tmp_path, Owner()).open()
    assert (tmp_path / NAME).read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"cannot make .*/control"):
        Control(tmp_path / "file/run", Owner()).open()


def test_a_folder_with_a_very_long_name_will_do(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 120)
    control = Control(folder, Owner())
    control.open()
    assert ask(folder, "mute")["ok"]
    control.close()


@pytest.mark.parametrize(
    "said",
    [
        b"\n",
        b"mute\n",
        b"{}\n",
        b'{"do":1}\n',
        b'{"do":["mute"]}\n',
        b'{"do":"mute"}\n{"do":"unmute"}\n',
        b'[{"do":"mute"}]\n',
        b"\xff\xfe\x00\n",
        b"[" * 200 + b"\n",
        b'{"do":"' + b"m" * LONGEST_BYTES + b'"}\n',
        b"x" * 10_000,
    ],
)
def test_what_is_no_question_is_no_wish(tmp_path: Path, owner: Owner, said: bytes) -> None:
    with connected(tmp_path) as line:
        line.sendall(said)
        with contextlib.suppress(ConnectionResetError):
            answer = line.recv(1000)
            assert not answer or json.loads(answer) == {"ok": False, "wish": ""}
    assert set(owner.wishes) <= {""}
    assert ask(tmp_path, "mute")["ok"]


def test_random_bytes_are_no_wish(tmp_path: Path, owner: Owner) -> None:
    dice = random.Random(7)
    for _ in range(300):
        with connected(tmp_path) as line, contextlib.suppress(OSError):
            line.sendall(dice.randbytes(dice.randrange(1, 600)) + dice.choice([b"", b"\n"]))
    assert ask(tmp_path, "mute")["ok"]
    assert set(owner.wishes) <= {"", "mute"}


def test_a_question_in_pieces_is_one_question(tmp_path: Path, owner: Owner) -> None:
    with connected(tmp_path) as line:
        for byte in b'{"do":"mute"}\n':
            line.sendall(bytes([byte]))
        assert json.loads(line.recv(1000))["ok"]
    assert owner.wishes == ["mute"]


@pytest.mark.usefixtures("owner")
def test_who_never_finishes_is_cut_off_and_keeps_nobody_out(tmp_path: Path) -> None:
    with contextlib.ExitStack() as crowd:
        slow = [crowd.enter_context(connected(tmp_path)) for _ in range(3 * MOST)]
        for line in slow:
            with contextlib.suppress(OSError):
                line.sendall(b'{"do":')
        with within(PATIENCE_S / 2):
            assert ask(tmp_path, "mute")["ok"]
            assert has_ended(slow[0])  # whoever waited longest made room
        with within(5 * PATIENCE_S):
            assert has_ended(slow[-1])  # after the patience is over


@pytest.mark.usefixtures("owner")
def test_a_thousand_who_come_and_go_keep_nobody_out(tmp_path: Path) -> None:
    def storm() -> None:
        for number in range(500):
            with contextlib.suppress(OSError), connected(tmp_path) as line:
                if number % 2:
                    line.sendall(b'{"do":"status"}\n')

    threads = [threading.Thread(target=storm) for _ in range(2)]
    for one in threads:
        one.start()
    answers = [ask(tmp_path, "mute")["ok"] for _ in range(10)]
    for one in threads:
        one.join()
    assert all(answers)


def test_closing_does_not_wait_for_those_who_are_slow(tmp_path: Path) -> None:
    control = Control(tmp_path, Owner())
    control.open()
    with connected(tmp_path) as line:
        line.sendall(b"{")
        with within(0.5):
            control.close()
        assert has_ended(line)


def test_one_who_cannot_be_told_apart_is_not_heard_and_the_next_one_is(
    tmp_path: Path, owner: Owner, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    decide, asked = module._is_ours, []

    def fail_twice(caller: socket.socket, folder: Path) -> bool:
        asked.append(caller)
        if len(asked) < 3:
            raise OSError(errno.EIO, "Input/output error")
        return decide(caller, folder)

    monkeypatch.setattr(module, "_is_ours", fail_twice)
    with connected(tmp_path) as first:
        assert has_ended(first)
    assert ask(tmp_path, "mute")["ok"]
    assert (owner.wishes, len(asked)) == (["mute"], 3)
    assert [record.getMessage() for record in caplog.records] == ["control trouble='Input/output error'"]


@pytest.mark.usefixtures("owner")
def test_while_no_file_may_be_opened_it_rests_and_then_hears_who_waited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rests, may_go_on, pause = threading.Event(), threading.Event(), Control._pause

    def wait(control: Control) -> bool:
        rests.set()
        assert may_go_on.wait(SECONDS)
        return pause(control)

    monkeypatch.setattr(Control, "_pause", wait)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        os.close(lowest := os.dup(line.fileno()))
        resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, hard))
        try:
            line.connect(str(tmp_path / NAME))
            assert rests.wait(SECONDS)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            may_go_on.set()
        line.sendall(b'{"do": "mute"}\n')
        assert json.loads(line.recv(1000)) == {"ok": True, "wish": "mute"}


def test_whatever_breaks_is_logged_once_and_opened_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    control = Control(tmp_path, Owner())
    tries: list[int] = []

    class Breaking(selectors.DefaultSelector):
        def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
            tries.append(1)
            if len(tries) in {1, 2}:
                control._door.close()
                raise OSError(errno.EIO, "Input/output error")
            return super().select(timeout)

    monkeypatch.setattr(selectors, "DefaultSelector", Breaking)
    control.open()

    def is_opened_anew() -> bool:
        with contextlib.suppress(DeviceLost):
            ask(tmp_path, "status")
        return len(tries) > 2

    until("it was not opened anew", is_opened_anew)
    assert ask(tmp_path, "mute") == {"ok": True, "wish": "mute"}
    assert len(caplog.records) == 1
    control.close()
    assert not (tmp_path / NAME).exists()
