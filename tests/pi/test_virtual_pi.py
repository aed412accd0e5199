"""The virtual Pi's own parts, without a Pi: what counts as passed, what is played, and hands that obey."""

from __future__ import annotations

import io
import socket
import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from pi.virtual import readme
from pi.virtual.hands import Failed, Gone, Hands
from pi.virtual.house import RATE_HZ, after_the_name_s, words
from pi.virtual.recipe import BOOTSTRAP, OPEN_PORT
from pi.virtual.report import EXIT_FAILED, EXIT_NOT_RUN, Row, Verdict, exit_code, table
from pi.virtual.scenes.every import SCENES
from pi.virtual.scenes.scene import chosen

NAME_ENDS_S = 1.339
"""Where the name ends in what is said."""


def rows(*verdicts: Verdict) -> list[Row]:
    return [Row("group", f"scene {at}", verdict, 1.0, "seen") for at, verdict in enumerate(verdicts)]


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        ((Verdict.PASSED, Verdict.PASSED), 0),
        ((Verdict.PASSED, Verdict.NOT_RUN), EXIT_NOT_RUN),
        ((Verdict.NOT_RUN, Verdict.FAILED), EXIT_FAILED),
        ((), EXIT_NOT_RUN),
    ],
)
def test_only_what_was_run_and_seen_right_has_passed(verdicts: tuple[Verdict, ...], code: int) -> None:
    assert exit_code(rows(*verdicts)) == code


def test_the_table_counts_and_fits_a_terminal() -> None:
    said = table(
        [*rows(Verdict.PASSED, Verdict.FAILED), Row("group", "long", Verdict.PASSED, 2.0, "x " * 200)]
    )
    assert said.splitlines()[-1] == "2 passed, 1 FAILED, 4 s"
    assert max(map(len, said.splitlines())) <= 110


def test_every_scene_has_a_name_of_its_own_and_the_boot_is_always_played() -> None:
    assert len({(scene.group, scene.name) for scene in SCENES}) == len(SCENES)
    assert [scene.name for scene in chosen(SCENES, smoke=False, words=["sigstop"])] == [
        "boots",
        "SIGSTOP, watchdog",
    ]
    assert 1 < len(chosen(SCENES, smoke=True)) < len(SCENES) == len(chosen(SCENES, smoke=False))


@pytest.mark.parametrize("late_s", [-0.4, 0.0, 0.5])
def test_where_a_recording_begins_is_found_by_its_sound(late_s: float) -> None:
    begin = round((NAME_ENDS_S + late_s) * RATE_HZ)
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(RATE_HZ)
        written.writeframes(words()[begin : begin + RATE_HZ].astype("<i2").tobytes())
    assert after_the_name_s(file.getvalue()) == pytest.approx(late_s, abs=0.01)


@pytest.fixture
def hands() -> Iterator[Hands]:
    """Hands in a process of this machine, at the end of a socket instead of a serial port."""
    ours, theirs = socket.socketpair()
    port = f"__import__('socket').socket(fileno={theirs.fileno()}).makefile('rwb', buffering=0)"
    program = BOOTSTRAP.replace(OPEN_PORT, port)
    with subprocess.Popen([sys.executable, "-c", program], pass_fds=[theirs.fileno()]) as guest:
        theirs.close()
        made = Hands(ours)
        try:
            made.wait_until_there(30)
            yield made
        finally:
            guest.kill()
            made.close()


def test_the_hands_write_read_run_and_say_what_they_could_not(hands: Hands, tmp_path: Path) -> None:
    hands.do("write", path=f"{tmp_path}/in/note", text="kept")
    assert hands.do("read", path=f"{tmp_path}/in/note") == "kept"
    assert hands.do("glob", pattern=f"{tmp_path}/in/*") == [f"{tmp_path}/in/note"]
    assert hands.run("cat", stdin="spoken") == "spoken"
    assert hands.run("false", fails=True).code == 1
    with pytest.raises(Failed, match="left with 1"):
        hands.run("false")
    with pytest.raises(Failed, match="FileNotFoundError"):
        hands.do("read", path=f"{tmp_path}/none")


def test_a_process_is_stopped_at_the_first_name_that_comes(hands: Hands, tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as sleeper:
        stopping = hands.begin("stop_at", folder=str(tmp_path), pid=sleeper.pid)
        for number in range(200):  # until it watches
            (tmp_path / f"{number}").touch()
            state = Path(f"/proc/{sleeper.pid}/stat").read_text("ascii").split()[2]
            if state == "T":
                break
            hands.do("clocks")
        assert int(hands.answer(stopping)) <= number
        assert Path(f"/proc/{sleeper.pid}/stat").read_text("ascii").split()[2] == "T"
        sleeper.kill()


def test_a_machine_that_goes_off_is_gone_to_everybody_who_waits(hands: Hands) -> None:
    waiting = hands.begin("run", command=["sleep", "60"])
    hands._line.shutdown(socket.SHUT_RDWR)
    with pytest.raises(Gone):
        hands.answer(waiting, 30)


def test_the_readme_has_a_line_for_every_scene(tmp_path: Path) -> None:
    lines = [f"| {scene.group}: {scene.name} | " for scene in SCENES]
    shown = readme.shown(readme.README.read_text(encoding="utf-8"))
    assert [line for line in lines if line not in shown] == [], "make test-pi WRITE=yes"
    file = tmp_path / "README.md"
    file.write_text(readme.README.read_text(encoding="utf-8"), encoding="utf-8")
    made = readme.table(rows(Verdict.PASSED), command="make test-pi", began="today", machine="here")
    readme.write(made, file)
    assert readme.shown(file.read_text(encoding="utf-8")) == made
