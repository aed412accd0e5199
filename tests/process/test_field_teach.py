"""`earlid field teach` from labels to a listener that refuses the television, and back again."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from earlid.core.field import Kind, Label
from earlid.edge.field.store import FieldStore
from earlid.edge.intervals import share
from fakes.lessons import OWNER, TELEVISION, WORD, House, Moment, house, moments, recorded
from fakes.waiting import SECONDS


@pytest.fixture(scope="module")
def lessons(models: Path) -> tuple[Sequence[Moment], Sequence[Moment]]:
    """Calls of the owner, and what a television said."""
    return (
        list(moments(models, OWNER, Label.TRUE, 24)),
        list(moments(models, TELEVISION, Label.FALSE, 14, seed=2)),
    )


@pytest.fixture(scope="module")
def taught(
    models: Path, lessons: tuple[Sequence[Moment], Sequence[Moment]], tmp_path_factory: pytest.TempPathFactory
) -> tuple[House, str]:
    """A house that has learned, and what that said."""
    home = house(tmp_path_factory.mktemp("taught"), models)
    home.keep([*lessons[0], *lessons[1]])
    return home, home.say("field", "teach", "--yes")


@pytest.fixture
def home(taught: tuple[House, str], tmp_path: Path) -> House:
    """A copy of that house, to be changed."""
    folder = tmp_path / "copy"
    shutil.copytree(taught[0].config.parent, folder)
    text = (folder / "earlid.toml").read_text().replace(str(taught[0].config.parent), str(folder))
    (folder / "earlid.toml").write_text(text)
    return House(folder / "state", folder / "earlid.toml")


def heard(home: House, who: float, *more: str) -> tuple[list[str], list[str]]:
    """The words that wake and that are vetoed where somebody says it, by `earlid replay`."""
    path = recorded(home.state / "said.wav", who)
    said = json.loads(home.say("replay", "--json", *more, str(path)).splitlines()[0])
    return [one["model"] for one in said["wakes"]], [one["model"] for one in said["vetoed"]]


def test_it_shows_its_gain_on_what_was_held_back_and_the_one_line_that_changes(
    taught: tuple[House, str],
) -> None:
    home, said = taught
    removed, lost = (int(found) for found in re.findall(r"(\d+) of (?:14|24) ", said))
    assert removed >= 13
    assert lost <= 2
    low, high = (100 * bound for bound in (share(lost, 24).low, share(lost, 24).high))
    assert f"({low:.1f} to {high:.1f})" in said, "the interval of Clopper and Pearson"
    assert f'+ verifiers = ["{WORD}"]' in said
    text = home.config.read_text()
    assert text.startswith(
        f'# in the kitchen\n[wake]\nverifiers = ["{WORD}"]\nwords = ["{WORD}"]  # the butler\n'
    )
    assert (home.state / "field/taught" / f"{WORD}.json").is_file()


def test_the_listener_s_own_code_refuses_the_television_and_still_hears_its_owner(
    taught: tuple[House, str],
) -> None:
    home, _ = taught
    assert heard(home, OWNER) == ([WORD], [])
    assert heard(home, TELEVISION) == ([], [WORD])
    assert heard(home, TELEVISION, "--unverified") == ([WORD], [])


def test_bench_measures_it_with_and_without(taught: tuple[House, str], tmp_path: Path) -> None:
    home, _ = taught
    (tmp_path / "negative/television").mkdir(parents=True)
    recorded(tmp_path / "negative/television/one.wav", TELEVISION)
    found = []
    for more in ([], ["--unverified"]):
        out = tmp_path / "report.json"
        asked = ("--model", WORD, "--jobs", "1", "--json", str(out), *more)
        home.say("bench", str(tmp_path), *asked, code=65)
        (result,) = json.loads(out.read_text())["results"]
        found.append(result["other"]["events"])
    assert found == [0, 1]


def test_a_field_recording_keeps_what_was_vetoed_and_the_listener_tells_it(home: House) -> None:
    home.say("field", "start", "--keep-audio")
    television = str(recorded(home.state / "said.wav", TELEVISION))
    said = home.say("listen", "--json", "--source", television)
    events = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert [one["model"] for one in events if one["event"] == "vetoed"] == [WORD]
    assert not [one for one in events if one["event"] in {"wake", "kept"}]
    with closing(FieldStore(home.state / "field")) as store:
        peak = store.peaks(limit=1)[0]
    assert (peak.kind, peak.word, peak.label) == (Kind.VETOED, WORD, None)
    assert peak.clip, "so that its owner can hear whether it was right"
    assert "vetoed" in home.say("listen", "--source", television)


def test_off_is_one_line_and_everything_is_as_before(home: House) -> None:
    said = home.say("field", "teach", "--off", "--yes")
    assert "+ verifiers = []" in said
    assert heard(home, TELEVISION) == ([WORD], [])
    assert "no verifier is in effect" in home.say("field", "teach", "--off", code=64)


@pytest.mark.parametrize("answer", ["", "\n", "n\n", "nope\n", "yes please\n"])
def test_whatever_is_no_yes_writes_nothing(home: House, answer: str) -> None:
    before = home.files()
    assert "nothing was written" in home.say("field", "teach", "--off", answer=answer)
    assert home.files() == before


def test_ctrl_c_at_the_question_writes_nothing(home: House) -> None:
    home.say("field", "teach", "--off", "--yes")
    (home.state / f"field/taught/{WORD}.json").unlink()
    before = home.files()
    pipe = subprocess.PIPE
    with subprocess.Popen(home.command("field", "teach"), stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdout
        said = b""
        while not said.endswith(b"write it? [y/N] "):
            said += process.stdout.read(1)
        process.send_signal(signal.SIGINT)
        assert process.wait(SECONDS) == 130
    assert home.files() == before


def test_one_that_is_gone_altered_or_another_word_s_stops_the_listener_with_78(home: House) -> None:
    path = home.state / f"field/taught/{WORD}.json"
    body = path.read_bytes()
    listen = ("listen", "--source", str(recorded(home.state / "said.wav", OWNER)))
    path.write_bytes(body.replace(b"0.0", b"0.1", 1))
    assert "damaged or was altered" in home.say(*listen, code=78)
    path.write_bytes(b"\x80\x04\x95 a pickle")
    assert "is no verifier" in home.say(*listen, code=78)
    path.unlink()
    assert "does not exist" in home.say(*listen, code=78)
    home.config.write_text(
        home.config.read_text().replace(f'verifiers = ["{WORD}"]', 'verifiers = ["alexa"]')
    )
    assert '"alexa" is not listened for' in home.say(*listen, code=78)


def test_too_few_one_sided_and_unlearnable_labels_are_refused_in_one_line_and_write_nothing(
    models: Path, tmp_path: Path, lessons: tuple[Sequence[Moment], Sequence[Moment]]
) -> None:
    home = house(tmp_path, models)
    before = home.files()

    def refused(*words: str) -> str:
        said = home.say("field", "teach", *words, "--yes", code=64)
        (line,) = [each for each in said.splitlines() if each.startswith("earlid: ")]
        assert home.files() == before
        return line

    assert 'no "hey jarvis" with sound has a label' in refused()
    home.keep(lessons[0][:5])
    assert "only calls and no false wakes" in refused()
    home.keep(lessons[1][:5])
    assert "too few: 5 calls of at least 20, 5 false wakes of at least 10" in refused()
    assert "alexa is not listened for" in refused("--word", "alexa")
    home.keep([*lessons[0][5:], *lessons[1][5:]])
    with closing(FieldStore(home.state / "field")) as store:
        for number, peak in enumerate(store.peaks()):
            store.label(peak.id, Label.FALSE if number % 3 == 0 else Label.TRUE)
    assert "no gain, and it is not kept" in refused()


def test_without_the_key_nothing_is_heard_and_nothing_learned(home: House) -> None:
    (home.config.parent / "field.key").unlink()
    before = home.files()
    assert "does not exist: put the key there" in home.say("field", "teach", code=78)
    assert home.files() == before
