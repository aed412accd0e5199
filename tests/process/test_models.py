"""`earlid models`, as its owner calls it: list, get, verify, and each refusal in one line."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from earlid.edge.model.manifest import backbone, manifests
from earlid.edge.model.store import ModelStore
from earlid.edge.processes import earlid
from fakes.wheel import published_wheel

HEAD = "alexa_v0.1.onnx"
DIES_AT_FSYNC = """
import os, pathlib, signal, sys
left = int(sys.argv.pop(1))
real = os.fsync
def dying(fd):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    real(fd)
os.fsync = dying
from earlid.edge.model.compose import compose_for
from earlid.edge.model.store import ModelStore
from earlid.cli import main
main() if sys.argv[1] == "models" else compose_for(ModelStore(pathlib.Path(sys.argv[1])), sys.argv[2:])
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def filled(folder: Path, models: Path) -> Path:
    """A models directory with the published files of alexa in it, and no graph."""
    folder.mkdir()
    for part in ModelStore(models).parts(["alexa"]):
        shutil.copy(models / part.name, folder / part.name)
    return folder


def environment(folder: Path) -> dict[str, str]:
    config = folder.parent / "config.toml"
    state = folder.parent / "state"
    config.write_text(f"[paths]\nmodels = {json.dumps(str(folder))}\nstate = {json.dumps(str(state))}\n")
    return dict(os.environ) | {"EARLID_CONFIG": str(config)}


def models_do(
    folder: Path, *words: str, env: Mapping[str, str] | None = None, command: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    whole = [*(command or earlid()), "models", *words]
    env = environment(folder) | dict(env or {})
    return subprocess.run(whole, env=env, capture_output=True, text=True, check=False)


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """The one line that `done` ended with, without the program's name."""
    assert "Traceback" not in done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("earlid: ")
    return line.removeprefix("earlid: ")


def test_from_a_wheel_a_model_comes_without_a_network_and_is_whole(folder: Path) -> None:
    done = models_do(folder, "get", "alexa", "--from", str(published_wheel()), env={"PATH": ""})
    assert (done.returncode, done.stderr) == (0, "")
    assert "alexa: ready" in done.stdout
    assert ModelStore(folder).installed("alexa")
    assert len(list((folder / "composed").glob("alexa.*.onnx"))) == 1
    verified = models_do(folder, "verify")
    assert verified.returncode == 0
    assert f"{HEAD}: as published" in verified.stdout


def test_list_tells_programs_everything_and_people_the_licence(filled: Path) -> None:
    told = [json.loads(line) for line in models_do(filled, "list", "--json").stdout.splitlines()]
    assert [one["name"] for one in told] == list(manifests())
    assert [one["name"] for one in told if one["installed"]] == ["alexa"]
    assert [one["name"] for one in told if one["listening"]] == ["hey_jarvis"]
    for one in told:
        known = manifests()[one["name"]]
        kept = (known.phrase, known.licence, known.source, known.threshold)
        assert (one["phrase"], one["licence"], one["source"], one["threshold"]) == kept
    people = models_do(filled, "list").stdout
    assert all(one.phrase in people for one in manifests().values())
    assert people.count("CC BY-NC-SA 4.0") == len(manifests())


def test_verify_names_each_file_that_is_not_whole_and_leaves_with_78(filled: Path) -> None:
    os.truncate(filled / HEAD, 1000)
    (filled / "composed").mkdir()
    (filled / "composed" / "alexa.1.onnx").write_bytes(b"not composed here")
    done = models_do(filled, "verify")
    assert done.returncode == 78
    assert f"{HEAD}: truncated or altered" in done.stdout
    said = refusal(done)
    assert f"{HEAD} is truncated or altered" in said
    assert "alexa.1.onnx is truncated or altered" in said
    assert said.endswith("; run 'earlid models get alexa'")


def test_list_says_altered_of_what_is_here_and_not_whole(filled: Path) -> None:
    os.truncate(filled / HEAD, 1000)
    rows = models_do(filled, "list").stdout.splitlines()
    (alexa,) = (row for row in rows if row.startswith("alexa "))
    assert "altered: earlid models get alexa" in alexa
    (weather,) = (row for row in rows if row.startswith("weather "))
    assert "not installed" in weather


def test_verify_of_nothing_installed_says_so_but_of_a_named_missing_one_it_is_trouble(folder: Path) -> None:
    done = models_do(folder, "verify")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "no model is here: run 'earlid models get hey_jarvis'\n"
    done = models_do(folder, "verify", "weather")
    assert done.returncode == 78
    assert "weather_v0.1.onnx is not installed" in refusal(done)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["get", "hey_earlid"], 64, "no wake word is called hey_earlid; known are alexa, "),
        (["get", "alexa", "alexa"], 64, "named twice in alexa, alexa"),
        (["verify", "hey_earlid"], 64, "no wake word is called hey_earlid; known are alexa, "),
        (["get"], 64, "name the models to get, or say --all"),
        (["get", "--all", "alexa"], 64, "name the models to get, or say --all"),
        (["get", "alexa", "--from", "no-such.whl"], 64, "no-such.whl: no such file or directory"),
        (["get", "alexa", "--from", sys.executable], 64, f"is not {backbone().wheel} as published"),
        (["get", "alexa", "--from", "/"], 64, "is a directory; name a wheel file"),
    ],
)
def test_what_cannot_be_got_is_refused_in_one_line(
    folder: Path, words: list[str], code: int, said: str
) -> None:
    done = models_do(folder, *words)
    assert done.returncode == code
    assert said in refusal(done)
    assert not folder.exists()


def test_without_a_network_it_says_so_and_what_to_do_instead(folder: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{closed.getsockname()[1]}/simple"
        env = {"PIP_INDEX_URL": nowhere, "PIP_RETRIES": "0", "PIP_CONFIG_FILE": os.devnull}
        done = models_do(folder, "get", "alexa", env=env)
    assert done.returncode == 69
    said = refusal(done)
    assert "pip could not fetch openwakeword==0.5.1" in said
    assert "use --from" in said
    assert not folder.exists()


def test_an_index_that_is_forbidden_is_no_network_either(folder: Path) -> None:
    done = models_do(folder, "get", "alexa", env={"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder.parent)})
    assert done.returncode == 69
    assert "use --from" in refusal(done)


def test_a_wheelhouse_is_enough(folder: Path) -> None:
    house = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(published_wheel().parent)}
    done = models_do(folder, "get", "alexa", env=house)
    assert (done.returncode, done.stderr) == (0, "")
    assert ModelStore(folder).installed("alexa")


def test_what_is_here_and_whole_is_not_fetched_again(filled: Path) -> None:
    done = models_do(filled, "get", "alexa", env={"PIP_NO_INDEX": "1"})
    assert (done.returncode, done.stderr) == (0, "")


def test_a_directory_that_is_none_is_named(folder: Path) -> None:
    folder.write_text("a file where the models should go")
    done = models_do(folder, "get", "alexa", "--from", str(published_wheel()))
    assert done.returncode == 69
    assert f"cannot write {folder}" in refusal(done)
    listed = models_do(folder, "list", "--json")
    assert listed.returncode == 0
    assert not any(json.loads(line)["installed"] for line in listed.stdout.splitlines())


def test_a_full_disk_leaves_no_half_a_model(filled: Path) -> None:
    os.truncate(filled / HEAD, 1000)
    before = {one.name: one.read_bytes() for one in filled.iterdir()}
    whole = [*earlid(), "models", "get", "alexa", "--from", str(published_wheel())]
    done = subprocess.run(
        whole, env=environment(filled), capture_output=True, text=True, check=False, preexec_fn=_little_room
    )
    assert done.returncode == 69
    said = refusal(done)
    assert f"cannot write {filled / HEAD}: file too large; make room or set paths.models" in said
    assert {one.name: one.read_bytes() for one in filled.iterdir()} == before


@pytest.mark.parametrize("syncs", range(3))
def test_killed_in_the_middle_every_file_is_as_it_was_or_as_it_should_be(filled: Path, syncs: int) -> None:
    altered = b"altered" * 1000
    (filled / HEAD).write_bytes(altered)
    dying = [sys.executable, "-c", DIES_AT_FSYNC, str(syncs)]
    killed = models_do(filled, "get", "alexa", "--from", str(published_wheel()), command=dying)
    body = (filled / HEAD).read_bytes()
    assert killed.returncode == (-signal.SIGKILL if syncs < 2 else 0)
    assert body == altered if syncs == 0 else ModelStore(filled).installed("alexa")
    again = models_do(filled, "get", "alexa", "--from", str(published_wheel()))
    assert again.returncode == 0
    assert models_do(filled, "verify", "alexa").returncode == 0


@pytest.mark.parametrize("syncs", range(5))
def test_killed_while_composing_the_next_start_composes_or_has_the_whole(filled: Path, syncs: int) -> None:
    dying = [sys.executable, "-c", DIES_AT_FSYNC, str(syncs), str(filled), "alexa"]
    killed = subprocess.run(dying, capture_output=True, text=True, check=False)
    assert killed.returncode == (-signal.SIGKILL if syncs < 4 else 0), killed.stderr
    assert ModelStore(filled).graph(["alexa"])
    assert models_do(filled, "verify", "alexa").returncode == 0


def _little_room() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
