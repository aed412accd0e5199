"""`earlid check-config`: the configuration in effect, as a file to be read again; or one to begin with."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Final

from earlid.config import Config, declared, in_toml
from earlid.edge.address import masked
from earlid.edge.disk import NotOurs
from earlid.edge.schema import Setting, settings_of, to_json
from earlid.edge.sinks.settings import SinkSettings
from earlid.errors import ConfigError

_ADDRESSES: Final = frozenset({"url", "then_mqtt", "then_webhook"})


def check_config(config: Config, *, json: bool) -> int:
    """Print every setting with its value, unit and where the value came from; no secret is shown.

    ConfigError, as of `listen`, where it wants a verifier that was not taught.
    """
    _insist_on_what_was_taught(config)
    if json:
        settings = {
            each.path: {"value": _shown(config, each), "unit": each.unit, "from": config.origins[each.path]}
            for each in declared()
        }
        sinks = [dict(_shown_of(each)) for each in config.sinks]
        told = {"file": config.file, "settings": settings, "sinks": sinks}
        sys.stdout.write(to_json(told).decode() + "\n")
    else:
        sys.stdout.write("\n".join(lines_of(config)) + "\n")
    return 0


def lines_of(config: Config) -> Iterator[str]:
    """The configuration in effect as lines of TOML, each setting explained."""
    yield f"# in effect, from {_printable(config.file) if config.file else 'no file at all'}"
    for table, settings in groupby(declared(), key=lambda each: each.table):
        yield ""
        yield f"[{table}]"
        for each in settings:
            facts = (each.about, " ".join((each.bounds, each.unit)).strip(), config.origins[each.path])
            comment = "; ".join(fact for fact in facts if fact)
            yield f"{each.key} = {in_toml(_shown(config, each))}  # {comment}"
    for sink in config.sinks:
        yield ""
        yield "[[sinks]]"
        for key, value in _shown_of(sink):
            yield f"{key} = {in_toml(value)}"


def begin(device: str | None = None) -> int:
    """Print a configuration to begin with; `device` is the microphone chosen, if one was."""
    sys.stdout.write("\n".join(first_lines(device)) + "\n")
    return 0


def first_lines(device: str | None = None) -> Iterator[str]:
    """A configuration to begin with, as lines of TOML: every setting explained, at its default, and off.

    Nothing in it is set but `device`, so that a default that gets better reaches whoever never touched it.
    """
    yield "# What Earlid does here. What has # before it is at its default; take the # away to change it."
    yield "# 'earlid check-config' says whether this file is right, and what is in effect."
    for table, settings in groupby(declared(), key=lambda each: each.table):
        yield ""
        yield f"[{table}]"
        for each in settings:
            facts = (" ".join((each.bounds, each.unit)).strip(), each.shown)
            allowed = "; ".join(fact for fact in facts if fact)
            is_chosen = each.path == "microphone.device" and device is not None
            value = in_toml(device if is_chosen else each.default)
            yield f"# {each.about}"
            yield f"{'' if is_chosen else '#'}{each.key} = {value}{f'  # {allowed}' if allowed else ''}"


def _insist_on_what_was_taught(config: Config) -> None:
    if not config.wake.verifiers:
        return
    from earlid.edge.model.verifier_file import VerifierFiles  # noqa: PLC0415 - for few, and it needs numpy

    files, amiss = VerifierFiles(config.paths.field), []
    for word in config.wake.verifiers:
        try:
            files.read(word)
        except NotOurs as error:
            sys.stderr.write(f"earlid: whether {word} was taught was not looked at: {error}\n")
        except ConfigError as error:
            amiss.append(str(error))
    if amiss:
        raise ConfigError("\n".join(amiss))


def _shown(config: Config, setting: Setting) -> object:
    value = config.value(setting.path)
    return masked(value) if setting.path == "upload.url" else value


def _shown_of(sink: SinkSettings) -> Iterator[tuple[str, object]]:
    """What a destination is set to; addresses without the secrets in them, nothing that is not set."""
    for each in settings_of({"sinks": type(sink)}):
        value = getattr(sink, each.key)
        if value not in (None, "", ()):
            yield each.key, masked(value) if each.key in _ADDRESSES else value


def _printable(file: Path) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in str(file))
