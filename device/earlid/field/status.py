"""`earlid field status`: whether a recording is made, until when, and what it has come to."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

from earlid.core.field import Kind, Session
from earlid.core.plain import several, span, weight
from earlid.core.units import RATE_HZ
from earlid.edge.control import ask
from earlid.edge.field.store import FieldStore, Wanted
from earlid.edge.schema import to_json
from earlid.edge.terminal import table
from earlid.errors import ConfigError, DeviceLost
from earlid.field.place import opened, tidy, wanted_now

if TYPE_CHECKING:
    from earlid.config import Config


def status(config: Config, *, json: bool) -> int:
    """Print what is recorded now, or what the last recording came to; UsageError if there never was one."""
    with opened(config) as store:
        tidy(config, store)
        if json:
            sys.stdout.write(to_json(facts(config, store)).decode() + "\n")
        else:
            tell(config, store)
    return 0


def tell(config: Config, store: FieldStore) -> None:
    """The table for people."""
    said = facts(config, store)
    if not said:
        return
    sound = f"{several(said['clips'], 'clip')}, {weight(said['clip_bytes'])}"
    rows = [
        ("recording", said["state"]),
        ("note", said["note"]),
        ("since", _when(said["started_s"])),
        ("until", _when(said["ends_s"]) if said["is_wanted"] else ""),
        (
            "sound",
            f"{sound} of at most {weight(config.field.max_bytes)}" if said["keeps_audio"] else "not kept",
        ),
        ("listened", span(said["listened_h"])),
        ("muted", span(said["muted_h"]) if said["muted_h"] else ""),
        ("not heard", span(said["deaf_h"]) if said["deaf_h"] else ""),
        ("wakes", f"{said['wakes']}, {said['unlabelled']} without your label"),
        ("near misses", str(said["near_misses"])),
        ("prompted", several(said["trials"], "time") if said["trials"] else ""),
    ]
    table("", ("", ""), [row for row in rows if row[1]])


def facts(config: Config, store: FieldStore) -> dict[str, Any]:
    """The last session in numbers; nothing if everything was erased."""
    sessions = store.sessions()
    if not sessions:
        return {}
    session = sessions[-1]
    order = wanted_now(config)
    is_wanted = order is not None and order.session == session.id
    minutes = store.minutes(session.id)
    clips = store.clips()
    waiting = Wanted(session=session.id, kind=Kind.WAKE, has_label=False, is_prompted=False)
    return {
        "state": _state(config, session, is_wanted=is_wanted),
        "is_wanted": is_wanted,
        "note": session.note,
        "started_s": session.started_s,
        "ends_s": session.ends_s,
        "keeps_audio": session.keeps_audio,
        "listened_h": sum(one.listened for one in minutes) / RATE_HZ / 3600,
        "muted_h": sum(one.muted for one in minutes) / RATE_HZ / 3600,
        "deaf_h": sum(one.deaf for one in minutes) / RATE_HZ / 3600,
        "wakes": sum(one.wakes for one in minutes),
        "near_misses": sum(one.near_misses for one in minutes),
        "unlabelled": store.count(waiting),
        "trials": len(store.trials(session.id)),
        "clips": len(clips),
        "clip_bytes": sum(size for _, _, size in clips),
    }


def _state(config: Config, session: Session, *, is_wanted: bool) -> str:
    """What goes on, in a person's words."""
    if not is_wanted:
        ended = f" since {_when(session.ended_s)}" if session.ended_s else ""
        why = f" ({session.why.value})" if session.why else ""
        return f"over{ended}{why}"
    try:
        said = ask(config.paths.runtime, "status")["status"]
    except (DeviceLost, KeyError):
        return "waits: nothing listens, start it with earlid run or systemctl start earlid-listen"
    except ConfigError:
        return "wanted; whether somebody listens is not visible to you"
    if said.get("records"):
        return "yes"
    return (
        "paused: muted"
        if said.get("muted")
        else f"waits: {said.get('cause') or 'see the log of the listener'}"
    )


def _when(at_s: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at_s))
