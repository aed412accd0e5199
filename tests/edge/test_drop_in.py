"""What the configuration asks of the uploader's sandbox: as narrow as the addresses in it allow."""

from __future__ import annotations

from pathlib import Path

import pytest

from earlid.config_file import parse
from earlid.drop_in import drop_in, drop_in_lines, is_outdated

WHERE = '[paths]\nstate = "/var/lib/earlid"\nruntime = "/run/earlid"\n'


def lines(text: str) -> list[str]:
    config = parse(WHERE + text, Path("/etc/earlid/config.toml"), secrets=False, environ={})
    return [line for line in drop_in_lines(config) if line != "[Service]" and not line.startswith("# Made")]


def test_without_a_destination_nothing_can_be_reached() -> None:
    assert lines("") == ["IPAddressDeny=any"]


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://192.168.1.5/segments", "192.168.1.5"),
        ("https://[fd00::5]:8443/segments", "fd00::5"),
        ("http://localhost:8123/segments", "localhost"),
    ],
)
def test_a_literal_address_is_the_only_one_allowed(url: str, allowed: str) -> None:
    assert lines(f'[upload]\nurl = "{url}"\n') == ["IPAddressDeny=any", f"IPAddressAllow={allowed}"]


def test_one_name_among_addresses_leaves_all_open_and_says_which() -> None:
    found = lines(
        '[upload]\nurl = "https://192.168.1.5/segments"\n'
        '[[sinks]]\nkind = "transcribe"\nurl = "https://192.168.1.6/v1"\n'
        'then_mqtt = "mqtts://broker.home/said"\n'
    )
    assert [line for line in found if line.startswith("IPAddress")] == []
    assert "broker.home" in found[0]
    assert "192.168" not in found[0]


def test_a_folder_may_be_written_and_nothing_beside_it() -> None:
    found = lines('[[sinks]]\nkind = "folder"\nfolder = "/mnt/nas/my voice"\n')
    assert found == ["IPAddressDeny=any", "ReadWritePaths=-/mnt/nas/my\\x20voice"]


def test_a_folder_in_a_home_is_all_that_is_seen_of_that_home() -> None:
    found = lines('[[sinks]]\nkind = "folder"\nfolder = "/home/ada/voice"\n')
    assert found[1:] == ["ProtectHome=tmpfs", "BindPaths=-/home/ada/voice"]


def test_a_token_elsewhere_is_lent_and_those_in_the_usual_place_are_already() -> None:
    found = lines('[upload]\nurl = "https://10.0.0.1/"\ntoken_file = "/srv/secrets/collector"\n')
    assert found[2:] == ["LoadCredential=collector:/srv/secrets/collector"]
    assert lines('[upload]\nurl = "https://10.0.0.1/"\ntoken_file = "tokens/collector"\n')[2:] == []


def test_other_folders_are_told() -> None:
    config = parse(
        '[paths]\nstate = "/data/earlid"\nruntime = "/run/earlid"\n', None, secrets=False, environ={}
    )
    assert "ReadWritePaths=/data/earlid" in list(drop_in_lines(config))


def test_a_sandbox_made_for_another_configuration_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, now = (
        parse(f'{WHERE}[upload]\nurl = "https://10.0.0.{each}/"\n', None, secrets=False, environ={})
        for each in (1, 2)
    )
    made = tmp_path / "10-configuration.conf"
    assert not is_outdated(now, made)  # the unit as it is narrows nothing
    drop_in(before)
    made.write_text(capsys.readouterr().out, encoding="utf-8")
    assert is_outdated(now, made)
    assert not is_outdated(before, made)
