"""A verifier on disk is plain numbers; anything but what was written is refused, with exit code 78."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from earlid.core.verifier import SHAPE, Verifier
from earlid.edge.disk import FILE_MODE
from earlid.edge.model.verifier_file import VerifierFiles, _body_of, _Whole
from earlid.edge.schema import to_json
from earlid.errors import ConfigError


@pytest.fixture
def files(tmp_path: Path) -> VerifierFiles:
    return VerifierFiles(tmp_path)


def verifier(word: str = "alexa") -> Verifier:
    weights = np.random.default_rng(5).normal(size=SHAPE).astype(np.float32)
    return Verifier(word, weights, 0.1 + 0.2)


def refused(files: VerifierFiles, word: str = "alexa") -> str:
    with pytest.raises(ConfigError) as error:
        files.read(word)
    assert error.value.exit_code == 78
    assert "\n" not in str(error.value)
    assert "earlid field teach" in str(error.value)
    return str(error.value)


def test_what_is_kept_is_read_back_to_the_last_bit(files: VerifierFiles) -> None:
    files.keep(verifier(), 40, 12)
    read = files.read("alexa")
    assert np.array_equal(read.weights, verifier().weights)
    assert read.bias == verifier().bias
    assert read.word == "alexa"
    assert files.path("alexa").stat().st_mode & 0o777 == FILE_MODE
    files.keep(Verifier("alexa", -verifier().weights, 1.0), 41, 13)
    assert files.read("alexa").bias == 1.0
    assert [path.name for path in files.folder.iterdir()] == ["alexa.json"]


def test_it_says_what_it_is_made_of_in_json_that_anybody_can_read(files: VerifierFiles) -> None:
    files.keep(verifier(), 40, 12)
    said = json.loads(files.path("alexa").read_text())
    numbers = said["numbers"]
    assert (numbers["word"], numbers["calls"], numbers["false_wakes"]) == ("alexa", 40, 12)
    assert numbers["shape"] == [16, 96]
    assert set(numbers["models"]) == {"melspectrogram.onnx", "embedding_model.onnx", "alexa_v0.1.onnx"}


def test_one_that_is_not_there_is_told_with_the_setting_that_asks_for_it(files: VerifierFiles) -> None:
    assert "does not exist" in refused(files)
    files.keep(verifier(), 40, 12)
    assert "wake.verifiers" in refused(files, "hey_jarvis")


class Boom:
    """Whoever unpickles it writes a file."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.mark,)


def test_a_pickle_is_refused_and_never_opened(files: VerifierFiles, tmp_path: Path) -> None:
    files.keep(verifier(), 40, 12)
    mark = tmp_path / "mark"
    pickle.loads(pickle.dumps(Boom(mark)))
    assert mark.exists(), "this pickle does something"
    mark.unlink()
    files.path("alexa").write_bytes(pickle.dumps(Boom(mark)))
    assert "is no verifier" in refused(files)
    assert not mark.exists()


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"null", b"\x93NUMPY\x01\x00", b"PK\x03\x04", b'{"numbers": 3}', b"[" * 5_000]
)
def test_garbage_is_refused(files: VerifierFiles, body: bytes) -> None:
    files.keep(verifier(), 40, 12)
    files.path("alexa").write_bytes(body)
    assert "is no verifier" in refused(files)


def test_a_file_too_large_and_a_name_that_is_no_file_are_refused(files: VerifierFiles) -> None:
    files.keep(verifier(), 40, 12)
    path = files.path("alexa")
    path.write_bytes(path.read_bytes() + b" " * 300_000)
    with pytest.raises(Exception, match=r"alexa\.json"):
        files.read("alexa")
    path.unlink()
    path.symlink_to("/dev/zero")
    refused(files)


def test_every_single_altered_or_missing_byte_is_noticed(files: VerifierFiles) -> None:
    files.keep(verifier(), 40, 12)
    path = files.path("alexa")
    whole = path.read_bytes()
    dice = np.random.default_rng(3)
    for place in dice.integers(len(whole), size=200).tolist():
        changed = bytes([whole[place] ^ (1 << int(dice.integers(7)))])
        path.write_bytes(whole[:place] + changed + whole[place + 1 :])
        refused(files)
        path.write_bytes(whole[:place] + whole[place + 1 :])
        refused(files)
        path.write_bytes(whole[:place])
        refused(files)


def rewritten(files: VerifierFiles, change: Callable[[dict[str, Any]], object]) -> None:
    """The file as somebody would write it who can compute its hash anew."""
    files.keep(verifier(), 40, 12)
    path = files.path("alexa")
    said = json.loads(path.read_text())
    change(said["numbers"])
    numbers = said["numbers"]
    from earlid.edge.model.verifier_file import Numbers

    fields = {**numbers, "shape": tuple(numbers["shape"]), "weights": tuple(numbers["weights"])}
    path.write_bytes(_body_of(Numbers(**fields)))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda numbers: numbers.update(word="hey_jarvis"), "belongs to hey_jarvis"),
        (lambda numbers: numbers["models"].update({"embedding_model.onnx": "0" * 64}), "other models"),
        (lambda numbers: numbers["models"].clear(), "other models"),
        (lambda numbers: numbers.update(shape=[96, 16]), "another shape"),
        (lambda numbers: numbers["weights"].pop(), "another shape"),
        (lambda numbers: numbers["weights"].__setitem__(7, 1e39), "that are none"),
    ],
)
def test_with_a_right_hash_it_must_still_fit(
    files: VerifierFiles, change: Callable[[dict[str, Any]], object], says: str
) -> None:
    rewritten(files, change)
    assert says in refused(files)


def test_another_version_s_file_is_refused(files: VerifierFiles) -> None:
    files.keep(verifier(), 40, 12)
    path = files.path("alexa")
    path.write_bytes(path.read_bytes().replace(b'"earlid_verifier":1', b'"earlid_verifier":2'))
    assert "another version" in refused(files)
    assert b'"earlid_verifier":1' in to_json(_Whole(1, "", None))  # type: ignore[arg-type]
