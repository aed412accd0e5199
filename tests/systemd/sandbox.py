"""A unit's own sandbox with another program in it: every property is taken from the file that is installed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

UNITS: Final = Path(__file__).parents[2] / "systemd"
_OWN: Final = frozenset(
    {
        *("Type", "NotifyAccess", "ExecStart", "WatchdogSec", "WatchdogSignal", "Restart", "RestartSec"),
        *("RestartSteps", "RestartMaxDelaySec", "RestartPreventExitStatus", "StandardOutput"),
    }
)
"""What makes a service of it, and is no part of its sandbox."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One attack from within the sandbox of `unit`, with some of its properties changed, or taken out (None)."""

    unit: str
    attack: tuple[str, ...]
    changed: Mapping[str, str | None] = field(default_factory=dict)

    def text(self, probe: str, output: str) -> str:
        """The unit file that runs `probe`, a program in the sandbox, and writes what it says to `output`."""
        unknown = set(self.changed) - {name for name, _ in properties(self.unit)}
        if unknown:
            raise ValueError(f"{self.unit} has no {', '.join(sorted(unknown))} to change")
        lines = [
            f"{name}={value}"
            for name, value in properties(self.unit)
            if name not in _OWN and name not in self.changed
        ]
        lines += [f"{name}={value}" for name, value in self.changed.items() if value is not None]
        program = f"/opt/earlid/bin/python {probe} {' '.join(self.attack)}"
        lines += ["Type=oneshot", f"ExecStart={program}", f"StandardOutput=truncate:{output}"]
        return "[Service]\n" + "\n".join(lines) + "\n"


def properties(unit: str) -> list[tuple[str, str]]:
    """Every line of the section [Service] of `unit`, in order."""
    found, section = [], ""
    for line in (UNITS / unit).read_text("utf-8").splitlines():
        if line.startswith("["):
            section = line
        elif section == "[Service]" and "=" in line and not line.startswith(("#", ";")):
            name, _, value = line.partition("=")
            found.append((name.strip(), value.strip()))
    return found
