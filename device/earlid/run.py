"""`earlid run`: listens and uploads from a terminal, and shows what is heard, kept and sent."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack

from earlid.config import Config
from earlid.core.gate import State
from earlid.core.plain import several, summary
from earlid.core.screenplay import Fate
from earlid.edge.control import ask
from earlid.edge.keys import Keys
from earlid.edge.model.manifest import manifest
from earlid.edge.processes import Children, Command, Farewell, Left, earlid
from earlid.edge.screen import Screen
from earlid.errors import EarlidError
from earlid.watch import Watch, chosen, on, out

TERMINAL = 0
"""The file descriptor on which a person presses keys."""
DELIVERY_S = 10.0
"""After a recording has ended, how long its last segments may take to be delivered."""


def run(
    config: Config, source: str | None, pace: float | None, plain: bool, command: Command = earlid
) -> int:
    """Listen, and upload if there is an address, until told to stop or a recording ends; the exit code.

    A person's Ctrl-C leaves with 130, SIGTERM with 143; a child that died, with that child's code.
    `command` makes the command line of a child out of its words.
    """
    env = dict(os.environ)
    if config.file:
        env["EARLID_CONFIG"] = str(config.file)
    screen = chosen(Screen("earlid run, m mutes", thresholds(config)), plain)
    with Farewell() as farewell:
        with ExitStack() as running:
            children = running.enter_context(Children())
            watch = Watch(children, screen)
            watch.play.leaves = config.sends
            running.enter_context(on(screen))
            if source != "-":
                running.enter_context(Keys(TERMINAL, lambda key: _press(key, config, watch, children)))
            stdin = sys.stdin.fileno() if source == "-" else None
            children.start("listen", listening(source, pace, command), env, stdin)
            if config.sends:
                children.start("upload", command("upload", "--json"), env)
            watch.until(lambda: bool(farewell.number or watch.left))
            if _ended_well(watch.left) and config.sends:
                watch.until(lambda: bool(farewell.number or not _is_leaving(watch)), DELIVERY_S)
            dead = dict(watch.left)
            died = _never_began(watch, dead)
            children.stop()
            watch.finish()
        if died:
            sys.stderr.write(f"{died.last_line}\n")
            return died.code
        watch.leave_a_picture()
        return _farewell(config, watch, dead, farewell)


def listening(source: str | None, pace: float | None, command: Command = earlid) -> list[str]:
    """The command of the child that listens."""
    words = ["listen", "--json", "--meter"]
    if source is not None:
        words += ["--source", source]
    if pace is not None:
        words += ["--pace", str(pace)]
    return command(*words)


def thresholds(config: Config) -> dict[str, float]:
    """The score each word needs: the configuration's, else its manifest's."""
    known = config.wake.thresholds
    return {
        word: known.get(word, known.get(model.name, model.threshold))
        for model in map(manifest, config.wake.words)
        for word in model.words
    }


def _press(key: str, config: Config, watch: Watch, children: Children) -> None:
    """`m` mutes, or unmutes where nothing else says muted; what forbids it is told like any trouble."""
    if key.lower() != "m":
        return
    try:
        wish = "unmute" if watch.play.state is State.MUTED else "mute"
        refused = ask(config.paths.runtime, wish)["refused"]
    except (EarlidError, KeyError) as error:
        refused = str(error)
    if refused:
        children.post({"event": "trouble", "cause": f"cannot {wish}: {refused}"})


def _is_leaving(watch: Watch) -> bool:
    return watch.play.count(Fate.WAITING) > 0 and "upload" not in watch.left


def _ended_well(left: dict[str, Left]) -> bool:
    return "listen" in left and left["listen"].code == 0


def _never_began(watch: Watch, dead: dict[str, Left]) -> Left | None:
    """The listener, if it left with a reason before it heard anything: then there is nothing to sum up."""
    listener = dead.get("listen")
    said_why = listener is not None and listener.code and listener.last_line.startswith("earlid: ")
    return listener if said_why and not watch.play.heard else None


def _farewell(config: Config, watch: Watch, dead: dict[str, Left], farewell: Farewell) -> int:
    out(summary(watch.play))
    waiting = watch.play.count(Fate.WAITING)
    if waiting and config.sends:
        still = f"{several(waiting, 'segment')} not sent yet, in {config.spool_folder}"
        out(f"{still}: `earlid upload` sends them")
    elif waiting:
        out(f"{several(waiting, 'segment')} kept in {config.spool_folder}: set upload.url to send them")
    for name, left in dead.items():
        if left.code or name != "listen":
            sys.stderr.write(f"{name} ended: {left.last_line or f'exit code {left.code}'}\n")
            return left.code or 70
    return farewell.code
