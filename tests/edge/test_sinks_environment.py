"""Nothing in the environment has a say in where anything is sent: no proxy, unless one is asked for."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from earlid.errors import TryLater
from fakes.collector import Call, LyingCollector
from fakes.kept_segments import kept_in
from fakes.ways import ALL, Sending, named


@pytest.mark.parametrize("send", ALL, ids=named)
def test_no_proxy_is_taken_from_the_environment(
    send: Sending, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    came: list[str] = []

    def goes_to(name: str) -> Any:
        def conduct(call: Call) -> None:
            call.line.recv(10)
            came.append(name)

        return conduct

    with LyingCollector(goes_to("proxy")) as proxy, LyingCollector(goes_to("server")) as server:
        for name in ("http_proxy", "https_proxy", "all_proxy", "mqtt_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
            monkeypatch.setenv(name.upper(), f"http://127.0.0.1:{proxy.port}")
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)

        def by_proxy(*_: object, **named: object) -> None:
            came.append(f"proxy {named}")
            raise OSError

        socks = SimpleNamespace(HTTP=3, SOCKS5=2, create_connection=by_proxy, socksocket=SimpleNamespace())
        monkeypatch.setattr(sys.modules["paho.mqtt.client"], "socks", socks)
        with suppress(TryLater):
            send(server.url, None, kept_in(tmp_path))
    assert came == ["server"]
