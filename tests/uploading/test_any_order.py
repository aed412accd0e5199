"""Whatever comes in whatever order: each sink gets each body once, nothing is lost, and all of it is told."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from earlid.asking.wishes import Again
from earlid.edge.ledger import check
from earlid.errors import DiskTrouble, Refused, TryLater, Violation
from fakes.home import ROOT, Home, Sink
from fakes.mailroom import mailroom

BLOCK = 50


@pytest.mark.parametrize("block", range(5))
def test_in_any_order_of_answers_troubles_wishes_and_deaths_everybody_gets_everything_once(
    block: int,
) -> None:
    for seed in range(block * BLOCK, (block + 1) * BLOCK):
        with mailroom(seed) as room:
            try:
                room.live(room.dice.randint(1, 5))
                room.come_to_an_end()
            except AssertionError as found:
                raise AssertionError(f"seed {seed}: {found}") from found


def failing(times: int, verb: str, where: str) -> Callable[[str, Path], None]:
    """Trouble with the first so many calls of `verb` on a path with `where` in it."""
    calls = itertools.count()

    def fail(called: str, path: Path) -> None:
        if called == verb and where in str(path) and next(calls) < times:
            raise DiskTrouble(f"cannot {verb}: input/output error")

    return fail


def test_what_everybody_had_before_a_restart_is_taken_out_though_the_disk_refuses_at_first() -> None:
    home = Home()
    (id_,) = home.put()
    home.disk.before_verb = failing(99, "rename", "outbox")
    home.run([sink := Sink("here")], turns=1)
    home.disk.before_verb = failing(1, "rename", "outbox")
    home.run([sink], turns=9)
    assert home.spool.waiting() == 0
    assert sink.came == [id_]


@pytest.mark.parametrize("times", [1, 2, 3])
def test_what_is_put_back_goes_to_nobody_twice_whose_marks_cannot_be_read_for_a_moment(times: int) -> None:
    home = Home()
    (id_,) = home.put()
    easy, strict = Sink("easy"), Sink("strict", Refused("too long (413)"))
    home.run([easy, strict])
    home.ask(Again().facts())
    home.disk.before_look = failing(times, "list", "outbox/00000001")
    home.run([easy, strict], turns=9)
    assert easy.came == [id_]
    assert strict.came == [id_] * 2
    assert home.spool.waiting() == 0


def test_a_mark_that_was_cut_short_is_finished_and_holds_nothing_up() -> None:
    home = Home()
    ids = home.put(3)
    home.disk.before_verb = failing(1, "sync", "sent-up")
    home.run([up := Sink("up"), Sink("down", *[TryLater("down")] * 99)], turns=12)
    assert up.came == ids
    assert [held.sent for held in home.waiting()] == [{"up"}] * 3


def test_what_was_set_aside_in_spite_of_the_disk_and_is_put_back_at_once_is_sent_again() -> None:
    home = Home()
    (id_,) = home.put()
    sink = Sink("here", Refused("too long (413)"))

    def ask() -> None:
        if "refused" in home.said(id_)[-1] and not home.disk.list(home.spool.outbox):
            home.ask(Again().facts())

    home.disk.before_verb = failing(1, "sync_dir", "quarantine")
    home.run([sink], turns=12, during=ask)
    assert sink.came == [id_] * 2
    assert home.spool.waiting() == 0


def test_what_came_back_before_something_that_ends_it_all_is_written_down() -> None:
    home = Home()
    ids = home.put(3)
    sink = Sink("here", None, None, Violation("broken"))
    with pytest.raises(Violation):
        home.run([sink])
    home.run([sink])
    assert sink.came == [*ids, ids[2]]


@pytest.mark.parametrize("verb", ["overwrite", "sync"])
def test_what_leaves_is_told_once_though_the_head_of_the_ledger_cannot_be_written(verb: str) -> None:
    home = Home()
    home.run([Sink("here")])
    (id_,) = home.put()
    home.disk.before_verb = failing(2, verb, "head")
    home.run([Sink("here")], turns=9)
    assert home.said(id_) == ["intent here", "sent here"]
    more = home.put()
    home.run([Sink("here")])
    assert [home.said(each) for each in more] == [["intent here", "sent here"]]
    assert check(ROOT / "ledger", disk=home.disk).flaws == ()
