"""Requests signed as S3 asks for it. Signed only: nothing here opens a connection."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from minio.credentials.credentials import Credentials
from minio.signer import sign_v4_s3

LONGEST_ROUNDING_S: Final = 600
"""S3 believes a request for a quarter of an hour."""


class S3Signer:
    """Signs with one pair of keys. The time in a signature is rounded down, to say no more than it must."""

    def __init__(
        self, access_key: str, secret_key: str, region: str, *, resolution_s: int, now: Callable[[], float]
    ) -> None:
        self._credentials = Credentials(access_key, secret_key)
        self._region = region
        self._resolution_s = max(1, min(resolution_s, LONGEST_ROUNDING_S))
        self._now = now

    def __call__(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> dict[str, str]:
        """`headers` and the proof that whoever has the keys sends them with this body."""
        moment = datetime.fromtimestamp(self._now() // self._resolution_s * self._resolution_s, UTC)
        digest = hashlib.sha256(body).hexdigest()
        parts = urlsplit(url)
        signed: dict[str, str | list[str] | tuple[str]] = {
            **headers,
            "Host": parts.netloc,
            "x-amz-content-sha256": digest,
            "x-amz-date": moment.strftime("%Y%m%dT%H%M%SZ"),
        }
        sign_v4_s3(
            method=method,
            url=parts,
            region=self._region,
            headers=signed,
            credentials=self._credentials,
            content_sha256=digest,
            date=moment,
        )
        return {name: str(value) for name, value in signed.items()}
