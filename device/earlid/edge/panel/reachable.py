"""Whether this machine lets a panel's pins be reached at all. Nothing is opened, claimed or loaded."""

from __future__ import annotations

import grp
import os
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from earlid.core.boards import Bus, LampKind, PinFactory, Wiring
from earlid.errors import ConfigError, DeviceLost

DEV: Final = Path("/dev")
NO_PANEL: Final = 'or set panel.board = "none"'
SPI_ON: Final = "set dtparam=spi=on in /boot/firmware/config.txt and reboot"
_NODES: Final = {Bus.CE0: "spidev0.0", Bus.CE1: "spidev0.1"}
_HIDDEN_GROUP: Final = 65_534
"""What a service with PrivateUsers= sees in place of most groups."""


def check_chip(dev: Path = DEV) -> None:
    """Nothing if there is a chip with pins that may be opened. Raises DeviceLost."""
    chips = sorted(dev.glob("gpiochip*"))
    if not chips:
        raise DeviceLost(f"this machine has no pins, no {dev}/gpiochip0: run on a Raspberry Pi, {NO_PANEL}")
    if not any(os.access(chip, os.R_OK | os.W_OK) for chip in chips):
        raise DeviceLost(f"{chips[0]} may not be opened: {_leave(chips[0], 'gpio')}")


def no_lgpio() -> ConfigError:
    """What to say, and do, where lgpio is missing."""
    return ConfigError(f"lgpio is not installed: pip install '.[pi]' in the checkout, {NO_PANEL}")


def check_reachable(wired: Wiring, dev: Path = DEV) -> None:
    """Nothing if all that `wired` needs of this machine is there. Raises DeviceLost or ConfigError."""
    if wired.factory is PinFactory.MOCK or not wired.has_pins:
        return
    check_chip(dev)
    if find_spec("lgpio") is None:
        raise no_lgpio()
    name = _NODES.get(wired.dotstar_bus) if wired.dotstar_bus and wired.light is LampKind.DOTSTAR else None
    if name is None:
        return
    if not (dev / name).exists():
        raise DeviceLost(f"the strip's bus is off, no {dev / name}: {SPI_ON}")
    if not os.access(dev / name, os.R_OK | os.W_OK):
        raise DeviceLost(f"{dev / name} may not be opened: {_leave(dev / name, 'spi')}")


def _leave(node: Path, usual: str) -> str:
    """What gives this user the leave to open `node`, which the group `usual` has where it was installed."""
    try:
        facts = node.stat()
        group = grp.getgrgid(facts.st_gid).gr_name
    except OSError as error:
        raise DeviceLost(f"{node} cannot be used: {(error.strerror or str(error)).lower()}") from None
    except KeyError:
        group = str(facts.st_gid)
    if not facts.st_gid or facts.st_mode & 0o060 != 0o060:
        return f"it is root's alone; sudo systemd/install gives it to the group {usual}, {NO_PANEL}"
    if facts.st_gid == _HIDDEN_GROUP:
        group = f"that ls -l {node} names"
    return f"add this user to the group {group} and log in again"
