"""How fast a full outbox drains on a real disk: `python tests/bench/upload.py [SEGMENTS] [ANSWER_AFTER_MS]`.

In one run, against one server in a process of its own: a bare `requests` session that posts the same bodies,
`earlid upload --once`, and the bare session again. What counts is the ratio of the rates. Beside it: how soon
after its start the first body came, its memory on the way, how often it synced, and whether all arrived.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TESTS: Final = Path(__file__).resolve().parents[1]
SECONDS: Final = 1.5
LOOK_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class Drained:
    """What one run of `earlid upload` did: bodies a second from the first to the last, and what it took."""

    rate_hz: float
    first_after_s: float
    rss_mb: tuple[float, ...]


class Server:
    """The server, and what it says of itself."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.url = f"http://127.0.0.1:{self._heard()}/segments"

    def ask(self, word: str) -> str:
        """`count`, `first` and `last` (when, by the monotonic clock), or `clear`."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()
        return self._heard()

    def _heard(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@contextmanager
def serving(answer_after_ms: float) -> Iterator[Server]:
    """A server that keeps connections open and answers so many milliseconds after each body."""
    script = TESTS / "fakes" / "quick_collector.py"
    pipe = subprocess.PIPE
    command = [sys.executable, str(script), str(answer_after_ms)]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            yield Server(process)
        finally:
            process.kill()


def fill(state: Path, count: int) -> None:
    """Put `count` segments in the outbox, and see them onto the disk at the end rather than one by one."""
    from earlid.edge.disk import RealDisk
    from earlid.edge.spool.spool import Spool
    from fakes.segments import permitted

    class Hasty(RealDisk):
        """Syncs nothing."""

        def sync(self, path: Path) -> None:
            """Not now."""

        def sync_dir(self, path: Path) -> None:
            """Not now."""

    with closing(Spool(state / "spool", Hasty())) as spool:
        for number in range(count):
            spool.put(*permitted(round(16_000 * SECONDS), first_sample=number + 1))
    os.sync()


def bare_rate_hz(server: Server, bodies: Sequence[Path]) -> float:
    """How many a second a `requests` session posts, with the headers that Earlid would send."""
    import requests

    server.ask("clear")
    began = time.monotonic()
    with requests.Session() as session:
        session.trust_env = False
        for path in bodies:
            headers = {"Content-Type": "audio/wav", "Idempotency-Key": path.parent.name.partition("-")[2]}
            session.post(server.url, data=path.read_bytes(), headers=headers, timeout=30).raise_for_status()
    return len(bodies) / (time.monotonic() - began)


def drain(server: Server, state: Path) -> Drained:
    """Let the real process empty the outbox."""
    config = state / "config.toml"
    config.write_text(
        f"[upload]\nurl = {json.dumps(server.url)}\n"
        f"[paths]\nstate = {json.dumps(str(state))}\nruntime = {json.dumps(str(state / 'run'))}\n"
    )
    server.ask("clear")
    command = [sys.executable, "-m", "earlid", "upload", "--once", "--json", "--config", str(config)]
    sizes: list[float] = []
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            sizes.append(rss_mb(process.pid))
            time.sleep(LOOK_S)
    assert process.returncode == 0, "earlid upload failed"
    first, last = float(server.ask("first")), float(server.ask("last"))
    return Drained((int(server.ask("count")) - 1) / (last - first), first - began, tuple(sizes))


def rss_mb(pid: int) -> float:
    """What a process has in memory now; 0 where it has just gone."""
    try:
        return (
            int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
        )
    except (OSError, IndexError):
        return 0.0


def main(count: int, answer_after_ms: float) -> int:
    """Run it and print what came of it; 1 where a segment is not accounted for."""
    from earlid.core.entry import What
    from earlid.edge.ledger import check, entries

    place = TESTS.parent / ".bench"
    place.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place) as folder, serving(answer_after_ms) as server:
        state = Path(folder)
        fill(state, count)
        bodies = sorted((state / "spool" / "outbox").glob("*/segment.wav"))
        sample = bodies[:: max(1, count // 2_000)]
        before = bare_rate_hz(server, sample)
        with tempfile.TemporaryDirectory(dir=place) as copies:
            copied = [_copy(path, Path(copies)) for path in sample]
            drained = drain(server, state)
            arrived = int(server.ask("count"))
            after = bare_rate_hz(server, copied)
        sent = sum(entry.what is What.SENT for entry in entries(state / "ledger"))
        flaws, left = check(state / "ledger").flaws, len(list((state / "spool" / "outbox").iterdir()))
    bare = (before + after) / 2
    early, late = _middle(drained.rss_mb[: len(drained.rss_mb) // 4]), max(drained.rss_mb)
    print(f"{count} segments of {SECONDS} s, answered after {answer_after_ms:g} ms, on {place}")
    print(f"a bare requests session  {bare:7.0f} a second ({before:.0f} before, {after:.0f} after)")
    print(f"earlid upload            {drained.rate_hz:7.0f} a second, {drained.rate_hz / bare:.2f} of it")
    print(f"first body came after    {drained.first_after_s:7.2f} s, with everything imported")
    print(f"memory                   {early:7.1f} MB in the first quarter, {late:.1f} MB at most")
    print(f"arrived {arrived}, sent by the ledger {sent}, left {left}, flaws {len(flaws)}")
    return 0 if (arrived, sent, left, flaws) == (count, count, 0, ()) else 1


def _copy(path: Path, folder: Path) -> Path:
    copy = folder / path.parent.name / path.name
    copy.parent.mkdir()
    copy.write_bytes(path.read_bytes())
    return copy


def _middle(sizes: Sequence[float]) -> float:
    return sorted(sizes)[len(sizes) // 2] if sizes else 0.0


if __name__ == "__main__":
    sys.path.insert(0, str(TESTS))
    numbers = [float(word) for word in sys.argv[1:]]
    sys.exit(main(int(numbers[0]) if numbers else 10_000, numbers[1] if len(numbers) > 1 else 0.0))
