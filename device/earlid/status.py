"""`earlid status`: whether it listens, since when, what it kept and what it lost."""

from __future__ import annotations

import sys
import time

from earlid.asking.leftovers import count_in, orphans, told
from earlid.config import Config
from earlid.core.plain import several
from earlid.edge.control import ask
from earlid.edge.path_units import given_up, what_to_do
from earlid.edge.schema import to_json
from earlid.edge.status_file import Said, StatusFile, said_by
from earlid.edge.terminal import table
from earlid.errors import ConfigError, DeviceLost

_NOT_RUNNING = "nothing listens: start it with earlid run, or systemctl start earlid-listen"


def status(config: Config, *, json: bool) -> int:
    """Print what `listen` says of itself, and what waits; DeviceLost when nothing listens."""
    listening = _asked(config) or StatusFile(config.paths.listen_status).read()
    uploading = StatusFile(config.paths.upload_status).read()
    waiting, aside = (count_in(config.spool_folder / room) for room in ("outbox", "quarantine"))
    gone, resting = orphans(config), given_up()
    if json:
        facts: dict[str, object] = {"listen": listening, "upload": uploading, "waiting": waiting}
        facts |= {"set_aside": aside, "deletions_for_nobody": gone, "given_up": resting}
        sys.stdout.write(to_json(facts).decode() + "\n")
    else:
        unsent = ("not sent yet", "not visible to this user" if waiting is None else str(waiting))
        rows = _rows(listening, unsent) if listening else [unsent] if waiting != 0 else []
        rows += [("upload", _upload(uploading))] if uploading else []
        rows += [("given up", f"{', '.join(resting)}: {what_to_do(resting)}")] if resting else []
        rows += [("set aside", f"{aside}: see earlid ledger, then earlid retry")] if aside else []
        rows += [("deletions", told(gone))] if gone else []
        if rows:
            table("", ("", ""), rows)
    if listening is None:
        raise DeviceLost(_NOT_RUNNING)
    return 0


def _asked(config: Config) -> Said | None:
    """What the process that listens says this very moment; None where it cannot be asked."""
    try:
        return said_by(ask(config.paths.runtime, "status")["status"])
    except (DeviceLost, ConfigError, KeyError, ValueError):
        return None


def _rows(listening: Said, unsent: tuple[str, str]) -> list[tuple[str, str]]:
    lost = ", ".join(f"{count} by {cause}" for cause, count in listening.lost_hops.items() if count)
    unwritten = listening.not_remembered
    rows = [
        ("state", ": ".join(part for part in (listening.state, listening.cause) if part)),
        ("remembered", f"no, a power cut would undo the mute: {unwritten}" if unwritten else ""),
        ("lamp", listening.look),
        ("microphone power", listening.mic_power),
        ("source", listening.source),
        ("wake words", ", ".join(listening.models)),
        ("since", time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(listening.since_s))),
        ("heard", f"{listening.heard_s:.1f} s"),
        ("wakes", str(listening.wakes)),
        ("verified", _verified(listening)),
        ("kept", f"{listening.kept_s:.1f} s in {listening.segments} segments"),
        ("left this hour", _left(listening)),
        unsent,
        ("lost hops", lost or "none"),
        ("last trouble", listening.trouble),
    ]
    return [row for row in rows if row[1]]


def _upload(uploading: Said) -> str:
    return ": ".join(part for part in (uploading.state, uploading.cause) if part)


def _verified(listening: Said) -> str:
    """Which words were taught, and what came of it."""
    if not listening.verifiers:
        return ""
    return f"{', '.join(listening.verifiers)}: {several(listening.vetoed, 'wake')} refused"


def _left(listening: Said) -> str:
    if listening.left_s is None:
        return ""
    if listening.spent_until:
        return f"nothing until {listening.spent_until}"
    return f"{listening.left_s:.0f} s may still be kept"
