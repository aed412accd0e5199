"""The hour's budget outlives restarts, and no clock that can be set gives more of it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from earlid.core.units import samples
from earlid.edge.budget_file import BudgetFile, Uptime
from earlid.edge.disk import RealDisk
from earlid.errors import DiskTrouble


class Up(Uptime):
    """A machine that was switched on so many seconds ago."""

    def __init__(self, now_s: float = 1000.0, boot: str = "one") -> None:
        self.now_s = now_s
        self._boot = boot

    @property
    def boot(self) -> str:
        return self._boot

    def __call__(self) -> float:
        return self.now_s


def opened(folder: Path, up: Uptime, *, first: bool = False) -> BudgetFile:
    return BudgetFile(folder, RealDisk(), 60.0, up, first_start=first)


def test_a_restart_resets_nothing(tmp_path: Path) -> None:
    opened(tmp_path, Up(), first=True).spend(45.0)
    assert opened(tmp_path, Up(1001.0)).left() == samples(15.0)
    assert opened(tmp_path, Up(1000.0 + 3600.0)).left() == samples(60.0)


def test_a_reboot_resets_nothing_however_long_the_machine_was_off(tmp_path: Path) -> None:
    opened(tmp_path, Up(), first=True).spend(45.0)
    again = Up(20.0, "two")
    budget = opened(tmp_path, again)
    assert budget.left() == samples(15.0)
    assert budget.wait_s(60.0) == pytest.approx(3600.0)
    again.now_s += 1800.0
    budget.note()
    third = Up(5.0, "three")
    assert opened(tmp_path, third).wait_s(60.0) == pytest.approx(1800.0)


def test_an_uptime_that_went_back_within_one_boot_is_no_hour_gone(tmp_path: Path) -> None:
    opened(tmp_path, Up(50_000.0), first=True).spend(60.0)
    assert opened(tmp_path, Up(10.0)).left() == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"garbage",
        b'{"boot":"one","then_s":0,"spent":[[0,-100]]}',
        b'{"boot":"one","then_s":null}',
    ],
)
def test_a_file_that_cannot_be_read_means_all_of_it_was_spent_just_now(tmp_path: Path, body: bytes) -> None:
    opened(tmp_path, Up(), first=True)
    (tmp_path / "budget.json").write_bytes(body)
    budget = opened(tmp_path, Up())
    assert budget.left() == 0
    assert budget.wait_s(1.0) == pytest.approx(3600.0)


def test_a_file_that_was_taken_away_means_the_same(tmp_path: Path) -> None:
    opened(tmp_path, Up(), first=True)
    (tmp_path / "budget.json").unlink()
    assert opened(tmp_path, Up()).left() == 0


class FullDisk(RealDisk):
    """No room."""

    full = False

    def create(self, path: Path, body: bytes | bytearray) -> None:
        if self.full:
            raise DiskTrouble("disk full: make room")
        super().create(path, body)


def test_what_cannot_be_written_down_is_not_to_be_kept(tmp_path: Path) -> None:
    disk = FullDisk()
    budget = BudgetFile(tmp_path, disk, 60.0, Up(), first_start=True)
    disk.full = True
    with pytest.raises(DiskTrouble):
        budget.spend(10.0)
    assert budget.left() == samples(50.0)
    budget.note()


def test_this_machine_has_an_uptime_and_a_name_for_it() -> None:
    up = Uptime()
    assert 0.0 < up() <= up()
    assert len(up.boot) == 36


def test_whoever_asks_meanwhile_loses_nothing_that_was_spent(tmp_path: Path) -> None:
    budget = BudgetFile(tmp_path, RealDisk(), 3600.0, Uptime(), first_start=True)
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            budget.left()
            budget.wait_s(1.0)

    askers = [threading.Thread(target=ask) for _ in range(3)]
    for one in askers:
        one.start()
    for _ in range(100):
        budget.spend(1.0)
    over.set()
    for one in askers:
        one.join()
    assert budget.left() == samples(3500.0)
