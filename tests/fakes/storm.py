"""Run as a script: many requests at the same moment, each on a line of its own, until all are answered.

Arguments: port, cookie, how many, and the paths to take turns in. Prints how often came which status as JSON;
0 are attempts that were closed without an answer, and made again.
"""

from __future__ import annotations

import asyncio
import json
import random
import resource
import sys
from collections import Counter
from typing import Final

MOST_TRIES: Final = 400


async def ask(port: int, cookie: str, path: str, go: asyncio.Event) -> int:
    """Connect, wait for all others, ask, and read to the end."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return 0
    try:
        await go.wait()
        lines = (
            f"GET {path} HTTP/1.1",
            f"host: 127.0.0.1:{port}",
            f"cookie: earlid={cookie}",
            "connection: close",
        )
        writer.write("\r\n".join((*lines, "", "")).encode())
        await writer.drain()
        answer = await reader.read(1 << 24)
        return int(answer.split(b" ", 2)[1]) if answer else 0
    except (OSError, ValueError):
        return 0
    finally:
        writer.close()


async def insist(port: int, cookie: str, path: str, go: asyncio.Event) -> list[int]:
    """Ask until there is an answer."""
    statuses = [await ask(port, cookie, path, go)]
    while statuses[-1] == 0 and len(statuses) < MOST_TRIES:
        await asyncio.sleep(1.0 + 2.0 * random.random())
        statuses.append(await ask(port, cookie, path, go))
    return statuses


async def storm(port: int, cookie: str, count: int, paths: list[str]) -> Counter[int]:
    go = asyncio.Event()
    asking = [asyncio.create_task(insist(port, cookie, paths[at % len(paths)], go)) for at in range(count)]
    await asyncio.sleep(1.0)  # so long lines are held, and then all ask at the same moment
    go.set()
    return Counter(status for statuses in await asyncio.gather(*asking) for status in statuses)


if __name__ == "__main__":
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    found = asyncio.run(storm(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4:]))
    print(json.dumps(found))
