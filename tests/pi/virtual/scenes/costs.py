"""What it costs and how it is locked in: memory, start-up, exposure, and the pins' own contract."""

from __future__ import annotations

import re
from typing import Final

from pi.virtual.hands import Ran
from pi.virtual.host import CHECKOUT
from pi.virtual.owner import LISTEN, UPLOAD, NotRun, Owner, check
from pi.virtual.scenes.scene import Scene

_GROUP: Final = "what it costs, and its cage"
LISTEN_MB, UPLOAD_MB = 100, 0
MOST_EXPOSED: Final = {LISTEN: 1.0, UPLOAD: 1.5}
_MB: Final = 1e6
_SUITE: Final = "/root/tests"
CONTRACT: Final = "edge/panel/test_panel_contract.py"


def memory(owner: Owner) -> str:
    """Resident memory of each service at rest and in use."""
    owner.settle()
    owner.until(lambda: owner.unit(UPLOAD)["ActiveState"] == "inactive", "the uploader leaves when idle", 300)
    rest = _memory(owner, LISTEN, "Rss")
    uploading = kept_in = 0.0
    held_at = owner.now()
    owner.say()

    def is_uploading() -> bool:
        nonlocal uploading, kept_in
        if owner.pid(UPLOAD):
            uploading = max(uploading, _memory(owner, UPLOAD, "Rss"))
            kept_in = max(kept_in, _memory(owner, UPLOAD, "Locked"))
        return bool(uploading) and not owner.waiting() and owner.now() > held_at

    owner.until(is_uploading, "the uploader ran")
    used = _memory(owner, LISTEN, "Rss")
    check(max(rest, used) < LISTEN_MB, f"the listener takes {rest:.0f} MB at rest, {used:.0f} MB in use")
    locked = _memory(owner, LISTEN, "Locked")
    check(locked > rest / 2, f"of the listener {locked:.0f} MB are locked out of swap")
    check(kept_in > uploading / 2, f"of the uploader {kept_in:.0f} MB are locked out of swap")
    return (
        f"listener {rest:.0f} MB at rest, {used:.0f} MB after a segment, {locked:.0f} MB of it locked;"
        f" uploader none at rest, {uploading:.0f} MB in use, {kept_in:.0f} MB of it locked"
    )


def exposure(owner: Owner) -> str:
    """systemd's own score of each unit, on this system's systemd."""
    seen = []
    for unit, most in MOST_EXPOSED.items():
        said = owner.hands.run("systemd-analyze", "security", "--no-pager", unit)
        (score,) = re.findall(r"Overall exposure level for \S+: ([0-9.]+)", said)
        check(float(score) <= most, f"{unit}: {score}, more than {most}")
        seen.append(f"{unit.removesuffix('.service')} {score}")
    version = owner.hands.run("systemctl", "--version").split()[1]
    return f"{', '.join(seen)} (systemd {version})"


def panel_contract(owner: Owner) -> str:
    """The project's own tests of a panel, against the lines of this machine's real GPIO chip."""
    if not owner.hands.do("glob", pattern="/usr/src/pytest/pytest"):
        raise NotRun("pytest is not on the card")
    owner.settle()
    owner.hands.run("systemctl", "stop", LISTEN)
    try:
        ran = _contract(owner)
    finally:
        owner.hands.run("systemctl", "start", LISTEN, limit_s=240)
    last = ran.strip().splitlines()[-1] if ran.strip() else ran.errors[-300:]
    real = re.findall(r"gpiochip\S* (\w+)", ran)
    check(ran.code == 0, f"{last} {ran[-600:]}")
    check(bool(real) and set(real) == {"PASSED"}, f"on the real chip: {real or 'nothing ran'}")
    return f"on /dev/gpiochip0 {len(real)} passed; altogether {last.strip('= ')}"


def _contract(owner: Owner) -> Ran:
    files = [(name, CHECKOUT / "tests" / name) for name in ("conftest.py", "fakes", CONTRACT)]
    owner.hands.unpack(_SUITE, files)
    # by its own path: through the link it would be Debian's Python, without Earlid
    bin_ = owner.hands.run("readlink", "-f", "/opt/earlid/bin").strip()
    path = f"PYTHONPATH=/usr/src/pytest:{_SUITE}"
    return owner.hands.run(
        *("env", "LG_WD=/run", path, f"{bin_}/python3", "-B", "-m", "pytest"),
        *("-v", "-p", "no:cacheprovider", "--rootdir", _SUITE, f"{_SUITE}/{CONTRACT}"),
        limit_s=300,
        fails=True,
    )


def _memory(owner: Owner, unit: str, what: str) -> float:
    pid = owner.pid(unit)
    return float(owner.hands.do("memory", pid=pid)[what]) / _MB if pid else 0.0


SCENES: Final = (
    Scene(_GROUP, "memory", memory),
    Scene(_GROUP, "exposure", exposure),
    Scene(_GROUP, "panel contract", panel_contract),
)
