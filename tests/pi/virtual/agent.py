"""The hands of the test inside the virtual Pi: they press, speak, look and break, when the host says so.

Runs in the guest, on Debian's Python and its standard library alone. The host sends this text, and senses.py
before it, through `port`; after that each line is JSON: {"id", "do", "with"} from there, {"id", "done"} or
{"id", "failed"} from here.
"""

from __future__ import annotations

import base64
import io
import json
import os
import signal
import subprocess
import tarfile
import threading
import time
from pathlib import Path
from typing import Any

from pi.virtual.senses import CHIP, Eyes, Room, bank, first_line, noticed, value

LOOPBACK = "/sys/bus/platform/drivers/snd_aloop"
CAPTURE = "/proc/asound/card0/pcm1c/sub0/status"
QUIET_S = 2.5
FILLER = "/var/lib/earlid-virtual.filler"

room, eyes = Room(), Eyes()
names: list[tuple[float, str, str]] = []


def do_pull(pin: int, high: bool) -> float:
    """Bring a line to a level, as a finger on the button does; when, which is just before."""
    pull = Path(f"{bank()}/sim_gpio{pin}/pull")
    began = time.monotonic()
    pull.write_text("pull-up" if high else "pull-down")
    return began


def do_press(pin: int, seconds: float) -> float:
    """Touch the button and let go."""
    at = do_pull(pin, high=False)
    time.sleep(seconds)
    let_go(pin)
    return at


def let_go(pin: int) -> None:
    """Take the finger away, and not touch again as quickly as only a bouncing contact does."""
    do_pull(pin, high=True)
    time.sleep(0.2)


def do_close(pin: int) -> list[float]:
    """Touch the mute button, and let go; seconds until the kernel says that nobody captures any more."""
    touched = do_pull(pin, high=False)
    while (said := do_microphone()) not in {"closed", "gone"}:
        if time.monotonic() - touched > 30:
            raise TimeoutError(f"30 s after the touch the microphone is {said}")
        time.sleep(0.0005)
    closed = time.monotonic()
    time.sleep(max(0.0, touched + 0.3 - closed))
    let_go(pin)
    return [touched, closed - touched]


def do_look(pins: list[int], folders: list[str]) -> None:
    """Begin to watch these lines and these folders."""
    eyes.pins = tuple(pins)
    threading.Thread(target=watch, args=(folders,), daemon=True).start()


def do_names() -> list[Any]:
    """Every name that came into or left a watched folder."""
    return list(names)


def do_levels() -> dict[str, Any]:
    """What the watched lines give now, and every change so far."""
    return {"now": {str(pin): value(pin) for pin in eyes.pins}, "changes": list(eyes.changes)}


def do_say(sound: str) -> list[float]:
    """Speak, and come back when it was said: when it began and ended, on this machine's clock.

    Before it the room is quiet: nothing is scored in the first two seconds of an open microphone.
    """
    time.sleep(QUIET_S)
    began = time.monotonic()
    room.say(base64.b64decode(sound))
    room.wait(120)
    return [began, time.monotonic()]


def do_leave() -> None:
    """Be gone, so that whoever comes next through the port finds a fresh one of us."""
    threading.Timer(0.2, os._exit, [0]).start()


def do_silence() -> None:
    """Whoever speaks stops."""
    room.say(b"")


def do_run(command: list[str], seconds: float = 60, stdin: str = "") -> list[Any]:
    """A program's exit code and what it said."""
    done = subprocess.run(
        command, input=stdin, capture_output=True, text=True, errors="replace", timeout=seconds, check=False
    )
    return [done.returncode, done.stdout, done.stderr]


def do_read(path: str) -> str:
    return Path(path).read_text(errors="replace")


def do_write(path: str, text: str, mode: int = 0o644) -> None:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(mode)


def do_glob(pattern: str) -> list[str]:
    return sorted(map(str, Path("/").glob(pattern.lstrip("/"))))


def do_unpack(at: str, tar: str) -> None:
    """Files from the host."""
    Path(at).mkdir(parents=True, exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(base64.b64decode(tar))) as archive:
        archive.extractall(at, filter="fully_trusted")


def do_microphone() -> str:
    """Whether anybody captures, as the kernel's sound driver knows it: closed, or a state; or gone."""
    try:
        return first_line(CAPTURE).removeprefix("state: ").lower()
    except OSError:
        return "gone"


def do_unplug() -> None:
    """Pull the sound card out. The kernel waits for who holds it, so this does not."""
    threading.Thread(target=do_write, args=(f"{LOOPBACK}/unbind", "snd_aloop.0", 0o200), daemon=True).start()


def do_plug() -> None:
    do_write(f"{LOOPBACK}/bind", "snd_aloop.0", 0o200)


def do_chip(live: bool) -> None:
    """Take the GPIO chip away, or bring it back."""
    do_write(f"{CHIP}/live", "1" if live else "0")


def do_kill(pid: int, how: str) -> None:
    os.kill(pid, getattr(signal, how))


def watch(folders: list[str]) -> None:
    for folder, what, name in noticed(folders):
        names.append((time.monotonic(), f"{Path(folder).name} {what}", name))


def do_stop_at(folder: str, pid: int) -> str:
    """Stop the process `pid` dead at the next name that comes into `folder`, and say that name."""
    for _, what, name in noticed([folder]):
        if what == "+":
            os.kill(pid, signal.SIGSTOP)
            return name
    raise OSError(f"{folder} vanished")


def do_fill() -> int:
    """Leave not one byte on the disk."""
    size = 1 << 26
    with Path(FILLER).open("wb", buffering=0) as file:
        while size >= 512:
            try:
                file.write(bytes(size))
            except OSError:
                size //= 4
        os.fsync(file.fileno())
    left = os.statvfs("/var/lib")
    return left.f_bavail * left.f_bsize


def do_empty() -> None:
    Path(FILLER).unlink()


def do_set_clock(seconds: float) -> None:
    """What network time does when it comes: the clock jumps."""
    time.clock_settime(time.CLOCK_REALTIME, seconds)


def do_clocks() -> dict[str, float]:
    return {"monotonic": time.monotonic(), "real": time.time(), "up": time.clock_gettime(time.CLOCK_BOOTTIME)}


def do_memory(pid: int) -> dict[str, int]:
    """A process's resident and proportional memory, in bytes."""
    rows = dict(line.split(":")[:2] for line in do_read(f"/proc/{pid}/smaps_rollup").splitlines()[1:])
    return {name: int(rows[name].split()[0]) * 1024 for name in ("Rss", "Pss", "Locked")}


def serve(port: io.FileIO) -> None:
    """Do what is asked, each in a thread of its own."""
    turn = threading.Lock()

    def tell(answer: dict[str, Any]) -> None:
        text = json.dumps(answer).encode() + b"\n"
        with turn:
            while text:
                text = text[port.write(text) :]

    def obey(asked: dict[str, Any]) -> None:
        try:
            done = globals()[f"do_{asked['do']}"](**asked["with"])
        except Exception as error:  # noqa: BLE001 - it is told to the host
            tell({"id": asked["id"], "failed": f"{type(error).__name__}: {error}"})
        else:
            tell({"id": asked["id"], "done": done})

    for live in (room.live, eyes.live):
        threading.Thread(target=live, daemon=True).start()
    tell({"id": 0, "done": "here"})
    rest = b""
    while True:
        piece = port.read(65536)
        if not piece:
            time.sleep(0.05)
            continue
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            threading.Thread(target=obey, args=(json.loads(line),), daemon=True).start()


if "port" in globals():
    serve(globals()["port"])  # the bootstrap gives it
