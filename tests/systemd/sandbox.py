"""A unit's own sandbox with another program in it: its properties are those of the unit's file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain
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

Layer = Mapping[str, str | None]
"""Properties that together forbid something, and what to put in their place; None for nothing."""


@dataclass(frozen=True, slots=True)
class Attack:
    """One thing that `unit` must not be able to do: `words` for the probe, and what forbids it.

    Each of the `layers` forbids it alone. With all of them taken away, it must succeed: or failing would
    prove nothing. What is `beside` goes with the layers, and is not claimed to forbid it alone.
    """

    unit: str
    words: tuple[str, ...]
    layers: tuple[Layer, ...]
    beside: Layer = field(default_factory=dict)

    @property
    def name(self) -> str:
        """How a person calls it."""
        return f"{self.unit.partition('.')[0]}: {' '.join(self.words)}"

    def whole(self) -> str:
        """The unit file that tries it from inside the whole sandbox."""
        return self._text({})

    def naked(self) -> str:
        """The same without anything that forbids it."""
        return self._text(dict(chain(self.beside.items(), *(layer.items() for layer in self.layers))))

    def alone(self, kept: Layer) -> str:
        """The same with only the layer `kept` against it."""
        gone = [layer for layer in self.layers if layer is not kept]
        changed = dict(chain(self.beside.items(), *(layer.items() for layer in gone)))
        return self._text({name: value for name, value in changed.items() if name not in kept})

    def _text(self, changed: Layer) -> str:
        unknown = set(changed) - {name for name, _ in properties(self.unit)}
        if unknown:
            raise ValueError(f"{self.unit} has no {', '.join(sorted(unknown))} to take away")
        lines = [
            f"{name}={value}"
            for name, value in properties(self.unit)
            if name not in _OWN and name not in changed
        ]
        return "\n".join(
            [*lines, *(f"{name}={value}" for name, value in changed.items() if value is not None)]
        )


def probing(sandbox: str, words: tuple[str, ...], probe: str, output: str) -> str:
    """A unit file that runs the program `probe` in `sandbox` and writes what it says to `output`."""
    program = f"/opt/earlid/bin/python {probe} {' '.join(words)}"
    return f"[Service]\n{sandbox}\nType=oneshot\nExecStart={program}\nStandardOutput=truncate:{output}\n"


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
