"""What is said of each wake word is complete, and true of the published file."""

from __future__ import annotations

import re
from pathlib import Path

import onnx
import pytest

from earlid.edge.model.manifest import Manifest, backbone, manifest, manifests
from earlid.errors import ConfigError

EVERY = pytest.mark.parametrize("one", manifests().values(), ids=lambda one: one.name)
SHA256 = re.compile(r"[0-9a-f]{64}")


def test_six_wake_words_are_known_in_alphabetical_order() -> None:
    assert list(manifests()) == ["alexa", "hey_jarvis", "hey_mycroft", "hey_rhasspy", "timer", "weather"]


@EVERY
def test_every_field_says_something_a_person_or_the_detector_can_use(one: Manifest) -> None:
    assert one.phrase == one.phrase.lower()
    assert len(one.phrase.split()) >= 1
    assert one.licence == "CC BY-NC-SA 4.0"
    assert "openwakeword 0.5.1" in one.source
    assert 0.0 < one.threshold < 1.0
    assert one.patience >= 1
    assert SHA256.fullmatch(one.part.sha256)
    assert one.part.path.startswith("openwakeword/resources/models/")
    assert one.part.name == f"{one.name}_v0.1.onnx"


@EVERY
def test_words_and_outputs_go_together_and_no_other_model_has_them(one: Manifest) -> None:
    assert len(one.words) == len(one.outputs) == len(set(one.outputs))
    assert all(word == one.name or word.startswith(f"{one.name}:") for word in one.words)
    elsewhere = {word for other in manifests().values() if other is not one for word in other.words}
    assert not elsewhere & set(one.words)


@EVERY
def test_span_and_outputs_are_the_published_networks_own(one: Manifest, models: Path) -> None:
    graph = onnx.load(models / one.part.name).graph
    _, span, features = (dim.dim_value for dim in graph.input[0].type.tensor_type.shape.dim)
    outputs = graph.output[0].type.tensor_type.shape.dim[-1].dim_value
    assert (span, features) == (one.span, 96)
    assert max(one.outputs) < outputs


def test_the_shared_networks_are_pinned_to_one_wheel_under_a_free_licence() -> None:
    shared = backbone()
    assert shared.requirement == "openwakeword==0.5.1"
    assert shared.wheel == "openwakeword-0.5.1-py3-none-any.whl"
    assert shared.licence == "Apache-2.0"
    digests = [shared.sha256, shared.melspectrogram.sha256, shared.embedding.sha256]
    digests += [one.part.sha256 for one in manifests().values()]
    assert all(SHA256.fullmatch(digest) for digest in digests)
    assert len(set(digests)) == len(digests)


def test_an_unknown_wake_word_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(ConfigError, match=r"no wake word is called hey_earlid; known are alexa, .*weather"):
        manifest("hey_earlid")


@pytest.mark.parametrize("name", ["backbone", "../alexa", "", "alexa.toml"])
def test_nothing_but_a_wake_words_own_name_finds_its_manifest(name: str) -> None:
    with pytest.raises(ConfigError, match="no wake word is called"):
        manifest(name)
