"""Who is not the owner gets nothing, and who speaks in the owner's name changes nothing. Raw requests."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from earlid.core.field import Label, Peak
from earlid.edge.field.clips import FieldClips
from earlid.edge.field.store import FieldStore, Wanted
from earlid.errors import UsageError
from fakes.field_evenings import Evenings
from fakes.reviewing import FORM, Answered, Paired, Reviewing, asked_to_pair
from fakes.waiting import SECONDS

SAY_FALSE = '{"label": "false"}'
PATHS = (
    "/",
    "/numbers",
    "/api/peaks",
    "/api/peaks/ID",
    "/api/peaks/ID/picture",
    "/sound/ID.wav",
    "/api/what-if/alexa",
    "/nothing/here",
)
DOINGS = (
    ("/api/peaks/ID/label", SAY_FALSE),
    ("/api/peaks/ID/tags", '{"tags": ["music"]}'),
    ("/api/peaks/ID/note", '{"note": "was here"}'),
    ("/api/peaks/ID/erase", "{}"),
    ("/api/undo", "{}"),
    ("/api/erase-everything", '{"sure": "erase everything"}'),
)


@pytest.fixture
def owner(page: Reviewing) -> Paired:
    return page.pair()


@pytest.fixture
def one(store: FieldStore) -> Peak:
    """A recording that has sound and no label."""
    return store.peaks(Wanted(has_clip=True, has_label=False))[0]


def all_of(store: FieldStore) -> list[Any]:
    """Everything that a change would change."""
    return [(peak.id, peak.label, peak.tags, peak.note, peak.is_erased, peak.clip) for peak in store.peaks()]


def test_who_is_not_paired_sees_and_changes_nothing(
    page: Reviewing, store: FieldStore, one: Peak, owner: Paired
) -> None:
    before = all_of(store)
    strangers = (None, Paired(page.port, "A" * 43, owner.token), Paired(page.port, *asked_to_pair(page.port)))
    for stranger in strangers:
        for path in PATHS:
            answer = page.ask("GET", path.replace("ID", one.id), None, stranger)
            assert answer.status in {303, 401}, path
            assert one.id.encode() not in answer.body
            assert len(answer.body) < 200
        for path, body in DOINGS:
            assert page.ask("POST", path.replace("ID", one.id), body, stranger).status in {401, 403}, path
    assert all_of(store) == before
    page.ask("POST", "/leave", f"token={owner.token}", owner, kind=FORM)
    assert page.ask("GET", "/api/peaks", None, owner).status == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": None},
        {"origin": "https://127.0.0.1:{port}"},
        {"origin": "http://127.0.0.1:1"},
        {"x_earlid_token": None},
        {"x_earlid_token": "0" * 64},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"content_type": "text/plain", "x_earlid_token": None},
    ],
    ids=str,
)
def test_another_page_cannot_act_in_the_owners_name(
    page: Reviewing, store: FieldStore, one: Peak, owner: Paired, headers: dict[str, str | None]
) -> None:
    before = all_of(store)
    filled: dict[str, Any] = {name: value and value.format(port=page.port) for name, value in headers.items()}
    for path, body in DOINGS:
        answer = page.ask("POST", path.replace("ID", one.id), body, owner, **filled)
        assert answer.status == 403, path
    assert all_of(store) == before


def test_a_visit_or_a_form_without_the_token_changes_nothing(
    page: Reviewing, store: FieldStore, one: Peak, owner: Paired
) -> None:
    before = all_of(store)
    for path, body in DOINGS:
        where = path.replace("ID", one.id)
        assert page.ask("GET", where, None, owner).status == 404
        assert page.ask("POST", where, "label=false", owner, kind=FORM, x_earlid_token=None).status == 403
        assert page.ask("PUT", where, body, owner).status == 404
    assert all_of(store) == before


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:{port}",
        "127.0.0.1.evil.example:{port}",
        "192.168.1.20:{port}",
        "127.0.0.1:{port}@evil.example",
        "[::1]:{port}",
        "",
    ],
)
def test_a_name_that_was_pointed_here_gets_nothing(
    page: Reviewing, store: FieldStore, one: Peak, owner: Paired, host: str
) -> None:
    before = all_of(store)
    name = host.format(port=page.port)
    for path in (*PATHS, "/pair", "/static/review.js"):
        answer = page.ask("GET", path.replace("ID", one.id), None, owner, host=name)
        assert answer.status in {400, 421}
        assert b"earlid_" not in answer.body
    same = {"host": name, "origin": f"http://{name}"}
    assert page.ask("POST", f"/api/peaks/{one.id}/label", SAY_FALSE, owner, **same).status in {400, 421}
    assert page.ask("GET", "/", None, owner, host=f"localhost:{page.port}").status == 200
    assert all_of(store) == before


@pytest.mark.parametrize(
    "path",
    [
        "/sound/../field.key",
        "/sound/..%2f..%2ffield.key",
        "/sound/%2e%2e%2f%2e%2e%2ffield.key.wav",
        "/sound//etc/passwd",
        "/sound/%2fetc%2fpasswd.wav",
        "/sound/....//field.key",
        "/sound/CLIP.age",
        "/sound/CLIP.wav",
        "/sound/ID%00.wav",
        "/sound/ID%2f..%2fID.wav",
        "/api/peaks/../../field.sqlite3",
        "/api/peaks/%2e%2e%2ffield.sqlite3/picture",
        "/static/../app.py",
        "/static/%2e%2e%2fapp.py",
        "/static/..%5capp.py",
        "//127.0.0.1/static/%2e%2e/app.py",
        "/api/peaks/' OR 1=1 --",
    ],
)
def test_no_name_leads_out_of_where_it_belongs(
    page: Reviewing, kitchen: Evenings, one: Peak, owner: Paired, path: str
) -> None:
    where = path.replace("ID", one.id).replace("CLIP", one.clip or "").replace(" ", "%20")
    answer = page.ask("GET", where, None, owner)
    assert answer.status in {400, 404}
    secret = kitchen.key.read_bytes().strip()
    for loot in (secret, b"root:", b"SQLite format", b"age-encryption.org", b"RIFF", b"import "):
        assert loot not in answer.body


def test_a_clip_whose_name_was_tampered_with_is_neither_read_nor_written(kitchen: Evenings) -> None:
    clips, before = FieldClips(kitchen.folder), set(kitchen.folder.rglob("*"))
    sealed = clips.read(next(iter(clips.names())))
    for name in ("../field.key", "x" * 32, "0" * 31, "0" * 31 + "/", "", "0" * 33, "A" * 32, "0" * 31 + "\n"):
        with pytest.raises(UsageError):
            clips.read(name)
        with pytest.raises(UsageError):
            clips.put(name, sealed)
    assert set(kitchen.folder.rglob("*")) == before


@pytest.mark.parametrize(
    ("body", "headers", "statuses"),
    [
        (b"x" * 20_000, {}, {413}),
        (b"x" * 5_000_000, {}, {413}),
        (b'{"note": "' + b"a" * 501 + b'"}', {}, {400}),
        (b'{"note": ' + b"[" * 16_000, {}, {400}),
        (b"\xff\xfe", {}, {400}),
        (b"[1]", {}, {400}),
        (b"{}", {"x_long": "y" * 70_000}, {400, 431}),
    ],
    ids=["20 kB", "5 MB", "a long note", "deep", "no utf-8", "a list", "a long header"],
)
def test_too_much_at_once_is_refused_and_the_page_goes_on(
    page: Reviewing, one: Peak, owner: Paired, body: bytes, headers: dict[str, str], statuses: set[int]
) -> None:
    where = f"/api/peaks/{one.id}/note"
    answered = refused_or(lambda: page.ask("POST", where, body, owner, **headers))
    assert answered is None or answered.status in statuses
    assert resident_mb(page) < 150
    assert page.ask("POST", where, '{"note": "fine"}', owner).status == 200


def refused_or(request: Callable[[], Answered]) -> Answered | None:
    """What was answered, or None where the connection was closed in the middle of so much."""
    try:
        return request()
    except (BrokenPipeError, ConnectionResetError):
        return None


def resident_mb(page: Reviewing) -> float:
    told = Path(f"/proc/{page.process.pid}/status").read_text()
    return int(told.partition("VmRSS:")[2].split()[0]) / 1024


def test_who_sends_slowly_or_promises_much_is_not_waited_for(page: Reviewing, owner: Paired) -> None:
    head = f"POST /api/undo HTTP/1.1\r\nhost: 127.0.0.1:{page.port}\r\ncookie: earlid={owner.cookie}\r\n"
    starts = {
        "headers": b"GET / HTTP/1.1\r\nhost: ",
        "body": (head + "content-length: 1000\r\n\r\n{").encode(),
        "promise": (head + "content-length: 99999999999\r\n\r\n{").encode(),
        "chunks": (head + "transfer-encoding: chunked\r\n\r\n1\r\n{\r\n").encode(),
        "nothing": b"",
    }
    lines = {}
    for name, start in starts.items():
        lines[name] = socket.create_connection(("127.0.0.1", page.port), timeout=SECONDS)
        lines[name].sendall(start)
    assert page.ask("GET", "/api/peaks", None, owner).status == 200, "others are served meanwhile"
    for name, line in lines.items():
        with line:
            said = b""
            while piece := line.recv(4096):
                said += piece
            assert b" 408 " in said or name in {"headers", "nothing"}, (name, said)
            assert b" 200 " not in said


def test_what_is_no_tag_or_label_of_ours_is_not_written_down(
    page: Reviewing, store: FieldStore, one: Peak, owner: Paired
) -> None:
    before = all_of(store)
    for what, body in (
        ("tags", '{"tags": ["<script>alert(1)</script>"]}'),
        ("tags", '{"tags": "music"}'),
        ("tags", '{"tags": [{"music": 1}, ["music"]]}'),
        ("label", '{"label": "<b>true</b>"}'),
        ("label", '{"label": {"true": 1}}'),
        ("note", '{"note": 7}'),
    ):
        assert page.ask("POST", f"/api/peaks/{one.id}/{what}", body, owner).status == 400, body
    assert page.ask("GET", "/api/peaks?tag=%3Cscript%3E", None, owner).status == 400
    assert all_of(store) == before
    assert store.peak(one.id).label is not Label.FALSE


def test_every_answer_tells_the_browser_to_trust_nothing_else(
    page: Reviewing, one: Peak, owner: Paired
) -> None:
    for path in (*PATHS, "/pair", "/static/review.js", "/static/nothing"):
        for who in (None, owner):
            answer = page.ask("GET", path.replace("ID", one.id), None, who)
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["x-frame-options"] == "DENY"
            assert answer.headers["access-control-allow-origin"] is None
            assert "server" not in answer.headers
            if not path.startswith("/static/"):
                assert answer.headers["cache-control"] == "no-store"
