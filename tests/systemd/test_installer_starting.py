"""What `systemd/install` says to systemd where everything is in place already."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from fakes import debian_systems  # noqa: F401 - puts systemd/ on the path
from installer.machine import Machine
from installer.services import go_on


@dataclass(frozen=True)
class Booted(Machine):
    """A machine with systemd that only notes what it is told."""

    told: list[str] = field(default_factory=list)

    @property
    def is_booted(self) -> bool:
        return True

    def answer(self, *command: str | Path) -> str:
        self.told.append(" ".join(map(str, command)))
        return ""

    def run(self, *command: str | Path, to: str, **_: object) -> str:
        return self.answer(*command)


def test_a_unit_that_systemd_gave_up_on_is_started_all_the_same() -> None:
    machine = Booted()
    go_on(machine, ["earlid-upload.path"])
    assert machine.told[-1] == "systemctl start earlid-upload.path"
    assert {"systemctl reset-failed earlid-upload.path", "systemctl reset-failed earlid-upload.service"} <= {
        *machine.told[:-1]
    }
