"""The real models for tests that need them: fetched once, checked each time, kept beside the environment."""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path

from earlid.config_file import parse
from earlid.fetch import get_models


@cache
def models_folder(*names: str) -> Path:
    """A folder in which `names` (hey_jarvis if none) are installed; $EARLID_TEST_MODELS overrides it."""
    folder = Path(os.environ.get("EARLID_TEST_MODELS") or Path(sys.prefix) / "earlid-test-models")
    config = parse(f'[paths]\nmodels = "{folder}"\n', None, secrets=False, environ=os.environ)
    get_models(config, names or ("hey_jarvis",), None)
    return folder
