"""A wake-word listener that lets nothing leave before its name is called.

`earlid.hear` is the whole of it for other programs; `Wake` and `Segment` are what it yields.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from earlid.core.segment import Endpoint, Segment, Wake
    from earlid.hearing import hear

__version__ = "0.1.0"
__all__ = ["Endpoint", "Segment", "Wake", "hear"]

# ONNX Runtime 1.32 reports to its makers over HTTPS unless it finds this before it is loaded, and keeps a
# device id on disk. Whatever of ours loads it has come through here first. See its Privacy.md.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"


def __getattr__(name: str) -> Any:
    """Import what is asked for only then, so that `earlid --help` need not load numpy."""
    if name not in __all__:
        raise AttributeError(f"module 'earlid' has no attribute {name!r}")
    where = "earlid.hearing" if name == "hear" else "earlid.core.segment"
    return getattr(import_module(where), name)
