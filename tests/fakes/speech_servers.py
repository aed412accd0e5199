"""Speech servers with a real recogniser behind them: one like OpenAI's, one that speaks Wyoming."""

from __future__ import annotations

import asyncio
import email.parser
import email.policy
import io
import json
import threading
import warnings
import wave
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from wyoming.asr import Transcribe, Transcript
from wyoming.event import Event
from wyoming.server import AsyncEventHandler, AsyncTcpServer

from fakes.peers import free_port
from fakes.waiting import SECONDS

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # it imports audioop where there still is one
    from wyoming.audio import AudioChunk, AudioStart, AudioStop


class Recogniser:
    """pocketsphinx and its own English model: it runs offline, and is often wrong, always in the same way."""

    def __init__(self) -> None:
        pocketsphinx = pytest.importorskip("pocketsphinx", reason="no pocketsphinx here: pip install it")
        self._decoder = pocketsphinx.Decoder(samprate=16_000, loglevel="FATAL")
        self._lock = threading.Lock()

    def hear(self, sound: bytes) -> str:
        """The words in `sound`, int16 at 16 kHz."""
        with self._lock:
            self._decoder.start_utt()
            self._decoder.process_raw(sound, full_utt=True)
            self._decoder.end_utt()
            found = self._decoder.hyp()
        return str(found.hypstr) if found else ""


@contextmanager
def openai_like(recogniser: Recogniser, asked: list[dict[str, str]]) -> Iterator[int]:
    """POST /v1/audio/transcriptions as faster-whisper's and LocalAI's servers do; `asked` gets the fields."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            if self.path != "/v1/audio/transcriptions":
                self.send_error(404)
                return
            body = self.rfile.read(int(self.headers["Content-Length"]))
            head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
            form: Any = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
            fields = {
                part.get_param("name", header="content-disposition"): part.get_payload(decode=True)
                for part in form.iter_parts()
            }
            with wave.open(io.BytesIO(fields.pop("file"))) as file:
                sound = file.readframes(file.getnframes())
            asked.append({name: value.decode() for name, value in fields.items()})
            answer = json.dumps({"text": recogniser.hear(sound)}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def wyoming_server(recogniser: Recogniser) -> Iterator[int]:
    """Speech to text as wyoming's own server code speaks it."""

    class Handler(AsyncEventHandler):
        def __init__(self, *args: Any, **named: Any) -> None:
            super().__init__(*args, **named)
            self._sound = b""
            self._asked = self._began = False

        async def handle_event(self, event: Event) -> bool:
            self._asked |= Transcribe.is_type(event.type)
            if AudioStart.is_type(event.type):
                start = AudioStart.from_event(event)
                self._began = (start.rate, start.width, start.channels) == (16_000, 2, 1)
            elif AudioChunk.is_type(event.type):
                self._sound += AudioChunk.from_event(event).audio
            elif AudioStop.is_type(event.type) and self._asked and self._began:
                text = await asyncio.to_thread(recogniser.hear, self._sound)
                await self.write_event(Transcript(text=text).event())
                return False
            return True

    port, started = free_port(), threading.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        server = AsyncTcpServer("127.0.0.1", port)
        await server.start(Handler)
        started.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await server.stop()

    task = loop.create_task(serve())

    def run() -> None:
        loop.run_until_complete(task)
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert started.wait(SECONDS)
    try:
        yield port
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(5)
