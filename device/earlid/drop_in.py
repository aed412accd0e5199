"""`earlid check-config --drop-in`: what the configuration asks of the uploader's sandbox."""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from earlid.config import Config
from earlid.edge.sinks.settings import FolderSettings, ReachSettings, SinkSettings, WordsSettings
from earlid.uploading.destinations import described

IN_EFFECT: Final = Path("/etc/systemd/system/earlid-upload.service.d/10-configuration.conf")
AGAIN: Final = f"sudo systemd/install, or: earlid check-config --drop-in | sudo tee {IN_EFFECT}"
TOKENS: Final = Path("/etc/earlid/tokens")
"""All that is in there, the unit lends to the uploader anyway."""
_STATE, _RUNTIME = Path("/var/lib/earlid"), Path("/run/earlid")
_HOMES: Final = ("/home", "/root", "/run/user")
_HEAD: Final = "# Made by 'earlid check-config --drop-in' of what is in effect; systemd/install makes it anew"


def drop_in(config: Config) -> int:
    """Print what goes into /etc/systemd/system/earlid-upload.service.d/10-configuration.conf."""
    sys.stdout.write("\n".join(drop_in_lines(config)) + "\n")
    return 0


def is_outdated(config: Config, in_effect: Path = IN_EFFECT) -> bool:
    """Whether the uploader's sandbox was narrowed for another configuration than `config`.

    What it then may not reach looks like a collector that does not answer, so somebody has to say it.
    """
    try:
        made = in_effect.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    return made != "\n".join(drop_in_lines(config)) + "\n"


def drop_in_lines(config: Config) -> Iterator[str]:
    """The lines of that file: what narrows the sandbox first, then what has to be let in."""
    sinks = tuple(described(config))
    yield _HEAD
    yield "[Service]"
    yield from _network(sinks)
    yield from _folders(sinks)
    yield from _tokens(sinks)
    for path, usual in ((config.paths.state, _STATE), (config.paths.runtime, _RUNTIME)):
        if path != usual:
            yield "# not where the unit expects it; the listener's unit needs this line, too"
            yield f"ReadWritePaths={_quoted(path)}"


def _network(sinks: Sequence[SinkSettings]) -> Iterator[str]:
    """Only literal addresses can be named: systemd looks up no names, and one may move."""
    hosts = dict.fromkeys(host for sink in sinks for host in _hosts(sink))
    names = [host for host in hosts if not _literal(host)]
    if names:
        yield f"# {', '.join(names)} may be anywhere: give a literal address to have all others forbidden"
        return
    yield "IPAddressDeny=any"
    yield from (f"IPAddressAllow={_literal(host)}" for host in hosts)


def _hosts(sink: SinkSettings) -> Iterator[str]:
    if isinstance(sink, ReachSettings):
        urls = [sink.url]
        if isinstance(sink, WordsSettings):
            urls += [sink.then_mqtt, sink.then_webhook]
        yield from (urlsplit(url).hostname or "" for url in urls if url)


def _literal(host: str) -> str:
    """`host` as systemd writes an address; empty where it is a name."""
    if host == "localhost":
        return host
    try:
        return str(ipaddress.ip_address(host.partition("%")[0]))
    except ValueError:
        return ""


def _folders(sinks: Sequence[SinkSettings]) -> Iterator[str]:
    for sink in sinks:
        if isinstance(sink, FolderSettings) and sink.folder is not None:
            if any(sink.folder.is_relative_to(home) for home in _HOMES):
                yield "ProtectHome=tmpfs"
                yield f"BindPaths=-{_quoted(sink.folder)}"
            else:
                yield f"ReadWritePaths=-{_quoted(sink.folder)}"


def _tokens(sinks: Sequence[SinkSettings]) -> Iterator[str]:
    files = [sink.token_file for sink in sinks if isinstance(sink, ReachSettings)]
    files += [sink.then_token_file for sink in sinks if isinstance(sink, WordsSettings)]
    for file in dict.fromkeys(file for file in files if file is not None):
        if file.parent != TOKENS:
            yield f"LoadCredential={file.name}:{file}"


def _quoted(path: Path) -> str:
    """`path` as a unit file has it: a percent sign begins a specifier there, a space ends a word."""
    return str(path).replace("%", "%%").replace(" ", "\\x20")
