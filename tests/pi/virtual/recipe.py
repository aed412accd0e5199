"""What the virtual Raspberry Pi is made of: nothing here touches a disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SUITE: Final = "trixie"
"""Debian 13, which Raspberry Pi OS is made of today."""
PYTHON: Final = "3.13"
"""The Python in it."""

PI_PACKAGES: Final = (
    "systemd",
    "systemd-sysv",
    "systemd-timesyncd",
    "udev",
    "dbus",
    "kmod",
    "python3",
    "python3-venv",
    "alsa-utils",
    "libportaudio2",
    "ca-certificates",
    "linux-image-arm64",
    "initramfs-tools",
)
SHOP_PACKAGES: Final = (
    "make",
    "python3-minimal",
    "libpython3-stdlib",
    "xz-utils",
    "gcc-aarch64-linux-gnu",
    "libc6-dev-arm64-cross",
    "swig",
    "linux-source",
    "libpython3-dev:arm64",
    "portaudio19-dev:arm64",
)
LEFT_OUT: Final = (
    "/usr/share/doc/*",
    "/usr/share/man/*",
    "/usr/share/locale/*",
    "/usr/lib/modules/*/kernel/drivers/gpu/*",
    "/usr/lib/modules/*/kernel/drivers/media/*",
    "/usr/lib/modules/*/kernel/drivers/infiniband/*",
    "/usr/lib/modules/*/kernel/drivers/net/wireless/*",
)

INITRAMFS: Final = {
    "etc/initramfs-tools/conf.d/virtual": "MODULES=list\n",
    "etc/initramfs-tools/modules": "virtio_blk\nvirtio_pci\next4\n",
}

PINS: Final = 58
"""GPIO lines of a Raspberry Pi 4."""
MUTE, RED, GREEN, BLUE = 17, 5, 6, 13
PORT: Final = "earlid.virtual"
CARD: Final = "Loopback"
COLLECTOR: Final = "10.0.2.2"
"""The host, as the virtual network calls it."""
PI: Final = "10.0.2.15"

_HEADER = f"""#!/bin/sh
# The header's pins: simulated by the kernel, and the button at rest before anybody looks.
set -e
chip=/sys/kernel/config/gpio-sim/pi
if [ ! -d $chip ]; then
    mkdir -p $chip/bank0
    echo {PINS} >$chip/bank0/num_lines
    echo pinctrl-bcm2711 >$chip/bank0/label
fi
echo 1 >$chip/live
read -r device <$chip/dev_name
read -r bank <$chip/bank0/chip_name
echo pull-up >/sys/devices/platform/$device/$bank/sim_gpio{MUTE}/pull
"""

OPEN_PORT: Final = f'open("/dev/virtio-ports/{PORT}", "r+b", buffering=0)'
BOOTSTRAP: Final = f"""import json, sys, time, types
port = {OPEN_PORT}
programs = b""
while not programs.endswith(b"\\n"):
    piece = port.read(65536)
    programs += piece or b""
    if not piece:
        time.sleep(0.05)
for name, text in json.loads(programs):
    module = sys.modules[name] = types.ModuleType(name)
    module.port = port
    exec(compile(text, name, "exec"), vars(module))
"""

FILES: Final = {
    "etc/hostname": "pi\n",
    "etc/hosts": "127.0.0.1 localhost pi\n",
    "etc/fstab": "LABEL=pi-root / ext4 defaults,noatime 0 1\nLABEL=bootfs /boot/firmware vfat defaults 0 2\n",
    "etc/modules-load.d/virtual.conf": "gpio-sim\nsnd-aloop\nvirtio_console\n",
    "etc/modprobe.d/virtual.conf": f"options snd-aloop id={CARD} index=0 pcm_substreams=1\n",
    "etc/systemd/network/10-virtual.network": (
        f"[Match]\nType=ether\n[Network]\nAddress={PI}/24\nGateway=10.0.2.2\n"
        "LinkLocalAddressing=no\nIPv6AcceptRA=no\n"
    ),
    "etc/systemd/journald.conf.d/virtual.conf": (
        "[Journal]\nStorage=persistent\nSyncIntervalSec=1s\nRateLimitIntervalSec=0\n"
    ),
    "usr/local/lib/virtual/header": _HEADER,
    "usr/local/lib/virtual/bootstrap.py": BOOTSTRAP,
    "etc/systemd/system/virtual-header.service": (
        "[Unit]\nDescription=the simulated pins of the header\nDefaultDependencies=no\n"
        "After=systemd-modules-load.service systemd-udevd.service sys-kernel-config.mount\n"
        "Requires=sys-kernel-config.mount\nBefore=sysinit.target\n"
        "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/usr/local/lib/virtual/header\n"
        "[Install]\nWantedBy=sysinit.target\n"
    ),
    "etc/systemd/system/virtual-agent.service": (
        "[Unit]\nDescription=the hands of the test\nAfter=basic.target\nStartLimitIntervalSec=0\n"
        "[Service]\nExecStart=/usr/bin/python3 -u /usr/local/lib/virtual/bootstrap.py\n"
        "Restart=always\nRestartSec=0.2\nOOMScoreAdjust=-900\n"
        "[Install]\nWantedBy=multi-user.target\n"
    ),
}
PROGRAMS: Final = ("usr/local/lib/virtual/header",)
ENABLED: Final = {
    "sysinit.target": "virtual-header.service",
    "multi-user.target": "virtual-agent.service",
}
MASKED: Final = (
    "systemd-networkd-wait-online.service",
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "dpkg-db-backup.timer",
    "e2scrub_reap.service",
)


@dataclass(frozen=True, slots=True)
class Extension:
    """A wheel that nobody publishes for this processor and Python: compiled here, from the published source.

    `sources` and `modules` are patterns in the source; `generate` is run there first.
    """

    name: str
    version: str
    library: str
    sources: tuple[str, ...]
    modules: tuple[tuple[str, str], ...]
    """Each Python file, and where it goes."""
    include: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    generate: tuple[str, ...] = ()

    @property
    def binary(self) -> str:
        """The compiled module's name in the wheel."""
        return f"{self.library}.cpython-{PYTHON.replace('.', '')}-aarch64-linux-gnu.so"

    @property
    def wheel(self) -> str:
        """The wheel's file name."""
        tag = f"cp{PYTHON.replace('.', '')}"
        return f"{self.name}-{self.version}-{tag}-{tag}-manylinux_2_36_aarch64.whl"


EXTENSIONS: Final = (
    Extension(
        name="lgpio",
        version="0.2.2.0",
        library="_lgpio",
        sources=("lgpio_wrap.c", "src/lg*.c", "src/rgpiod.c"),
        modules=(("lgpio.py", "lgpio.py"),),
        include=("src",),
        links=("-lrt", "-ldl", "-pthread"),
        generate=("swig", "-python", "-Isrc", "lgpio.i"),
    ),
    Extension(
        name="PyAudio",
        version="0.2.14",
        library="pyaudio/_portaudio",
        sources=("src/pyaudio/*.c",),
        modules=(("src/pyaudio/__init__.py", "pyaudio/__init__.py"),),
        links=("-lportaudio",),
    ),
)
BUILDING: Final = ("setuptools", "wheel")
"""What pip builds the project with, on the Pi."""
TESTING: Final = ("pytest", "hypothesis", "iniconfig", "packaging", "pluggy", "pygments", "sortedcontainers")
"""What the project's tests want, put beside it and not into its environment."""
PLATFORMS: Final = tuple(
    f"{kind}_aarch64"
    for kind in ("manylinux_2_39", "manylinux_2_36", "manylinux_2_28", "manylinux_2_27", "manylinux2014")
)
