"""The command line: one line for every trouble, the right exit code, and help without delay."""

import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from earlid import check_config, cli
from earlid.cli import answer
from earlid.edge.status_file import StatusFile
from earlid.errors import DeviceLost, EarlidError, NotAllowed, Violation

EARLID = [sys.executable, "-m", "earlid"]


@pytest.fixture(autouse=True)
def _own_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for variable in ("EARLID_CONFIG", "EARLID_DEBUG"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path / "run"))
    before = logging.getLogger().handlers[:]
    yield
    logging.captureWarnings(False)
    logging.getLogger().handlers[:] = before


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def verb(*_: object, **__: object) -> int:
        raise error

    monkeypatch.setattr(check_config, "check_config", verb)


def every_command() -> Iterator[list[str]]:
    yield []
    for name, command in cli.earlid.commands.items():
        yield [name]
        if isinstance(command, click.Group):
            yield from ([name, below] for below in command.commands)


@pytest.mark.parametrize(
    "words",
    [
        ["nope"],
        ["listen", "--sorce", "x"],
        ["replay"],
        ["models", "get"],
        ["models", "get", "alexa", "--all"],
        ["listen", "--pace", "fast"],
        ["replay", "--threshold", "2", "x.wav"],
        ["status", "extra"],
    ],
)
def test_a_command_written_wrong_is_one_line_that_names_the_help(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert answer(words) == 64
    said = capsys.readouterr()
    assert said.out == ""
    (line,) = said.err.splitlines()
    assert line.startswith("earlid: ")
    assert not line.endswith(".")


def test_no_command_at_all_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer([]) == 64
    assert "check-config" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [["-h"], ["--help"], ["listen", "-h"], ["models", "get", "-h"], ["--version"]]
)
def test_help_and_version_are_no_mistake(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(words) == 0
    assert capsys.readouterr().out


@pytest.mark.parametrize(
    "error", [DeviceLost("gone"), NotAllowed("who"), Violation("broken"), EarlidError("odd")]
)
def test_trouble_is_one_line_and_its_own_exit_code(
    error: EarlidError, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failing(monkeypatch, error)
    assert answer(["check-config"]) == error.exit_code
    assert capsys.readouterr().err == f"earlid: {error}\n"


def test_what_nobody_expected_is_one_line_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failing(monkeypatch, ZeroDivisionError("by zero"))
    assert answer(["check-config"]) == 70
    assert capsys.readouterr().err == f"earlid: unexpected ZeroDivisionError: by zero; {cli.REPORT_TO}\n"


def test_debug_shows_where_the_unexpected_came_from(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failing(monkeypatch, ZeroDivisionError("by zero"))
    assert answer(["--debug", "check-config"]) == 70
    assert "Traceback" in capsys.readouterr().err
    monkeypatch.setenv("EARLID_DEBUG", "1")
    assert answer(["check-config"]) == 70
    assert "Traceback" in capsys.readouterr().err


def test_ctrl_c_leaves_without_a_word(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failing(monkeypatch, KeyboardInterrupt())
    assert answer(["check-config"]) == 128 + signal.SIGINT
    assert capsys.readouterr().err.strip() == ""


def test_every_mistake_in_a_configuration_is_a_line_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "my.toml").write_text("[segment]\nlookbak_ms = 1\nmax_s = 99\n")
    for words in (
        ["--config", str(tmp_path / "my.toml"), "check-config"],
        ["check-config", "--config", str(tmp_path / "my.toml")],
    ):
        assert answer(words) == 78
        lines = capsys.readouterr().err.splitlines()
        assert [line.split(": ")[2] for line in lines] == ["segment.lookbak_ms", "segment.max_s"]


def test_nothing_that_runs_is_exit_69_and_says_how_to_start(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert answer(["status"]) == 69
    assert "earlid run" in capsys.readouterr().err
    assert not (tmp_path / "state").exists(), "looking must create nothing"


def test_where_nothing_listens_status_tells_what_waits_all_the_same(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for room in ("outbox", "quarantine"):
        (tmp_path / f"state/spool/{room}/00000001-{'a' * 32}").mkdir(parents=True)
    (tmp_path / "state/forget/deletions").mkdir(parents=True)
    (tmp_path / f"state/forget/deletions/{'a' * 32}-gone.json").touch()
    assert answer(["status"]) == 69
    shown = capsys.readouterr()
    rows = [" ".join(row.split()) for row in shown.out.splitlines() if row.strip()]
    assert rows[0] == "not sent yet 1"
    assert rows[1] == "set aside 1: see earlid ledger, then earlid retry"
    assert rows[2].startswith("deletions 1 for gone, not configured any more")
    assert "nothing listens" in shown.err
    assert answer(["status", "--json"]) == 69
    told = json.loads(capsys.readouterr().out)
    assert (told["listen"], told["waiting"], told["set_aside"]) == (None, 1, 1)
    assert told["deletions_for_nobody"] == {"gone": 1}


def test_status_tells_why_nothing_is_sent_even_where_nothing_listens(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    StatusFile(tmp_path / "run/upload/upload.json").write({"state": "paused", "cause": "no token"})
    monkeypatch.setattr("earlid.status.given_up", lambda: ["earlid-upload.path"])
    assert answer(["status"]) == 69
    rows = [" ".join(row.split()) for row in capsys.readouterr().out.splitlines() if row.strip()]
    assert "upload paused: no token" in rows
    assert any(row.startswith("given up earlid-upload.path: see journalctl -u earlid-upload") for row in rows)


def test_status_shows_what_listens(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    facts = {
        "state": "fault",
        "cause": "device",
        "source": "USB [x]",
        "wakes": 2,
        "lost_hops": {"overflow": 4},
        "not_remembered": "disk full",
    }
    StatusFile(tmp_path / "run/listen.json").write(facts)
    (tmp_path / f"state/spool/outbox/00000001-{'a' * 32}").mkdir(parents=True)
    assert answer(["status"]) == 0
    printed = capsys.readouterr().out
    for words in (
        "fault: device",
        "USB [x]",
        "4 by overflow",
        "no, a power cut would undo the mute: disk full",
    ):
        assert words in printed
    assert answer(["status", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["listen"]["wakes"], told["waiting"], told["upload"]) == (2, 1, None)


def test_help_is_quick_because_it_loads_nothing_that_listens() -> None:
    program = (
        "import sys; from earlid.cli import answer; answer(['--help']);"
        "heavy = {'numpy', 'onnxruntime', 'rich', 'requests', 'msgspec', 'soundfile'} & set(sys.modules);"
        "sys.exit(', '.join(heavy) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_reader_that_goes_away_is_no_traceback() -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as nobody:
        done = subprocess.run(
            [*EARLID, "check-config"], check=False, stdout=nobody, stderr=subprocess.PIPE, text=True
        )
    assert (done.returncode, done.stderr) == (141, "")


def test_the_program_leaves_with_the_exit_code() -> None:
    done = subprocess.run([*EARLID, "status"], check=False, capture_output=True, text=True)
    assert done.returncode == 69


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["runn"], "no such command 'runn', did you mean 'run'? see earlid --help"),
        (
            ["field", "strt"],
            "no such command 'strt', did you mean 'start' or 'status'? see earlid field --help",
        ),
        (["status", "--jso"], "no such option '--jso', did you mean '--json'? see earlid status --help"),
        (["listen", "--pac", "3"], "no such option '--pac'; see earlid listen --help"),
        (["status", "here"], "got unexpected extra argument (here); see earlid status --help"),
    ],
)
def test_a_slip_of_the_finger_is_told_in_one_line(
    asked: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert answer(asked) == 64
    assert capsys.readouterr().err == f"earlid: {told}\n"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("listen --meter --source x.wav", "--meter is told as JSON: add --json"),
        ("run --realtime", "--realtime is for a recording: add --source FILE"),
        ("listen --realtime --source -", "--realtime is for a recording: add --source FILE"),
        ("check-config --microphone x", "--microphone is for a file to begin with: add --new"),
        ("check-config --new --json", "--new, --drop-in and --json print different things: choose one"),
        (
            "field report --html --csv",
            "--html and --csv would go into one file: ask for one at a time, each with its own > FILE",
        ),
        (
            "field merge --csv --json --text x.json",
            "no such option '--text'; see earlid field merge --help",
        ),
    ],
)
def test_an_option_that_would_do_nothing_is_refused_with_what_to_do(
    asked: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert answer(asked.split()) == 64
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", f"earlid: {told}\n")


def test_help_of_no_command_is_cut_off_or_wider_than_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for words in every_command():
        assert answer([*words, "--help"]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert not [line for line in lines if line.endswith("...") and line.startswith("  ")], words
        assert max(map(len, lines)) <= 80


def test_what_is_shown_unless_told_otherwise_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(["field", "start", "--help"]) == 0
    assert "[default: numbers-only]" in " ".join(capsys.readouterr().out.split())


def test_whether_a_file_may_be_read_is_left_to_who_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "my.toml").touch()
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    assert answer(["--config", str(tmp_path / "my.toml"), "check-config"]) == 0
    assert capsys.readouterr().err == ""
