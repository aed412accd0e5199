"""Run as a script: a collector as fast as they come, which keeps connections open and only ids in memory.

Argument: how many milliseconds after each body it answers. It prints its port, and then answers the words
`count`, `first`, `last` (when, by the monotonic clock) and `clear` on stdin.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time


class Quick:
    """Honours the key: 201 for what is new, 409 for what is not."""

    def __init__(self, answer_after_s: float) -> None:
        self._answer_after_s = answer_after_s
        self.ids: set[str] = set()
        self.first = self.last = 0.0

    async def follow(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, as long as it lasts."""
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
                await reader.readexactly(int(fields["content-length"]))
                self.last = time.monotonic()
                self.first = self.first or self.last
                if self._answer_after_s:
                    await asyncio.sleep(self._answer_after_s)
                status = 409 if fields["idempotency-key"] in self.ids else 201
                self.ids.add(fields["idempotency-key"])
                writer.write(f"HTTP/1.1 {status} ok\r\nContent-Length: 0\r\n\r\n".encode())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def asked(self, word: str) -> object:
        """What a word on stdin is answered with."""
        if word == "clear":
            self.ids.clear()
            self.first = self.last = 0.0
        return {"count": len(self.ids), "first": self.first, "last": self.last}.get(word, "")


async def main() -> None:
    quick = Quick(float(sys.argv[1]) / 1000)
    server = await asyncio.start_server(quick.follow, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)

    def listen() -> None:
        for line in sys.stdin:
            print(quick.asked(line.strip()), flush=True)

    threading.Thread(target=listen, daemon=True).start()
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
