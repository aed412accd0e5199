"""The ledger survives power cuts, full disks and rubbish, and says what somebody did to it."""

from __future__ import annotations

import random
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earlid.core.chain import mark_of
from earlid.core.entry import Entry, What
from earlid.edge.ledger import Ledger, LedgerBroken, check, entries, lines
from earlid.errors import ConfigError, DiskTrouble, EarlidError
from fakes.disk import ForgetfulDisk, PowerCut

FOLDER = Path("/state/ledger")
NOON = "2026-01-01T12:00:00.000Z"
SMALL = 600  # three or four entries a file


def entry(number: int) -> Entry:
    return Entry(what=What.SENT, id=f"{number:032x}", sink="http", host="example.org", bytes=number)


def ledger_on(disk: ForgetfulDisk, rotate_bytes: int = SMALL) -> Ledger:
    return Ledger(FOLDER, disk, now=lambda: NOON, rotate_bytes=rotate_bytes)


def written(disk: ForgetfulDisk) -> list[int | None]:
    return [each.bytes for each in entries(FOLDER, disk) if each.what is What.SENT]


def test_what_is_appended_is_there_in_order_and_the_chain_is_whole() -> None:
    disk = ForgetfulDisk()
    ledger = ledger_on(disk)
    for number in range(10):
        ledger.append(entry(number))
    assert written(disk) == list(range(10))
    assert check(FOLDER, disk=disk).flaws == ()
    assert check(FOLDER, disk=disk).head == ledger.head
    assert len([each for each in disk.list(FOLDER) if each.name.endswith(".jsonl")]) > 2


def test_the_chain_goes_on_across_restarts(tmp_path: Path) -> None:
    for number in range(6):
        with closing(Ledger(tmp_path, rotate_bytes=SMALL)) as ledger:
            ledger.append(entry(number))
    assert check(tmp_path).flaws == ()
    assert check(tmp_path).lines == 6


def test_an_entry_knows_its_time_and_comes_back_as_it_was(tmp_path: Path) -> None:
    whole = Entry(
        what=What.INTENT,
        id="a" * 32,
        sink="http",
        host="h",
        bytes=1,
        sha256="b" * 64,
        seconds=2.0,
        start_s=-0.1,
    )
    with closing(Ledger(tmp_path, now=lambda: NOON)) as ledger:
        ledger.append(whole)
    (found,) = entries(tmp_path)
    assert found == Entry(**{**{n: getattr(whole, n) for n in Entry.__slots__}, "at": NOON})


def test_two_never_write_at_once(tmp_path: Path) -> None:
    with closing(Ledger(tmp_path)) as first, closing(Ledger(tmp_path)) as second:
        first.open()
        with pytest.raises(ConfigError, match="another earlid"):
            second.append(entry(1))


def test_what_was_said_of_a_segment_is_remembered_across_a_restart_and_a_rotation() -> None:
    disk = ForgetfulDisk()
    with closing(ledger_on(disk)) as ledger:
        for number in range(8):
            ledger.append(entry(number))
    with closing(ledger_on(disk)) as again:
        again.open()
        assert again.recent[f"{7:032x}"][0].what is What.SENT
        again.settled({f"{7:032x}"})
        assert list(again.recent) == [f"{7:032x}"]


@given(st.integers(0, 60), st.integers(0, 12), st.integers())
@settings(max_examples=400)
def test_a_power_cut_at_any_verb_loses_nothing_that_was_appended(after: int, before: int, seed: int) -> None:
    disk = ForgetfulDisk()
    ledger = ledger_on(disk)
    sure = 0
    for _ in range(before):
        ledger.append(entry(sure))
        sure += 1
    disk.plan_cut(after)
    try:
        while sure < before + 8:
            ledger.append(entry(sure))
            sure += 1
    except PowerCut:
        pass
    found = disk.after_power_cut(random.Random(seed))
    with closing(ledger_on(found)) as again:
        again.append(entry(1_000))
    said = written(found)
    assert said[:sure] == list(range(sure))
    assert said[-1] == 1_000
    assert set(said[sure:-1]) <= {sure}
    assert check(FOLDER, disk=found).flaws == ()


@given(
    st.lists(st.integers(1, 5), min_size=1, max_size=6),
    st.integers(0, 30),
    st.integers(),
)
@settings(max_examples=400)
def test_entries_that_are_written_together_are_all_durable_or_a_beginning_of_them_is(
    counts: list[int], after: int, seed: int
) -> None:
    disk = ForgetfulDisk()
    ledger = ledger_on(disk)
    sure = tried = 0
    disk.plan_cut(after)
    try:
        for count in counts:
            tried = sure + count
            ledger.append(*(entry(number) for number in range(sure, tried)))
            sure = tried
    except PowerCut:
        pass
    found = disk.after_power_cut(random.Random(seed))
    with closing(ledger_on(found)) as again:
        again.append(entry(1_000))
    said = written(found)
    assert said[-1] == 1_000
    assert said[:-1] == list(range(len(said) - 1))
    assert sure <= len(said) - 1 <= tried
    assert check(FOLDER, disk=found).flaws == ()


def test_what_is_behind_the_newest_head_and_broken_is_cut_off_and_what_is_before_it_never(
    tmp_path: Path,
) -> None:
    with closing(Ledger(tmp_path)) as ledger:
        ledger.append(entry(1), entry(2))
        heads = {each: each.read_bytes() for each in tmp_path.glob("head.*")}
        ledger.append(entry(3), entry(4), entry(5))
    for each, body in heads.items():
        each.write_bytes(body)
    (file,) = tmp_path.glob("*.jsonl")
    whole = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([*whole[:3], bytes(60) + whole[3][60:], whole[4]]))
    with closing(Ledger(tmp_path)) as ledger:
        ledger.append(entry(6))
    assert [each.bytes for each in entries(tmp_path) if each.what is What.SENT] == [1, 2, 3, 6]
    assert check(tmp_path).flaws == ()
    file.write_bytes(file.read_bytes().replace(b'"bytes":2', b'"bytes":9'))
    with closing(Ledger(tmp_path)) as ledger, pytest.raises(LedgerBroken):
        ledger.open()


@given(st.integers(0, 12), st.lists(st.integers(0, 30), min_size=1, max_size=3), st.integers())
@settings(max_examples=200)
def test_cuts_upon_cuts_leave_a_chain_that_goes_on(before: int, cuts: list[int], seed: int) -> None:
    dice = random.Random(seed)
    disk = ForgetfulDisk()
    ledger = ledger_on(disk)
    for number in range(before):
        ledger.append(entry(number))
    for after in cuts:
        disk.plan_cut(after)
        try:
            for number in range(20):
                ledger.append(entry(number))
        except PowerCut:
            disk = disk.after_power_cut(dice)
            ledger = ledger_on(disk)
        else:
            ledger.close()
            disk.plan_cut(None)
            ledger = ledger_on(disk)
    disk.plan_cut(None)
    ledger.append(entry(1_000))
    assert check(FOLDER, disk=disk).flaws == ()


def test_a_torn_last_line_is_cut_off_and_told_in_the_ledger_itself(tmp_path: Path) -> None:
    with closing(Ledger(tmp_path)) as ledger:
        ledger.append(entry(1))
    (file,) = tmp_path.glob("*.jsonl")
    with file.open("ab") as torn:
        torn.write(b'{"at":"2026')
    with closing(Ledger(tmp_path)) as ledger:
        ledger.append(entry(2))
    assert [each.what for each in entries(tmp_path)] == [What.SENT, What.REPAIRED, What.SENT]
    assert [each.bytes for each in entries(tmp_path)] == [1, 11, 2]
    assert check(tmp_path).flaws == ()


@pytest.mark.parametrize("verb", ["append", "sync", "create", "sync_dir", "overwrite"])
@pytest.mark.parametrize("failures", [1, 2, 3])
def test_a_full_disk_is_told_and_after_it_the_chain_is_whole(verb: str, failures: int) -> None:
    disk = ForgetfulDisk()
    ledger = ledger_on(disk)
    for number in range(2):
        ledger.append(entry(number))
    left = [failures]

    def fail(doing: str, path: Path) -> None:
        if doing == verb and left[0]:
            left[0] -= 1
            raise DiskTrouble("disk full: cannot write, make room")

    disk.before_verb = fail
    told = 0
    for number in range(2, 12):
        for _ in range(8):
            try:
                ledger.append(entry(number))
            except DiskTrouble:
                told += 1
            else:
                break
    assert told == failures
    assert set(written(disk)) == set(range(12))
    assert check(FOLDER, disk=disk).flaws == ()


def test_an_entry_that_was_changed_is_found_wherever_it_is(tmp_path: Path) -> None:
    with closing(Ledger(tmp_path, rotate_bytes=SMALL)) as ledger:
        for number in range(9):
            ledger.append(entry(number))
    first = min(tmp_path.glob("*.jsonl"))
    first.write_bytes(first.read_bytes().replace(b"example.org", b"example.net", 1))
    assert [flaw.says for flaw in check(tmp_path).flaws] == ["entry 1 was changed after it was written"]


def test_a_mark_kept_elsewhere_shows_a_ledger_begun_anew(tmp_path: Path) -> None:
    kept = []
    for folder in (tmp_path / "old", tmp_path / "new"):
        with closing(Ledger(folder)) as ledger:
            kept.append(ledger.append(entry(1)).mark)
    assert check(tmp_path / "old", kept[0]).flaws == ()
    assert kept[0] == mark_of(next(lines(tmp_path / "old")))
    assert (check(tmp_path / "new", kept[0]).flaws == ()) == (kept[0] == kept[1])


def test_looking_at_a_ledger_that_is_not_there_makes_nothing(tmp_path: Path) -> None:
    assert check(tmp_path / "none").lines == 0
    assert list(entries(tmp_path / "none")) == []
    assert list(tmp_path.iterdir()) == []


rubbish = st.dictionaries(
    st.sampled_from(["000000000001.jsonl", "000000000002.jsonl", "head.0", "head.1", "notes", "x" * 200]),
    st.binary(max_size=300) | st.just(b'{"before":"","n":1}\n') | st.just(b"\n\n"),
)


@given(rubbish)
@settings(max_examples=150)
def test_rubbish_in_its_folder_is_told_or_passed_by_and_never_makes_it_fall(found: dict[str, bytes]) -> None:
    disk = ForgetfulDisk()
    disk.make_folder(FOLDER)
    for name, body in found.items():
        disk.create(FOLDER / name, body)
    check(FOLDER, disk=disk)
    list(entries(FOLDER, disk))
    try:
        with closing(ledger_on(disk)) as ledger:
            ledger.append(entry(1))
    except EarlidError:
        return
    assert entry(1).bytes in written(disk)


def test_a_ledger_that_cannot_be_listed_for_a_moment_is_not_an_empty_one() -> None:
    disk = ForgetfulDisk()
    with closing(ledger_on(disk)) as ledger:
        ledger.append(entry(1))
    disk.unlistable = {FOLDER}
    with pytest.raises(DiskTrouble):
        written(disk)
    disk.unlistable = set()
    assert written(disk) == [1]
