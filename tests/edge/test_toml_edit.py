"""Settings are changed in a configuration's text, and not one other character of it."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earlid.check_config import first_lines
from earlid.edge.toml_edit import Value, difference, edited
from earlid.errors import ConfigError

NEW = "\n".join(first_lines("seeed")) + "\n"
TUNED: dict[str, Value] = {"wake.thresholds.alexa": 0.62, "wake.patience": 2}

FILES = [
    "",
    "# nothing yet",
    NEW,
    '[wake]\nwords = ["alexa"]  # mine\n\n# what one wake keeps\n[segment]\nmax_s = 5\n',
    '[segment]\nmax_s = 5\n\n[wake]\nwords = ["alexa"]',
    "[wake]\npatience = 1  # as it was\n\n[wake.thresholds]\nalexa = 0.5   # the model's own\ntimer = 0.3\n",
    "[wake]\nthresholds = {timer = 0.3}  # all\n",
    "[wake]\nthresholds = {alexa = 0.5, timer = 0.3}\npatience = 3\n",
    "[wake]\nthresholds.timer = 0.3\n",
    "[wake.thresholds]\n[segment]\nmax_s = 5\n",
    "wake.patience = 1\nwake.thresholds.alexa = 0.4\n",
    '[ wake ] # spaced\n"patience" = 1\n',
    '[[sinks]]\nname = "a"\n# [wake]\n[wake]\npatience = 1\r\n',
]


@pytest.mark.parametrize("text", FILES)
def test_only_what_was_asked_for_changes(text: str) -> None:
    after = edited(text, TUNED)
    wanted = tomllib.loads(text)
    wake = wanted.setdefault("wake", {})
    wake["patience"] = 2
    wake.setdefault("thresholds", {})["alexa"] = 0.62
    assert tomllib.loads(after) == wanted
    kept = [line for line in text.splitlines() if "patience" not in line and "thresholds" not in line]
    lost = [line for line in kept if line not in after.splitlines() and "alexa = 0.5" not in line]
    assert lost == []
    for comment in ("# mine", "# what one wake keeps", "# as it was", "# the model's own", "# all"):
        assert (comment in text) == (comment in after)


def test_in_a_new_configuration_it_stands_below_its_explanation() -> None:
    lines = edited(NEW, TUNED).splitlines()
    place = lines.index("patience = 2")
    assert lines[place - 1].startswith("#patience = 1")
    assert lines[lines.index("thresholds.alexa = 0.62") - 1].startswith("#thresholds = {}")
    assert len(lines) == len(NEW.splitlines()) + 2


def test_a_list_is_written_and_emptied_in_one_line() -> None:
    once = edited(NEW, {"wake.verifiers": ["alexa"]})
    line = 'verifiers = ["alexa"]'
    assert list(difference(NEW, once)) == [f"{once.splitlines().index(line) + 1:4} + {line}"]
    off = edited(once, {"wake.verifiers": []})
    assert "verifiers = []" in off.splitlines()


def test_the_lines_that_differ_are_told_with_their_numbers() -> None:
    before = "[wake]\npatience = 1  # mine\n"
    told = list(difference(before, edited(before, TUNED)))
    assert told == [
        "   2 - patience = 1  # mine",
        "   2 + thresholds.alexa = 0.62",
        "   3 + patience = 2  # mine",
    ]


@pytest.mark.parametrize(
    "text", ["wake = 3\n", "[wake]\nthresholds = 5\n", "[[wake]]\npatience = 1\n", "wake = {patience = 1}"]
)
def test_what_is_written_in_a_way_that_cannot_be_changed_safely_is_left_to_its_owner(text: str) -> None:
    with pytest.raises(ConfigError, match="by hand"):
        edited(text, TUNED)


@given(
    st.lists(
        st.sampled_from(
            [
                "",
                "# note",
                "[wake]",
                "[wake.thresholds]",
                "[segment]",
                "max_s = 5",
                "alexa = 0.5 # x",
                "x.y = 1",
            ]
        ),
        max_size=8,
    )
)
def test_whatever_the_file_is_like_it_says_the_same_and_the_change_or_is_left_alone(lines: list[str]) -> None:
    text = "\n".join(lines)
    try:
        wanted = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    try:
        after = tomllib.loads(edited(text, TUNED))
    except ConfigError:
        return
    wake = after["wake"]
    assert wake.pop("patience") == 2
    assert wake["thresholds"].pop("alexa") == 0.62
    expected = wanted.get("wake", {})
    expected.get("thresholds", {}).pop("alexa", None)
    wake_left = {key: value for key, value in wake.items() if value != {} or key in expected}
    assert wake_left == expected
    assert {**after, "wake": None} == {**wanted, "wake": None}
