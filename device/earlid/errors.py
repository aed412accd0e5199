"""Errors, sorted by what to do next.

Foreign exceptions are translated into these once, at the edge. A message is for a person: lower case,
no full stop, one line, and it says what to do next.
"""

from __future__ import annotations


class EarlidError(Exception):
    """Anything Earlid says on purpose; `exit_code` is what the command line leaves with."""

    exit_code = 70


class UsageError(EarlidError):
    """The command or its input is wrong: correct it and call again (exit 64)."""

    exit_code = 64


class DeviceLost(EarlidError):
    """A device is absent or stopped answering: reopen with backoff, or give up with exit 69."""

    exit_code = 69


class PinsLost(DeviceLost):
    """A claimed pin is felt no more: close the microphone and leave; a new process may claim it again."""


class ConfigError(EarlidError):
    """A setting, model or directory is unusable: correct it, nothing is guessed (exit 78)."""

    exit_code = 78


class NotConnected(ConfigError):
    """No device has the configured name: correct it or plug it in; who can wait looks for it (exit 78)."""


class Violation(EarlidError):
    """An invariant broke: stop at once (exit 70)."""

    exit_code = 70


class DiskTrouble(EarlidError):
    """The disk would not keep something: nothing half written remains; tell it and try the disk again."""

    exit_code = 69


class KeptInDoubt(DiskTrouble):
    """The disk took it and will not say that it is safe: it waits to be sent, and a power cut may lose it."""


class TryLater(EarlidError):
    """The other side could not take it now: keep the segment. `after_s` is its wish, if it named one."""

    exit_code = 69

    def __init__(self, message: str, after_s: float | None = None) -> None:
        super().__init__(message)
        self.after_s = after_s


class Refused(EarlidError):
    """The other side will never take this body: quarantine it and tell."""

    exit_code = 69


class NotAllowed(EarlidError):
    """The other side takes nothing from us, or from here: stop uploading, keep every segment, and say so."""

    exit_code = 78


class SourceEnded(EarlidError):
    """A recording is over. Not a fault: whoever reads it finishes and leaves."""

    exit_code = 0
