"""What udev itself says of the rules: that it understands them, and knows the groups that they name."""

from __future__ import annotations

import pytest

from fakes.booted_system import Booted

RULES = "/usr/lib/udev/rules.d"


def complaints(there: Booted) -> list[str]:
    """What udev has against rules of ours, as it reads them for a device that none of them is about."""
    said = there.run("sh", "-c", "udevadm test --action=add /sys/class/net/lo 2>&1")
    read = [line for line in said.splitlines() if "earlid" in line]
    assert any(line.endswith(f"{RULES}/60-earlid-pins.rules") for line in read), said
    return [line for line in read if "Reading rules file" not in line]


def test_udev_understands_every_rule_and_knows_every_group(there: Booted) -> None:
    assert complaints(there) == []


@pytest.mark.parametrize(("right", "wrong"), [('GROUP="gpio"', 'GROUP="gpiopio"'), ("KERNEL==", "KRENEL==")])
def test_and_it_would_say_so_if_it_did_not(there: Booted, right: str, wrong: str) -> None:
    rules = there.path(f"{RULES}/60-earlid-pins.rules")
    text = rules.read_text("utf-8")
    rules.write_text(text.replace(right, wrong), encoding="utf-8")
    try:
        assert complaints(there)
    finally:
        rules.write_text(text, encoding="utf-8")
