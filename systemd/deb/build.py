"""`make deb`: Earlid as Debian packages, one for each release and processor, into dist/.

An environment belongs to one version of Python, so a package belongs to one release: its version ends in
+deb12 (bookworm, Python 3.11) or +deb13 (trixie, 3.13), and it depends on that Python. It is made inside a
small system of that release; for another processor, in an emulated one. The same commit gives the same bytes.
"""

from __future__ import annotations

import argparse
import configparser
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from deb.contents import fill_environment, lay_out
from deb.debian import CHECKOUT, NATIVE, SUITES, TO_BUILD, Suite, Unavailable, system, thrown_away
from deb.wheelhouse import wheel_of_checkout, wheelhouse

_PACKAGE: Final = "/package"
_SMALL: Final = ("-Zxz", "-z6")


def build(
    suite: Suite,
    architecture: str,
    into: Path,
    version: str | None = None,
    packed: Sequence[str] = _SMALL,
) -> Path:
    """The package for `suite` and `architecture`, in `into`, called `version` if that is given."""
    into.mkdir(parents=True, exist_ok=True)
    wheels = wheelhouse(suite, architecture)
    epoch = _epoch()
    version = version or f"{_version()}+{suite.mark}"
    name = f"earlid_{version}_{architecture}.deb"
    with tempfile.TemporaryDirectory(prefix="earlid-wheel-") as own:
        wheel = wheel_of_checkout(suite if architecture == NATIVE else SUITES["bookworm"], Path(own))
        lent = {"wheels": wheels, "checkout": CHECKOUT, "own": Path(own)}
        with thrown_away(system(suite, architecture, TO_BUILD), **lent) as there:
            fill_environment(there, suite, f"/own/{wheel.name}")
            lay_out(there, _PACKAGE, suite, version, architecture, epoch)
            pack = ("dpkg-deb", "--root-owner-group", *packed, "--build", "/package", f"/out/{name}")
            here = system(
                suite, NATIVE, TO_BUILD
            )  # packing is the same everywhere, and slow where it is emulated
            with thrown_away(here, package=there.path(_PACKAGE), out=into.resolve()) as packer:
                packer.run(*pack, also={"SOURCE_DATE_EPOCH": str(epoch)})
    return into / name


def _version() -> str:
    settings = configparser.ConfigParser()
    settings.read(CHECKOUT / "setup.cfg", encoding="utf-8")
    return settings["metadata"]["version"]


def _epoch() -> int:
    """When what is packed was written: $SOURCE_DATE_EPOCH, or the last commit's time."""
    if told := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(told)
    git = ["git", "-C", str(CHECKOUT), "log", "-1", "--format=%ct"]
    done = subprocess.run(git, check=False, capture_output=True, text=True)
    return int(done.stdout or 0)


def main(arguments: Sequence[str]) -> int:
    """Build what is asked for, and say where it is; 69 where this machine cannot."""
    parser = argparse.ArgumentParser(prog="make deb", description="Builds Earlid's Debian packages.")
    parser.add_argument(
        "--suite", choices=SUITES, action="append", help="a release; all of them if none is named"
    )
    parser.add_argument(
        "--arch", choices=("amd64", "arm64"), action="append", help="a processor; both if none"
    )
    parser.add_argument("--out", type=Path, default=CHECKOUT / "dist", help="where to")
    parser.add_argument(
        "--version", help="call it so, instead of the checkout's version and the release's mark"
    )
    parser.add_argument("--quick", action="store_true", help="pack without compressing, to try it here")
    asked = parser.parse_args(arguments)
    packed = ("-Znone",) if asked.quick else _SMALL
    for suite in asked.suite or SUITES:
        for architecture in asked.arch or sorted({NATIVE, "amd64", "arm64"}):
            try:
                package = build(SUITES[suite], architecture, asked.out, asked.version, packed)
            except Unavailable as why:
                print(f"earlid: {why}", file=sys.stderr)
                return 69
            print(f"{package}  {package.stat().st_size / 1e6:.1f} MB", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
