"""How anything on a network is reached, declared once for `[upload]` and for every `[[sinks]]`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

from earlid.edge.schema import says

TokenFile = Annotated[
    Path | None, says("a file with its token or password, readable by its owner only", shown="none")
]
CaFile = Annotated[Path | None, says("certificates to trust instead of the system's, in PEM", shown="none")]
ConnectTimeout = Annotated[float, says("longest wait for a connection", unit="s", low=0.1, high=60)]
Timeout = Annotated[float, says("longest time one delivery may take", unit="s", low=1, high=600)]
AllowPlaintext = Annotated[bool, says("allow an unencrypted connection to a host other than this one")]

CONNECT_TIMEOUT_S: Final = 5.0
TIMEOUT_S: Final = 30.0
