"""A field recording to look at, the real page that shows it, and a real browser: a loud skip without one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from earlid.edge.field.store import FieldStore
from fakes.browser import Visit, chromium, visit, where
from fakes.field_evenings import WORDS, Evenings, configured, copied, fill
from fakes.models import models_folder
from fakes.reviewing import Reviewing, reviewing
from fakes.waiting import SECONDS

MOMENTS = 26


@pytest.fixture(scope="session")
def evenings(tmp_path_factory: pytest.TempPathFactory) -> Evenings:
    """Thirteen days in a kitchen, never changed: tests have copies."""
    return fill(tmp_path_factory.mktemp("evenings") / "state", models_folder(*WORDS), count=MOMENTS)


@pytest.fixture
def kitchen(evenings: Evenings, tmp_path: Path) -> Evenings:
    return copied(evenings, tmp_path / "state")


@pytest.fixture
def store(kitchen: Evenings) -> Iterator[FieldStore]:
    """The numbers, looked at beside the page."""
    with closing(FieldStore(kitchen.folder)) as found:
        yield found


@pytest.fixture
def config(kitchen: Evenings) -> Path:
    return configured(kitchen.folder.parent, kitchen, models_folder(*WORDS))


@pytest.fixture
def page(config: Path) -> Iterator[Reviewing]:
    """The page's program, on a terminal."""
    with reviewing(config) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One a module: it keeps an event loop running. $EARLID_MUST_BROWSE makes its absence a failure."""
    if where() is None:
        said = "THE PAGE WAS NOT DRIVEN IN A BROWSER: apt-get install chromium"
        if os.environ.get("EARLID_MUST_BROWSE"):
            pytest.fail(said)
        pytest.skip(said)
    expect.set_options(timeout=1000 * SECONDS)
    with chromium() as found:
        yield found


@pytest.fixture
def tab(browser: Browser, page: Reviewing) -> Iterator[Visit]:
    """A tab on a desk, paired; it must end without a word on its console and without another address."""
    here = visit(browser, page.url, page.new_link())
    yield here
    here.check()
    here.page.context.close()
