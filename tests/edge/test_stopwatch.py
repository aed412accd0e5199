"""Costs are counted once, for the part that caused them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from earlid.edge.stopwatch import Stopwatch, shares


def test_a_part_inside_another_stops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter([0, 1, 3, 6, 10, 15])
    monkeypatch.setattr("time.process_time_ns", lambda: next(ticks))
    watch = Stopwatch()
    with watch.during("outer"), watch.during("inner"):
        pass
    watch.stop()
    assert watch.spent == {"rest": 1 + 5, "outer": 2 + 4, "inner": 3}


def test_an_engine_divides_by_the_names_of_its_nodes_and_the_clock_is_taken_off(tmp_path: Path) -> None:
    nodes = {"mel_log": 3, "layer00_conv_nchwc": 7, "feature": 1, "fused alexa/Gemm_1": 5, "mel_frames": 1}
    events = [{"cat": "Node", "name": f"{name}_kernel_time", "dur": dur} for name, dur in nodes.items()]
    events.append({"cat": "Session", "name": "model_run", "dur": 99})
    (tmp_path / "profile.json").write_text(json.dumps(events))
    assert shares(tmp_path / "profile.json", ("alexa",)) == pytest.approx(
        {"melspectrogram": 2 / 12, "embedding": 6 / 12, "heads": 4 / 12}
    )
