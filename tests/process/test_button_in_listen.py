"""A button and a lamp on the real process: the hold that erases, and contacts and wires that fail."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from earlid.core.entry import What
from earlid.core.lamp import MEANINGS, Look
from earlid.core.units import Samples
from earlid.edge.ledger import check, entries
from earlid.edge.sound.timeline_file import read_timeline
from earlid.edge.spool.spool import Spool
from fakes.field_session import FieldSession
from fakes.hand import Hand, hand_at
from fakes.pressed import LED_PIN, SENSE_PIN
from fakes.segments import permitted
from fakes.waiting import until

BUTTON = f'lamp = "led"\nled_pin = {LED_PIN}'
SENSED = f"{BUTTON}\nlamp_sense_pin = {SENSE_PIN}"
MUTED_S = MEANINGS[Look.MUTED].pattern[0] / 1000


@pytest.fixture(autouse=True)
def portaudio() -> None:
    pytest.importorskip("pyaudio", reason="PyAudio is not installed: pip install '.[pi]'")


def silence() -> Samples:
    return np.random.default_rng(3).integers(-50, 50, 320_000, dtype=np.int16)


def status_of(hand: Hand) -> dict[str, Any]:
    """What the process says of itself."""
    told: dict[str, Any] = hand.do("status")["answer"]["status"]
    return told


def state_of(hand: Hand) -> str:
    """What its gate says."""
    return str(status_of(hand)["state"])


def flashes(hand: Hand, count: int) -> list[float]:
    """How long the lamp shone, the next `count` times."""
    seen: list[float] = []
    while len(seen) < count:
        seen += [lasted_s for level, lasted_s in hand.do("lamp")["answer"]["lit"] if level]
    return seen


def test_a_hold_of_five_seconds_destroys_all_sound_kept_here_and_a_shorter_one_destroys_nothing(
    tmp_path: Path, models: Path
) -> None:
    state = tmp_path / "state"
    with closing(Spool(state / "spool")) as spool:
        ids = {spool.put(*permitted(16_000)) for _ in range(3)}
        spool.set_aside(next(spool.pending()).folder, "no")
    with closing(FieldSession(state / "field")) as field:
        field.hear()
        field.write()

    def left() -> list[str]:
        rooms = (state / "spool/outbox", state / "spool/quarantine", state / "field/clips")
        return [path.name for room in rooms for path in room.iterdir()]

    with hand_at(tmp_path, models, silence(), panel=BUTTON) as hand:
        hand.until("lamp", state="listening")
        assert hand.do("touch")["done"]
        flashes(hand, 3)
        hand.do("let go")  # after some two and a half seconds
        while flashes(hand, 1)[0] < 0.9 * MUTED_S:
            pass  # the countdown is over, and it is muted as before
        assert len(left()) == 4

        flashes(hand, 1)
        hand.do("touch")
        until("nothing was erased", lambda: not left())
        first, *_, last = flashes(hand, 4)
        assert last < first, "each second shorter"
        hand.do("let go")
        assert state_of(hand) == "muted"
        hand.do("tap")
        hand.until("lamp", state="listening")
        assert hand.stop() == 0
    assert hand.lamps() == ["listening", "muted", "listening"]
    erased = [entry for entry in entries(state / "ledger") if entry.what is What.ERASED]
    assert {entry.id for entry in erased} == ids
    assert check(state / "ledger").flaws == ()
    with closing(FieldSession(state / "field")) as field:
        assert (field.sounds, field.store.count()) == (0, 1)


def test_a_button_that_bounces_at_1_khz_mutes_once_and_stays_muted(tmp_path: Path, models: Path) -> None:
    with hand_at(tmp_path, models, silence(), panel=BUTTON) as hand:
        hand.until("lamp", state="listening")
        hand.do("bounce")
        hand.do("mute")  # it is: this only waits until all before it is done
        assert hand.lamps() == ["listening", "muted"]
        hand.do("tap")
        hand.until("lamp", state="listening")
        assert hand.stop() == 0


@pytest.mark.parametrize("was", ["open", "muted"])
def test_a_button_held_at_the_start_is_no_press_and_the_next_press_is_one(
    tmp_path: Path, models: Path, was: str
) -> None:
    listen = tmp_path / "state/listen"
    listen.mkdir(parents=True)
    (listen / "muted").write_text(f"{was}\n")
    began = "listening" if was == "open" else "muted"
    with hand_at(tmp_path, models, silence(), "", 16_000, BUTTON, "held") as hand:
        hand.until("lamp", state=began)
        hand.do("let go")
        assert state_of(hand) == began
        hand.do("tap")
        now = "muted" if was == "open" else "listening"
        until("it was no press", lambda: state_of(hand) == now and hand.lamps()[-1] == now)
        assert hand.stop() == 0
    assert len(hand.lamps()) == 2


def test_where_the_led_is_cut_a_wake_is_told_and_nothing_is_kept(
    tmp_path: Path, models: Path, clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (call,) = read_timeline(clip).calls()
    sound, _ = soundfile.read(clip, dtype="int16")
    with hand_at(tmp_path, models, sound[call.start - 40_000 :], panel=SENSED) as hand:
        hand.until("lamp", state="listening")
        hand.do("cut")
        hand.until("wake")
        told = status_of(hand)
        assert (told["state"], told["segments"]) == ("fault", 0)
        assert told["cause"] == "the lamp stays dark: check its LED and wire; nothing is kept without it"
        assert hand.do("touch")["done"], "a hand mutes in the dark, too"
        assert hand.stop() == 0
    assert "capturing" not in hand.lamps()
    assert list((tmp_path / "state/spool/outbox").iterdir()) == []


@pytest.mark.parametrize(
    ("panel", "code", "says"),
    [
        ('board = "respeaker-2mic"', 69, "this machine has no pins"),
        ('board = "respeaker-2mic"\nmute_pin = 18', 78, "pin 18 is the I2S bit clock of respeaker-2mic"),
        ('board = "custom"\nmute_pin = 5\nlamp = "led"\nled_pin = 5', 78, "pin 5 is already panel.mute_pin"),
        ('board = "none"\nmute_pin = 5', 78, "there is no board"),
    ],
)
def test_pins_that_cannot_be_had_are_one_line_and_an_exit_code(
    tmp_path: Path, models: Path, panel: str, code: int, says: str
) -> None:
    if code == 69 and list(Path("/dev").glob("gpiochip*")):
        pytest.skip("this machine has pins")
    file = tmp_path / "config.toml"
    file.write_text(f'[panel]\n{panel}\n[paths]\nstate = "{tmp_path}/state"\nmodels = "{models}"\n')
    command = [sys.executable, "-m", "earlid", "listen", "--source", "-", "--config", str(file)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert says in done.stderr.splitlines()[-1]
