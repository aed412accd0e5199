"""A chain shows what was changed, removed, moved or cut off, and where."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earlid.core.chain import (
    NOTHING,
    UNKNOWN_HEAD,
    BrokenEntryError,
    Checked,
    Head,
    chained,
    mark_of,
    read_entry,
    verify,
)


def chain(length: int) -> tuple[list[bytes], Head]:
    lines, head = [], Head()
    for number in range(length):
        line, head = chained(head, {"id": f"{number:032x}", "outcome": "sent", "bytes": 100 + number})
        lines.append(line)
    return lines, head


def says(found: Checked) -> list[str]:
    return [f"{flaw.line}: {flaw.says}" for flaw in found.flaws]


def test_a_line_is_json_with_sorted_keys_and_the_sha256_of_the_line_before() -> None:
    first, second = chain(2)[0]
    assert json.loads(first)["before"] == "0" * 64
    assert json.loads(second)["before"] == hashlib.sha256(first[:-1]).hexdigest()
    assert second == json.dumps(json.loads(second), sort_keys=True, separators=(",", ":")).encode() + b"\n"


def test_a_whole_chain_has_no_flaw_and_ends_in_its_head() -> None:
    lines, head = chain(5)
    assert verify(lines, head) == Checked(5, head, ())
    assert verify([]) == Checked(0, Head(), ())


def test_a_chain_may_be_longer_than_the_head_that_is_known() -> None:
    lines, _ = chain(5)
    assert not verify(lines, Head(3, mark_of(lines[2]))).flaws


def test_an_edited_entry_is_found_where_it_is() -> None:
    lines, head = chain(5)
    lines[2] = lines[2].replace(b'"bytes":102', b'"bytes":902')
    assert says(verify(lines, head)) == ["3: entry 3 was changed after it was written"]


def test_an_edited_last_entry_is_found_by_the_head() -> None:
    lines, head = chain(5)
    lines[4] = lines[4].replace(b"sent", b"lost")
    assert says(verify(lines, head)) == ["5: entry 5 is not the one that was written last"]


def test_an_entry_written_another_way_is_found_though_it_means_the_same() -> None:
    lines, head = chain(3)
    lines[1] = lines[1].replace(b'":', b'": ')
    assert says(verify(lines, head)) == ["2: entry 2 was changed: it is not written the way entries are"]


def test_removed_entries_are_found_where_they_were() -> None:
    lines, head = chain(7)
    del lines[2:4]
    assert says(verify(lines, head)) == ["3: entries 3 to 4 are missing here"]
    assert says(verify(lines[1:], head))[0] == "1: entry 1 is missing here"


def test_entries_in_another_order_are_told_as_such() -> None:
    lines, head = chain(5)
    lines[1], lines[2] = lines[2], lines[1]
    assert "2: entry 2 is not in place here" in says(verify(lines, head))
    assert "3: entry 2 is not in its place: it comes after entry 3" in says(verify(lines, head))


def test_a_tail_that_was_cut_off_is_found_by_the_head_alone() -> None:
    lines, head = chain(5)
    assert says(verify(lines[:3], head)) == ["4: entries 4 to 5 are cut off at the end"]
    assert not verify(lines[:3]).flaws, "without a head nobody can know"


def test_a_chain_forged_anew_from_the_middle_is_found_by_a_mark_kept_elsewhere() -> None:
    lines, _ = chain(5)
    kept = mark_of(lines[3])
    forged, head = [], Head()
    for number in range(5):
        line, head = chained(head, {"id": "f" * 32, "outcome": "refused", "bytes": number})
        forged.append(line)
    assert not verify(forged, head).flaws
    assert not verify(lines, kept_mark=kept).flaws
    assert says(verify(forged, head, kept)) == [f"6: {UNKNOWN_HEAD}"]
    assert verify(forged, head, kept).lacks_only_the_head
    assert not verify(lines, kept_mark=NOTHING).flaws


def test_a_head_that_no_entry_has_accuses_nobody_where_all_else_is_whole() -> None:
    lines, head = chain(5)
    mistyped = head.mark[:-1] + ("0" if head.mark[-1] != "0" else "1")
    found = verify(lines, head, mistyped)
    assert (says(found), found.lacks_only_the_head) == ([f"6: {UNKNOWN_HEAD}"], True)
    assert "was it copied right?" in UNKNOWN_HEAD
    assert not verify(lines, head, head.mark).lacks_only_the_head
    changed = [lines[0], lines[1].replace(b"sent", b"lost"), *lines[2:]]
    for worse in (changed, []):
        found = verify(worse, head, mistyped)
        assert not found.lacks_only_the_head
        assert "no entry has the mark" in says(found)[-1]


def test_the_chains_own_words_cannot_be_facts() -> None:
    with pytest.raises(ValueError, match="before"):
        chained(Head(), {"before": "x"})


@given(st.integers(2, 8), st.data())
def test_any_single_byte_that_changes_is_found(length: int, data: st.DataObject) -> None:
    lines, head = chain(length)
    which = data.draw(st.integers(0, length - 1))
    where = data.draw(st.integers(0, len(lines[which]) - 2))
    new = data.draw(st.integers(0, 255).filter(lambda byte: byte != lines[which][where]))
    lines[which] = lines[which][:where] + bytes([new]) + lines[which][where + 1 :]
    assert verify(lines, head).flaws


@given(st.integers(2, 8), st.data())
def test_any_choice_of_entries_but_all_in_order_is_found(length: int, data: st.DataObject) -> None:
    lines, head = chain(length)
    chosen = data.draw(st.lists(st.sampled_from(range(length)), max_size=length + 2))
    if chosen != list(range(length)):
        assert verify([lines[each] for each in chosen], head).flaws


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["n", "before", "id"]), inner),
)


@given(st.lists(st.binary() | anything.map(lambda value: json.dumps(value).encode())))
def test_no_rubbish_breaks_the_check_and_none_of_it_passes(rubbish: list[bytes]) -> None:
    found = verify(rubbish)
    assert len(rubbish) == found.lines
    assert bool(found.flaws) == bool(rubbish)


def test_a_number_beyond_all_reason_costs_no_time() -> None:
    line, _ = chained(Head(10**18, NOTHING), {"id": "x"})
    assert "missing" in verify([line]).flaws[0].says


@pytest.mark.parametrize(
    "line", [b"", b"[]", b"null", b"{}", b'{"before":"","n":true}', b'{"before":1,"n":1}']
)
def test_what_is_no_entry_is_refused(line: bytes) -> None:
    with pytest.raises(BrokenEntryError):
        read_entry(line)
