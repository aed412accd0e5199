"""What tests of whole processes may ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakes.benched import cut


@pytest.fixture(scope="session")
def heard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Recordings of known words and times, cut once; no test changes them."""
    return cut(tmp_path_factory.mktemp("heard"))
