"""Who may look: a browser that was told the code in the terminal, once, and is known by its cookie since."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

LETTERS: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""None of them is taken for another."""
LENGTH: Final = 8
CODE_S: Final = 600.0
"""How long a code holds."""
TRIES: Final = 5
"""How many wrong codes are taken before the right one holds no longer: 31 ** 8 are possible."""
SESSION_S: Final = 12 * 3600.0
"""How long a browser is known after it last asked for something."""
MOST_SESSIONS: Final = 16


class Tried(Enum):
    """What became of an attempt to pair."""

    PAIRED = "paired"
    WRONG = "wrong"
    CLOSED = "closed"  # the code was used, is too old, or was guessed at too often: a new one is needed


@dataclass(slots=True)
class _Code:
    text: str
    until_s: float
    tries: int = TRIES


class Pairing:
    """One code at a time, and the browsers that were paired with it. For several threads.

    Nothing is written down: whoever ends the program ends every session. `clock` never runs backwards.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._code: _Code | None = None
        self._seen_s: dict[bytes, float] = {}

    def new_code(self) -> str:
        """A code that holds from now on, instead of any before."""
        text = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
        with self._lock:
            self._code = _Code(text, self._clock() + CODE_S)
        return text

    @property
    def is_open(self) -> bool:
        """Whether there is a code that holds."""
        with self._lock:
            return self._live() is not None

    def pair(self, said: str) -> tuple[Tried, str]:
        """Try the code that somebody `said`; with PAIRED comes the cookie of a new session.

        Spaces, dashes and lower case are forgiven. One code pairs one browser.
        """
        text = "".join(letter for letter in said.upper() if letter not in " -")
        with self._lock:
            code = self._live()
            if code is None:
                return Tried.CLOSED, ""
            if not hmac.compare_digest(text.encode(), code.text.encode()):
                code.tries -= 1
                return (Tried.WRONG if self._live() else Tried.CLOSED), ""
            self._code = None
            cookie = secrets.token_urlsafe(32)
            while len(self._seen_s) >= MOST_SESSIONS:
                del self._seen_s[min(self._seen_s, key=lambda one: self._seen_s[one])]
            self._seen_s[_digest(cookie)] = self._clock()
            return Tried.PAIRED, cookie

    def knows(self, cookie: str) -> bool:
        """Whether `cookie` is that of a session; asking keeps it alive."""
        digest = _digest(cookie)
        with self._lock:
            seen_s, now_s = self._seen_s.get(digest), self._clock()
            if seen_s is None:
                return False
            if now_s - seen_s > SESSION_S:
                del self._seen_s[digest]
                return False
            self._seen_s[digest] = now_s
            return True

    def part(self, cookie: str) -> None:
        """Forget the session of `cookie`; harmless if there is none."""
        with self._lock:
            self._seen_s.pop(_digest(cookie), None)

    def token_of(self, cookie: str) -> str:
        """What a page writes into its forms, so that no other page can send them."""
        return hmac.new(self._key, cookie.encode(), hashlib.sha256).hexdigest()

    def is_token_of(self, token: str, cookie: str) -> bool:
        """Whether `token` was made for `cookie`, by this program since it was started."""
        return bool(cookie) and hmac.compare_digest(token.encode(), self.token_of(cookie).encode())

    def _live(self) -> _Code | None:
        if self._code and (self._code.tries <= 0 or self._clock() >= self._code.until_s):
            self._code = None
        return self._code


def in_groups(code: str) -> str:
    """The code as it is read aloud."""
    half = len(code) // 2
    return f"{code[:half]}-{code[half:]}"


def new_cookie() -> str:
    """A cookie that nobody knows yet, for a browser that has none."""
    return secrets.token_urlsafe(32)


def _digest(cookie: str) -> bytes:
    return hashlib.sha256(cookie.encode("utf-8", "replace")).digest()
