"""The README lists every setting, from the declarations and nowhere else."""

from pathlib import Path

from earlid.config import declared, settings_table

README = Path(__file__).parents[2] / "README.md"


def test_the_readme_shows_the_table_that_the_declarations_make() -> None:
    before, marker, rest = README.read_text("utf-8").partition("<!-- settings -->\n")
    table, closing, _ = rest.partition("<!-- /settings -->")
    assert before and marker and closing, "README.md has no block between settings markers"
    assert table.strip() == settings_table(), "put the output of earlid.config.settings_table() in the block"


def test_every_setting_says_what_it_is_for_and_names_its_unit_in_its_name() -> None:
    for each in declared():
        assert each.about, each.path
        assert "\n" not in each.about and "|" not in each.about, each.path
        if each.unit:
            assert each.key.endswith(f"_{each.unit}"), each.path


def test_every_default_lies_in_its_own_range() -> None:
    for each in declared():
        if isinstance(each.default, int | float) and each.meta.ge is not None and each.meta.le is not None:
            assert each.meta.ge <= each.default <= each.meta.le, each.path
