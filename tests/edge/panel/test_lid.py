"""Whoever mutes has muted before their word is out of their mouth; whoever waits is told what was done."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from earlid.core.epoch import Epoch
from earlid.core.mute import Answer, Mute
from earlid.edge.panel.lid import Lid
from fakes.waiting import within


class Nudges:
    """Counts them."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


@pytest.fixture
def epoch() -> Epoch:
    return Epoch()


def test_a_mute_bumps_the_epoch_before_it_returns_and_wakes_the_one_that_listens(epoch: Epoch) -> None:
    nudges = Nudges()
    lid = Lid(epoch, Mute(), nudges)
    lid.mute()
    assert (epoch.value, nudges.count, lid.state.muted) == (1, 1, True)
    with within(5.0):
        lid.wait(20.0)


SAY: dict[str, Callable[[Lid], None]] = {
    "software": Lid.mute,
    "switch": lambda lid: lid.move(True),
    "clock": lambda lid: lid.tell_time("06:30"),
}


@pytest.mark.parametrize("who", SAY)
def test_all_who_may_mute_bump_it_and_only_when_nobody_had_muted_before(epoch: Epoch, who: str) -> None:
    lid, say = Lid(epoch, Mute(switch=False), lambda: None), SAY[who]
    say(lid)
    say(lid)
    assert (epoch.value, lid.state.muted) == (1, True)


def test_an_unmute_says_whether_it_may_and_bumps_nothing(epoch: Epoch) -> None:
    lid = Lid(epoch, Mute(switch=False, kept=True), lambda: None)
    assert lid.unmute() is Answer.GRANTED
    lid.move(True)
    assert lid.unmute() is Answer.SWITCH
    assert epoch.value == 1


def test_who_waits_is_told_when_it_is_done_and_not_by_what_was_done_before(epoch: Epoch) -> None:
    lid = Lid(epoch, Mute(), lambda: None)
    lid.done(True, lid.turn)  # long ago

    def listens() -> None:
        lid.wait(20.0)
        before = lid.turn - 1
        lid.done(False, before)
        lid.done(True, lid.turn)

    listener = threading.Thread(target=listens)
    listener.start()
    lid.mute()
    assert lid.await_done(20.0) is True
    listener.join()


def test_who_waits_for_nothing_new_is_told_at_once(epoch: Epoch) -> None:
    lid = Lid(epoch, Mute(kept=True), lambda: None)
    lid.mute()
    lid.done(True, lid.turn)
    assert lid.await_done(0.0) is True


def test_nobody_waits_for_ever(epoch: Epoch) -> None:
    lid = Lid(epoch, Mute(), lambda: None)
    lid.mute()
    assert lid.await_done(0.0) is None
    lid.give_up()
    assert lid.await_done(20.0) is None


def test_a_thousand_words_from_four_threads_end_as_the_last_ones_say(epoch: Epoch) -> None:
    lid = Lid(epoch, Mute(switch=False), lambda: None)

    def talk() -> None:
        for _ in range(250):
            lid.mute()
            lid.unmute()

    threads = [threading.Thread(target=talk) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert not lid.state.muted
    assert 1 <= epoch.value <= 1000
