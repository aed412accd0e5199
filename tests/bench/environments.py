"""Environments of peers, where the product has them: `earlid bench --engine` builds the same."""

from __future__ import annotations

from earlid.bench.environments import MODELS_WHEEL, Environments, Unavailable

__all__ = ["MODELS_WHEEL", "Environments", "Unavailable"]
