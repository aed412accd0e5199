"""`earlid keygen`: the owner's key pair, made on the owner's computer and not on the one that listens."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

from earlid.edge.age import new_key
from earlid.errors import UsageError

DEFAULT: Final = Path("earlid-key.txt")
"""Where the secret key goes, in the current folder, if no file is named."""
ADVICE: Final = (
    "keep this file and a copy of it where the listener is not: without it nobody opens what was sealed;\n"
    "on the listener write the public key into [upload], and nothing else:\n"
)


def keygen(file: Path | None) -> int:
    """Write a new secret key to `file`, which must not exist, say where, and print the public one."""
    file = file or DEFAULT
    public, secret = new_key()
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        raise UsageError(f"{file} exists and is never overwritten: name another file") from None
    except OSError as error:
        raise UsageError(f"cannot write {file}: {(error.strerror or 'unknown').lower()}") from None
    with os.fdopen(descriptor, "w") as open_file:
        open_file.write(f"# public key: {public}\n{secret}\n")
        open_file.flush()
        os.fsync(descriptor)
    sys.stderr.write(f"wrote {file.absolute()} (only you can read it)\n{ADVICE}")
    sys.stdout.write(f'recipients = ["{public}"]\n')
    return 0
