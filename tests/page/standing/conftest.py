"""One page for all tests of a file: they leave nothing behind that another would stumble over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.field_evenings import WORDS, Evenings, configured, copied
from fakes.models import models_folder
from fakes.reviewing import Reviewing, reviewing


@pytest.fixture(scope="module")
def kitchen(evenings: Evenings, tmp_path_factory: pytest.TempPathFactory) -> Evenings:
    return copied(evenings, tmp_path_factory.mktemp("standing") / "state")


@pytest.fixture(scope="module")
def page(kitchen: Evenings) -> Iterator[Reviewing]:
    config: Path = configured(kitchen.folder.parent, kitchen, models_folder(*WORDS))
    with reviewing(config) as running:
        yield running
