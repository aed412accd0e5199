"""What is in the package: an environment under /opt/earlid, the units, and what dpkg is told."""

from __future__ import annotations

import gzip
import hashlib
import shutil
from collections.abc import Sequence
from email.utils import formatdate
from pathlib import Path
from typing import Final

from deb.debian import CHECKOUT, NATIVE, TO_BUILD, Suite, System, system, thrown_away
from installer.environments import HOME
from installer.origin import EXTRAS
from installer.placing import GROUP, USERS, all_units, placed

_CONTROL: Final = Path(__file__).parent / "control"
_FILES: Final = placed(CHECKOUT / "systemd")
_KEPT_PROGRAMS: Final = ("earlid", "python", "python3")
_LEFT_OUT: Final = (
    "setuptools",
    "setuptools-*",
    "pkg_resources",
    "_distutils_hack",
    "distutils-precedence.pth",
)
_NOT_FOR_USE: Final = ("numpy/**/tests", "onnx/backend/test", "onnx/test", "Crypto/SelfTest")
_DESCRIPTION: Final = """\
wake-word listener that lets nothing leave before its name is called
 Earlid listens for a wake word, keeps everything else in four seconds of
 memory, and lets only what follows the wake word leave. It runs as two
 services: one has the microphone and no network, the other the network and
 no devices.
 .
 ONNX Runtime and the other Python packages that it was tested with are inside,
 for the Python of this Debian release alone. Nothing is started before a
 microphone is chosen."""


def fill_environment(there: System, suite: Suite, wheel: str) -> None:
    """/opt/earlid in `there` holds `wheel` and all it needs, from /wheels: the same bytes each time."""
    there.run("python3", "-m", "venv", HOME)
    python = HOME / "bin/python"
    pip = (
        python,
        "-I",
        "-m",
        "pip",
        "install",
        "-q",
        "--no-index",
        "--find-links",
        "/wheels",
        "--no-compile",
    )
    constraints = ("-c", "/checkout/device/constraints.txt")
    there.run(*pip, *constraints, f"{wheel}[{','.join(EXTRAS)}]")
    site = there.path(HOME) / "lib" / f"python{suite.python[0]}.{suite.python[1]}" / "site-packages"
    for pattern in (*_LEFT_OUT, *_NOT_FOR_USE, "earlid-*.dist-info/direct_url.json"):
        for path in site.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for path in [*there.path(HOME).rglob("__pycache__"), there.path(HOME) / "include"]:
        shutil.rmtree(path, ignore_errors=True)
    for path in (there.path(HOME) / "bin").iterdir():
        if path.name not in (*_KEPT_PROGRAMS, f"python{suite.python[0]}.{suite.python[1]}"):
            path.unlink()
    _set_modes(there.path(HOME))
    _compile(there.path(HOME), suite)


def _compile(home: Path, suite: Suite) -> None:
    """Byte-compile what is in `home`, on this processor: the result is the same, and emulated it is slow."""
    with thrown_away(system(suite, NATIVE, TO_BUILD), environment=home) as here:
        compiled = ("python3", "-m", "compileall", "-q", "-j1", "--invalidation-mode", "unchecked-hash")
        named = ("-s", "/environment", "-p", HOME, "/environment/lib")
        # templates in there need not compile
        here.run(*compiled, *named, check=False, also={"PYTHONHASHSEED": "0"})


def _set_modes(home: Path) -> None:
    """Only what is started is executable, and nobody but root may write."""
    for path in home.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.parent == home / "bin" else 0o644)


def lay_out(there: System, folder: str, suite: Suite, version: str, architecture: str, epoch: int) -> None:
    """`folder` in `there` is the package unpacked: files at their places, and DEBIAN/ for dpkg-deb."""
    root = there.path(folder)
    (root / "opt").mkdir(parents=True)
    shutil.move(there.path(HOME), root / "opt/earlid")
    for one in _FILES:
        _put(root / "usr/lib" / one.place, one.source.read_bytes())
    (root / "usr/bin").mkdir(parents=True)
    (root / "usr/bin/earlid").symlink_to(HOME / "bin/earlid")
    documents = root / "usr/share/doc/earlid"
    _put(documents / "copyright", (_CONTROL / "copyright").read_bytes())
    _put(documents / "NEWS.gz", gzip.compress((CHECKOUT / "CHANGELOG.md").read_bytes(), 9, mtime=0))
    _put(documents / "README.md.gz", gzip.compress((CHECKOUT / "README.md").read_bytes(), 9, mtime=0))
    _put(documents / "changelog.gz", gzip.compress(_changelog(version, epoch).encode(), 9, mtime=0))
    overrides = root / "usr/share/lintian/overrides/earlid"
    _put(overrides, (_CONTROL / "lintian-overrides").read_bytes())
    _describe(root, suite, version, architecture)


def _describe(root: Path, suite: Suite, version: str, architecture: str) -> None:
    """DEBIAN/: control, the scripts, and a sum for every file. No conffiles: nothing of ours is in /etc."""
    files = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    sums = [f"{_sum_for_dpkg(path)}  {path.relative_to(root)}" for path in files]
    low = f"{suite.python[0]}.{suite.python[1]}"
    depends = [f"python3 (>= {low})", f"python3 (<< {suite.below})", "libportaudio2", "libc6", "libstdc++6"]
    fields = {
        "Package": "earlid",
        "Version": version,
        "Architecture": architecture,
        "Maintainer": "Earlid <earlid@packages.invalid>",
        "Installed-Size": str(sum(path.stat().st_size // 1024 + 1 for path in files)),
        "Depends": ", ".join([*depends, "systemd (>= 252)", "passwd"]),
        "Recommends": "alsa-utils",
        "Section": "sound",
        "Priority": "optional",
        "Description": _DESCRIPTION,
    }
    _put(root / "DEBIAN/control", "".join(f"{name}: {said}\n" for name, said in fields.items()).encode())
    _put(root / "DEBIAN/md5sums", ("\n".join(sums) + "\n").encode())
    for script in ("preinst", "postinst", "prerm", "postrm"):
        _put(root / "DEBIAN" / script, _filled(script).encode(), mode=0o755)


def _sum_for_dpkg(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


def _filled(script: str) -> str:
    """A maintainer script with the names from `placing` in it."""
    names: dict[str, Sequence[str]] = {"@UNITS@": all_units(_FILES), "@USERS@": USERS, "@GROUP@": [GROUP]}
    text = (_CONTROL / script).read_text("utf-8")
    for mark, words in names.items():
        text = text.replace(mark, " ".join(words))
    return text


def _changelog(version: str, epoch: int) -> str:
    return (
        f"earlid ({version}) unstable; urgency=medium\n\n  * See NEWS.gz.\n\n"
        f" -- Earlid <earlid@packages.invalid>  {formatdate(epoch)}\n"
    )


def _put(path: Path, body: bytes, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    path.chmod(mode)
