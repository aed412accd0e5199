"""Keys and seals of age, the format that many tools open; loaded only where something is sealed or opened."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import pyrage

from earlid.errors import ConfigError, Violation

_OPENS: Final = "AGE-SECRET-KEY-"


def fault_in_recipient(recipient: str) -> str | None:
    """What to correct in `recipient`, or None; never repeats it, for it may be the wrong half of a key."""
    if recipient.upper().startswith(_OPENS):
        return "is the key that opens: it belongs on no listener; write down the public one, age1..."
    try:
        pyrage.x25519.Recipient.from_str(recipient)
    except pyrage.RecipientError:
        return "is no public key of age: it is the line that begins with age1, from `earlid keygen`"
    return None


def encryption_to(recipients: Iterable[str]) -> Callable[[bytes], bytes]:
    """What encrypts to all of `recipients`, of which there must be one; ConfigError where one is no key."""
    keys = []
    for each in recipients:
        fault = fault_in_recipient(each)
        if fault is not None:
            raise ConfigError(f"upload.recipients: {fault}")
        keys.append(pyrage.x25519.Recipient.from_str(each))

    def encrypt(plain: bytes) -> bytes:
        try:
            encrypted: bytes = pyrage.encrypt(plain, keys)
        except pyrage.EncryptError as error:
            raise Violation("a segment could not be sealed, and so it is not kept") from error
        return encrypted

    return encrypt


def unsealed(body: bytes, secret: str) -> bytes:
    """What was sealed in `body`, for whoever has the `secret` key; ConfigError if it is not the right one."""
    try:
        plain: bytes = pyrage.decrypt(body, [pyrage.x25519.Identity.from_str(secret)])
    except pyrage.IdentityError:
        raise ConfigError("the key is no secret key of age: it begins with AGE-SECRET-KEY-") from None
    except pyrage.DecryptError:
        raise ConfigError("the key does not open what was sealed: use the one it was sealed to") from None
    return plain


def public_of(secret: str) -> str:
    """The public half of a `secret` key; ConfigError if it is none."""
    try:
        return str(pyrage.x25519.Identity.from_str(secret).to_public())
    except pyrage.IdentityError:
        raise ConfigError("the key is no secret key of age: it begins with AGE-SECRET-KEY-") from None


def new_key() -> tuple[str, str]:
    """A key pair made now: the public half for the listener, the secret half for its owner."""
    identity = pyrage.x25519.Identity.generate()
    return str(identity.to_public()), str(identity)
