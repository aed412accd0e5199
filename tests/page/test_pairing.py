"""Who may look: whoever reads the terminal, once for each code, and nobody before or after."""

from __future__ import annotations

import socket
from pathlib import Path

from playwright.sync_api import Browser, expect

from earlid.edge.page.pairing import LETTERS, TRIES
from earlid.edge.page.server import address_here
from fakes.browser import Visit, visit
from fakes.reviewing import FORM, Answered, Paired, Reviewing, ask, asked_to_pair, reviewing
from fakes.waiting import within


def try_code(page: Reviewing, code: str) -> Answered:
    """A browser that is not paired types `code`."""
    cookie, token = asked_to_pair(page.port)
    body = f"token={token}&code={code}"
    return ask(page.port, "POST", "/pair", body, Paired(page.port, cookie, token), kind=FORM)


def wrong(code: str) -> str:
    """A code that is nearly `code`."""
    return code[:-1] + LETTERS[(LETTERS.index(code[-1]) + 1) % len(LETTERS)]


def test_guessing_the_code_closes_the_door_even_to_the_right_one(page: Reviewing) -> None:
    code = page.codes[-1]
    statuses = [try_code(page, wrong(code)).status for _ in range(TRIES)]
    assert statuses == [403] * (TRIES - 1) + [410]
    assert try_code(page, code).status == 410
    assert "wrong code, from 127.0.0.1" in page.read_until("tried a code that holds no longer")
    with within(60.0):
        guesses = ("".join(letters) for letters in zip(*[LETTERS] * 8, strict=True))
        assert {try_code(page, guess).status for guess in guesses} == {410}
    assert try_code(page, page.new_code()).status == 303


def test_a_code_that_was_used_is_worth_nothing_and_neither_is_the_one_before(page: Reviewing) -> None:
    first = page.codes[-1]
    assert try_code(page, first).status == 303
    again = try_code(page, first)
    assert again.status == 410
    assert b"No code holds at the moment" in again.body
    second = page.new_code()
    third = page.new_code()
    assert try_code(page, second).status == 403
    assert try_code(page, f"{third[:4].lower()}- {third[4:]}").status == 303


def test_a_cookie_that_was_fixed_before_is_not_the_one_that_is_paired(page: Reviewing) -> None:
    cookie, token = asked_to_pair(page.port)
    fixed = Paired(page.port, cookie, token)
    answer = page.ask("POST", "/pair", f"token={token}&code={page.codes[-1]}", fixed, kind=FORM)
    assert answer.cookie not in {"", cookie}
    assert page.ask("GET", "/api/peaks", None, fixed).status == 401
    told = str(answer.headers["set-cookie"])
    assert all(word in told for word in ("HttpOnly", "SameSite=Strict", "Path=/"))


def test_the_code_typed_by_hand_pairs_and_a_wrong_one_is_told(browser: Browser, page: Reviewing) -> None:
    tab = Visit(browser.new_context().new_page(), page.url)
    tab.page.goto(page.url)
    tab.page.wait_for_url("**/pair")
    field = tab.page.get_by_label("Code")
    expect(field).to_be_focused()
    field.fill("WRONG-CODE")
    tab.page.keyboard.press("Enter")
    expect(tab.page.get_by_role("alert")).to_have_text(
        "That is not the code. Look at the terminal once more."
    )
    page.read_until("wrong code, from 127.0.0.1")
    code = page.codes[-1].lower()
    tab.page.get_by_label("Code").fill(f"{code[:4]}-{code[4:]}")
    tab.page.get_by_role("button", name="Pair").click()
    tab.page.wait_for_url(f"{page.url}/")
    tab.wait()
    page.read_until("paired: a browser at 127.0.0.1")
    (cookie,) = tab.page.context.cookies()
    assert (cookie.get("httpOnly"), cookie.get("sameSite")) == (True, "Strict")
    assert tab.page.evaluate("document.cookie") == ""
    tab.page.get_by_role("button", name="Leave").click()
    tab.page.wait_for_url("**/pair")
    tab.page.goto(page.url)
    tab.page.wait_for_url("**/pair")
    assert tab.said == [
        "error: Failed to load resource: the server responded with a status of 403 (Forbidden)"
    ]
    tab.page.context.close()


def test_the_link_works_in_a_tab_that_is_open_already_and_leaves_no_code_in_the_address(
    browser: Browser, page: Reviewing
) -> None:
    tab = Visit(browser.new_context().new_page(), page.url)
    tab.page.goto(f"{page.url}/pair")
    tab.page.goto(page.link)
    tab.page.wait_for_url(f"{page.url}/")
    tab.page.go_back()
    assert page.codes[-1] not in tab.page.evaluate(
        "[...Array(history.length)].map(() => location.href).join()"
    )
    tab.check()
    tab.page.context.close()


def test_whoever_was_paired_stays_so_when_another_browser_comes(browser: Browser, page: Reviewing) -> None:
    desk = visit(browser, page.url, page.link)
    phone = visit(browser, page.url, page.new_link())
    for tab in (desk, phone):
        tab.page.reload()
        tab.wait()
        tab.check()
        tab.page.context.close()


def test_by_default_only_this_machine_is_answered(page: Reviewing) -> None:
    assert page.url == f"http://127.0.0.1:{page.port}"
    assert listening_on(page.port) == {"0100007F"}
    here = address_here()
    if here:
        with socket.socket() as line:
            assert line.connect_ex((here, page.port)) != 0


def test_the_network_is_answered_with_lan_after_a_warning_and_only_at_its_address(config: Path) -> None:
    with reviewing(config, "--lan") as page:
        assert (
            "everybody on your network can reach this page, and nobody gets in without the code" in page.said
        )
        assert "unencrypted" in page.said
        assert listening_on(page.port) == {"00000000"}
        here = address_here()
        assert page.url == f"http://{here or 'ADDRESS'}:{page.port}"
        owner = page.pair()
        assert page.ask("GET", "/api/peaks", None, owner).status == 200
        assert page.ask("GET", "/api/peaks", None, owner, host=f"earlid.local:{page.port}").status == 421
        assert page.ask("GET", "/api/peaks").status == 401


def listening_on(port: int) -> set[str]:
    """The addresses, as the kernel writes them, at which somebody listens on `port`."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {row[1].partition(":")[0] for row in rows if row[3] == "0A" and row[1].endswith(f":{port:04X}")}
