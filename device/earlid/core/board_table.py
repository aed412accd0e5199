"""The README's table of boards, made from what the code knows of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from earlid.core.boards import BOARDS, COLOUR_PINS, Board, BoardName, Bus, LampKind, Wiring, wiring

_HEAD: Final = ("`panel.board`", "switch", "lamp", "sound and EEPROM", "in `config.txt`", "source")


def boards_table() -> str:
    """Every board with a name of its own, in Markdown; pins have BCM's numbers."""
    rows = [_HEAD, *(_row(name, board) for name, board in BOARDS.items() if board.sold)]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], "|---" * len(_HEAD) + "|", *lines[1:]])


def _row(name: BoardName, board: Board) -> tuple[str, ...]:
    wired = wiring(board=name)
    switch = f"button: {wired.mute_pin}" if wired.mute_pin is not None else "none: wire one"
    return (
        f"`{name.value}`",
        switch,
        ", ".join(_lamp(wired)),
        ", ".join(_spans(sorted(board.needs))),
        "; ".join(board.boot),
        board.source,
    )


def _lamp(wired: Wiring) -> Iterator[str]:
    if wired.light is LampKind.LED:
        yield f"LED: {wired.led_pin}"
    elif wired.light is LampKind.RGB:
        for name in COLOUR_PINS:
            pin = getattr(wired, name)
            yield f"{name.removesuffix('_pin')}: {'none, shown by all' if pin is None else pin}"
    elif wired.light is LampKind.DOTSTAR:
        yield f"{wired.dotstar_count} DotStars"
        if wired.dotstar_bus is Bus.PINS:
            yield f"data: {wired.dotstar_data_pin}, clock: {wired.dotstar_clock_pin}"
        elif wired.dotstar_bus:
            yield f"{wired.dotstar_bus.value}: {', '.join(_spans(range(7, 12)))}"
    if wired.lamp_power_pin is not None:
        yield f"power: {wired.lamp_power_pin}"


def _spans(pins: Sequence[int]) -> list[str]:
    """The pins, where three or more follow each other only the first and the last of them."""
    told: list[str] = []
    for _, run in groupby(enumerate(pins), lambda each: each[1] - each[0]):
        span = [pin for _, pin in run]
        told += [f"{span[0]} to {span[-1]}"] if len(span) > 2 else map(str, span)
    return told
