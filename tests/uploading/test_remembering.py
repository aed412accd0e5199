"""An uploader that runs for months remembers no more than what still waits."""

from __future__ import annotations

import threading

from earlid.errors import TryLater
from earlid.uploading.housekeeping import Limits
from earlid.uploading.lane import Lane
from earlid.uploading.loading import Loading
from earlid.uploading.settling import Settling
from fakes.home import Home, Sink


def test_what_is_erased_here_is_remembered_no_more() -> None:
    home = Home(Limits(longest_s=30))
    with home.house() as house:
        for _ in range(10):
            home.put()
            home.pass_by(31)
            house.tidy(frozenset(), is_busy=False)
        assert len(house.ledger.recent) == 0
    assert [each.what.value for each in home.entries] == ["expired"] * 10


def test_an_intent_is_remembered_no_longer_than_its_segment_waits() -> None:
    home = Home()
    stopped = threading.Event()
    stopped.set()
    with home.house() as house:
        lane = Lane(Sink("here"), lambda: 0.0, threading.Event(), stopped, house.clock)
        loading = Loading(house, Settling([lane], house, home.told.append), house.clock)
        for _ in range(10):
            (id_,) = home.put()
            loading.load(lane)
            lane.recall()
            lane.lost(TryLater("down"), 0.0, id_, deleting=False)
            house.shelf.spool.erase(*(held.folder for held in house.shelf.waiting()))
        assert lane.intents == {id_}
