"""The README says of every board what the code knows of it, and its example is one."""

from pathlib import Path

import pytest

from earlid.config_file import parse
from earlid.core.board_table import boards_table
from earlid.core.boards import BOARDS, BoardName, LampKind, wiring

README = Path(__file__).parents[2] / "README.md"


def block(name: str) -> str:
    before, marker, rest = README.read_text("utf-8").partition(f"<!-- {name} -->\n")
    inside, closing, _ = rest.partition(f"<!-- /{name} -->")
    assert before and marker and closing, f"README.md has no block between {name} markers"
    return inside.strip()


def test_the_readme_shows_every_board_as_it_is_wired() -> None:
    assert block("boards") == boards_table(), (
        "put the output of earlid.core.board_table.boards_table() in the block"
    )


@pytest.mark.parametrize("name", set(BoardName) - {BoardName.CUSTOM, BoardName.NONE})
def test_every_pin_of_a_board_is_in_its_row(name: BoardName) -> None:
    (row,) = (line for line in boards_table().splitlines() if f"`{name.value}`" in line)
    _, _, switch, lamp, _, boot, source, _ = row.split("|")
    wired = wiring(board=name)
    assert str(wired.mute_pin) in switch or (wired.mute_pin is None and "none" in switch)
    for role, pin in wired.roles():
        if role != "panel.mute_pin" and not role.startswith("spi0"):
            assert str(pin) in lamp, role
    assert source.strip() == BOARDS[name].source
    if wired.dotstar_bus and wired.dotstar_bus.value.startswith("spi0"):
        assert wired.dotstar_bus.value in lamp
        assert "dtparam=spi=on" in boot


def test_the_example_of_a_panel_is_accepted_and_wired_as_it_is_drawn() -> None:
    text = block("panel").removeprefix("```toml\n").removesuffix("```")
    wired = parse(text, None, secrets=True, environ={"HOME": "/home/ada"}).panel.wired
    assert (wired.mute_pin, wired.light, wired.led_pin, wired.lamp_sense_pin) == (17, LampKind.LED, 5, 22)
    readme = README.read_text("utf-8")
    for _, pin in wired.roles():
        assert f"GPIO{pin}," in readme, "the drawing is of another panel"
