"""Which configuration is in effect: found, read and checked, with every mistake told at once.

The first of these that exists is read, and no other: --config, $EARLID_CONFIG, /etc/earlid/config.toml,
~/.config/earlid/config.toml. With no file at all the defaults hold.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from earlid.config import (
    TABLES,
    CollectorSettings,
    Config,
    MicrophoneSettings,
    PanelSettings,
    SegmentSettings,
    SpoolSettings,
    UploadSettings,
    WakeSettings,
    declared,
    in_toml,
)
from earlid.core.miswired import faults_in
from earlid.edge.address import fault_in
from earlid.edge.model.manifest import manifests
from earlid.edge.rows import gather_rows
from earlid.edge.schema import build, gather
from earlid.edge.seal import MOST_RECIPIENTS
from earlid.edge.secret_file import fault_in_readable, fault_in_secret
from earlid.edge.sinks.settings import KINDS, SinkSettings, faults_in_all
from earlid.edge.toml_text import Fault, closest, line_of
from earlid.errors import ConfigError
from earlid.field.settings import FieldSettings
from earlid.paths import Paths
from earlid.privacy import PrivacySettings, faults_in_privacy

SINKS: Final = "sinks"
SYSTEM_FILE: Final = Path("/etc/earlid/config.toml")
SYSTEM_STATE: Final = Path("/var/lib/earlid")
SYSTEM_RUNTIME: Final = Path("/run/earlid")


def load(
    wanted: Path | None = None, *, secrets: bool = True, environ: Mapping[str, str] | None = None
) -> Config:
    """The one configuration in effect, or ConfigError with one line for every mistake.

    `secrets=False` is for the verbs that never send: they may run as a user who must not read the token.
    """
    known = os.environ if environ is None else environ
    file, text = _found(wanted, known)
    return parse(text, file, secrets=secrets, environ=known)


def parse(text: str, file: Path | None, *, secrets: bool, environ: Mapping[str, str]) -> Config:
    """A Config from TOML `text`; relative paths in it start at the folder of `file`."""
    found = gather(text, TABLES, several=(SINKS,))
    origins = {setting.path: "default" for setting in declared()}
    origins |= {f"{table}.{key}": "file" for table, keys in found.values.items() for key in keys}
    base = file.parent.absolute() if file else Path.cwd()
    for table, key in (
        ("paths", "state"),
        ("paths", "runtime"),
        ("paths", "models"),
        ("upload", "token_file"),
        ("upload", "ca_file"),
        ("field", "key_file"),
    ):
        if key in found.values[table]:
            found.values[table][key] = base / _from_home(found.values[table][key], environ)
    is_system = os.geteuid() == 0 or file == SYSTEM_FILE
    origins |= _settle_paths(found.values["paths"], environ, is_system=is_system)
    upload = build(UploadSettings, found.values["upload"])
    sinks = tuple(gather_rows(text, SINKS, KINDS, found, lambda path: base / _from_home(path, environ)))
    wake = build(WakeSettings, found.values["wake"])
    known = list(manifests())
    panel = build(PanelSettings, found.values["panel"])
    privacy = build(PrivacySettings, found.values["privacy"])
    faults = [
        *_faults_in_wake(wake, known),
        *faults_in_privacy(privacy),
        *(Fault(path, said) for path, said in faults_in(panel.wired)),
        *_faults_in_upload(upload, secrets=secrets),
        *_faults_in_sinks(sinks, upload, secrets=secrets),
    ]
    found.faults += [Fault(each.path, each.says, _line_of(text, each.path)) for each in faults]
    if found.faults:
        where = file or "configuration"
        raise ConfigError("\n".join(fault.told(where) for fault in found.faults))
    return Config(
        microphone=build(MicrophoneSettings, found.values["microphone"]),
        wake=wake,
        segment=build(SegmentSettings, found.values["segment"]),
        panel=panel,
        upload=upload,
        sinks=tuple(sink for _, sink in sinks),
        privacy=privacy,
        spool=build(SpoolSettings, found.values["spool"]),
        collector=build(CollectorSettings, found.values["collector"]),
        field=build(FieldSettings, found.values["field"]),
        paths=build(Paths, found.values["paths"]),
        file=file,
        origins=origins,
    )


def _found(wanted: Path | None, environ: Mapping[str, str]) -> tuple[Path | None, str]:
    named = wanted or (Path(environ["EARLID_CONFIG"]) if environ.get("EARLID_CONFIG") else None)
    own = (
        Path(environ.get("XDG_CONFIG_HOME") or _from_home(Path("~/.config"), environ)) / "earlid/config.toml"
    )
    for file in (named,) if named else (SYSTEM_FILE, own):
        try:
            return file, file.read_text("utf-8")
        except (FileNotFoundError, NotADirectoryError):
            if named:
                raise ConfigError(f"{file}: no such configuration file") from None
        except UnicodeDecodeError:
            raise ConfigError(f"{file}: not a text file: save it as utf-8") from None
        except OSError as error:
            raise ConfigError(f"{file}: cannot be read: {(error.strerror or 'unknown').lower()}") from None
    return None, ""


def _from_home(path: Path, environ: Mapping[str, str]) -> Path:
    if path.parts[:1] != ("~",):
        return path
    return Path(environ.get("HOME") or Path.home(), *path.parts[1:])


def _settle_paths(paths: dict[str, Any], environ: Mapping[str, str], *, is_system: bool) -> dict[str, str]:
    """Fill in what the file left out, and say which environment variables chose it.

    Whoever reads the system's configuration means the system's folders, so that `earlid status` finds them.
    """
    origins = {}

    def choose(key: str, system: Path, personal: str, otherwise: Path) -> None:
        """A service's own folder, else the system's, else the person's."""
        given = f"{key.upper()}_DIRECTORY"
        if key in paths:
            return
        if environ.get(given):
            paths[key] = Path(environ[given].split(":")[0])  # systemd lists several, the first is ours
            origins[f"paths.{key}"] = f"${given}"
        elif is_system:
            paths[key] = system
        elif environ.get(personal):
            paths[key] = Path(environ[personal], "earlid")
            origins[f"paths.{key}"] = f"${personal}"
        else:
            paths[key] = otherwise

    home = _from_home(Path("~/.local/state/earlid"), environ)
    choose("state", SYSTEM_STATE, "XDG_STATE_HOME", home)
    choose("runtime", SYSTEM_RUNTIME, "XDG_RUNTIME_DIR", paths["state"] / "run")
    paths.setdefault("models", paths["state"] / "models")
    return origins


def _faults_in_wake(wake: WakeSettings, known: list[str]) -> Iterator[Fault]:
    if not wake.words:
        yield Fault("wake.words", f"name at least one of {', '.join(known)}")
    for word in dict.fromkeys(wake.words):
        if wake.words.count(word) > 1:
            yield Fault("wake.words", f"{in_toml(word)} is named more than once")
        if word not in known:
            yield Fault(
                "wake.words", f"unknown wake word {in_toml(word)}{closest(word, known) or _all(known)}"
            )
    scored = known + [word for each in manifests().values() for word in each.words]
    for word in wake.thresholds:
        if word not in scored:
            path = f"wake.thresholds.{word}"
            yield Fault(path, f"unknown wake word{closest(word, scored) or _all(known)}")
    listened = [word for name, each in manifests().items() if name in wake.words for word in each.words]
    for word in dict.fromkeys(wake.verifiers):
        if wake.verifiers.count(word) > 1:
            yield Fault("wake.verifiers", f"{in_toml(word)} is named more than once")
        if word not in listened:
            hint = closest(word, listened) or f"; listened for are {', '.join(listened)}"
            yield Fault("wake.verifiers", f"{in_toml(word)} is not listened for{hint}")


def _all(known: list[str]) -> str:
    return f"; known are {', '.join(known)}"


def _faults_in_upload(upload: UploadSettings, *, secrets: bool) -> Iterator[Fault]:
    if upload.url and (fault := fault_in(upload.url, allow_plaintext=upload.allow_plaintext)):
        yield Fault("upload.url", fault)
    if upload.recipients:
        from earlid.edge.age import fault_in_recipient  # noqa: PLC0415 - a megabyte that few need

        for recipient in upload.recipients:
            if fault := fault_in_recipient(recipient):
                yield Fault("upload.recipients", fault)
    if len(upload.recipients) > MOST_RECIPIENTS:
        yield Fault("upload.recipients", f"names more than {MOST_RECIPIENTS} keys: remove some")
    if not secrets:
        return
    if upload.token_file and (fault := fault_in_secret(upload.token_file)):
        yield Fault("upload.token_file", fault)
    if upload.ca_file and (fault := fault_in_readable(upload.ca_file)):
        yield Fault("upload.ca_file", fault)


def _faults_in_sinks(
    sinks: Sequence[tuple[int, SinkSettings]], upload: UploadSettings, *, secrets: bool
) -> Iterator[Fault]:
    for number, (key, said) in faults_in_all(sinks, secrets=secrets, sealed=bool(upload.recipients)):
        yield Fault(f"{SINKS}.{number}.{key}", said)


def _line_of(text: str, path: str) -> int | None:
    """The line of a setting, or of the table it is missing from."""
    return line_of(text, path) or line_of(text, path.rpartition(".")[0])
