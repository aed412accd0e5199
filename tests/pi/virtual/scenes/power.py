"""The plug is pulled at the worst moments, and nothing that was promised is lost or sent twice."""

from __future__ import annotations

from typing import Final

from pi.virtual.house import Held, fingerprint
from pi.virtual.owner import DRAFT, LISTEN, Owner, check
from pi.virtual.scenes.scene import Scene

_GROUP: Final = "power cut"


def in_draft(owner: Owner) -> str:
    """The listener is stopped dead between a draft's first name and its last, and the power goes."""
    owner.settle()
    kept = len(owner.home.kept)
    stopping = owner.hands.begin("stop_at", folder=DRAFT, pid=owner.pid(LISTEN))
    owner.say()
    name = owner.hands.answer(stopping)
    waiting, drafts = owner.waiting(), owner.hands.do("glob", pattern=f"{DRAFT}/*")
    took_s = _cut_and_start(owner)
    owner.settle()
    left = owner.hands.do("glob", pattern=f"{DRAFT}/*")
    check(not left, f"after the boot the draft is still there: {left}")
    now = len(owner.home.kept) - kept
    if waiting:  # the listener was quicker than the stop: then it was whole, and must arrive
        check(now == 1, f"the segment was whole, and {now} arrived")
        return f"it was whole already, and arrived; back in {took_s:.0f} s"
    check(bool(drafts), f"{name} was neither in draft nor in the outbox")
    check(now == 0, "half a segment was delivered")
    body = owner.hear_one()
    return f"draft {name[:15]} swept, back in {took_s:.0f} s, the next one is delivered: {fingerprint(body)}"


def in_outbox(owner: Owner) -> str:
    """With the collector away two segments wait; they arrive after the boot, in order, once each."""
    owner.settle()
    owner.home.close()
    kept = set(owner.home.kept)
    for count in (1, 2):
        owner.say()
        owner.until(lambda count=count: len(owner.waiting()) == count, f"{count} wait")  # type: ignore[misc]
    waiting = [name.partition("-")[2] for name in owner.waiting()]
    took_s = _cut_and_start(owner)
    there = [name.partition("-")[2] for name in owner.waiting()]
    check(there == waiting, f"waiting before: {waiting}; after the boot: {there}")
    owner.home.open()
    owner.until(lambda: not owner.waiting(), "the outbox is empty", 400)
    came = [request.headers["idempotency-key"] for request in owner.home.requests][-2:]
    check(
        set(owner.home.kept) - kept == set(waiting), f"arrived: {set(owner.home.kept) - kept}, not {waiting}"
    )
    check(came == waiting, f"they arrived in the order {came}, not {waiting}")
    return f"2 waited, back in {took_s:.0f} s, both arrived in order"


def mid_upload(owner: Owner) -> str:
    """The collector has the body, its answer is not out, the power goes: it is sent again, kept once."""
    owner.settle()
    kept = set(owner.home.kept)
    held = Held()
    owner.home.open(held)
    owner.say()
    owner.until(held.came.is_set, "the body is on its way")
    before = len(owner.home.requests)
    key = owner.home.requests[-1].headers["idempotency-key"]
    owner.machine.cut_power()
    held.let_go()  # the collector keeps it, and its answer reaches nobody
    took_s = owner.start()
    owner.until(lambda: not owner.waiting(), "the outbox is empty", 400)
    again = [one.headers["idempotency-key"] for one in owner.home.requests[before:]]
    check(set(owner.home.kept) - kept == {key}, f"kept: {set(owner.home.kept) - kept}, not once {key}")
    check(key in again, f"it was not sent again under its key {key}: {again}")
    check(owner.hands.run("earlid", "ledger", "verify").code == 0, "the ledger's chain is broken")
    return f"back in {took_s:.0f} s, sent again under the same key, kept once; the ledger's chain is whole"


def _cut_and_start(owner: Owner) -> float:
    """Pull the plug once the journal's words would have to be safe, and start again."""
    owner.machine.cut_power()
    return owner.start()


SCENES: Final = (
    Scene(_GROUP, "in draft", in_draft),
    Scene(_GROUP, "in outbox", in_outbox),
    Scene(_GROUP, "mid-upload", mid_upload),
)
