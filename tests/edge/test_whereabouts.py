"""A destination is its host and its port: another program on the same machine is somebody else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earlid.edge.sinks.put_sink import PutSink
from earlid.edge.sinks.sink import Reach
from earlid.edge.sinks.whereabouts import whereabouts


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("https://nas.local/x", "nas.local"),
        ("https://NAS.local:443/x", "nas.local"),
        ("http://nas.local:80/x", "nas.local"),
        ("https://nas.local:8443/x?y=z", "nas.local:8443"),
        ("https://nas.local:80/x", "nas.local:80"),
        ("http://nas.local:443/x", "nas.local:443"),
        ("http://who:secret@192.168.1.10:8000/", "192.168.1.10:8000"),
        ("http://[FD00::1]/x", "fd00::1"),
        ("http://[fd00::1]:8080/x", "[fd00::1]:8080"),
        ("tcp://nas.local", "nas.local"),
        ("tcp://nas.local:10300", "nas.local"),
        ("tls://nas.local:10300", "nas.local"),
        ("tcp://nas.local:10301", "nas.local:10301"),
        ("https://nas.local:10300/x", "nas.local:10300"),
        ("https://nas.local:99999/x", ""),
        ("https://nas.local:port/x", ""),
        ("https://[fd00::1/x", ""),
        ("https://:8443/x", ""),
        ("", ""),
    ],
)
def test_a_port_that_is_not_the_usual_one_is_told(url: str, where: str) -> None:
    assert whereabouts(url) == where


hosts = st.from_regex(r"[a-z][a-z0-9.-]{0,60}", fullmatch=True) | st.ip_addresses(v=6).map(
    lambda it: f"[{it}]"
)
ports = st.integers(1, 65_535)


@given(hosts, hosts, ports, ports)
def test_no_two_hosts_and_no_two_ports_are_called_the_same(a: str, b: str, one: int, other: int) -> None:
    same = whereabouts(f"http://{a}:{one}/") == whereabouts(f"http://{b}:{other}/")
    assert same == ((a, one) == (b, other))


def test_a_token_that_is_part_of_the_address_is_no_part_of_what_the_ledger_is_told() -> None:
    sink = PutSink("https://{token}.example:8443/{id}.wav", Reach(token="hunter4"))
    assert sink.host == "{token}.example:8443"
