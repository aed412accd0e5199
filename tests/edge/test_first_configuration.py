"""The file the installer puts down: all explained, nothing set, and right when its marks are taken away."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from earlid.check_config import first_lines
from earlid.cli import answer
from earlid.config import Config, declared
from earlid.config_file import parse

PLACES = {"HOME": "/nowhere", "STATE_DIRECTORY": "/var/lib/earlid", "RUNTIME_DIRECTORY": "/run/earlid"}


def read(text: str) -> Config:
    return parse(text, Path("/etc/earlid/config.toml"), secrets=True, environ=PLACES)


def switched_on(lines: list[str]) -> list[str]:
    """The same file, with the mark before every setting taken away."""
    return [line[1:] if re.match(r"#\w+ = ", line) else line for line in lines]


def test_nothing_is_set_in_it_so_that_better_defaults_reach_whoever_changed_nothing() -> None:
    assert set(read("\n".join(first_lines())).origins.values()) <= {
        "default",
        "$STATE_DIRECTORY",
        "$RUNTIME_DIRECTORY",
    }


def test_every_setting_is_in_it_once_and_explained_on_the_line_before() -> None:
    lines = list(first_lines())
    for each in declared():
        (found,) = [
            number
            for number, line in enumerate(lines)
            if line.startswith(f"#{each.key} = ")
            and next(up for up in reversed(lines[:number]) if up.startswith("[")) == f"[{each.table}]"
        ]
        assert lines[found - 1] == f"# {each.about}"


def test_with_every_mark_taken_away_it_is_right_and_says_what_held_before() -> None:
    lines = list(first_lines())
    on = switched_on(lines)
    assert sum(one != other for one, other in zip(lines, on, strict=True)) == len(list(declared()))
    before, after = read("\n".join(lines)), read("\n".join(on))
    assert {each.path: before.value(each.path) for each in declared()} == {
        each.path: after.value(each.path) for each in declared()
    }


@pytest.mark.parametrize("name", ["seeed", 'a "quoted" one', "back\\slash", "Gerät", "0"])
def test_a_microphone_chosen_beforehand_is_the_one_setting_made(name: str) -> None:
    config = read("\n".join(first_lines(name)))
    assert config.microphone.device == name
    assert [path for path, origin in config.origins.items() if origin == "file"] == ["microphone.device"]


def test_the_command_prints_it_whatever_the_configuration_in_effect_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "config.toml"
    broken.write_text("not toml", encoding="utf-8")
    assert answer(["--config", str(broken), "check-config", "--new", "--microphone", "seeed"]) == 0
    assert capsys.readouterr().out == "\n".join(first_lines("seeed")) + "\n"
