"""Every file in systemd/ that is for systemd or udev has a place, and only what is of use is enabled."""

from __future__ import annotations

import re
from pathlib import Path

from fakes import debian_systems  # noqa: F401 - puts systemd/ on the path
from installer.placing import GROUP, USERS, all_units, placed, to_enable

SYSTEMD = Path(__file__).parents[2] / "systemd"
FILES = placed(SYSTEMD)


def test_every_file_there_is_placed_but_the_installer_s_own_and_what_people_read() -> None:
    ours = {path.name for path in SYSTEMD.iterdir() if path.is_file()}
    assert ours - {one.source.name for one in FILES} <= {"install", "README.md"}


def test_units_rules_users_and_folders_go_where_their_readers_look() -> None:
    places = {one.source.name: one.place for one in FILES}
    assert places["earlid-listen.service"] == "systemd/system/earlid-listen.service"
    assert places["earlid-upload.path"] == "systemd/system/earlid-upload.path"
    assert places["earlid.sysusers.conf"] == "sysusers.d/earlid.conf"
    assert places["earlid.tmpfiles.conf"] == "tmpfiles.d/earlid.conf"
    assert places["60-earlid-microphone.rules"] == "udev/rules.d/60-earlid-microphone.rules"
    assert places["60-earlid-pins.rules"] == "udev/rules.d/60-earlid-pins.rules"


def test_every_group_that_udev_gives_a_device_to_is_made_and_the_listener_is_in_it() -> None:
    rules = "".join(path.read_text("utf-8") for path in SYSTEMD.glob("*.rules"))
    lines = [line.split() for line in (SYSTEMD / "earlid.sysusers.conf").read_text("utf-8").splitlines()]
    given = set(re.findall(r'\bGROUP="(\w+)"', rules))
    assert given == {"gpio", "spi"}
    assert given <= {line[1] for line in lines if line and line[0] == "g"}
    assert given <= {line[2] for line in lines if line[:2] == ["m", "earlid-listen"]}


def test_pins_and_spi_are_their_groups_and_raspberry_pi_os_s_own_rule_has_the_last_word() -> None:
    (rule,) = SYSTEMD.glob("*-earlid-pins.rules")
    lines = [line for line in rule.read_text("utf-8").splitlines() if not line.startswith("#")]
    assert lines == [
        'SUBSYSTEM=="gpio", KERNEL=="gpiochip*", GROUP="gpio", MODE="0660"',
        'SUBSYSTEM=="spidev", GROUP="spi", MODE="0660"',
    ]
    assert rule.name < "99-com.rules"


def test_a_drop_in_goes_beside_its_unit(tmp_path: Path) -> None:
    (tmp_path / "earlid-listen.service.d").mkdir()
    (tmp_path / "earlid-listen.service.d/10-pi.conf").write_text("[Service]\n", encoding="utf-8")
    (one,) = placed(tmp_path)
    assert one.place == "systemd/system/earlid-listen.service.d/10-pi.conf"
    assert all_units((one,)) == []


def test_the_uploader_s_path_is_enabled_only_where_something_is_sent() -> None:
    assert set(to_enable(FILES, sends=True)) - set(to_enable(FILES, sends=False)) == {"earlid-upload.path"}
    assert "earlid-listen.service" in to_enable(FILES, sends=False)


def test_whatever_starts_a_service_is_stopped_before_it_so_that_nothing_starts_it_again() -> None:
    names = all_units(FILES)
    assert sorted(names) == sorted(path.name for path in SYSTEMD.glob("earlid-*"))
    kinds = [name.endswith(".service") for name in names]
    assert kinds == sorted(kinds)


def test_the_users_that_a_purge_removes_are_those_that_sysusers_makes() -> None:
    lines = (SYSTEMD / "earlid.sysusers.conf").read_text("utf-8").splitlines()
    assert {line.split()[1] for line in lines if line.startswith("u ")} == set(USERS)
    assert GROUP in {line.split()[1] for line in lines if line.startswith("g ")}


def test_every_unit_starts_the_program_that_the_installer_and_the_package_put_there() -> None:
    for name in ("earlid-listen.service", "earlid-upload.service"):
        assert "\nExecStart=/opt/earlid/bin/earlid " in (SYSTEMD / name).read_text("utf-8")
