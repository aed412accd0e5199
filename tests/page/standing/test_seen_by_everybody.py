"""The page on a desk and a phone, in light and dark, by keyboard alone, and as a screen reader tells it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from fakes.browser import DESK, PHONE, Visit, visit
from fakes.reviewing import Reviewing

SHOTS = Path(os.environ.get("EARLID_SHOTS") or Path(__file__).parents[3] / ".bench" / "shots")
"""Pictures of every page are left here, to be looked at; CI keeps them for a while."""
SIZES: dict[str, dict[str, Any]] = {"desk": {"viewport": DESK}, "phone": PHONE}
READABLE = 4.5
"""The contrast that WCAG asks of text."""


@pytest.fixture(params=[(size, light) for size in SIZES for light in ("light", "dark")], ids="-".join)
def look(request: pytest.FixtureRequest, browser: Browser, page: Reviewing) -> Iterator[tuple[str, Visit]]:
    size, light = request.param
    SHOTS.mkdir(parents=True, exist_ok=True)
    context = browser.new_context(**SIZES[size], color_scheme=light)
    door = Visit(context.new_page(), page.url)
    door.page.goto(f"{page.url}/pair")
    shoot(door, f"pair-{size}-{light}")
    assert_it_can_be_read(door)
    door.check()
    context.close()
    tab = visit(browser, page.url, page.new_link(), **SIZES[size], color_scheme=light)
    yield f"{size}-{light}", tab
    tab.check()
    tab.page.context.close()


def shoot(tab: Visit, name: str) -> None:
    tab.page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


def assert_it_can_be_read(tab: Visit) -> None:
    """Nothing runs out at the side, and no text fades into what is behind it."""
    assert tab.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    faint = tab.page.evaluate(_CONTRASTS)
    assert [one for one in faint if one[0] < READABLE] == []
    assert len(faint) > 3


def test_every_page_fits_and_can_be_read(look: tuple[str, Visit]) -> None:
    name, tab = look
    expect(tab.page.locator("#picture")).to_have_attribute("aria-busy", "false")
    shoot(tab, f"review-{name}")
    assert_it_can_be_read(tab)
    tab.press("f", "1")
    expect(tab.page.locator("#toast-words")).to_have_text("television added")
    tab.page.locator("summary").click()
    tab.page.locator("#position").fill("1.4")
    expect(tab.page.locator("#clock")).to_have_text("\N{MINUS SIGN}1.6 s")
    shoot(tab, f"judged-{name}")
    assert_it_can_be_read(tab)
    tab.page.get_by_role("link", name="Numbers").click()
    expect(tab.page.locator("#fa-curve .line")).to_have_count(1)
    tab.page.locator("#threshold").fill("0.9")
    shoot(tab, f"numbers-{name}")
    assert_it_can_be_read(tab)


def test_on_a_phone_the_labels_lie_under_the_thumb_and_are_big_enough(
    browser: Browser, page: Reviewing
) -> None:
    tab = visit(browser, page.url, page.new_link(), **PHONE)
    expect(tab.page.locator(".labels button")).to_have_count(4)
    for button in tab.page.locator(".labels button, #play, #previous, #next").all():
        box = button.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 44
    tab.page.mouse.wheel(0, 5_000)
    last = tab.page.get_by_role("button", name="False")
    expect(last).to_be_in_viewport()
    last.tap()
    tab.page.locator("#toast").get_by_text("Undo").tap()
    expect(tab.page.locator(".labels [aria-pressed=true]")).to_have_count(0)
    tab.check()
    tab.page.context.close()


def test_the_tab_key_alone_reaches_all_that_can_be_done(tab: Visit) -> None:
    reached: list[str] = []
    for _ in range(60):
        tab.press("Tab")
        found, is_shown = tab.page.evaluate(_FOCUSED)
        if found == "body":
            break
        assert is_shown, f"nobody sees that {found} is chosen"
        reached.append(found)
    wanted = tab.page.evaluate(_OPERABLE)
    assert reached[0] == "Skip to the content"
    assert set(wanted) <= set(reached)
    assert len(wanted) > 15


def test_a_screen_reader_is_told_what_everything_is(tab: Visit) -> None:
    tab.page.get_by_label("play the next by itself").uncheck()
    expect(tab.page.locator("#stage")).to_match_aria_snapshot(_STAGE)
    for path in ("/", "/numbers"):
        tab.page.goto(tab.url + path)
        tab.page.locator("#rows button, #fa-curve .line").first.wait_for(state="attached")
        expect(tab.page.locator("h1")).to_have_count(1)
        tree = tab.page.context.new_cdp_session(tab.page).send("Accessibility.getFullAXTree")
        nodes = [node for node in tree["nodes"] if not node.get("ignored")]
        controls = [node for node in nodes if node["role"]["value"] in _CONTROLS]
        assert len(controls) > 6
        assert [node for node in controls if not node["name"]["value"].strip()] == [], path
        assert {"banner", "main", "navigation"} <= {node["role"]["value"] for node in nodes}


def test_what_happens_is_said_aloud(tab: Visit) -> None:
    aloud = tab.page.get_by_role("status")
    tab.press("t")
    expect(aloud).to_contain_text("true. Next: ")
    expect(aloud).to_contain_text("2 of ")
    tab.press("d")
    expect(aloud).to_contain_text("deleted for good in 8 seconds")
    tab.press("z")
    expect(aloud).to_contain_text("undone: ")


def test_no_script_but_its_own_runs(browser: Browser, page: Reviewing) -> None:
    tab = visit(browser, page.url, page.new_link())
    answer = tab.page.goto(page.url)
    assert answer
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert tab.page.evaluate(_INJECTED) == [True, True, False]
    assert any("TrustedHTML" in words for words in tab.said), tab.said
    assert tab.elsewhere == []
    tab.page.context.close()


_CONTROLS = {
    "button",
    "link",
    "textbox",
    "combobox",
    "slider",
    "checkbox",
    "image",
    "img",
    "DisclosureTriangle",
}

_STAGE = """
- region:
  - heading [level=2]
  - button "Previous recording" [disabled]
  - button "Next recording"
  - figure:
    - img /Spectrogram, outline and score from 3 seconds before to 2 seconds after/
    - slider "Position, in seconds"
    - button "Play"
    - checkbox "play the next by itself"
  - group "What was it?":
    - button "True somebody called"
    - button "False nobody did"
    - button "Unsure cannot tell"
    - button "Delete sound and trace"
  - group "What set it off?":
    - button "television"
    - button "music"
    - button "similar word"
    - button "nothing"
    - button "other"
  - textbox "Note"
  - button "Undo"
"""

_OPERABLE = """() => [...document.querySelectorAll("a, button, input, select, summary")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.disabled && one.type !== "hidden"
    && one.tabIndex >= 0 && !one.closest("[hidden]"))
  .map((one) => one.getAttribute("aria-label") ?? (one.id || one.innerText.trim()))"""

_FOCUSED = """() => {
  const one = document.activeElement;
  if (one === document.body) return ["body", true];
  const style = getComputedStyle(one);
  const is = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  return [one.getAttribute("aria-label") ?? (one.id || one.innerText.trim()), is];
}"""

_INJECTED = """() => {
  window.got = false;
  const refused = [];
  const tries = [
    () => { document.body.innerHTML = "<img src=x onerror='window.got = true'>"; },
    () => {
      const one = document.createElement("script");
      one.text = "window.got = true";
      document.body.append(one);
    },
  ];
  for (const attempt of tries) {
    try { attempt(); refused.push(false); } catch { refused.push(true); }
  }
  return [...refused, window.got];
}"""

_CONTRASTS = """() => {
  const channels = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((part) => {
    const share = part / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }).reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const [r, g, b, a] = channels(getComputedStyle(at).backgroundColor);
      if (a === undefined || a > 0.99) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const one of document.querySelectorAll("body *")) {
    const own = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || one.closest(":disabled, svg, option, .unseen, .skip")) continue;
    if (!one.checkVisibility({ visibilityProperty: true })) continue;
    const [front, back] = [light(channels(getComputedStyle(one).color)), light(behind(one))];
    const [high, low] = front > back ? [front, back] : [back, front];
    found.push([(high + 0.05) / (low + 0.05), one.innerText.slice(0, 40)]);
  }
  return found;
}"""
