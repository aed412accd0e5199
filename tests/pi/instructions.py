"""Instructions an emulated Pi 4 executes for one hop: `python tests/pi/instructions.py`.

Beside each other: Earlid's engine, and openWakeWord's three published networks called as it calls them,
without the Python around them. Instructions are not time; but nothing else about a board's speed can be known
here, and they are the same every time. Needs a C compiler and a QEMU that loads plugins, as Debian 12's
qemu-user does.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
WORD = "alexa"


def counted(marks: str) -> dict[str, float]:
    """Millions of instructions a hop, by part: the median, since the first hops cost more."""
    from pi.hop_worker import PARTS

    lines = [line.split() for line in marks.splitlines()]
    at = {int(mark): int(count) for mark, count in lines}
    steps = range(max(at) // 10 + 1)
    return {
        part: statistics.median(at[10 * step + place + 1] - at[10 * step + place] for step in steps) / 1e6
        for place, part in enumerate(PARTS[:-1])
    }


def table(millions: dict[str, float]) -> str:
    """What a person reads."""
    theirs = sum(millions.values()) - millions["earlid"]
    rows = [f"millions of instructions a hop, {WORD}"]
    rows += [f"  {part:40}{count:8.2f}" for part, count in millions.items() if part != "earlid"]
    rows += [f"{'openWakeWord, networks alone':42}{theirs:8.2f}", f"{'Earlid':42}{millions['earlid']:8.2f}"]
    return "\n".join([*rows, f"{'times fewer':42}{theirs / millions['earlid']:8.1f}"])


def start() -> int:
    """Build what is missing, count, and print the table."""
    sys.path.insert(0, str(HERE.parent))
    from bench.environments import Unavailable
    from fakes.models import models_folder
    from pi.aarch64 import compose_there
    from pi.boards import BOARDS
    from pi.userland import Userland, emulator

    board, userland = BOARDS[1], Userland.usual()
    try:
        userland.build()
    except Unavailable as why:
        raise SystemExit(f"{why}") from why
    told = subprocess.run([str(emulator()), "-h"], capture_output=True, text=True, check=False).stdout
    if "-plugin" not in told:
        raise SystemExit(f"{emulator()} loads no plugins: install Debian 12's qemu-user")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        models = compose_there(userland, board, models_folder(WORD), folder, (WORD,))
        plugin, marks = folder / "counter.so", folder / "marks"
        source = HERE / "instruction_counter.c"
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", str(plugin), str(source)], check=True)
        qemu, *rest = userland.python(board)
        run = [qemu, "-plugin", f"{plugin},to={marks}", *rest, str(HERE / "hop_worker.py"), str(models), WORD]
        subprocess.run(run, check=True)
        print(table(counted(marks.read_text())))
    return 0


if __name__ == "__main__":
    raise SystemExit(start())
