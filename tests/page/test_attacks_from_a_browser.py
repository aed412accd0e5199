"""Attacks by way of the owner's browser: another page in it, a name pointed here, and markup in words."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from earlid.core.field import Kind
from earlid.edge.field.store import FieldStore, Wanted
from fakes.browser import Visit, visit
from fakes.reviewing import Reviewing

EVIL = """<!doctype html><title>evil</title>
<form method=post action="{url}/api/undo" enctype="text/plain" target="f1">
<input name='{{"a":"' value='"}}'></form>
<form method=post action="{url}/pair" target="f2"><input name=code value="{code}"></form>
<iframe name=f1></iframe><iframe name=f2></iframe><iframe src="{url}/"></iframe>
<img src="{url}/sound/{id}.wav"><script src="{url}/api/peaks"></script>
<script>
for (const form of document.forms) form.submit();
const to = (path, how) => fetch("{url}" + path, {{credentials: "include", ...how}})
  .then((a) => a.text(), (e) => "refused");
const send = {{method: "POST", body: JSON.stringify({{sure: "erase everything", label: "false"}})}};
Promise.all([
  to("/api/peaks"), to("/numbers"), to("/sound/{id}.wav"), to("/api/peaks/{id}/label", send),
  to("/api/erase-everything", send),
  to("/api/peaks/{id}/label", {{...send, headers: {{"X-Earlid-Token": "0"}}}}),
  to("/api/peaks/{id}/erase", {{...send, mode: "no-cors"}}), to("/api/undo", {{...send, mode: "no-cors"}}),
]).then((all) => {{ document.title = JSON.stringify(all); }});
</script>"""
MARKUP = "<img src=x onerror='window.got = 1'><script>window.got = 1</script>\"'}};alert(1)//{{ 7 * 7 }}"


@pytest.fixture
def elsewhere() -> Iterator[http.server.ThreadingHTTPServer]:
    """Another origin on this machine, which browsers take for the same site: cookies are sent."""

    class Evil(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(self.server.page)  # type: ignore[attr-defined]

        def log_message(self, *_args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Evil) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_another_page_in_the_same_browser_reads_nothing_and_changes_nothing(
    tab: Visit, page: Reviewing, store: FieldStore, elsewhere: http.server.ThreadingHTTPServer
) -> None:
    peak = next(one for one in store.peaks(Wanted(kind=Kind.WAKE, has_label=False)) if one.clip)
    tab.press("u")
    expect(tab.page.locator("#toast-words")).to_have_text("unsure")
    before = [(one.id, one.label, one.tags, one.is_erased) for one in store.peaks()]
    code = page.new_code()
    elsewhere.page = EVIL.format(url=page.url, id=peak.id, code=code).encode()  # type: ignore[attr-defined]
    evil = tab.page.context.new_page()
    evil.goto(f"http://127.0.0.1:{elsewhere.server_port}/")
    expect(evil).not_to_have_title("evil")
    answers = json.loads(evil.title())
    assert len(answers) == 8
    assert set(answers) <= {"refused", ""}, "an answer was read"
    evil.wait_for_load_state("load")
    for frame in evil.frames[1:]:
        assert "Recordings" not in (frame.title() or "")
    assert [(one.id, one.label, one.tags, one.is_erased) for one in store.peaks()] == before
    link = visit(tab.page.context.browser or pytest.fail("no browser"), page.url, page.link)
    link.page.context.close()  # the code still holds: the form did not use it up


def test_a_name_that_was_pointed_here_shows_nothing_to_a_real_browser(
    browser: Browser, page: Reviewing
) -> None:
    tab = browser.new_page()
    for path in ("/", "/pair", "/static/review.js", "/api/peaks"):
        answer = tab.goto(f"http://evil.example:{page.port}{path}")
        assert answer
        assert answer.status == 421
        assert "answers to its address only" in answer.text()
    tab.close()


def test_markup_in_a_note_is_text_wherever_it_is_shown(tab: Visit, store: FieldStore) -> None:
    peak = store.peaks(Wanted(kind=Kind.WAKE, has_label=False))[0]
    note = tab.page.get_by_label("Note")
    note.fill(MARKUP)
    note.press("Enter")
    expect(tab.page.locator("#toast-words")).to_have_text("note kept")
    assert store.peak(peak.id).note == MARKUP
    for path in ("/", "/numbers"):
        tab.page.goto(tab.url + path)
        if path == "/":
            tab.wait()
            expect(tab.page.get_by_label("Note")).to_have_value(MARKUP)
        assert tab.page.evaluate("window.got") is None
        assert tab.page.locator("img").count() == 0
