"""Settings are declared once; every mistake in a file is found in one reading."""

from enum import Enum
from pathlib import Path
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earlid.edge.schema import Settings, from_json, gather, says, settings_of
from earlid.edge.toml_text import line_of


class Shape(Enum):
    """Words to choose from."""

    ROUND = "round"
    SQUARE = "square"


class Lamp(Settings, frozen=True):
    """A table to try things on."""

    pin: Annotated[int, says("which pin", low=0, high=27)] = 12
    fade_s: Annotated[float, says("how long", unit="s", low=0.1)] = 0.5
    on: Annotated[bool, says("whether")] = False
    names: Annotated[tuple[str, ...], says("names")] = ()
    file: Annotated[Path | None, says("a file")] = None
    shape: Annotated[Shape, says("shape")] = Shape.ROUND
    sense: Annotated[int | None, says("another pin", low=0, high=27)] = None
    room: Annotated[int, says("room", low=1_000_000)] = 2_000_000
    device: Annotated[str, says("which", number_too=True)] = ""
    levels: Annotated[dict[str, Annotated[float, says("level", low=0, high=1)]], says("levels")] = {}  # noqa: RUF012


TABLES: dict[str, type[Settings]] = {"lamp": Lamp}


def told(text: str) -> list[str]:
    return [fault.told("f.toml") for fault in gather(text, TABLES).faults]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[lamp]\npin = 28", "f.toml:2: lamp.pin: wants a whole number from 0 to 27, not 28"),
        ("[lamp]\npin = 1.0", "f.toml:2: lamp.pin: wants a whole number from 0 to 27, not 1.0"),
        ("[lamp]\npin = true", "f.toml:2: lamp.pin: wants a whole number from 0 to 27, not true"),
        ("[lamp]\nfade_s = 'x'", 'f.toml:2: lamp.fade_s: wants a number of 0.1 s or more, not "x"'),
        ("[lamp]\nfade_s = nan", "f.toml:2: lamp.fade_s: wants a number of 0.1 s or more, not nan"),
        ("[lamp]\nfade_s = inf", "f.toml:2: lamp.fade_s: wants a number of 0.1 s or more, not inf"),
        ("[lamp]\non = 1", "f.toml:2: lamp.on: wants true or false, not 1"),
        ("[lamp]\nnames = 'a'", 'f.toml:2: lamp.names: wants a list of text: write ["a"]'),
        ("[lamp]\nnames = '\\u001b'", "f.toml:2: lamp.names: wants a list of text: put [ ] around it"),
        (
            "[lamp]\nnames = [1]",
            "f.toml:2: lamp.names: wants a list of text, not a list with a whole number in it",
        ),
        ("[lamp]\nfile = 3", "f.toml:2: lamp.file: wants a path, not 3"),
        ("[lamp]\nroom = 5000", "f.toml:2: lamp.room: wants a whole number of 1000000 or more, not 5000"),
        ("[lamp]\npin = 2000000", "f.toml:2: lamp.pin: wants a whole number from 0 to 27, not 2000000"),
        ("[lamp]\ndevice = true", "f.toml:2: lamp.device: wants text or a whole number, not true"),
        ("[lamp]\ndevice = 1.5", "f.toml:2: lamp.device: wants text or a whole number, not 1.5"),
        ("[lamp.levels]\na = 2", "f.toml:2: lamp.levels.a: wants a number from 0 to 1, not 2"),
        ("[lamp]\nlevels = 3", "f.toml:2: lamp.levels: wants a table, not 3"),
        (
            "[lamp]\nshape = 'rund'",
            'f.toml:2: lamp.shape: wants one of round, square, not "rund"; did you mean round?',
        ),
        ("[lamp]\nshape = 3", "f.toml:2: lamp.shape: wants one of round, square, not 3"),
        ("[lamp]\nsense = 28", "f.toml:2: lamp.sense: wants a whole number from 0 to 27, not 28"),
        ("[lamp]\npins = 3", "f.toml:2: lamp.pins: unknown setting; did you mean pin?"),
        ("[lamps]\npin = 3", "f.toml:1: lamps: unknown table; did you mean lamp?"),
        ("fade_s = 1", "f.toml:1: fade_s: unknown table; did you mean lamp.fade_s?"),
        ("lamp = 3", "f.toml:1: lamp: is a table: write [lamp]"),
        ("[[lamp]]\npin = 3", "f.toml:1: lamp: is a table: write [lamp]"),
        ("lamp.pin = 99", "f.toml:1: lamp.pin: wants a whole number from 0 to 27, not 99"),
        ("[lamp]\npin = \n", "f.toml:2: not toml: invalid value at column 7"),
        ("[lamp]\npin = 1\npin = 2\n", "f.toml:3: not toml: cannot overwrite a value at column 8"),
        ("[lamp]\nnames = ['a'", "f.toml: not toml: unclosed array at the end"),
    ],
)
def test_a_mistake_is_told_with_its_line_its_path_and_what_is_right(text: str, message: str) -> None:
    assert told(text) == [message]


def test_every_mistake_of_a_file_is_told_at_once() -> None:
    assert len(told("[lamp]\npin = 99\nfad_s = 1\non = 3\n[lamb]\n[lamp.levels]\na = 2\nb = 'x'")) == 6


def test_a_key_that_looks_like_a_secret_is_sent_to_a_file_of_its_own_and_never_repeated() -> None:
    (line,) = told("[lamp]\ntoken = 'hunter2'")
    assert "put it in a file of its own" in line
    assert "hunter2" not in line


def test_a_value_that_may_be_a_secret_is_never_repeated() -> None:
    (line,) = told("[lamp]\nnames = 'AGE-SECRET-KEY-1Q'")
    assert line.endswith("wants a list of text: put [ ] around it")


def test_a_text_that_may_be_a_number_is_its_digits() -> None:
    assert gather("[lamp]\ndevice = 3", TABLES).values["lamp"] == {"device": "3"}
    assert gather("[lamp]\ndevice = '3'", TABLES).values["lamp"] == {"device": "3"}


def test_a_key_with_control_characters_cannot_break_the_line() -> None:
    (line,) = told('[lamp]\n"a\\n\\u001bb" = 1')
    assert line.isprintable()


def test_good_values_arrive_in_their_types() -> None:
    found = gather("[lamp]\npin = 3\nfade_s = 2\nnames = ['a']\nfile = 'x'\nlevels = {a = 1}", TABLES)
    assert not found.faults
    assert found.values["lamp"] == {
        "pin": 3,
        "fade_s": 2.0,
        "names": ("a",),
        "file": Path("x"),
        "levels": {"a": 1.0},
    }
    assert isinstance(found.values["lamp"]["fade_s"], float)


@pytest.mark.parametrize("key", ["file", "sense"])
def test_an_empty_text_means_none_where_there_may_be_none(key: str) -> None:
    found = gather(f"[lamp]\n{key} = ''", TABLES)
    assert (found.values["lamp"], found.faults) == ({}, [])


def test_a_word_to_choose_arrives_as_what_it_means() -> None:
    assert gather("[lamp]\nshape = 'square'", TABLES).values["lamp"] == {"shape": Shape.SQUARE}


def test_a_setting_tells_its_default_unit_and_range() -> None:
    pin, fade, *_ = settings_of(TABLES)
    assert (pin.path, pin.default, pin.bounds, pin.about) == ("lamp.pin", 12, "0 to 27", "which pin")
    assert (fade.unit, fade.bounds) == ("s", "0.1 or more")


def test_a_line_is_found_under_headers_and_dotted_keys() -> None:
    text = "# c\n[a.b]\n x = 1\n'y' = 2\n[c]\nd.e = 3\n"
    assert [line_of(text, path) for path in ("a", "a.b", "a.b.x", "a.b.y", "c.d.e", "c.z")] == [
        2,
        2,
        3,
        4,
        6,
        None,
    ]


@given(st.text(max_size=200))
def test_no_text_whatever_raises(text: str) -> None:
    gather(text, TABLES)


def test_json_that_does_not_fit_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="Expected"):
        from_json(b'{"a": 1}', dict[str, str])
