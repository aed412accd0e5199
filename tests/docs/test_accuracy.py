"""The README's figures are those of the manifests, and those are what the bench wrote."""

from pathlib import Path

from earlid.edge.intervals import rate, share
from earlid.edge.model.manifest import accuracy_table, manifests

README = Path(__file__).parents[2] / "README.md"


def test_the_readme_shows_the_table_that_the_manifests_make() -> None:
    before, marker, rest = README.read_text("utf-8").partition("<!-- accuracy -->\n")
    table, closing, _ = rest.partition("<!-- /accuracy -->")
    assert before and marker and closing, "README.md has no block between accuracy markers"
    assert table.strip() == accuracy_table(), "put earlid.edge.model.manifest.accuracy_table() in the block"


def test_the_bounds_in_the_manifests_are_those_of_their_counts() -> None:
    figures = [one for model in manifests().values() for one in model.measured]
    assert figures
    for one in figures:
        misses, hourly = share(one.missed, one.calls), rate(one.false_accepts, one.hours)
        assert abs(one.miss_low - misses.low) < 1e-4 and abs(one.miss_high - misses.high) < 1e-4, one
        assert abs(one.per_hour_low - hourly.low) < 1e-3 and abs(one.per_hour_high - hourly.high) < 1e-3, one


def test_every_model_that_somebody_calls_in_the_recordings_was_measured_where_it_is_noisy() -> None:
    assert {one.condition for one in manifests()["alexa"].measured} >= {"clean", "snr10", "snr5"}
