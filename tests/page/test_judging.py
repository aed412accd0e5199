"""The owner hears and judges what woke it, in a real browser, and every step can be taken back."""

from __future__ import annotations

import time

from playwright.sync_api import Route, expect

from earlid.core.field import Kind, Label, Peak, Tag
from earlid.core.units import RATE_HZ
from earlid.edge.age import unsealed
from earlid.edge.field.clips import FieldClips
from earlid.edge.field.key import secret_key
from earlid.edge.field.store import FieldStore, Wanted
from fakes.browser import Visit
from fakes.field_evenings import Evenings
from fakes.reviewing import Reviewing

WAITING = Wanted(kind=Kind.WAKE, has_label=False, is_erased=False)


def waiting(store: FieldStore) -> list[Peak]:
    """What the queue shows, in its order."""
    return store.peaks(WAITING)


def said(tab: Visit, words: str) -> None:
    """Wait until the page has said `words`."""
    expect(tab.page.locator("#toast-words")).to_have_text(words)


def test_one_key_labels_and_goes_on_and_another_takes_it_back(tab: Visit, store: FieldStore) -> None:
    first, second, third, *_ = waiting(store)
    place = tab.page.locator("#place")
    count = len(waiting(store))
    tab.press("t")
    said(tab, "true")
    expect(place).to_have_text(f"2 of {count}")
    assert store.peak(first.id).label is Label.TRUE
    tab.press("u")
    expect(place).to_have_text(f"3 of {count}")
    assert store.peak(second.id).label is Label.UNSURE
    tab.press("f")
    said(tab, "false · what set it off?")
    tab.press("1")
    said(tab, "television added")
    tab.press("3")
    said(tab, "similar word added")
    expect(place).to_have_text(f"3 of {count}")
    found = store.peak(third.id)
    assert (found.label, found.tags) == (Label.FALSE, frozenset({Tag.TELEVISION, Tag.SIMILAR_WORD}))
    for tags in ({Tag.TELEVISION}, set[Tag]()):
        tab.press("z")
        expect(tab.page.locator("#tags [aria-pressed=true]")).to_have_count(len(tags))
        assert store.peak(third.id).tags == tags
    for peak, at in ((third, 3), (second, 2), (first, 1)):
        tab.press("z")
        expect(place).to_have_text(f"{at} of {count}")
        expect(tab.page.locator(".labels [aria-pressed=true]")).to_have_count(0)
        assert store.peak(peak.id).label is None
    assert [one.id for one in waiting(store)[:3]] == [first.id, second.id, third.id]


def test_a_quick_hand_loses_nothing(tab: Visit, store: FieldStore) -> None:
    first, second, third, *_ = waiting(store)
    tab.press("f", "1", "2", "j", "f", "4", "j", "t")
    expect(tab.page.locator("#place")).to_contain_text("4 of ")
    assert [store.peak(one.id).label for one in (first, second, third)] == [
        Label.FALSE,
        Label.FALSE,
        Label.TRUE,
    ]
    assert store.peak(first.id).tags == {Tag.TELEVISION, Tag.MUSIC}
    assert store.peak(second.id).tags == {Tag.NOTHING}
    tab.press("k", "k", "k")
    expect(tab.page.locator("#tags [aria-pressed=true]")).to_have_count(2)


def test_the_queue_is_walked_with_j_and_k_and_the_list_follows(tab: Visit, store: FieldStore) -> None:
    names = [peak.id for peak in waiting(store)]
    rows = tab.page.locator("#rows button")
    expect(rows).to_have_count(len(names))
    tab.press("j", "j", "ArrowDown")
    expect(rows.nth(3)).to_have_attribute("aria-current", "true")
    tab.press("k", "ArrowUp", "k", "k")
    expect(rows.nth(0)).to_have_attribute("aria-current", "true")
    rows.nth(2).focus()
    tab.press("Enter")
    expect(rows.nth(2)).to_have_attribute("aria-current", "true")
    expect(rows.nth(2)).to_be_focused()


def test_a_note_stays_with_the_recording_that_it_was_written_beside(tab: Visit, store: FieldStore) -> None:
    first, second, *_ = waiting(store)
    note = tab.page.get_by_label("Note")
    tab.press("n")
    expect(note).to_be_focused()
    tab.page.keyboard.type("the radio, true enough")
    tab.press("Enter")
    said(tab, "note kept")
    assert store.peak(first.id).note == "the radio, true enough"
    assert store.peak(first.id).label is None, "letters of a note are no labels"
    tab.press("j")
    expect(note).to_have_value("")
    tab.press("n")
    tab.page.keyboard.type("never mind")
    tab.press("Escape")
    expect(note).to_have_value("")
    assert store.peak(second.id).note == ""
    tab.press("z")
    expect(tab.page.locator("#toast-words")).to_contain_text("undone: ")
    expect(note).to_have_value("")
    assert store.peak(first.id).note == ""


def test_it_plays_what_was_sealed_and_a_line_moves_over_all_three_pictures(
    tab: Visit, store: FieldStore, kitchen: Evenings
) -> None:
    heard = next(peak for peak in waiting(store) if peak.clip)
    tab.page.get_by_label("play the next by itself").uncheck()
    rows = tab.page.locator("#rows button")
    rows.nth([peak.id for peak in waiting(store)].index(heard.id)).click()
    expect(tab.page.locator("#picture")).to_have_attribute("aria-busy", "false")
    tab.page.locator("#position").fill("0.5")
    still = tab.page.locator("#picture").screenshot()
    expect(tab.page.locator("#clock")).to_have_text("\N{MINUS SIGN}2.5 s")
    tab.page.locator("#position").blur()
    tab.press(" ")
    expect(tab.page.get_by_role("button", name="Pause")).to_be_visible()
    expect(tab.page.locator("#position")).not_to_have_value("0.5")
    tab.press(" ")
    expect(tab.page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    assert tab.page.locator("#picture").screenshot() != still
    before_s = float(tab.page.locator("#position").input_value())
    tab.press("ArrowLeft")
    expect(tab.page.locator("#position")).not_to_have_value(f"{before_s:g}")
    assert float(tab.page.locator("#position").input_value()) == max(0.0, round(before_s - 0.5, 2))
    sound = tab.page.evaluate(
        "async (id) => [...new Uint8Array(await (await fetch(`/sound/${id}.wav`)).arrayBuffer())]", heard.id
    )
    assert heard.clip
    sealed = FieldClips(kitchen.folder).read(heard.clip)
    assert bytes(sound) == unsealed(sealed, secret_key(kitchen.key))
    assert len(sound) == 44 + 2 * 5 * RATE_HZ


def test_what_was_deleted_can_be_kept_for_a_moment_and_is_then_gone_for_good(
    tab: Visit, page: Reviewing, store: FieldStore, kitchen: Evenings
) -> None:
    clips = FieldClips(kitchen.folder)
    index, gone = next((at, peak) for at, peak in enumerate(waiting(store)) if peak.clip)
    assert gone.clip
    count = len(waiting(store))
    tab.press(*["j"] * index)
    expect(tab.page.locator("#place")).to_have_text(f"{index + 1} of {count}")
    tab.press("d")
    expect(tab.page.locator("#rows button")).to_have_count(count - 1)
    assert gone.clip in clips.names()
    tab.page.get_by_text("Undo z").click()  # what the phone touches
    expect(tab.page.locator("#rows button")).to_have_count(count)
    tab.press("d")
    expect(tab.page.locator("#rows button")).to_have_count(count - 1)
    page.end()
    found = store.peak(gone.id)
    assert found.is_erased
    assert (found.clip, found.trace.size) == (None, 0)
    assert gone.clip not in clips.names()
    assert store.count(Wanted(kind=Kind.WAKE)) == len(store.peaks(Wanted(kind=Kind.WAKE))), (
        "that it woke still counts"
    )


def test_everything_is_erased_only_once_its_owner_has_typed_that(
    tab: Visit, store: FieldStore, kitchen: Evenings
) -> None:
    tab.page.get_by_role("link", name="Numbers").click()
    button = tab.page.get_by_role("button", name="Erase everything")
    expect(button).to_be_disabled()
    field = tab.page.get_by_label("Type erase everything")
    field.fill("erase everythin")
    expect(button).to_be_disabled()
    assert store.peaks()
    field.fill("erase everything")
    button.click()
    tab.page.wait_for_url("**/")
    expect(tab.page.get_by_role("heading", name="Nothing was recorded yet")).to_be_visible()
    assert (store.peaks(), store.minutes(), store.sessions(), store.trials()) == ([], [], [], [])
    assert list((kitchen.folder / "clips").iterdir()) == []


def test_filters_show_what_fits_them_and_nothing_else(tab: Visit, store: FieldStore) -> None:
    tab.page.locator("summary").click()
    rows, page = tab.page.locator("#rows button"), tab.page
    asked = [
        ({"What": "near misses", "Label": "any"}, Wanted(kind=Kind.NEAR_MISS)),
        ({"What": "everything"}, Wanted()),
        ({"Label": "false"}, Wanted(label=Label.FALSE)),
        ({"Set off by": "television"}, Wanted(label=Label.FALSE, tag=Tag.TELEVISION)),
        ({"Set off by": "anything", "Label": "any", "Word": "alexa"}, Wanted(word="alexa")),
    ]
    for chosen, wanted in asked:
        for name, value in chosen.items():
            page.get_by_role("combobox", name=name, exact=True).select_option(value)
        expect(rows).to_have_count(store.count(wanted))
        assert store.count(wanted) > 0, wanted
    page.get_by_role("combobox", name="Word").select_option("any")
    page.get_by_label("with sound only").check()
    expect(rows).to_have_count(store.count(Wanted(has_clip=True)))
    page.get_by_role("combobox", name="What").select_option("vetoed")
    expect(page.get_by_role("heading", name="Nothing fits this filter")).to_be_visible()


def test_while_the_next_is_fetched_no_key_plays_the_one_before(tab: Visit, store: FieldStore) -> None:
    tab.page.get_by_label("play the next by itself").uncheck()
    (one, _), (other, peak) = [pair for pair in enumerate(waiting(store)) if pair[1].clip][:2]
    rows, picture = tab.page.locator("#rows button"), tab.page.locator("#picture")
    rows.nth(one).click()
    expect(tab.page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    tab.page.route(f"**/api/peaks/{peak.id}", hold)
    rows.nth(other).click()
    expect(picture).to_have_attribute("aria-busy", "true")
    tab.press(" ", "ArrowRight")
    assert tab.page.evaluate("[document.querySelector('#sound').paused]") == [True]
    expect(tab.page.locator("#position")).to_have_value("0")
    held.pop().continue_()
    expect(picture).to_have_attribute("aria-busy", "false")


def test_when_all_is_judged_it_says_so_and_the_last_step_can_be_taken_back(
    tab: Visit, store: FieldStore
) -> None:
    for peak in waiting(store)[1:]:
        store.label(peak.id, Label.TRUE)
    tab.page.reload()
    tab.wait()
    tab.press("t")
    expect(tab.page.get_by_role("heading", name="All judged")).to_be_visible()
    assert waiting(store) == []
    tab.page.get_by_role("button", name="Undo the last").click()
    expect(tab.page.locator("#toast-words")).to_contain_text("undone: ")
    expect(tab.page.locator("#place")).to_have_text("1 of 1")
    assert len(waiting(store)) == 1
    assert time.time() - waiting(store)[0].at_s < 30 * 86_400
