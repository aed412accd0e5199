"""A real Chromium, headless; each tab is watched for what it says and whom it asks."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from fakes.waiting import SECONDS

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP evil.example 127.0.0.1",
)
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DESK = {"width": 1280, "height": 860}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}


def where() -> str | None:
    """The program: $EARLID_CHROMIUM, or the first of NAMES that is installed."""
    return os.environ.get("EARLID_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser, for which evil.example has its name point to this machine."""
    with sync_playwright() as playing:
        browser = playing.chromium.launch(executable_path=where(), args=[*ARGUMENTS], headless=True)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Visit:
    """One tab, watched: what it says on its console, and which addresses it asks."""

    page: Page
    url: str
    said: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(1000 * SECONDS)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        self.page.on("request", self._request)

    def check(self) -> None:
        """It said nothing, and asked nobody else."""
        assert self.said == []
        assert self.elsewhere == []

    def wait(self) -> None:
        """Until the queue is there, and with it what keys do."""
        self.page.locator("#picture[aria-busy], #empty:not([hidden])").first.wait_for()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def _console(self, message: ConsoleMessage) -> None:
        self.said.append(f"{message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.url}/", "data:", "blob:", "about:")):
            self.elsewhere.append(request.url)


def visit(browser: Browser, url: str, link: str, **how: Any) -> Visit:
    """A new browser window, as private as a new person's, that opened the `link` to pair."""
    context: BrowserContext = browser.new_context(**{"viewport": DESK, **how})
    tab = Visit(context.new_page(), url)
    tab.page.goto(link)
    tab.page.wait_for_url(f"{url}/")
    tab.wait()
    return tab
