"""Makes a Debian in a folder, with this system's package source and nothing that nobody reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from pi.virtual.host import mirror, run
from pi.virtual.recipe import LEFT_OUT, SUITE

_LEAN: Final = ('APT::Install-Recommends "false"', 'Acquire::Languages "none"')
_NO_BYTECODE: Final = """chroot "$1" dpkg-divert --local --rename --add /usr/bin/py3compile
ln -s /bin/true "$1/usr/bin/py3compile"
"""


def debian(
    root: Path,
    architectures: str,
    packages: Sequence[str],
    *,
    essential: Sequence[str] = (),
    customize: Sequence[str] = (),
    files: Mapping[str, str] | None = None,
) -> None:
    """Debian with `packages` at `root`; `files` are there before the packages, and the hooks are shell.

    Root only. The package source's address remains inside: what is made of it is never published.
    """
    written = root.with_name(f"{root.name}.files")
    hooks = []
    for number, (name, text) in enumerate((files or {}).items()):
        written.mkdir(exist_ok=True)
        (written / str(number)).write_text(text, encoding="ascii")
        hooks.append(f'install -D -m 644 "{written / str(number)}" "$1/{name}"')
    run(
        [
            *("nice", "mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", "--components=main"),
            *(f"--aptopt={option}" for option in _LEAN),
            *(f"--dpkgopt=path-exclude={pattern}" for pattern in LEFT_OUT),
            *(f"--essential-hook={hook}" for hook in (*hooks, _NO_BYTECODE, *essential)),
            *(f"--customize-hook={hook}" for hook in customize),
            *(f"--architectures={architectures}", f"--include={','.join(packages)}"),
            *(SUITE, str(root), mirror()),
        ],
        f"make a Debian in {root}",
    )
