"""The lamp is lit before it is told, says what became of a segment, and is never told when it is dark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from earlid.core.gate import State
from earlid.core.lamp import Look
from earlid.edge.budget_file import BudgetFile, Uptime
from earlid.edge.disk import RealDisk
from earlid.edge.spool.outgoing import LOOK_EVERY_S, SENT_S, Outgoing
from earlid.errors import DeviceLost
from earlid.listening.lantern import Lantern
from fakes.wall import Wall

ID = "0" * 32


class Room:
    """A lantern over a wall, with a clock that the test moves."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lines: list[dict[str, Any]] = []
        self.order: list[str] = []
        self.wall = Wall(self.order)
        self.segment = folder / "outbox" / f"00000001-{ID}"
        self.segment.mkdir(parents=True)
        (folder / "quarantine").mkdir()
        self.budget = BudgetFile(folder, RealDisk(), 60.0, Uptime(), first_start=True)
        outgoing = Outgoing(folder / "outbox", folder / "quarantine")
        self.now_s = 100.0
        monkeypatch.setattr("earlid.listening.lantern.time.monotonic", lambda: self.now_s)
        self.is_recorded = False
        self.lantern = Lantern(self.wall, self.budget, outgoing, self._tell, lambda: self.is_recorded)

    def _tell(self, line: dict[str, Any]) -> None:
        self.order.append(f"told {line['look']}")
        self.lines.append(line)

    def pass_by(self, span_s: float) -> Look:
        self.now_s += span_s
        self.lantern.refresh(State.LISTENING, 7)
        return self.lantern.look


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Room:
    return Room(tmp_path, monkeypatch)


def test_the_lamp_is_lit_before_it_is_told(room: Room) -> None:
    room.lantern.show(State.CAPTURING, "", 5)
    assert room.order == ["capturing", "told capturing"]
    assert room.lines == [
        {"event": "lamp", "state": "capturing", "look": "capturing", "sample": 5, "cause": ""}
    ]


def test_a_lamp_that_stays_dark_is_not_told_as_lit(room: Room) -> None:
    room.wall.dark = True
    with pytest.raises(DeviceLost):
        room.lantern.show(State.CAPTURING, "", 5)
    assert room.lines == []
    assert not room.lantern.try_again(State.CAPTURING)
    room.wall.dark = False
    assert room.lantern.try_again(State.CAPTURING)


def test_what_was_kept_is_sending_until_it_left_and_sent_for_a_second(room: Room) -> None:
    room.lantern.keep(ID)
    room.lantern.show(State.LISTENING, "", 0)
    assert room.pass_by(0.0) is Look.SENDING
    room.segment.rmdir()
    assert room.pass_by(LOOK_EVERY_S) is Look.SENT
    assert room.pass_by(SENT_S) is Look.LISTENING
    assert [line["event"] for line in room.lines] == ["lamp", "look", "look"]


def test_a_state_beats_what_became_of_a_segment(room: Room) -> None:
    room.lantern.keep(ID)
    for state in (State.MUTED, State.FAULT, State.CAPTURING):
        room.lantern.show(state, "", 0)
        assert room.lantern.look.value == state.value


def test_a_field_recording_is_told_before_it_hears_and_a_segment_does_not_interrupt_it(room: Room) -> None:
    def goes(state: State, *, look: Look, heard: bool) -> None:
        room.lantern.show(state, "", 0)
        assert (room.lantern.look, room.lantern.tells_of_recording) == (look, heard)

    room.lantern.show(State.CAPTURING, "", 0)
    room.is_recorded = True
    assert not room.lantern.tells_of_recording
    goes(State.CAPTURING, look=Look.CAPTURING, heard=False)
    goes(State.LISTENING, look=Look.RECORDING, heard=True)
    goes(State.CAPTURING, look=Look.CAPTURING, heard=True)
    goes(State.LISTENING, look=Look.RECORDING, heard=True)
    goes(State.MUTED, look=Look.MUTED, heard=False)
    goes(State.LISTENING, look=Look.RECORDING, heard=True)
    room.lantern.go_out("", 0)
    assert not room.lantern.tells_of_recording
    goes(State.LISTENING, look=Look.RECORDING, heard=True)
    goes(State.CAPTURING, look=Look.CAPTURING, heard=True)
    room.is_recorded = False
    assert not room.lantern.tells_of_recording


def test_when_the_hour_is_spent_it_says_until_when(room: Room) -> None:
    assert room.lantern.spent_until == ""
    room.budget.spend(59.5)
    assert room.pass_by(0.1) is Look.SPENT
    room.lantern.show(State.LISTENING, "", 0)
    until = room.lantern.spent_until
    assert len(until) == 5
    assert room.lines[-1]["cause"] == f"this hour's budget is spent until {until}"


def test_with_nothing_ever_to_keep_it_is_never(tmp_path: Path) -> None:
    budget = BudgetFile(tmp_path, RealDisk(), 0.0, Uptime(), first_start=True)
    assert Lantern(Wall([]), budget, None, lambda _line: None).spent_until == "never"
