"""Attacks from inside the real sandboxes on real devices and a real network, by another program.

tests/systemd tries many more in a container. Here is what no container can show: a sound card, a chip and a
disk that are there, and a kernel that looks at where a packet goes.
"""

from __future__ import annotations

from typing import Final

from pi.virtual.host import CHECKOUT
from pi.virtual.owner import LISTEN, UPLOAD, Owner, check
from pi.virtual.recipe import COLLECTOR
from pi.virtual.scenes.scene import Scene
from systemd.probe import FORBIDDEN, SUCCEEDED
from systemd.sandbox import Attack, probing

_GROUP: Final = "its cage"
_PROBE: Final = "/usr/lib/earlid-probe.py"
_SAID: Final = "/run/earlid-probe"
_NARROWED: Final = f"/etc/systemd/system/{UPLOAD}.d/10-configuration.conf"
_ROOT: Final = {"User": None, "Group": None, "PrivateUsers": None, "CapabilityBoundingSet": None}
_GROUPS: Final = "SupplementaryGroups=audio gpio"
"""As if somebody had let the uploader's user use them."""

DEVICES: Final = (
    Attack(UPLOAD, ("device", "/dev/snd/controlC0"), ({"PrivateDevices": None}, {"DevicePolicy": None})),
    Attack(UPLOAD, ("device", "/dev/snd/pcmC0D1c"), ({"PrivateDevices": None}, {"DevicePolicy": None})),
    Attack(UPLOAD, ("device", "/dev/gpiochip0"), ({"PrivateDevices": None}, {"DevicePolicy": None})),
    Attack(LISTEN, ("device", "/dev/vda"), (_ROOT, {"DevicePolicy": None, "DeviceAllow": None})),
    Attack(LISTEN, ("device", "/dev/hwrng"), (_ROOT, {"DevicePolicy": None, "DeviceAllow": None})),
)
PACKETS: Final = Attack(UPLOAD, ("connect",), ())


def devices(owner: Owner) -> str:
    """No sandbox opens a device that is not its own; each thing that forbids it does so alone."""
    _bring_probe(owner)
    for attack in DEVICES:
        groups = f"\n{_GROUPS}" if attack.unit == UPLOAD else ""
        outcome = _outcome(owner, attack.naked() + groups, attack.words)
        check(outcome[0] == SUCCEEDED, f"{attack.name}: with nothing against it, {outcome}")
        for kept in (*(attack.alone(layer) for layer in attack.layers), attack.whole()):
            outcome = _outcome(owner, kept + groups, attack.words)
            check(outcome[0] == FORBIDDEN, f"{attack.name}: {outcome}")
    tried = ", ".join(f"{each.words[-1]} from {each.unit.split('.')[0].split('-')[1]}" for each in DEVICES)
    return f"forbidden, by each of two things alone: {tried}"


def packets(owner: Owner) -> str:
    """Narrowed by the installer to the collector's address, the uploader reaches that and nothing else."""
    _bring_probe(owner)
    narrowed = owner.hands.do("read", path=_NARROWED).partition("[Service]")[2]
    check(f"IPAddressAllow={COLLECTOR}" in narrowed, f"the installer did not narrow it: {narrowed!r}")
    elsewhere = ("connect", "127.0.0.1:8123")
    server = ("systemd-run", "--unit=elsewhere", "python3", "-m", "http.server", "8123")
    owner.hands.run(*server, "--bind", "127.0.0.1")
    try:
        wide = owner.until(
            lambda: (outcome := _outcome(owner, PACKETS.whole(), elsewhere))[0] == SUCCEEDED and outcome,
            "the other server is there",
        )
        narrow = _outcome(owner, f"{PACKETS.whole()}\n{narrowed}", elsewhere)
        check(narrow[0] == FORBIDDEN, f"narrowed, it reached another: {narrow}")
        home = _outcome(
            owner, f"{PACKETS.whole()}\n{narrowed}", ("connect", f"{COLLECTOR}:{owner.home.port}")
        )
        check(home[0] == SUCCEEDED, f"narrowed, it does not reach the collector: {home}")
    finally:
        owner.hands.run("systemctl", "stop", "elsewhere.service", fails=True)
    heard = [
        _outcome(owner, Attack(LISTEN, elsewhere, ()).whole(), words)
        for words in (elsewhere, ("inet-socket", "AF_INET"))
    ]
    check({code for code, _ in heard} == {FORBIDDEN}, f"the listener: {heard}")
    return f"without it: {wide[1]}; with it: {narrow[1]}; and {home[1]}; the listener reaches neither"


def _bring_probe(owner: Owner) -> None:
    probe = (CHECKOUT / "tests/systemd/probe.py").read_text(encoding="utf-8")
    owner.hands.do("write", path=_PROBE, text=probe)
    owner.hands.run("mkdir", "-p", _SAID)


def _outcome(owner: Owner, sandbox: str, words: tuple[str, ...]) -> tuple[int, str]:
    """The probe's exit code in `sandbox`, and what it said."""
    unit = probing(sandbox, words, _PROBE, f"{_SAID}/said")
    owner.hands.do("write", path="/run/systemd/system/probe.service", text=unit)
    owner.hands.do("write", path=f"{_SAID}/said", text="")
    owner.hands.run("systemctl", "daemon-reload")
    owner.hands.run("systemctl", "start", "probe.service", fails=True)
    shown = owner.hands.run("systemctl", "show", "-p", "ExecMainStatus", "--value", "probe.service")
    said = owner.hands.do("read", path=f"{_SAID}/said").strip()
    return int(shown), said or owner.journal("probe.service", 2)


SCENES: Final = (
    Scene(_GROUP, "devices", devices),
    Scene(_GROUP, "packets", packets),
)
