"""A finger on the button: in silence, while something is kept, while it leaves, and across a reboot."""

from __future__ import annotations

from typing import Final

from pi.virtual.house import Held
from pi.virtual.owner import LISTEN, Owner, check
from pi.virtual.scenes.scene import Scene

_GROUP: Final = "mute"
TOUCHES: Final = 9


def _mute(owner: Owner) -> tuple[float, str]:
    """Press, and wait for the lamp and the kernel to say so; when it was, and how long each took."""
    pressed, closed_s = owner.close_by_hand()
    owner.until(lambda: owner.shone("red", pressed), "the lamp is red")
    red_s = next(at for at, name, level in owner.changes(pressed) if name == "red" and level) - pressed
    return pressed, f"closed after {closed_s * 1000:.0f} ms, red after {red_s * 1000:.0f} ms"


def _unmute(owner: Owner) -> None:
    owner.press()
    owner.until(lambda: owner.microphone() == "running", "the microphone is open again")


def in_silence(owner: Owner) -> str:
    """Muted, the sound card is closed and nobody hears a name said into it; unmuted, all is as before."""
    owner.settle()
    _, seen = _mute(owner)
    began = owner.now()
    kept = len(owner.home.kept)
    heard_s = owner.heard_s()
    owner.say()
    check(owner.microphone() == "closed", f"the microphone is {owner.microphone()} while muted")
    check(not owner.names(began), f"written while muted: {owner.names(began)}")
    check(owner.heard_s() == heard_s, "it heard something while muted")
    _unmute(owner)
    owner.until(lambda: owner.lamp() != "red", "the lamp is no longer red")
    check(len(owner.home.kept) == kept, "something left while muted")
    return seen


def from_touch_to_closed(owner: Owner) -> str:
    """How long from the touch until the kernel says that nobody captures: seen from outside."""
    owner.settle()
    took_ms = []
    for _ in range(TOUCHES):
        took_ms.append(owner.close_by_hand()[1] * 1000)
        _unmute(owner)
    took_ms.sort()
    return (
        f"median {took_ms[TOUCHES // 2]:.0f} ms, longest {took_ms[-1]:.0f} ms of {TOUCHES} touches,"
        " on an emulated processor"
    )


def while_capturing(owner: Owner) -> str:
    """What was being kept is destroyed: no draft, nothing in the outbox, nothing leaves."""
    _settle_after_words(owner)
    began, kept = owner.now(), len(owner.home.kept)
    owner.begin_to_say()
    owner.until(lambda: owner.shone("blue", began), "the lamp is blue")
    pressed, seen = _mute(owner)
    blue_off = owner.until(
        lambda: [at for at, name, level in owner.changes(pressed) if name == "blue" and not level],
        "blue is off",
    )[0]
    came = [name for _, what, name in owner.names(began) if what == "outbox +"]
    check(not came, f"kept in spite of the press: {came}")
    _unmute(owner)
    _settle_after_words(owner)
    check(len(owner.home.kept) == kept, "the collector has what was destroyed")
    return f"{seen}; blue off after {(blue_off - pressed) * 1000:.0f} ms; nothing was kept"


def while_uploading(owner: Owner) -> str:
    """What was said before the press and is on its way arrives; the microphone is closed all the same."""
    _settle_after_words(owner)
    held = Held()
    owner.home.open(held)
    kept = len(owner.home.kept)
    owner.say()
    owner.until(held.came.is_set, "the body is on its way")
    _, seen = _mute(owner)
    check(len(owner.home.kept) == kept, "the collector took it before it was let go")
    held.let_go()
    owner.until(lambda: len(owner.home.kept) == kept + 1, "the segment has arrived")
    owner.until(lambda: not owner.waiting(), "the outbox is empty")
    check(owner.microphone() == "closed", "the upload opened the microphone")
    _unmute(owner)
    return f"{seen}; the segment arrived, the microphone stayed closed"


def across_a_reboot(owner: Owner) -> str:
    """Muted, it starts again muted; and the sound card is never opened."""
    _settle_after_words(owner)
    _, seen = _mute(owner)
    owner.hands.run("systemctl", "--no-block", "reboot")
    owner.machine.wait_until_off()
    took_s = owner.start()
    owner.until(lambda: owner.shone("red", 0.0), "the lamp is red after the reboot")
    check(owner.microphone() == "closed", f"the microphone is {owner.microphone()} after the reboot")
    check(not owner.shone("blue", 0.0), "blue shone in between")
    _unmute(owner)
    return f"{seen}; back in {took_s:.0f} s: red, microphone closed until the next press"


def erases_by_a_long_press(owner: Owner) -> str:
    """Held for five seconds, the button destroys what waits here, and has deleted elsewhere what has left."""
    _settle_after_words(owner)
    left = len(owner.home.kept)
    owner.home.close()
    owner.say()
    waiting = owner.until(owner.waiting, "a segment waits")
    owner.press(6.0)
    owner.until(lambda: not owner.waiting(), "nothing waits any more", 240)
    owner.home.open()
    said = owner.hands.run("earlid", "ledger", "--json")
    check(waiting[0].partition("-")[2] in said, f"the ledger does not know {waiting[0]}")
    if owner.microphone() != "running":
        _unmute(owner)
    check(owner.unit(LISTEN)["ActiveState"] == "active", "the listener ended")
    owner.until(lambda: not owner.home.kept, "the collector is asked to delete what it has", 240)
    return (
        f"{waiting[0].partition('-')[2][:8]} is gone, and is in the ledger; the collector was asked to"
        f" delete all {left} that it had"
    )


def _settle_after_words(owner: Owner) -> None:
    """Calm; and what was still to be said in the room was said."""
    owner.settle()
    owner.hands.do("silence")
    began = owner.now()
    owner.until(lambda: owner.now() - began > 4.0 and owner.lamp() != "blue", "nobody speaks")
    owner.settle()


SCENES: Final = (
    Scene(_GROUP, "in silence", in_silence, smoke=True),
    Scene(_GROUP, "from touch to closed", from_touch_to_closed),
    Scene(_GROUP, "while capturing", while_capturing),
    Scene(_GROUP, "while uploading", while_uploading),
    Scene(_GROUP, "across a reboot", across_a_reboot),
    Scene(_GROUP, "hold to erase", erases_by_a_long_press),
)
