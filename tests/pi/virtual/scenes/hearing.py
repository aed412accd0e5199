"""From the microphone to the collector: what is heard, kept and sent, and what the lamp says of it."""

from __future__ import annotations

import io
import time
import wave
from functools import partial
from typing import Final

from pi.virtual.house import after_the_name_s
from pi.virtual.owner import LISTEN, UPLOAD, Owner, check
from pi.virtual.scenes.scene import Scene

_GROUP: Final = "it hears, keeps and sends"
LATEST_S: Final = 1.0
"""A segment begins at most this long after the name's end: the question comes 0.45 s after it."""
EARLIEST_S: Final = -0.4
"""What a lookback could reach at the most; none is set."""


def boots(owner: Owner) -> str:
    """From power to a listener that says it is ready."""
    took_s = owner.start()
    unit = owner.unit(LISTEN)
    ready_us = int(unit["ActiveEnterTimestampMonotonic"]) - int(unit["ExecMainStartTimestampMonotonic"])
    release = dict(
        line.split("=", 1)
        for line in owner.hands.do("read", path="/etc/os-release").splitlines()
        if "=" in line
    )
    check(owner.microphone() == "running", f"ready, but the microphone is {owner.microphone()}")
    model = owner.hands.do("read", path="/proc/device-tree/model").strip("\0")
    told = unit["StatusText"] or "says no status"
    return (
        f"{release['PRETTY_NAME'].strip(chr(34))} on a {model}, up in {took_s:.0f} s;"
        f" the listener READY in {ready_us / 1e6:.1f} s: {told}"
    )


def goes_on(memory: str, owner: Owner) -> str:
    """From the emulator's start to a machine that goes on listening where it was."""
    began = time.monotonic()
    owner.go_on(memory)
    owner.settle()
    return f"listening {time.monotonic() - began:.1f} s after the emulator's start"


def hears_and_delivers(owner: Owner) -> str:
    """The name is heard and what follows arrives; nothing from before the name does."""
    owner.settle()
    body = owner.hear_one()
    with wave.open(io.BytesIO(body)) as file:
        length_s = file.getnframes() / file.getframerate()
    late_s = after_the_name_s(body)
    check(EARLIEST_S <= late_s <= LATEST_S, f"the segment begins {late_s:+.2f} s from the end of the name")
    told = owner.status()["listen"]
    lost = ", ".join(f"{count} by {why}" for why, count in told["lost_hops"].items() if count)
    return (
        f"{length_s:.1f} s arrived, from {late_s * 1000:+.0f} ms of the name's end on;"
        f" hops lost: {lost or 'none'} of {told['heard_s'] / 0.08:.0f}"
    )


def lamp_is_honest(owner: Owner) -> str:
    """The lamp's line is high before anything is written, and until it is whole; then it is dark."""
    owner.settle()
    began = owner.now()
    owner.hear_one()
    owner.until(lambda: owner.lamp() == "dark", "the lamp is dark again")
    blue = [(at, level) for at, name, level in owner.changes(began) if name == "blue"]
    check([level for _, level in blue] == [1, 0], f"blue went {blue}, not on and off once")
    at = {what: when for when, what, _ in owner.names(began)}
    check({"draft +", "outbox +"} <= set(at), f"names came and went so: {at}")
    (on, _), (off, _) = blue
    check(on < at["draft +"], f"lit {on - at['draft +']:.3f} s after the draft was begun")
    check(off > at["outbox +"], f"dark {at['outbox +'] - off:.3f} s before the segment was whole")
    after = " and ".join(sorted({name for _, name, level in owner.changes(off) if level})) or "nothing"
    lit_s, dark_s = at["draft +"] - on, off - at["outbox +"]
    return f"lit {lit_s:.2f} s before the first byte, dark {dark_s:.2f} s after the last; then {after}"


def ledger_tells(owner: Owner) -> str:
    """Every body that arrived is in the ledger, once; its chain is whole."""
    said = owner.hands.run("earlid", "ledger", "--json")
    known = {key: said.count(key) for key in owner.home.kept}
    missing = [key for key, times in known.items() if not times]
    check(not missing, f"not in the ledger: {missing}")
    whole = owner.hands.run("earlid", "ledger", "verify").strip().splitlines()
    return f"{len(known)} bodies arrived, all in it; {whole[-1] if whole else 'verified'}"


def journal_is_quiet(owner: Owner) -> str:
    """One wake, one line: and no warning of anybody's in ordinary life."""
    wakes = owner.hands.run("journalctl", "-q", "-o", "cat", "-b", "-u", LISTEN, "-g", "wake", fails=True)
    check(bool(wakes.strip()), f"no wake in the journal: {owner.journal(LISTEN, 5)}")
    uploads = owner.journal(UPLOAD, 40)
    check("Traceback" not in wakes + uploads, f"a traceback: {uploads[-300:]}")
    return f"{len(wakes.splitlines())} lines tell of wakes; no traceback in either unit's"


def going_on(memory: str) -> Scene:
    """The first scene of a smoke run, whose machine goes on from `memory`."""
    return Scene(_GROUP, "goes on", partial(goes_on, memory), smoke=True)


SCENES: Final = (
    Scene(_GROUP, "boots", boots),
    Scene(_GROUP, "wake and delivery", hears_and_delivers, smoke=True),
    Scene(_GROUP, "lamp", lamp_is_honest),
    Scene(_GROUP, "ledger", ledger_tells),
    Scene(_GROUP, "journal", journal_is_quiet),
)
