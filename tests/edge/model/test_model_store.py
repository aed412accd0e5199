"""The models directory gives out what was published or what it composed itself, and nothing else."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from earlid.edge.model import store as model_store
from earlid.edge.model.engine import Engine
from earlid.edge.model.manifest import backbone, manifest
from earlid.edge.model.store import ModelStore
from earlid.errors import ConfigError
from fakes.wheel import lookalike, published_wheel

HEY_JARVIS = manifest("hey_jarvis").part.name


@pytest.fixture
def store(models: Path, tmp_path: Path) -> ModelStore:
    """A models directory of its own with hey_jarvis in it, published files and graph."""
    root = tmp_path / "models"
    (root / "composed").mkdir(parents=True)
    shared = ModelStore(models)
    shared.graph(["hey_jarvis"])
    names = [part.name for part in shared.parts(["hey_jarvis"])]
    names += [str(one.relative_to(models)) for one in (models / "composed").glob("hey_jarvis.*")]
    for name in names:
        shutil.copy(models / name, root / name)
    return ModelStore(root)


def composed(store: ModelStore) -> Path:
    (path,) = (store.root / "composed").glob("hey_jarvis.*.onnx")
    return path


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def alter_a_byte(path: Path) -> None:
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.write_bytes(body)


def empty(path: Path) -> None:
    path.write_bytes(b"")


AMISS = pytest.mark.parametrize("spoil", [truncate, alter_a_byte, empty], ids=lambda one: one.__name__)


@AMISS
@pytest.mark.parametrize("which", range(3), ids=["melspectrogram", "embedding", "head"])
def test_a_published_file_that_is_not_as_published_is_refused_by_name(
    store: ModelStore, which: int, spoil: Callable[[Path], None]
) -> None:
    part = store.parts(["hey_jarvis"])[which]
    spoil(store.root / part.name)
    with pytest.raises(ConfigError, match=rf"{part.name}: truncated or altered; run 'earlid models get"):
        store.graph(["hey_jarvis"])
    assert store.trouble(part) == "truncated or altered"
    assert not store.installed("hey_jarvis")


@AMISS
def test_a_composed_graph_that_was_touched_is_refused_by_name(
    store: ModelStore, spoil: Callable[[Path], None]
) -> None:
    path = composed(store)
    spoil(path)
    with pytest.raises(ConfigError, match=rf"{path.name.replace('+', '.')}: truncated or altered"):
        store.graph(["hey_jarvis"])
    assert [one for one, _ in store.composed_amiss()] == [path]


def test_a_composed_graph_without_its_digest_is_refused(store: ModelStore) -> None:
    composed(store).with_suffix(".sha256").unlink()
    with pytest.raises(ConfigError, match="truncated or altered"):
        store.graph(["hey_jarvis"])


def test_a_deleted_graph_is_composed_anew_from_the_published_files(store: ModelStore) -> None:
    composed(store).unlink()
    assert store.graph(["hey_jarvis"]) == composed(store).read_bytes()
    assert store.composed_amiss() == []
    Engine.load(store.root, ["hey_jarvis"])


def test_a_missing_model_is_named_with_the_command_that_gets_it(store: ModelStore) -> None:
    with pytest.raises(ConfigError, match=r"alexa_v0\.1\.onnx: not installed; run 'earlid models get alexa'"):
        store.graph(["alexa"])


def test_a_name_given_twice_or_not_at_all_or_unknown_is_refused(store: ModelStore) -> None:
    with pytest.raises(ConfigError, match="named twice in alexa, alexa"):
        store.manifests(("alexa", "alexa"))
    with pytest.raises(ConfigError, match="no wake word is set"):
        store.manifests(())
    with pytest.raises(ConfigError, match="no wake word is called hey_earlid; known are alexa"):
        store.manifests(("alexa", "hey_earlid"))


def test_a_model_that_cannot_be_read_says_why(store: ModelStore) -> None:
    (store.root / HEY_JARVIS).unlink()
    (store.root / HEY_JARVIS).mkdir()
    with pytest.raises(ConfigError, match=rf"{HEY_JARVIS}: cannot be read \(is a directory\)"):
        store.graph(["hey_jarvis"])


def test_another_wheel_is_refused_before_anything_of_it_is_kept(tmp_path: Path) -> None:
    wheel = lookalike(tmp_path / "elsewhere", {manifest("alexa").part.path: b"x"})
    store = ModelStore(tmp_path / "models")
    with pytest.raises(ConfigError, match=r"is not openwakeword-0\.5\.1-py3-none-any\.whl as published"):
        store.install(wheel, ["alexa"])
    assert not store.root.exists()


def test_a_truncated_wheel_is_refused(tmp_path: Path) -> None:
    wheel = tmp_path / backbone().wheel
    shutil.copy(published_wheel(), wheel)
    truncate(wheel)
    with pytest.raises(ConfigError, match=r"pip download --no-deps openwakeword==0\.5\.1"):
        ModelStore(tmp_path / "models").install(wheel, ["alexa"])


def test_a_file_in_the_wheel_that_is_not_the_published_one_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = ModelStore(tmp_path).parts(["alexa"])
    wheel = lookalike(tmp_path / "elsewhere", {part.path: b"not this" for part in parts})
    pinned = replace(backbone(), sha256=hashlib.sha256(wheel.read_bytes()).hexdigest())
    monkeypatch.setattr(model_store, "backbone", lambda: pinned)
    with pytest.raises(ConfigError, match=r"melspectrogram\.onnx in .* is not the published one"):
        ModelStore(tmp_path / "models").install(wheel, ["alexa"])
    assert list((tmp_path / "models").glob("*")) == []


def test_installing_repairs_what_was_altered_and_leaves_what_is_whole(store: ModelStore) -> None:
    alter_a_byte(store.root / HEY_JARVIS)
    whole = store.root / "embedding_model.onnx"
    before_ns = whole.stat().st_mtime_ns
    store.install(published_wheel(), ["hey_jarvis"])
    assert store.installed("hey_jarvis")
    assert whole.stat().st_mtime_ns == before_ns
    assert not list(store.root.rglob(".*")), "a draft was left behind"


def test_a_graph_that_cannot_be_kept_is_composed_for_now_and_told(
    store: ModelStore, caplog: pytest.LogCaptureFixture
) -> None:
    body = composed(store).read_bytes()
    shutil.rmtree(store.root / "composed")
    (store.root / "composed").write_text("as on a card that is read-only")
    again = store.graph(["hey_jarvis"])
    assert len(again) == pytest.approx(len(body), rel=0.1)
    assert len(Engine(again, store.manifests(["hey_jarvis"])).words) == 1
    assert "cannot write" in caplog.text and "sudo earlid models get hey_jarvis" in caplog.text
    with pytest.raises(ConfigError, match="cannot compose a graph for hey_jarvis: cannot write"):
        store.compose_missing(["hey_jarvis"])
