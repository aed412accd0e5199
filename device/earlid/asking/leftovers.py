"""What waits for its owner to decide: segments set aside, and deletions at destinations that are gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from earlid.asking.slip_names import is_for, sink_in
from earlid.config import Config
from earlid.edge.path_units import given_up, what_to_do
from earlid.edge.sinks.folder_sink import FolderSink
from earlid.edge.sinks.settings import UPLOAD, ReachSettings
from earlid.edge.sinks.whereabouts import whereabouts
from earlid.edge.spool.kept import place
from earlid.edge.status_file import StatusFile
from earlid.errors import ConfigError


def count_in(room: Path) -> int | None:
    """How many segments lie in `room`; None where this user may not look. Looking creates nothing."""
    try:
        return sum(place(each.name) is not None for each in room.iterdir())
    except FileNotFoundError:
        return 0
    except OSError:
        return None


def hosts(config: Config) -> dict[str, str]:
    """Where each destination that is configured is, host and port, as the ledger calls it."""
    urls = {each.called: each.url if isinstance(each, ReachSettings) else "" for each in config.sinks}
    if config.upload.url:
        urls[UPLOAD] = config.upload.url
    return {name: whereabouts(url) if url else FolderSink.host for name, url in urls.items()}


def resting(config: Config) -> Iterator[tuple[str, str]]:
    """Why an uploader sends nothing though it could reach everybody, and what to do about each."""
    try:
        said = StatusFile(config.paths.upload_status).read()
    except ConfigError:  # another user's
        said = None
    if said and said.state == "paused":
        yield f"sending is paused: {said.cause}", "correct it"
    if units := given_up():
        yield f"systemd gave up on {' and '.join(units)}", what_to_do(units)


def orphans(config: Config) -> dict[str, int]:
    """How many deletions wait for each destination that is gone: not configured, or elsewhere now."""
    known = hosts(config)
    try:
        names = [
            each.stem for each in (config.paths.forget / "deletions").iterdir() if each.suffix == ".json"
        ]
    except OSError:
        return {}
    sinks = ((name, sink_in(name)) for name in names)
    return dict(Counter(sink for name, sink in sinks if sink and not _is_known(name, sink, known.get(sink))))


def _is_known(name: str, sink: str, host: str | None) -> bool:
    return host is not None and is_for(name, sink, host)


def told(found: dict[str, int]) -> str:
    """`found` in words, with what to do about it."""
    counts = ", ".join(f"{count} for {sink}" for sink, count in found.items())
    return f"{counts}, not configured any more or moved: configure it again, or earlid forget --give-up NAME"
