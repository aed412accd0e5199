"""The table [paths]: where things are kept, and whose each of them is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from earlid.edge.schema import Settings, says


class Paths(Settings, frozen=True):
    """Where things are kept."""

    state: Annotated[
        Path,
        says("kept sound waiting to leave, and models", shown="/var/lib/earlid, or ~/.local/state/earlid"),
    ]
    runtime: Annotated[
        Path, says("what `earlid status` reads", shown="/run/earlid, or $XDG_RUNTIME_DIR/earlid")
    ]
    models: Annotated[Path, says("the wake-word models", shown="`models` under paths.state")]

    @property
    def listen(self) -> Path:
        """What the listener alone remembers: whether it is muted, and what this hour has left."""
        return self.state / "listen"

    @property
    def upload(self) -> Path:
        """What the uploader alone remembers."""
        return self.state / "upload"

    @property
    def listen_status(self) -> Path:
        """What the listener says of itself."""
        return self.runtime / "listen.json"

    @property
    def upload_status(self) -> Path:
        """What the uploader says of itself, in a folder of its own: it may not write the other's."""
        return self.runtime / "upload" / "upload.json"

    @property
    def ledger(self) -> Path:
        """Where it is written down what left."""
        return self.state / "ledger"

    @property
    def field(self) -> Path:
        """What field recordings hold; the uploader's user cannot look into it."""
        return self.state / "field"

    @property
    def forget(self) -> Path:
        """Where requests to delete wait until they are done."""
        return self.state / "forget"
