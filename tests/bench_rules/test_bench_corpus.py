"""Recordings are what their index says, and what cannot be used is told and left out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from earlid.bench.corpus import Corpus, Role, Source, Take, gather
from earlid.edge.model.manifest import manifest, manifests
from earlid.errors import UsageError
from fakes.benched import write_index

ALEXA, TIMER = manifest("alexa"), manifest("timer")


def sounds(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(folder / name, np.zeros(1600, np.int16), 16_000)
    return folder


def gathered(*sources: Source) -> Corpus:
    return gather(sources, manifests())


def roles(corpus: Corpus) -> dict[str, Role]:
    return {take.name: take.role for take in corpus.takes}


@pytest.mark.parametrize(
    ("name", "label", "model", "role"),
    [
        ("positive/a/1.wav", "alexa", "alexa", Role.CALL),
        ("positive/a/1.wav", "alexa", "timer", None),
        ("positive/a/1.wav", "hey_mycroft+cmd", "hey_mycroft", Role.CALL),
        ("positive/a/1.wav", "timer:10_minute", "timer", Role.CALL),
        ("near/a/1.wav", "athena", "alexa", Role.NEAR),
        ("negative/a/1.wav", "digits", "alexa", Role.OTHER),
        ("mine/1.wav", "alexa", "alexa", Role.CALL),
        ("mine/1.wav", "kitchen", "alexa", Role.OTHER),
    ],
)
def test_a_recording_is_to_each_word_what_folder_and_label_say(
    tmp_path: Path, name: str, label: str, model: str, role: Role | None
) -> None:
    write_index(sounds(tmp_path, name), [(name, label)], ("path", "label"))
    (take,) = gathered(Source(tmp_path)).takes
    assert take.to(manifest(model)) is role


def test_a_timer_is_found_only_by_the_right_time() -> None:
    ten = Take(Path("x"), "x", "timer:10_minute", Role.CALL)
    assert ten.wants(TIMER) == ("timer:10_minute",)
    assert Take(Path("x"), "x", "timer", Role.CALL).wants(TIMER) == TIMER.words
    assert Take(Path("x"), "x", "hey_mycroft+cmd", Role.CALL).wants(manifest("hey_mycroft")) == (
        "hey_mycroft",
    )


def test_a_folder_without_an_index_names_what_is_said_by_its_folders(tmp_path: Path) -> None:
    folder = sounds(tmp_path, "positive/alexa/1.wav", "near/athena/2.FLAC", "negative/tv/3.ogg")
    (tmp_path / "negative/tv/notes.txt").write_text("no sound")
    corpus = gathered(Source(folder))
    assert roles(corpus) == {
        "positive/alexa/1.wav": Role.CALL,
        "near/athena/2.FLAC": Role.NEAR,
        "negative/tv/3.ogg": Role.OTHER,
    }
    assert corpus.called(manifests()) == ["alexa"]


def test_a_role_that_was_given_beats_what_the_folders_say(tmp_path: Path) -> None:
    calls, rest = sounds(tmp_path / "alexa", "1.wav"), sounds(tmp_path / "rest", "alexa/1.wav")
    corpus = gathered(Source(calls, Role.CALL), Source(rest, Role.OTHER))
    assert roles(corpus) == {"alexa/1.wav": Role.CALL, "rest/alexa/1.wav": Role.OTHER}


def test_a_folder_whose_name_says_nothing_has_calls_of_the_word_that_was_named(tmp_path: Path) -> None:
    folder = sounds(tmp_path / "kitchen", "1.wav", "hey_jarvis/2.wav")
    corpus = gathered(Source(folder, Role.CALL, "alexa"))
    assert {take.name: take.label for take in corpus.takes} == {
        "1.wav": "alexa",
        "hey_jarvis/2.wav": "hey_jarvis",
    }


def test_what_an_index_has_wrong_is_told_by_its_line_and_the_rest_goes_on(tmp_path: Path) -> None:
    rows = [
        ("positive/1.wav", "alexa", "0.5", "1.0"),
        ("positive/gone.wav", "alexa", "", ""),
        ("positive/1.wav", "okay_nobody", "", ""),
        ("", "alexa", "", ""),
        ("positive/1.wav", "", "", ""),
        ("positive/1.wav", "alexa", "soon", "1.0"),
        ("positive/1.wav", "alexa", "0", "nan"),
    ]
    write_index(sounds(tmp_path, "positive/1.wav"), rows)
    corpus = gathered(Source(tmp_path))
    assert [(take.start_s, take.end_s) for take in corpus.takes] == [(0.5, 1.0)]
    assert [trouble.split(": ")[0] for trouble in corpus.troubles] == [
        "index.tsv line 3",
        "index.tsv line 5 names no path",
        "index.tsv line 6 names no label",
        "index.tsv line 7",
        "index.tsv line 8",
        "okay_nobody is called in 1 recording, and no model knows it",
    ]
    assert corpus.troubles[0].endswith("positive/gone.wav: no such file, left out")


def test_what_is_no_index_and_no_folder_is_refused_in_one_line(tmp_path: Path) -> None:
    write_index(tmp_path, [("a", "b")], ("file", "word"))
    with pytest.raises(UsageError, match=r"has no column label or path"):
        gathered(Source(tmp_path))
    with pytest.raises(UsageError, match="no such folder or index"):
        gathered(Source(tmp_path / "gone"))
    (tmp_path / "bare").mkdir()
    with pytest.raises(UsageError, match=r"neither an index\.tsv nor recordings"):
        gathered(Source(tmp_path / "bare"))


def test_a_sample_has_some_of_each_label_from_first_to_last(tmp_path: Path) -> None:
    names = [f"negative/tv/{number:02d}.wav" for number in range(10)]
    sounds(tmp_path, *names, "positive/alexa/1.wav")
    some = gathered(Source(tmp_path)).sample(2)
    assert list(roles(some)) == ["negative/tv/00.wav", "negative/tv/05.wav", "positive/alexa/1.wav"]
    assert some.sample(2) == some
