"""What the bench writes into a manifest, and what of the manifest it leaves alone."""

from __future__ import annotations

import tomllib
from dataclasses import replace

from earlid.bench.counts import Alike, Calls, Other
from earlid.bench.curve import Curve, Histogram
from earlid.bench.report import Result
from earlid.bench.writing import with_results
from earlid.edge.model.manifest import Measured

BEFORE = """phrase = "alexa"
threshold = 0.5  # the published default; not tuned
patience = 1  # hops in a row

[file]
path = "a.onnx"
sha256 = "00"
"""


def a_result(condition: str) -> Result:
    calls, alike, other = Calls(of=10, missed=1), Alike(of=5, woke=2), Other(of=3, seconds=7200, events=0)
    return Result(
        listener="earlid",
        word="alexa",
        condition=condition,
        threshold=0.35,
        patience=2,
        calls=calls,
        miss_rate=calls.miss_rate,
        alike=alike,
        alike_rate=alike.wake_rate,
        other=other,
        false_accepts_per_hour=other.per_hour,
        latency=None,
        curve=Curve(),
        histogram=Histogram(),
        misses=(),
        false_accepts=(),
    )


def test_the_point_and_the_figures_are_written_and_everything_else_stays() -> None:
    after = tomllib.loads(with_results(BEFORE, [a_result("clean"), a_result("snr5")], "two rooms"))
    assert (after["threshold"], after["patience"]) == (0.35, 2)
    assert after["file"] == {"path": "a.onnx", "sha256": "00"}
    clean, noisy = (Measured(**each) for each in after["measured"])
    assert (clean.condition, noisy.condition) == ("clean", "snr5")
    assert (clean.calls, clean.missed, clean.hours, clean.false_accepts) == (10, 1, 2.0, 0)
    assert (clean.miss_low, clean.miss_high, clean.per_hour_high) == (0.0025, 0.445, 1.4979)
    assert (clean.alike, clean.alike_woke, clean.source) == (5, 2, "two rooms")


def test_a_comment_beside_a_number_stays() -> None:
    assert "threshold = 0.35  # the published" in with_results(BEFORE, [a_result("clean")], "")


def test_writing_again_replaces_what_was_written_before() -> None:
    once = with_results(BEFORE, [a_result("clean"), a_result("snr5")], "then")
    twice = with_results(once, [replace(a_result("snr10"), threshold=0.4)], "now")
    assert [each["condition"] for each in tomllib.loads(twice)["measured"]] == ["snr10"]
    assert with_results(twice, [replace(a_result("snr10"), threshold=0.4)], "now") == twice
