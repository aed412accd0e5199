"""What the screen says follows from what the two processes said, and from nothing else."""

from __future__ import annotations

import pytest

from earlid.core.plain import sentence, summary
from earlid.core.screen_lamp import GREEN_S, YELLOW_S, Lamp
from earlid.core.screenplay import HELD, Fate, Screenplay
from earlid.core.timeline import Said
from earlid.core.units import HOP
from earlid.errors import Violation

SOON, MUCH_LATER = 0.1, 1_000.0


def told(play: Screenplay, *events: dict[str, object], now_s: float = 0.0) -> Screenplay:
    for event in events:
        play.take(event, now_s)
    return play


def lamp(state: str, cause: str = "") -> dict[str, object]:
    return {"event": "lamp", "state": state, "sample": 0, "cause": cause}


def hop(at: int, level_dbfs: float = -30.0, score: float | None = 0.1) -> dict[str, object]:
    return {"event": "hop", "sample": at, "level_dbfs": level_dbfs, "scores": {"hey_jarvis": score}}


def wake(at: int) -> dict[str, object]:
    return {"event": "wake", "sample": at, "model": "hey_jarvis", "score": 0.9}


def kept(start: int, stop: int, id_: str = "a") -> dict[str, object]:
    return {
        "event": "kept",
        "id": id_,
        "model": "hey_jarvis",
        "start": start,
        "stop": stop,
        "endpoint": "speech ended",
    }


def sent(id_: str = "a", size_bytes: int = 96_044) -> dict[str, object]:
    return {"event": "sent", "id": id_, "bytes": size_bytes, "seconds": 0.1, "status": 201}


def capturing(at: int = 10 * HOP) -> Screenplay:
    return told(Screenplay(), lamp("listening"), hop(at), lamp("capturing"), wake(at))


def test_before_anything_was_said_the_lamp_is_starting() -> None:
    assert Screenplay().lamp(0.0) is Lamp.STARTING


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ("listening", Lamp.LISTENING),
        ("capturing", Lamp.CAPTURING),
        ("muted", Lamp.MUTED),
        ("fault", Lamp.FAULT),
    ],
)
def test_the_lamp_says_the_state_of_the_gate(state: str, shown: Lamp) -> None:
    assert told(Screenplay(), lamp(state)).lamp(MUCH_LATER) is shown


def test_a_growing_segment_is_shown_hop_by_hop() -> None:
    play = told(capturing(10 * HOP), hop(11 * HOP), hop(12 * HOP))
    assert play.kept == 2 * HOP
    assert not play.kept_between(0, 10 * HOP)
    assert play.kept_between(11 * HOP, 12 * HOP)


def test_it_does_not_matter_whether_the_wake_or_the_lamp_is_told_first() -> None:
    first = told(Screenplay(), lamp("listening"), wake(HOP), lamp("capturing"), hop(2 * HOP))
    second = told(Screenplay(), lamp("listening"), lamp("capturing"), wake(HOP), hop(2 * HOP))
    assert first.kept == second.kept == HOP


def test_a_wake_that_opened_nothing_shows_nothing_as_kept() -> None:
    play = told(Screenplay(), lamp("fault"), wake(HOP), lamp("listening"), lamp("capturing"), hop(9 * HOP))
    assert play.kept == 0


def test_what_was_really_kept_replaces_what_was_growing() -> None:
    play = told(capturing(10 * HOP), hop(20 * HOP), kept(10 * HOP, 19 * HOP), lamp("listening"))
    assert play.kept == 9 * HOP
    assert play.count(Fate.OPEN) == 0


def test_a_discarded_segment_was_never_kept() -> None:
    play = told(capturing(10 * HOP), hop(20 * HOP), lamp("muted"))
    assert play.kept == 0
    assert not play.kept_between(0, 30 * HOP)


def test_kept_is_yellow_until_sent_and_then_green_and_then_dim() -> None:
    play = told(capturing(), kept(10 * HOP, 20 * HOP), lamp("listening"), now_s=0.0)
    assert play.lamp(MUCH_LATER) is Lamp.SENDING
    told(play, sent(), now_s=5.0)
    assert play.lamp(5.0 + SOON) is Lamp.SENT
    assert play.lamp(5.0 + GREEN_S + SOON) is Lamp.LISTENING


def test_a_delivery_too_fast_to_see_is_still_shown_yellow_then_green() -> None:
    play = told(capturing(), kept(10 * HOP, 20 * HOP), lamp("listening"), sent(), now_s=0.0)
    assert play.lamp(YELLOW_S / 2) is Lamp.SENDING
    assert play.lamp(YELLOW_S + SOON) is Lamp.SENT
    assert play.lamp(YELLOW_S + GREEN_S + SOON) is Lamp.LISTENING


def test_a_new_segment_hides_the_sending_of_the_last_one() -> None:
    play = told(capturing(), kept(10 * HOP, 20 * HOP), lamp("capturing"))
    assert play.lamp(SOON) is Lamp.CAPTURING


def test_what_goes_nowhere_is_never_shown_as_leaving() -> None:
    play = told(capturing(), kept(10 * HOP, 20 * HOP), lamp("listening"))
    play.leaves = False
    assert play.lamp(SOON) is Lamp.LISTENING


def look(name: str) -> dict[str, object]:
    return {"event": "look", "look": name, "sample": 0}


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ("listening", Lamp.RECORDING),
        ("capturing", Lamp.CAPTURING),
        ("muted", Lamp.MUTED),
        ("fault", Lamp.FAULT),
    ],
)
def test_a_field_recording_is_shown_unless_muted_or_broken_or_words_are_kept(state: str, shown: Lamp) -> None:
    assert told(Screenplay(), lamp(state), look("recording")).lamp(0.0) is shown
    assert told(Screenplay(), lamp(state) | {"look": "recording"}).lamp(0.0) is shown
    over = told(Screenplay(), lamp(state), look("recording"), look("listening"))
    assert over.lamp(0.0) is not Lamp.RECORDING


def test_an_hour_that_is_spent_is_shown_before_what_leaves() -> None:
    play = told(capturing(), kept(10 * HOP, 20 * HOP), lamp("listening") | {"look": "spent"})
    assert play.lamp(SOON) is Lamp.SPENT


def test_a_look_that_says_more_than_the_state_is_told_in_words() -> None:
    assert sentence(look("recording")) == "lamp: a field recording is being made"
    assert sentence(lamp("listening", "until 12:00") | {"look": "spent"}) == (
        "lamp: listening, and keeping nothing (until 12:00)"
    )
    assert sentence(look("sending")) is None
    assert sentence(lamp("muted") | {"look": "muted"}) == "lamp: muted"


def test_what_cannot_be_sent_now_waits_without_a_yellow_lamp() -> None:
    later: dict[str, object] = {"event": "later", "id": "a", "cause": "connection refused", "after_s": 1.0}
    play = told(capturing(), kept(10 * HOP, 20 * HOP), lamp("listening"), later)
    assert play.lamp(MUCH_LATER) is Lamp.LISTENING
    assert play.count(Fate.WAITING) == 1
    assert play.trouble == "connection refused"


def test_a_refusal_is_never_green() -> None:
    play = told(capturing(), kept(10 * HOP, 20 * HOP), lamp("listening"), sent(), now_s=0.0)
    told(play, kept(30 * HOP, 40 * HOP, "b"), {"event": "refused", "id": "b", "cause": "413"}, now_s=50.0)
    assert play.lamp(50.0 + SOON) is Lamp.LISTENING
    assert play.count(Fate.REFUSED) == 1
    assert "413" in play.trouble


def test_a_score_is_held_long_enough_to_be_seen_and_no_longer() -> None:
    play = told(Screenplay(), hop(HOP, score=None))
    assert play.peak("hey_jarvis") is None
    told(play, hop(2 * HOP, score=0.9), *(hop(at * HOP, score=0.2) for at in range(3, 2 + HELD)))
    assert play.peak("hey_jarvis") == 0.9
    told(play, hop(50 * HOP, score=0.2))
    assert play.peak("hey_jarvis") == 0.2


def test_words_share_the_fate_of_most_of_their_sound() -> None:
    play = told(capturing(), kept(1_000, 2_000), lamp("listening"))
    assert play.fate_of(Said("Ruth", "before", 0, 900)) is None
    assert play.fate_of(Said("Ruth", "mostly before", 400, 1_500)) is None
    assert play.fate_of(Said("Ruth", "mostly inside", 900, 1_400)) is Fate.WAITING
    told(play, sent())
    assert play.fate_of(Said("Ruth", "mostly inside", 900, 1_400)) is Fate.SENT


def test_a_delivery_from_an_earlier_run_counts_its_bytes_and_keeps_nothing() -> None:
    play = told(Screenplay(), lamp("listening"), sent("old", 5_000))
    assert (play.sent_bytes, play.kept) == (5_000, 0)


def test_a_delivery_that_is_told_before_its_keeping_is_the_same_segment() -> None:
    play = told(capturing(), sent(), kept(10 * HOP, 20 * HOP), lamp("listening"))
    assert (play.kept, play.sent_bytes) == (10 * HOP, 96_044)
    assert (play.count(Fate.SENT), play.count(Fate.WAITING)) == (1, 0)
    assert play.lamp(YELLOW_S + SOON) is Lamp.SENT


def test_an_unknown_kind_changes_nothing_and_a_broken_known_kind_is_a_violation() -> None:
    play = told(Screenplay(), {"event": "something new"}, {})
    assert play == Screenplay()
    for broken in (
        {"event": "lamp", "state": "glowing"},
        {"event": "hop", "sample": 1.5, "level_dbfs": 0.0, "scores": {}},
        {"event": "kept", "id": "a", "model": "m", "start": 5, "stop": 4},
        {"event": "sent", "id": "a"},
        {"event": "hop", "sample": 1, "level_dbfs": 0.0, "scores": {"m": "high"}},
    ):
        with pytest.raises(Violation, match="makes no sense"):
            play.take(broken, 0.0)


def test_the_end_tells_what_was_heard_and_lost() -> None:
    ended: dict[str, object] = {"event": "ended", "heard": 32_000, "lost": {"overflow": 1, "backlog": 2}}
    play = told(Screenplay(), lamp("listening"), ended)
    assert (play.heard, play.lost, play.lamp(0.0)) == (32_000, 3, Lamp.ENDED)


def test_the_summary_counts_what_happened() -> None:
    play = told(capturing(), kept(16_000, 64_000), lamp("listening"), sent(), hop(32 * 16_000))
    assert summary(play) == "heard 32.0 s, kept 3.0 s, sent 96 kB in 1 segment"
    assert summary(Screenplay()) == "heard 0.0 s, kept 0.0 s, sent 0 kB in 0 segments"


def test_each_event_that_matters_is_one_plain_sentence() -> None:
    assert sentence(lamp("muted", "switch")) == "lamp: muted (switch)"
    assert sentence(wake(5)) == 'wake: "hey jarvis", score 0.90'
    assert sentence(kept(0, 48_000)) == "kept 3.0 s (speech ended)"
    assert sentence(sent()) == "sent 96 kB"
    assert sentence({"event": "later", "cause": "no route"}) == "not sent yet: no route"
    assert sentence(hop(5)) is None
    assert sentence({"event": "drained"}) is None
