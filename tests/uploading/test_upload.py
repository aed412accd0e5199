"""The uploader's loop: in order, at least once, nothing lost, nothing retried for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path

import pytest

from earlid.core.delivery import NOT_ALLOWED_PAUSE_S
from earlid.edge.ledger import Ledger
from earlid.edge.sinks.sink import Receipt, Sink
from earlid.edge.spool.kept import Kept
from earlid.edge.spool.shelf import Shelf
from earlid.edge.spool.spool import Spool
from earlid.errors import DiskTrouble, NotAllowed, Refused, TryLater, Violation
from earlid.upload import upload
from earlid.uploading.housekeeping import House, Limits, Tell
from earlid.uploading.loading import POLL_S
from earlid.uploading.uploader import STOP_LOOK_S, Pace
from fakes.disk import ForgetfulDisk
from fakes.segments import permitted
from fakes.waiting import SECONDS

Event = dict[str, object]


class ScriptedSink:
    """Answers the first deliveries by `script`, then takes everything; remembers who came."""

    host = "example.org"
    needs_plain = False

    def __init__(self, *script: Exception | None, name: str = "upload") -> None:
        self._script = list(script)
        self.name = name
        self.came: list[str] = []

    def send(self, kept: Kept) -> Receipt:
        self.came.append(kept.id)
        error = self._script.pop(0) if self._script else None
        if error is not None:
            raise error
        return Receipt(201)

    def burst(self) -> AbstractContextManager[None]:
        return nullcontext()

    def forget(self, id_: str) -> bool | None:
        return None


class Clock:
    """Waits without waiting: notes how long, and says stop after `limit` waits."""

    now = 1000.0

    def __init__(self, limit: int = 1, during: Callable[[], object] = lambda: None) -> None:
        self.waits: list[float] = []
        self._limit, self._during = limit, during

    def __call__(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self.now += seconds
        self._during()
        return len(self.waits) >= self._limit


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with closing(Spool(tmp_path / "spool")) as made:
        yield made


def house_in(spool: Spool, tell: Tell, clock: Clock | None = None) -> House:
    """A house around `spool`, with its ledger beside it, on the same disk."""
    ledger = Ledger(spool.root.parent / "ledger", spool.disk)
    forget = spool.root.parent / "forget"
    return House(
        Shelf(spool), ledger, forget, Limits(), tell, clock=(lambda: clock.now) if clock else time.monotonic
    )


def serve(sink: Sink, spool: Spool, clock: Clock) -> list[Event]:
    told: list[Event] = []
    house = house_in(spool, told.append, clock)
    pace = Pace(clock, lambda: clock.now, lambda: 0.0, pulse_s=1e9)
    with closing(house.ledger):
        upload([sink], house, told.append, threading.Event(), pace=pace)
    return told


def run(sink: Sink, spool: Spool, tell: Tell, stop: threading.Event, *, once: bool = False) -> None:
    house = house_in(spool, tell)
    with closing(house.ledger):
        upload([sink], house, tell, stop, once=once)


def kinds(told: list[Event]) -> list[object]:
    return [event["event"] for event in told]


def test_everything_that_waits_leaves_in_order(spool: Spool) -> None:
    ids = [spool.put(*permitted(16_000)) for _ in range(3)]
    sink = ScriptedSink()
    told = serve(sink, spool, Clock())
    assert sink.came == ids
    assert told[0] == {"event": "sent", "id": ids[0], "bytes": 32_044, "seconds": 1.0, "status": 201}
    assert kinds(told) == ["sent", "sent", "sent", "drained"]
    assert spool.waiting() == 0


def test_what_is_put_later_leaves_later(spool: Spool) -> None:
    sink = ScriptedSink()
    clock = Clock(3, during=lambda: spool.put(*permitted()) if len(clock.waits) == 1 else None)
    told = serve(sink, spool, clock)
    assert kinds(told) == ["drained", "sent", "drained"]
    assert clock.waits == [POLL_S] * 3


def test_a_segment_that_is_for_later_is_kept_and_holds_up_those_behind_it(spool: Spool) -> None:
    first, second = spool.put(*permitted()), spool.put(*permitted())
    sink = ScriptedSink(TryLater("in trouble (500)"), TryLater("in trouble (500)"))
    clock = Clock(3)
    told = serve(sink, spool, clock)
    assert sink.came == [first, first, first, second]
    assert told[0] == {"event": "later", "id": first, "cause": "in trouble (500)", "after_s": 0.5}
    assert kinds(told) == ["later", "later", "sent", "sent", "drained"]


def test_waits_grow_to_a_minute_and_start_small_again_after_a_receipt(spool: Spool) -> None:
    spool.put(*permitted())
    down = [TryLater("down")] * 9
    clock = Clock(11, during=lambda: spool.put(*permitted()) if len(clock.waits) == 10 else None)
    serve(ScriptedSink(*down, None, TryLater("down")), spool, clock)
    assert clock.waits == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, POLL_S, 0.5]


def test_the_collectors_wish_to_wait_is_granted(spool: Spool) -> None:
    spool.put(*permitted())
    clock = Clock(1)
    serve(ScriptedSink(TryLater("slow down", after_s=42.0)), spool, clock)
    assert clock.waits == [42.0]


def test_a_refused_segment_is_set_aside_told_and_never_sent_again(spool: Spool) -> None:
    first, second = spool.put(*permitted()), spool.put(*permitted())
    sink = ScriptedSink(Refused("refuses it (413)"))
    told = serve(sink, spool, Clock(2))
    assert sink.came == [first, second]
    assert told[0] == {"event": "refused", "id": first, "cause": "refuses it (413)"}
    (aside,) = spool.quarantined.iterdir()
    assert (aside / "why.txt").read_text() == "upload: refuses it (413)\n"


def test_a_collector_that_does_not_know_us_is_told_once_and_left_alone(spool: Spool) -> None:
    ids = [spool.put(*permitted()) for _ in range(2)]
    sink = ScriptedSink(NotAllowed("401"), NotAllowed("401"))
    clock = Clock(3)
    told = serve(sink, spool, clock)
    assert clock.waits == [NOT_ALLOWED_PAUSE_S, NOT_ALLOWED_PAUSE_S, POLL_S]
    assert kinds(told) == ["paused", "sent", "sent", "drained"]
    assert sink.came == [ids[0], ids[0], *ids]


def test_being_unknown_again_after_a_receipt_is_told_again(spool: Spool) -> None:
    spool.put(*permitted())
    spool.put(*permitted())
    told = serve(ScriptedSink(NotAllowed("401"), None, NotAllowed("401")), spool, Clock(2))
    assert kinds(told) == ["paused", "sent", "paused"]


def test_nothing_leaves_after_it_is_time_to_stop(spool: Spool) -> None:
    spool.put(*permitted())
    stop = threading.Event()
    stop.set()
    sink = ScriptedSink()
    run(sink, spool, lambda event: None, stop)
    assert sink.came == []


def test_a_stop_during_a_wait_is_heard_at_once(spool: Spool) -> None:
    spool.put(*permitted())
    stop = threading.Event()
    run(ScriptedSink(TryLater("down", after_s=3000.0)), spool, lambda event: stop.set(), stop)
    assert spool.waiting() == 1


def test_a_delivery_in_flight_is_abandoned_at_a_stop_and_the_segment_kept(spool: Spool) -> None:
    spool.put(*permitted())
    stop, over = threading.Event(), threading.Event()

    class Stuck(ScriptedSink):
        def send(self, kept: Kept) -> Receipt:
            stop.set()
            over.wait(SECONDS)
            return Receipt(201)

    run(Stuck(), spool, lambda event: None, stop)
    over.set()
    assert spool.waiting() == 1


def test_a_receipt_within_the_grace_still_counts(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("earlid.uploading.uploader.GRACE_S", SECONDS)  # others may keep both waiting
    spool.put(*permitted())
    stop = threading.Event()

    class AlmostThere(ScriptedSink):
        def send(self, kept: Kept) -> Receipt:
            stop.set()
            threading.Event().wait(3 * STOP_LOOK_S)
            return Receipt(201)

    run(AlmostThere(), spool, lambda event: None, stop)
    assert spool.waiting() == 0


def test_once_empties_the_outbox_and_returns(spool: Spool) -> None:
    spool.put(*permitted())
    told: list[Event] = []
    run(ScriptedSink(), spool, told.append, threading.Event(), once=True)
    assert kinds(told) == ["sent", "drained"]


@pytest.mark.parametrize("error", [TryLater("down"), NotAllowed("401")])
def test_once_tells_and_raises_what_stands_in_the_way(spool: Spool, error: Exception) -> None:
    spool.put(*permitted())
    told: list[Event] = []
    with pytest.raises(type(error)):
        run(ScriptedSink(error), spool, told.append, threading.Event(), once=True)
    assert kinds(told) in (["later"], ["paused"])
    assert spool.waiting() == 1


def test_a_disk_that_will_not_let_go_of_a_delivered_segment_is_tried_again() -> None:
    disk = ForgetfulDisk()
    spool = Spool(Path("/state/spool"), disk)
    id_ = spool.put(*permitted())
    spool.claim_outbox()
    left = [2]

    def fail(verb: str, path: Path) -> None:
        if verb == "rename" and path.parent == spool.outbox and left[0]:
            left[0] -= 1
            raise DiskTrouble("cannot rename: input/output error")

    disk.before_verb = fail
    sink = ScriptedSink()
    told = serve(sink, spool, Clock(3))
    assert sink.came == [id_], "what has its receipt is not sent again"
    assert kinds(told) == ["later", "later", "sent", "drained"]


def test_an_answer_that_nobody_thought_of_delays_and_ends_nothing(spool: Spool) -> None:
    id_ = spool.put(*permitted())
    sink = ScriptedSink(OverflowError("int too large"))
    told = serve(sink, spool, Clock(2))
    assert sink.came == [id_, id_]
    assert kinds(told) == ["later", "sent", "drained"]
    assert told[0]["cause"] == "what came back cannot be dealt with (OverflowError): report it"


def test_a_broken_invariant_in_a_sink_stops_the_uploader(spool: Spool) -> None:
    spool.put(*permitted())
    with pytest.raises(Violation):
        serve(ScriptedSink(Violation("no")), spool, Clock())
    assert spool.waiting() == 1
