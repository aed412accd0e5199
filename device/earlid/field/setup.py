"""How the listener that records is set up: what a builder would ask, and nothing about people."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING

from earlid.core.detector import Word
from earlid.edge.hardware import cores, machine, memory_gib, python

if TYPE_CHECKING:
    from earlid.config import Config


def setup_of(config: Config, words: Sequence[Word]) -> dict[str, object]:
    """Flat facts by name; every value is a number, a word of ours or a kind of machine."""
    return {
        "earlid": version("earlid"),
        "machine": machine(),
        "cores": cores(),
        "memory_gib": memory_gib(),
        "python": python(),
        "board": config.panel.board.value,
        "words": ", ".join(word.name for word in words),
        "thresholds": ", ".join(f"{word.threshold:g}" for word in words),
        "patience": ", ".join(str(word.patience) for word in words),
        "refractory_s": config.wake.refractory_s,
        "quiet_gate": config.wake.quiet_gate,
        "verifiers": ", ".join(config.wake.verifiers),
        "lookback_ms": config.segment.lookback_ms,
    }
