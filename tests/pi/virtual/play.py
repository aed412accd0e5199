"""Earlid on a virtual Raspberry Pi: `python tests/pi/virtual/play.py [--smoke] [WORD ...]`.

Builds what is missing, boots, plays every scene (with --smoke the two that matter most, on a machine that
is on already; with words, those whose name holds one), prints a table, and leaves it as JSON beside the
cache. Exits 0 if all passed, 1 if one failed, 2 if one could not be run. With --only-if-built nothing is
built: it says so and exits 2. Nothing in the checkout is touched, but with --write a full run puts its
table into the README.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pi.virtual.card import Cards
    from pi.virtual.frozen import Frozen
    from pi.virtual.machine import Card
    from pi.virtual.owner import Owner
    from pi.virtual.report import Row
    from pi.virtual.scenes.scene import Scene


def asked(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="play.py", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--smoke", action="store_true", help="wake, delivery, mute, without a boot: a minute")
    parser.add_argument("--only-if-built", action="store_true", help="build nothing")
    parser.add_argument("--write", action="store_true", help="put a full run's table into the README")
    parser.add_argument("words", nargs="*", help="only scenes whose name holds one of these")
    return parser.parse_args(arguments)


def built(cards: Cards, *, only_if_built: bool) -> Card:
    """The card to start from; Unavailable where there is none, or where none may be built."""
    from pi.virtual.host import TO_RUN, Unavailable, get_ready, missing

    is_ready = cards.is_ready
    if only_if_built and (missing(TO_RUN) or not is_ready):
        raise Unavailable("no card is built for this version of the project; make test-pi builds it")
    get_ready(to_build=not is_ready)
    return cards.build()


def play(card: Card, scenes: Sequence[Scene], folder: Path, on_already: Frozen | None) -> list[Row]:
    """Every scene, in order, on one card; after one that failed, the next starts the machine again."""
    from pi.virtual.house import home
    from pi.virtual.machine import machine
    from pi.virtual.owner import Owner

    rows = []
    with home() as house, machine(card, folder) as board:
        if on_already:
            on_already.lend(board)
        house.open()
        owner = Owner(board, house)
        for number, scene in enumerate(scenes):
            row = one(scene, owner, is_first=number == 0)
            rows.append(row)
            print(
                f"{row.verdict.value:7} {row.seconds:5.0f} s  {row.group}: {row.name}: {row.seen}", flush=True
            )
    return rows


def one(scene: Scene, owner: Owner, *, is_first: bool) -> Row:
    """The row of one scene. A machine that the scene before left in a bad state is started anew for it."""
    from pi.virtual.host import Unavailable
    from pi.virtual.owner import NotRun
    from pi.virtual.report import Row, Verdict

    began = time.monotonic()
    try:
        if not is_first and not owner.is_well:
            owner.start_again()
        began = time.monotonic()
        verdict, seen = Verdict.PASSED, scene.act(owner)
    except NotRun as why:
        verdict, seen = Verdict.NOT_RUN, str(why)
    except Unavailable as why:
        verdict, seen = Verdict.FAILED if is_first else Verdict.NOT_RUN, str(why)
    except Exception as wrong:  # noqa: BLE001 - whatever it is, it is this row's, and the next is played
        verdict, seen = Verdict.FAILED, f"{type(wrong).__name__}: {wrong}"
        owner.is_well = False
    return Row(scene.group, scene.name, verdict, time.monotonic() - began, seen)


def start() -> int:
    """What the command line asks for; the exit code."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from pi.virtual import readme
    from pi.virtual.card import Cards
    from pi.virtual.frozen import frozen
    from pi.virtual.host import Unavailable, cache, emulator
    from pi.virtual.report import EXIT_NOT_RUN, as_json, exit_code, table
    from pi.virtual.scenes.every import SCENES
    from pi.virtual.scenes.hearing import going_on
    from pi.virtual.scenes.scene import chosen

    arguments = asked(sys.argv[1:])
    cards = Cards(cache())
    try:
        card = built(cards, only_if_built=arguments.only_if_built)
        on_already = frozen(cards, card) if arguments.smoke else None
    except Unavailable as why:
        print(f"THE VIRTUAL PI DID NOT RUN: {why}", file=sys.stderr)
        return EXIT_NOT_RUN
    scenes = chosen(SCENES, smoke=arguments.smoke, words=arguments.words)
    if on_already:
        scenes = [going_on(on_already.memory), *scenes]
    began = time.strftime("%Y-%m-%d %H:%M")
    rows = play(card, scenes, cache() / "run", on_already)
    print(f"\n{table(rows)}")
    name = "smoke" if arguments.smoke else "some" if arguments.words else "full"
    (cache() / f"{name}.json").write_text(as_json(rows, began=began, command=sys.argv[1:]), encoding="utf-8")
    if arguments.write and name == "full":
        readme.write(readme.table(rows, command="make test-pi", began=began, machine=emulator()))
    return exit_code(rows)


if __name__ == "__main__":
    raise SystemExit(start())
