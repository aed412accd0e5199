"""The dashboard says what the recordings say, and the slider what another threshold would have done."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from earlid.core.field import Kind, Label
from earlid.core.whatif import what_if
from earlid.edge.field.store import FieldStore, Wanted
from earlid.edge.intervals import rate
from earlid.edge.page.shown import figure
from fakes.browser import Visit


def open_numbers(tab: Visit) -> Page:
    tab.page.get_by_role("link", name="Numbers").click()
    expect(tab.page.locator("#fa-curve .line")).to_have_count(1)
    return tab.page


def listened_h(store: FieldStore) -> float:
    return sum(one.listened for one in store.minutes()) / 16_000 / 3600


def test_the_dashboard_counts_what_was_heard_and_judged(tab: Visit, store: FieldStore) -> None:
    page = open_numbers(tab)
    wakes = store.peaks(Wanted(kind=Kind.WAKE))
    for name, label in (("true", Label.TRUE), ("false", Label.FALSE), ("unsure", Label.UNSURE)):
        count = sum(peak.label is label for peak in wakes)
        expect(page.locator(f".tally .{name} dd")).to_have_text(str(count))
    false, hours = store.count(Wanted(kind=Kind.WAKE, label=Label.FALSE)), listened_h(store)
    assert false > 2
    expect(page.locator(".lead b")).to_have_text(f"{hours:.0f} hours")
    a_day = rate(false, hours / 24)
    expect(page.locator(".cards .figure b").first).to_have_text(figure(a_day.value))
    expect(page.locator(".cards .span").first).to_have_text(f"{figure(a_day.low)} to {figure(a_day.high)}")
    expect(page.locator(".cards .figure b").nth(1)).to_have_text("10 %")
    rows = page.locator("details.table tbody tr")
    page.get_by_text("As a table").click()
    expect(rows).to_have_count(24)
    expect(rows.nth(3)).to_have_text(re.compile("not listened to"))
    expect(page.locator(".tags-table tbody tr")).not_to_have_count(0)


def test_hours_still_needed_are_those_of_the_exact_bound(tab: Visit, store: FieldStore) -> None:
    page = open_numbers(tab)
    false, hours = store.count(Wanted(kind=Kind.WAKE, label=Label.FALSE)), listened_h(store)
    needed_h = 24 * rate(false, 1.0).high
    row = page.get_by_role("row", name=re.compile("^one a day"))
    expect(row.get_by_role("cell").nth(0)).to_have_text(re.compile(f"^{needed_h:,.0f}\\sh$"))
    expect(row.get_by_role("cell").nth(1)).to_have_text(re.compile(f"^{needed_h - hours:,.0f}\\sh "))


def test_with_nothing_false_three_times_the_interval_is_enough(tab: Visit, store: FieldStore) -> None:
    for peak in store.peaks(Wanted(kind=Kind.WAKE)):
        store.label(peak.id, Label.TRUE)
    page = open_numbers(tab)
    row = page.get_by_role("row", name=re.compile("^one a day"))
    expect(row.get_by_role("cell").nth(0)).to_have_text(re.compile("^7[12]\\sh$"))
    expect(row.get_by_role("cell").nth(1)).to_have_text("may be claimed")


def test_the_slider_tells_false_accepts_and_lost_calls_at_each_threshold(
    tab: Visit, store: FieldStore
) -> None:
    page = open_numbers(tab)
    peaks, hours = store.peaks(Wanted(word="hey_jarvis")), listened_h(store)
    slider = page.get_by_role("slider", name="Threshold")
    expect(slider).to_have_attribute("aria-valuetext", "0.50, as it is now")
    seen = set()
    for threshold in (0.5, 0.96, 0.99):
        slider.fill(f"{threshold}")
        told, expected = what_if(peaks, threshold), rate(what_if(peaks, threshold).false, hours)
        expect(page.locator("#fa-span")).to_contain_text(f"{told.false} in {hours:.0f} h")
        expect(page.locator("#fa b")).to_have_text(f"{expected.value:.2g}")
        expect(page.locator("#lost b")).to_have_text(str(told.lost))
        expect(page.locator("#lost")).to_contain_text(f"of {told.of}")
        seen.add((told.false, told.lost))
    assert len(seen) > 1, "the recordings cannot tell one threshold from another"
    slider.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", "0.98")
    page.get_by_label("Wake word").select_option("alexa")
    expect(page.locator("#lost")).to_have_text("?")
    expect(page.locator("#fa-span")).to_contain_text(f"0 in {hours:.0f} h")
