"""What can be set for each kind of destination, declared once, as everything else in the configuration."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final, cast

from earlid.edge.address import fault_in
from earlid.edge.schema import Settings, says, settings_of
from earlid.edge.secret_file import fault_in_readable, fault_in_secret
from earlid.edge.sinks.places import ID, TOKEN, fault_in_server, fault_in_template, fault_in_topic_url
from earlid.edge.sinks.ways import (
    CONNECT_TIMEOUT_S,
    TIMEOUT_S,
    AllowPlaintext,
    CaFile,
    ConnectTimeout,
    Timeout,
    TokenFile,
)

Mistake = tuple[str, str]
"""A key and what to do about it."""

UPLOAD: Final = "upload"
"""The name of the destination that `[upload]` describes."""
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


class SinkSettings(Settings, frozen=True):
    """What every destination has."""

    kind: Annotated[str, says("what it is")]
    name: Annotated[
        str, says("how the ledger calls it, once for all: a-z, 0-9, - and _", shown="its kind")
    ] = ""
    limit_bytes: Annotated[int, says("a segment larger than this does not go there", low=1_000)] = 4_000_000

    @property
    def called(self) -> str:
        """Its name, or its kind where it was given none."""
        return self.name or self.kind


class ReachSettings(SinkSettings, frozen=True):
    """What every destination on a network has."""

    url: Annotated[str, says("where it is")] = ""
    token_file: TokenFile = None
    ca_file: CaFile = None
    connect_timeout_s: ConnectTimeout = CONNECT_TIMEOUT_S
    timeout_s: Timeout = TIMEOUT_S
    allow_plaintext: AllowPlaintext = False


class HttpSettings(ReachSettings, frozen=True):
    """A collector: one POST a segment."""

    kind: Annotated[str, says("POST to a collector")] = "http"
    user: Annotated[str, says("who the password is for; empty sends a bearer token")] = ""
    form: Annotated[
        bool, says("send a multipart form with the recording as `file`, not the recording itself")
    ] = False


class PutSettings(ReachSettings, frozen=True):
    """A file server: one PUT a segment."""

    kind: Annotated[str, says("PUT to an address with {id} in it")] = "put"
    user: Annotated[str, says("who the password is for; empty sends a bearer token")] = ""


class S3Settings(ReachSettings, frozen=True):
    """An S3-compatible store: one signed PUT a segment."""

    kind: Annotated[str, says("PUT to a bucket, signed; `token_file` has the secret key")] = "s3"
    access_key: Annotated[str, says("the name of the key")] = ""
    region: Annotated[str, says("where the bucket is")] = "us-east-1"


class WordsSettings(ReachSettings, frozen=True):
    """A server that makes words of sound, and where the words go."""

    language: Annotated[str, says("the language spoken; empty lets the server guess")] = ""
    then_command: Annotated[tuple[str, ...], says("a program and its arguments, which reads the text")] = ()
    then_mqtt: Annotated[str, says("a topic for the text, as mqtts://host/topic")] = ""
    then_webhook: Annotated[str, says("an address the text is posted to, as JSON")] = ""
    then_user: Annotated[str, says("who the broker's password is for")] = ""
    then_token_file: Annotated[
        Path | None, says("a file with the broker's password or the webhook's token", shown="none")
    ] = None


class TranscribeSettings(WordsSettings, frozen=True):
    """A speech server with OpenAI's interface."""

    kind: Annotated[str, says("speech to text at an address like .../v1/audio/transcriptions")] = "transcribe"
    model: Annotated[str, says("the model to ask for")] = "whisper-1"


class WyomingSettings(WordsSettings, frozen=True):
    """A speech server that speaks Wyoming."""

    kind: Annotated[str, says("speech to text over the Wyoming protocol, at tcp://host:10300")] = "wyoming"


class FolderSettings(SinkSettings, frozen=True):
    """A folder, local or mounted."""

    kind: Annotated[str, says("a folder that is already there")] = "folder"
    folder: Annotated[Path | None, says("which", shown="none")] = None
    only_mounted: Annotated[
        bool,
        says(
            "wait until something is mounted there or above it; what the system has for itself, "
            "as / or /home or /dev/shm, does not count, unless it is mounted as this very folder"
        ),
    ] = False


KINDS: Final[Mapping[str, type[SinkSettings]]] = {
    "http": HttpSettings,
    "put": PutSettings,
    "s3": S3Settings,
    "transcribe": TranscribeSettings,
    "wyoming": WyomingSettings,
    "folder": FolderSettings,
}


def faults_in_all(
    sinks: Sequence[tuple[int, SinkSettings]], *, secrets: bool, sealed: bool
) -> Iterator[tuple[int, Mistake]]:
    """Every mistake in `sinks`, each with the number of the one it is in."""
    names = [UPLOAD]
    for number, sink in sinks:
        for mistake in faults_in_one(sink, secrets=secrets, sealed=sealed):
            yield number, mistake
        if sink.called in names:
            what = (
                "is what [upload] is called" if sink.called == UPLOAD else "is the name of another one, too"
            )
            yield number, ("name", f"{sink.called} {what}: give it a name of its own")
        names.append(sink.called)


def faults_in_one(sink: SinkSettings, *, secrets: bool, sealed: bool) -> Iterator[Mistake]:
    """Every mistake in the settings of one destination; `sealed` is whether segments are."""
    if sink.name and not _NAME.fullmatch(sink.name):
        yield "name", "is up to 32 of a-z, 0-9, - and _, and begins with a letter or a number"
    if isinstance(sink, ReachSettings):
        yield from _faults_in_reach(sink, secrets=secrets)
    if isinstance(sink, WordsSettings):
        yield from _faults_in_words(sink, sealed=sealed, secrets=secrets)
    if isinstance(sink, S3Settings):
        if not sink.access_key:
            yield "access_key", "name the key that token_file is the secret of"
        if sink.token_file is None:
            yield "token_file", "name the file with the secret key"
        yield from _missing("minio", "s3")
    if isinstance(sink, FolderSettings) and sink.folder is None:
        yield "folder", "say which folder"


def _faults_in_reach(sink: ReachSettings, *, secrets: bool) -> Iterator[Mistake]:
    said = _fault_in_url(sink)
    if said is not None:
        yield "url", said.replace("upload.allow_plaintext", "allow_plaintext")
    if not secrets:
        return
    if sink.token_file and (fault := fault_in_secret(sink.token_file)):
        yield "token_file", fault
    if sink.ca_file and (fault := fault_in_readable(sink.ca_file)):
        yield "ca_file", fault


def _fault_in_url(sink: ReachSettings) -> str | None:
    if isinstance(sink, WyomingSettings):
        return fault_in_server(sink.url, allow_plaintext=sink.allow_plaintext)
    if isinstance(sink, PutSettings | S3Settings) and (fault := fault_in_template(sink.url)):
        return fault
    example = sink.url.replace(ID, "0").replace(TOKEN, "0")
    return fault_in(example, allow_plaintext=sink.allow_plaintext)


def _faults_in_words(sink: WordsSettings, *, sealed: bool, secrets: bool) -> Iterator[Mistake]:
    if sealed:
        yield "kind", f"{sink.kind} has to hear what upload.recipients seals: remove one of the two"
    ways = [key for key in ("then_command", "then_mqtt", "then_webhook") if getattr(sink, key)]
    if len(ways) != 1:
        found = " and ".join(ways) or "none"
        yield "kind", f"say where the text goes: one of then_command, then_mqtt, then_webhook, not {found}"
    if sink.then_mqtt:
        if fault := fault_in_topic_url(sink.then_mqtt, allow_plaintext=sink.allow_plaintext):
            yield "then_mqtt", fault
        yield from _missing("paho", "mqtt")
    if sink.then_webhook and (fault := fault_in(sink.then_webhook, allow_plaintext=sink.allow_plaintext)):
        yield "then_webhook", fault.replace("upload.allow_plaintext", "allow_plaintext")
    if sink.kind == "wyoming":
        if sink.token_file is not None:
            yield "token_file", "wyoming servers ask for no token: remove it"
        yield from _missing("wyoming", "wyoming")
    if secrets and sink.then_token_file and (fault := fault_in_secret(sink.then_token_file)):
        yield "then_token_file", fault


def _missing(library: str, extra: str) -> Iterator[Mistake]:
    if importlib.util.find_spec(library) is None:
        yield "kind", f"needs what is not installed: pip install '.[{extra}]' in the checkout"


def sinks_table() -> str:
    """The README's table: what can be set for each kind of destination, in Markdown."""
    lines = ["| setting | for | default | unit | what it is |", "|---|---|---|---|---|"]
    kinds = cast(dict[str, type[Settings]], dict(KINDS))
    rows: dict[tuple[str, str, str, str], list[str]] = {}
    for each in settings_of(kinds):
        if each.key != "kind":
            default = each.shown or (
                f"`{str(each.default).lower()}`" if each.default not in ("", ()) else "empty"
            )
            rows.setdefault((each.key, default, each.unit, each.about), []).append(each.table)
    for (key, default, unit, about), tables in rows.items():
        which = "all" if len(tables) == len(KINDS) else ", ".join(tables)
        lines.append(f"| `{key}` | {which} | {default} | {unit} | {about} |")
    return "\n".join(lines)
