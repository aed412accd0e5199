"""What every destination promises, whatever it is."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from earlid.core.units import RATE_HZ
from earlid.edge.sinks.ways import CONNECT_TIMEOUT_S, TIMEOUT_S
from earlid.edge.spool.kept import Kept
from earlid.errors import Refused

BODY_LIMIT_BYTES: Final = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How a destination on a network is reached, whatever is spoken there.

    `name` is how the ledger calls it, `setting` the table of the configuration that messages point to.
    """

    name: str = "upload"
    setting: str = "upload"
    token: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    connect_timeout_s: float = CONNECT_TIMEOUT_S
    timeout_s: float = TIMEOUT_S
    allow_plaintext: bool = False
    limit_bytes: int = BODY_LIMIT_BYTES


@dataclass(frozen=True, slots=True)
class Receipt:
    """The other side has the segment. `status` is how it said so; 200 where it speaks no HTTP."""

    status: int


TAKEN: Final = Receipt(200)


class Sink(Protocol):
    """One destination. Its name is its own among all, and fit to be part of a file's name."""

    @property
    def name(self) -> str:
        """How messages, the ledger and marker files call it."""

    @property
    def host(self) -> str:
        """Who has what is sent there, for the ledger: see `whereabouts`; or this machine."""

    @property
    def needs_plain(self) -> bool:
        """Whether it has to hear what was said, and so cannot take a sealed segment."""

    def burst(self) -> AbstractContextManager[None]:
        """Within it, and in one thread, what is held open for one delivery may serve the next."""

    def send(self, kept: Kept) -> Receipt:
        """Return with a receipt or raise TryLater, Refused or NotAllowed; harmless twice."""

    def forget(self, id_: str) -> bool | None:
        """Ask that what was sent under `id_` be deleted: True once it is gone, False if it never will be.

        None where this kind of destination cannot be asked. Raises TryLater or NotAllowed.
        """


def insist_on_size(kept: Kept, limit_bytes: int) -> None:
    """Raise Refused for a segment larger than this destination is meant to get."""
    if len(kept.wav) > limit_bytes:
        raise Refused(f"{len(kept.wav)} bytes, and no more than {limit_bytes} go there: raise limit_bytes")


def insist_on_plain(kept: Kept) -> None:
    """Raise Refused for a sealed segment: it was kept under another configuration."""
    if kept.sealed:
        raise Refused("it is sealed, and this destination has to hear it: open it elsewhere")


def milliseconds(samples: int) -> int:
    """How long `samples` last, in whole milliseconds."""
    return samples * 1000 // RATE_HZ
