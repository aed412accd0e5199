"""The README shows the lamp's one table."""

from pathlib import Path

from earlid.core.lamp import lamp_table

README = Path(__file__).parents[2] / "README.md"


def test_the_readme_shows_what_the_lamp_means() -> None:
    before, marker, rest = README.read_text("utf-8").partition("<!-- lamp -->\n")
    table, closing, _ = rest.partition("<!-- /lamp -->")
    assert before and marker and closing, "README.md has no block between lamp markers"
    assert table.strip() == lamp_table(), "put the output of earlid.core.lamp.lamp_table() in the block"
