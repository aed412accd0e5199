"""Things break: microphone, pins, collector, program, clock, disk. All of it is told, and nothing lies."""

from __future__ import annotations

import time
from typing import Final

from pi.virtual.owner import LISTEN, Owner, check
from pi.virtual.scenes.scene import Scene

_GROUP: Final = "things break"


def microphone(owner: Owner) -> str:
    """The sound card is pulled out and put back: told on the lamp, then heard again, by the same process."""
    owner.settle()
    pid, began = owner.pid(LISTEN), owner.now()
    owner.hands.do("unplug")
    owner.until(lambda: owner.shone("red", began), "the lamp blinks red")
    told_s = next(at for at, name, level in owner.changes(began) if name == "red" and level) - began
    owner.until(lambda: owner.microphone() == "gone", "the sound card is gone", 240)
    owner.hands.do("plug")
    back = owner.now()
    owner.until(lambda: owner.microphone() == "running", "it listens again", 300)
    heard_s = owner.now() - back
    check(owner.pid(LISTEN) == pid, "it took a restart")
    owner.hear_one()
    return f"red after {told_s:.1f} s; {heard_s:.0f} s after its return it listens; a segment is delivered"


def no_microphone_at_the_start(owner: Owner) -> str:
    """It begins without a sound card: told on the lamp, the button felt; the same process hears it come."""
    owner.settle()
    owner.hands.run("systemctl", "stop", LISTEN)
    owner.hands.do("unplug")
    owner.until(lambda: owner.microphone() == "gone", "the sound card is gone", 240)
    began = owner.now()
    owner.hands.run("systemctl", "start", LISTEN, limit_s=240)
    owner.until(lambda: owner.shone("red", began), "the lamp blinks red")
    told, pid = owner.unit(LISTEN)["StatusText"], owner.pid(LISTEN)
    check(told.startswith("fault: "), f"systemctl status says {told}")
    owner.press()
    owner.until(lambda: owner.status()["listen"]["muted"], "the press is felt")
    owner.hands.do("plug")
    owner.until(lambda: owner.microphone() == "closed", "the sound card is there", 60)
    time.sleep(5)  # whatever looks at the new card now, it must not open it
    check(owner.microphone() == "closed", "it listens in spite of the press")
    owner.press()
    owner.until(lambda: owner.microphone() == "running", "a press opens the microphone", 60)
    check(owner.pid(LISTEN) == pid, "it took a restart")
    owner.hear_one()
    said = told.partition(";")[0]
    return f"red without a card ({said}), muted, and closed when it came; then a segment is delivered"


def pins(owner: Owner) -> str:
    """The GPIO chip vanishes: nobody feels the hand, so it mutes and leaves. Back again, a press opens it."""
    owner.settle()
    kept, began = len(owner.home.kept), owner.now()
    owner.hands.do("chip", live=False)
    owner.until(lambda: owner.microphone() == "closed", "the microphone closes")
    closed_s = owner.now() - began
    owner.begin_to_say()
    owner.until(lambda: owner.said(LISTEN, "has no pins"), "it starts anew, and tells of the pins")
    owner.hands.do("silence")
    check(owner.microphone() == "closed", "it listens without a switch")
    check(not owner.waiting() and len(owner.home.kept) == kept, "kept without a lamp")
    owner.hands.run("systemctl", "restart", "virtual-header.service")
    back = owner.now()
    owner.until(lambda: owner.lamp() == "red", "it is back, and says muted", 300)
    owner.until(lambda: owner.unit(LISTEN)["ActiveState"] == "active", "it is ready")
    back_s = owner.now() - back
    check(owner.microphone() == "closed", "it forgot that it was muted")
    owner.press()
    owner.until(lambda: owner.microphone() == "running", "a press opens the microphone")
    owner.hear_one()
    return (
        f"microphone closed {closed_s:.1f} s later, nothing kept; red {back_s:.0f} s after the chip's return,"
        " and after a press a segment is delivered"
    )


def collector(owner: Owner) -> str:
    """The collector is away while two segments are kept; they wait, and arrive when it is back."""
    owner.settle()
    kept = len(owner.home.kept)
    owner.home.close()
    for count in (1, 2):
        owner.say()
        owner.until(lambda count=count: len(owner.waiting()) == count, f"{count} wait")  # type: ignore[misc]
    owner.home.open()
    back = time.monotonic()
    owner.until(lambda: not owner.waiting(), "the outbox is empty", 400)
    check(len(owner.home.kept) == kept + 2, f"{len(owner.home.kept) - kept} of 2 arrived")
    return f"2 waited, and arrived {time.monotonic() - back:.0f} s after its return"


def stopped_dead(owner: Owner) -> str:
    """The listener freezes; systemd's watchdog kills and restarts it."""
    owner.settle()
    unit = owner.unit(LISTEN)
    owner.hands.do("kill", pid=int(unit["MainPID"]), how="SIGSTOP")
    began = owner.now()
    owner.until(
        lambda: int(owner.unit(LISTEN)["NRestarts"]) > int(unit["NRestarts"]), "the watchdog restarts it", 300
    )
    restarted_s = owner.now() - began
    owner.until(lambda: owner.microphone() == "running", "it listens again", 300)
    owner.hear_one()
    return f"restarted after {restarted_s:.0f} s, listening after {owner.now() - began:.0f} s"


def no_time(owner: Owner) -> str:
    """The clock stands at 1970: it listens and keeps; with network time, what waited is delivered."""
    owner.settle()
    kept, clocks = len(owner.home.kept), owner.hands.do("clocks")
    owner.hands.run("systemctl", "stop", "systemd-timesyncd.service", fails=True)
    owner.hands.do("set_clock", seconds=3600.0)
    owner.hands.run("systemctl", "restart", LISTEN, limit_s=240)
    owner.until(lambda: owner.microphone() == "running", "it listens in 1970", 300)
    owner.say()
    owner.until(owner.waiting, "a segment waits in 1970")
    time.sleep(
        5
    )  # whatever the uploader makes of a certificate from the future, it must not lose the segment
    check(len(owner.waiting()) + len(owner.home.kept) - kept == 1, "lost before the time was known")
    before = "delivered" if len(owner.home.kept) > kept else "waits"
    passed = owner.hands.do("clocks")["monotonic"] - clocks["monotonic"]
    owner.hands.do("set_clock", seconds=clocks["real"] + passed)
    owner.until(lambda: len(owner.home.kept) == kept + 1, "it is delivered with network time", 400)
    owner.until(lambda: not owner.waiting(), "the outbox is empty")
    check(owner.unit(LISTEN)["ActiveState"] == "active", "the listener ended")
    check(owner.hands.run("earlid", "ledger", "verify").code == 0, "the ledger's chain is broken")
    return f"in 1970 it listens and keeps, the segment {before}; with the time it has arrived"


def full_disk(owner: Owner) -> str:
    """No byte is left: nothing is kept, the lamp says so, a mute outlasts a power cut; then all is well."""
    owner.settle()
    left = owner.hands.do("fill", 400)
    kept, began = len(owner.home.kept), owner.now()
    try:
        owner.say()
        owner.until(lambda: owner.shone("red", began), "the lamp blinks red")
        check(not owner.waiting() and len(owner.home.kept) == kept, "kept on a full disk")
        owner.press()
        owner.until(lambda: owner.microphone() == "closed", "a press closes the microphone")
        check(not owner.status()["listen"]["not_remembered"], "it says that a power cut would undo the mute")
        owner.machine.cut_power()
        owner.start()
        check(owner.status()["listen"]["muted"], "a power cut undid the mute")
        check(owner.microphone() == "closed", f"the microphone is {owner.microphone()} after a power cut")
    finally:
        owner.hands.do("empty")
    owner.press()
    owner.until(
        lambda: owner.lamp() == "dark" and owner.status()["listen"]["state"] == "listening",
        "all is back",
        150,
    )
    owner.hear_one()
    return (
        f"{left} bytes left: told in red, nothing kept; muted, and still so after a power cut;"
        " with room again a segment is delivered"
    )


def read_only(owner: Owner) -> str:
    """The card turned read-only, as worn ones do: nothing is kept, and it is told that no mute would last.

    A mute outlives the service all the same. After a power cut it listens, as it was told, and all is whole.
    """
    owner.settle()
    began, kept = owner.now(), len(owner.home.kept)
    owner.hands.do("write", path="/proc/sysrq-trigger", text="u", mode=0o200)
    owner.until(lambda: " ro," in _root_of(owner), "the file system is read-only")
    owner.say()
    owner.until(lambda: owner.shone("red", began), "the lamp blinks red")
    check(len(owner.home.kept) == kept, "delivered what no disk has")
    active = owner.unit(LISTEN)["ActiveState"]
    muting = owner.press()
    owner.until(lambda: owner.microphone() == "closed", "a press still closes the microphone")
    closed_s = owner.now() - muting
    told = owner.hands.run("earlid", "mute", fails=True)
    check(
        told.code == 69 and "a power cut would undo that" in told.errors, f"{told.code}: {told} {told.errors}"
    )
    check(owner.status()["listen"]["not_remembered"] != "", "the status says that it is remembered")
    owner.hands.run("systemctl", "restart", LISTEN, limit_s=240, fails=True)
    check(owner.microphone() == "closed", "a restart of the service undid the mute")
    owner.machine.cut_power()
    took_s = owner.start()
    owner.settle()
    owner.hear_one()
    return (
        f"told in red (the listener is {active}), a press closed the microphone within {closed_s:.1f} s,"
        f" and what does not last is told; after a cut and {took_s:.0f} s a segment is delivered"
    )


def _root_of(owner: Owner) -> str:
    mounts = owner.hands.do("read", path="/proc/mounts").splitlines()
    return next((line for line in mounts if line.split()[1] == "/" and line.split()[2] == "ext4"), "")


SCENES: Final = (
    Scene(_GROUP, "microphone out and in", microphone),
    Scene(_GROUP, "no microphone at the start", no_microphone_at_the_start),
    Scene(_GROUP, "GPIO chip gone", pins),
    Scene(_GROUP, "collector away", collector),
    Scene(_GROUP, "SIGSTOP, watchdog", stopped_dead),
    Scene(_GROUP, "1970, then network time", no_time),
    Scene(_GROUP, "full disk", full_disk),
    Scene(_GROUP, "read-only card", read_only),
)
