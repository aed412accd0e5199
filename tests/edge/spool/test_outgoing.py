"""What became of a segment is seen in the spool, and never guessed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from earlid.core.showing import Leaving
from earlid.edge.spool.outgoing import LOOK_EVERY_S, SENT_S, Outgoing

ID, OTHER = "0" * 32, "f" * 32


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    for name in ("outbox", "quarantine"):
        (tmp_path / name).mkdir()
    (tmp_path / "outbox" / f"00000001-{ID}").mkdir()
    (tmp_path / "outbox" / f"00000002-{OTHER}").mkdir()
    return tmp_path


@pytest.fixture
def outgoing(spool: Path) -> Outgoing:
    made = Outgoing(spool / "outbox", spool / "quarantine")
    made.keep(ID)
    return made


def test_it_waits_until_it_is_gone_and_that_is_shown_for_a_second(spool: Path, outgoing: Outgoing) -> None:
    assert outgoing.look(10.0) is Leaving.WAITING
    (spool / "outbox" / f"00000001-{ID}").rmdir()
    assert outgoing.look(10.0 + LOOK_EVERY_S / 2) is Leaving.WAITING
    assert outgoing.look(11.0) is Leaving.GONE
    assert outgoing.look(11.0 + SENT_S - 0.01) is Leaving.GONE
    assert outgoing.look(11.0 + SENT_S) is Leaving.NOTHING


def test_what_was_refused_was_not_delivered(spool: Path, outgoing: Outgoing) -> None:
    (spool / "outbox" / f"00000001-{ID}").rename(spool / "quarantine" / f"00000001-{ID}")
    assert outgoing.look(10.0) is Leaving.NOTHING


def test_what_an_earlier_run_kept_is_not_ours_to_show(spool: Path) -> None:
    assert Outgoing(spool / "outbox", spool / "quarantine").look(10.0) is Leaving.NOTHING


def test_of_several_the_one_that_waits_is_shown(spool: Path, outgoing: Outgoing) -> None:
    outgoing.keep(OTHER)
    (spool / "outbox" / f"00000001-{ID}").rmdir()
    assert outgoing.look(10.0) is Leaving.WAITING


def test_a_full_outbox_in_which_nothing_moves_is_not_read_again_and_again(
    spool: Path, outgoing: Outgoing, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []
    iterdir = Path.iterdir

    def noted(folder: Path) -> Iterator[Path]:
        read.append(folder)
        return iterdir(folder)

    monkeypatch.setattr(Path, "iterdir", noted)
    for look in range(20):
        assert outgoing.look(10.0 + look) is Leaving.WAITING
    assert len(read) == 2
    (spool / "outbox" / f"00000001-{ID}").rmdir()
    assert outgoing.look(40.0) is Leaving.GONE


def test_what_goes_in_the_very_tick_of_a_look_is_seen_at_the_next(spool: Path, outgoing: Outgoing) -> None:
    """Two changes may bear the same time: the clock of a file system is a coarse one."""
    outbox = spool / "outbox"
    for look in range(3):
        (outbox / f"0000000{look + 3}-{'a' * 32}").mkdir()
        tick = outbox.stat().st_mtime_ns
        assert outgoing.look(10.0 + look) is Leaving.WAITING
    (outbox / f"00000001-{ID}").rmdir()
    os.utime(outbox, ns=(tick, tick))
    assert outgoing.look(20.0) is Leaving.GONE
