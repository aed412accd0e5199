"""Another listener beside ours: in its own environment, in the same run, in the same table."""

from __future__ import annotations

import json
from pathlib import Path

from fakes.benched import bench, environment
from fakes.loud_listener import environment as a_peer


def test_a_peer_is_judged_at_its_own_threshold_beside_ours(heard: Path, models: Path, tmp_path: Path) -> None:
    peer, file = a_peer(tmp_path / "peer"), tmp_path / "report.json"
    words = (str(heard), "--engine", f"pymicro-wakeword={peer}", "--json", str(file), "--jobs", "2")
    done = bench(environment(tmp_path, models), *words, "--html", str(tmp_path / "page.html"))
    assert done.returncode == 0, done.stderr
    told = json.loads(file.read_bytes())
    assert [one["label"] for one in told["listeners"]][1] == "pymicro-wakeword 2.5.0"
    by = {(one["word"], one["listener"]): one for one in told["results"]}
    assert {who for word, who in by if word == "alexa"} == {"earlid", "pymicro-wakeword"}
    assert {who for word, who in by if word == "weather"} == {"earlid"}, "a word that the peer does not know"
    ours, theirs = by["alexa", "earlid"], by["alexa", "pymicro-wakeword"]
    assert (ours["threshold"], theirs["threshold"]) == (0.5, 0.9)
    assert theirs["calls"]["of"] == ours["calls"]["of"] == 2
    assert theirs["other"]["seconds"] == ours["other"]["seconds"]
    assert theirs["other"]["events"] > ours["other"]["events"], "it wakes at whatever is loud"
    assert "clean  pymicro-wakeword  0.90" in done.stdout
    assert "pymicro-wakeword 2.5.0" in (tmp_path / "page.html").read_text("utf-8")


def test_a_peer_that_breaks_is_told_in_a_line(heard: Path, models: Path, tmp_path: Path) -> None:
    env, peer = environment(tmp_path, models), a_peer(tmp_path / "peer")
    words = (str(heard), "--engine", f"pymicro-wakeword={peer}", "--model", "alexa")
    (peer.parent / "broken").touch()
    done = bench(env, *words)
    assert done.returncode == 69
    assert done.stderr == (
        "earlid: pymicro-wakeword: its process ended: RuntimeError: the microphone fell off\n"
    )


def test_a_peer_that_knows_none_of_the_words_is_told_in_a_line(
    heard: Path, models: Path, tmp_path: Path
) -> None:
    words = (str(heard), "--engine", "pyopen-wakeword=/usr/bin/python3", "--model", "timer")
    done = bench(environment(tmp_path, models), *words)
    assert done.returncode == 64
    assert done.stderr == (
        "earlid: pyopen-wakeword knows none of timer: it knows alexa, hey_jarvis, hey_mycroft, hey_rhasspy\n"
    )
