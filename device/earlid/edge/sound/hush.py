"""Keeps C libraries from writing to stderr while they look for sound cards."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_ONE_AT_A_TIME = threading.Lock()


@contextmanager
def hush() -> Iterator[None]:
    """Send file descriptor 2 nowhere for the duration, and put it back whatever happens.

    ALSA has a hook for its noise, JACK and PulseAudio, which Debian's PortAudio also tries, have none. The
    descriptor belongs to the whole process, so keep the duration short; exceptions pass untouched.
    """
    with _ONE_AT_A_TIME:
        sys.stderr.flush()
        kept = os.dup(2)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, 2)
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            os.close(nowhere)
