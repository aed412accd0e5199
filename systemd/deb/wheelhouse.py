"""Wheels of everything Earlid needs, for one Debian and one processor: what has none is compiled there."""

from __future__ import annotations

import configparser
import hashlib
import shutil
import tempfile
from pathlib import Path
from typing import Final

from deb.debian import CHECKOUT, NATIVE, TO_BUILD, Suite, cache, system, thrown_away
from installer.origin import EXTRAS, TO_COMPILE, Origin

_TOOLS: Final = ("setuptools>=77", "wheel", "pip")
_STEADY: Final = {
    "SOURCE_DATE_EPOCH": "0",
    "CFLAGS": "-g0 -O2",  # what debuggers want names the folder it was built in
    "LDFLAGS": "-Wl,--strip-all",
}


def wheelhouse(suite: Suite, architecture: str) -> Path:
    """A folder with a wheel of every dependency, and of what builds Earlid; fetched and compiled once."""
    wanted = [*_requirements(), *_TOOLS]
    constraints = CHECKOUT / "device/constraints.txt"
    marks = "\n".join([constraints.read_text("utf-8"), *wanted, *(f"{k}={v}" for k, v in _STEADY.items())])
    folder = cache() / f"wheels-{suite.name}-{architecture}-{hashlib.sha256(marks.encode()).hexdigest()[:8]}"
    if folder.exists():
        return folder
    print(f"fetching the wheels for {suite.name} on {architecture} (once, a minute or more)", flush=True)
    workshop = system(suite, architecture, TO_BUILD)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    draft.chmod(0o755)
    with thrown_away(workshop, constraints=constraints.parent, wheels=draft) as there:
        there.run("python3", "-m", "venv", "/build")
        pip = ("/build/bin/python", "-m", "pip", "wheel", "-q", "--wheel-dir", "/wheels", "--no-cache-dir")
        there.run(*pip, "-c", "/constraints/constraints.txt", *wanted, also=_STEADY | TO_COMPILE)
    if folder.exists():  # somebody else was quicker
        shutil.rmtree(draft)
    else:
        draft.rename(folder)
    return folder


def wheel_of_checkout(suite: Suite, into: Path) -> Path:
    """Earlid's own wheel, built from this checkout without a network; the same on every processor."""
    wheels = wheelhouse(suite, NATIVE)
    with tempfile.TemporaryDirectory(prefix="earlid-source-") as folder:
        source = Path(folder, "source")
        source.mkdir()
        version = configparser.ConfigParser()
        version.read(CHECKOUT / "setup.cfg", encoding="utf-8")
        Origin(version["metadata"]["version"], checkout=CHECKOUT).requirement(source)
        with thrown_away(system(suite, NATIVE, TO_BUILD), wheels=wheels, source=source, out=into) as there:
            there.run("python3", "-m", "venv", "/build")
            pip = ("/build/bin/python", "-m", "pip", "wheel", "-q", "--wheel-dir", "/out", "--no-deps")
            offline = ("--no-index", "--find-links", "/wheels")
            there.run(*pip, *offline, "/source", also=_STEADY)
    (built,) = into.glob("earlid-*.whl")
    return built


def _requirements() -> list[str]:
    settings = configparser.ConfigParser()
    settings.read(CHECKOUT / "setup.cfg", encoding="utf-8")
    lists = [settings["options"]["install_requires"]]
    lists += [settings["options.extras_require"][extra] for extra in EXTRAS]
    return [line for one in lists for line in one.split("\n") if line]
