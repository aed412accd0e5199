"""Speech goes encrypted, or nowhere; an address is shown without its secrets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earlid.edge.address import fault_in, is_loopback, masked


@pytest.mark.parametrize(
    "url",
    [
        "https://home.example/ear",
        "https://home.example:8443/",
        "http://127.0.0.1:9000/segments",
        "http://[::1]:9000/",
        "http://localhost/",
        "http://127.9.9.9/",
    ],
)
def test_an_encrypted_address_and_this_machine_are_fine(url: str) -> None:
    assert fault_in(url, allow_plaintext=False) is None


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("home.example/ear", "https://"),
        ("ftp://home.example/", "https://"),
        ("file:///etc/passwd", "https://"),
        ("https:///ear", "no host"),
        ("https://home.example/#x", "#"),
        ("https://home.example:99999/", "not an address"),
        ("https://[::1/", "not an address"),
        ("https://home.example/a b", "not an address"),
        ("https://home.example/\n", "not an address"),
        ("http://home.example/", "unencrypted"),
        ("http://localhost.evil.example/", "unencrypted"),
        ("http://127.0.0.1.evil.example/", "unencrypted"),
        ("http://127.0.0.1@evil.example/", "unencrypted"),
        ("http://192.168.1.2/", "unencrypted"),
    ],
)
def test_a_wrong_address_is_told_what_to_correct(url: str, words: str) -> None:
    assert words in (fault_in(url, allow_plaintext=False) or "")


def test_plain_http_to_another_host_must_be_asked_for() -> None:
    assert fault_in("http://192.168.1.2/", allow_plaintext=True) is None


def test_credentials_and_query_values_are_masked() -> None:
    shown = masked("https://me:hunter2@home.example:8443/ear?key=hunter3&hunter4")
    assert shown == "https://***@home.example:8443/ear?key=***&***"


@given(st.text(max_size=60))
def test_no_text_whatever_raises(text: str) -> None:
    fault_in(text, allow_plaintext=False)
    masked(text)


@given(st.from_regex(r"[a-z0-9]{8,20}", fullmatch=True))
def test_a_password_is_never_shown(secret: str) -> None:
    assert secret not in masked(f"https://u:{secret}@h.example/p?t={secret}#{secret}").replace(
        "h.example", ""
    )


@pytest.mark.parametrize("host", ["", "0.0.0.0", "10.0.0.1", "localhost.example", "::2"])
def test_anything_else_is_not_this_machine(host: str) -> None:
    assert not is_loopback(host)
