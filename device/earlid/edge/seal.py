"""Segments are sealed to the owner's keys before they touch the disk; no key that opens them is here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from earlid.errors import Violation

Sealer = Callable[[bytes], bytes]
"""Turns a recording into what only the owner can open."""

SEAL_MARK: Final = b"age-encryption.org/v1\n"
"""How everything sealed begins."""
SEAL_LIMIT_BYTES: Final = 16_384
"""No seal makes a recording longer than this, whatever the number of recipients."""
MOST_RECIPIENTS: Final = 16


def sealer_for(recipients: Iterable[str]) -> Sealer | None:
    """What seals to all of `recipients`, any one of whom can open it; None where there are none."""
    keys = tuple(recipients)
    if not keys:
        return None
    from earlid.edge.age import encryption_to  # noqa: PLC0415 - a megabyte that few need

    encrypt = encryption_to(keys)

    def seal(plain: bytes) -> bytes:
        sealed = encrypt(plain)
        if not is_sealed(sealed):
            raise Violation("a segment was to be kept sealed, and is not")
        return sealed

    return seal


def is_sealed(body: bytes) -> bool:
    """Whether `body` has the looks of something sealed."""
    return body.startswith(SEAL_MARK)
