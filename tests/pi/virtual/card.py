"""Builds, and keeps, the card that the virtual Pi starts from: Debian, the header's pins, and the project.

Three layers, each made again only when what it is made of changed: Debian with its kernel; the module and the
wheels for exactly that; the project, installed by its own installer.
The card is for this machine alone: it is never published.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pi.virtual import recipe
from pi.virtual.debian import debian
from pi.virtual.host import begin, digest, finish, is_made, let_go_of, run
from pi.virtual.installing import WORD, install, project
from pi.virtual.machine import Card, machine
from pi.virtual.settings import settings
from pi.virtual.workshop import Workshop

ROOT_MB: Final = 2600
FIRMWARE_MB: Final = 64
HERE: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Cards:
    """Where the layers are kept."""

    home: Path

    @property
    def system(self) -> Path:
        """Debian, as it comes."""
        return self.home / "system"

    @property
    def kernel(self) -> str:
        """The kernel in it."""
        (found,) = (self.system / "usr/lib/modules").iterdir()
        return found.name

    @property
    def card(self) -> Card:
        """The finished one."""
        at = self.home / "card"
        return Card(at / "vmlinuz", at / "initrd", at / "root.img", at / "firmware.img")

    @property
    def is_ready(self) -> bool:
        """Whether a run needs to build nothing."""
        return is_made(self.system, _system_marks()) and is_made(self.home / "card", self._card_marks())

    def build(self) -> Card:
        """The card, made of what is there and what is missing; Unavailable with the reason."""
        if not is_made(self.system, _system_marks()):
            print("making a Debian for arm64 (once, some eight minutes)", flush=True)
            begin(self.system)
            debian(self.system, "arm64", recipe.PI_PACKAGES, files=recipe.INITRAMFS)
            finish(self.system, _system_marks())
        if not is_made(self.home / "card", self._card_marks()):
            shop = Workshop(self.home, self.kernel)
            module, wheels = shop.gpio_sim(), shop.wheels()
            marks = self._card_marks()
            begin(self.home / "card")
            (self.home / "card").mkdir()
            print("installing the project on the virtual Pi with its own installer", flush=True)
            with self._copy_of_system(shop.bench) as root:
                _furnish(root, self.kernel, module)
                install(root, wheels, settings(0))
                _unpack(wheels, recipe.TESTING, root / "usr/src/pytest")
                shop.compile_python("opt/earlid", "usr/lib/python3", "usr/src/pytest")
                self._write(root)
            print("starting it once, so that its models fit its processor", flush=True)
            self._fit_models()
            finish(self.home / "card", marks)
        return self.card

    def _card_marks(self) -> str:
        if not is_made(self.system, _system_marks()):
            return ""
        own = [HERE / name for name in ("recipe.py", "card.py", "installing.py", "workshop.py")]
        return digest(_system_marks(), self.kernel, *own, *project())

    @contextmanager
    def _copy_of_system(self, root: Path) -> Iterator[Path]:
        let_go_of(root)
        shutil.rmtree(root, ignore_errors=True)
        run(["cp", "-a", "--reflink=auto", self.system, root], "copy the Debian")
        try:
            yield root
        finally:
            shutil.rmtree(root)

    def _write(self, root: Path) -> None:
        """Kernel, initial RAM disk and both partitions, from the furnished `root`."""
        card = self.card
        for made, at in (("vmlinuz", card.kernel), ("initrd.img", card.initrd)):
            shutil.move(root / f"boot/{made}-{self.kernel}", at)
        with card.firmware.open("wb") as file:
            file.truncate(FIRMWARE_MB << 20)
        run(["mkfs.vfat", "-F", "32", "-n", "bootfs", card.firmware], "make the FAT partition")
        command = ["mke2fs", "-q", "-t", "ext4", "-L", "pi-root", "-m", "0", "-E", "root_owner=0:0"]
        run([*command, "-d", root, card.root, f"{ROOT_MB}M"], "make the ext4 partition")

    def _fit_models(self) -> None:
        """What the installer composed fits this machine's processor; have on the card what fits the Pi's."""
        with machine(self.card, self.home / "first") as board:
            board.put("earlid.toml", settings(0))
            hands = board.switch_on()
            hands.run("systemctl", "stop", "earlid-listen.service", limit_s=300)
            hands.run("earlid", "models", "get", WORD, limit_s=900)
            hands.run("systemctl", "--no-block", "poweroff")
            board.wait_until_off()
            run(["qemu-img", "commit", "-q", board.disk], "keep what the first start left on the card")


def _system_marks() -> str:
    return digest(recipe.SUITE, repr(recipe.PI_PACKAGES), repr(recipe.LEFT_OUT), repr(recipe.INITRAMFS))


def _furnish(root: Path, kernel: str, module: Path) -> None:
    """Put in what makes a Debian a board: pins, a sound card, a network, and the test's hands."""
    extra = root / "usr/lib/modules" / kernel / "extra"
    extra.mkdir(exist_ok=True)
    shutil.copy(module, extra / "gpio-sim.ko")
    run(["depmod", "-b", root, kernel], "list the kernel's modules")
    for name, text in recipe.FILES.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        file.write_text(text, encoding="ascii")
    for name in recipe.PROGRAMS:
        (root / name).chmod(0o755)
    (root / "boot/firmware").mkdir(exist_ok=True)
    (root / "var/log/journal").mkdir(exist_ok=True)
    units = root / "etc/systemd/system"
    for target, unit in recipe.ENABLED.items():
        wants = units / f"{target}.wants"
        wants.mkdir(exist_ok=True)
        (wants / unit).symlink_to(f"../{unit}")
    for unit in recipe.MASKED:
        (units / unit).unlink(missing_ok=True)
        (units / unit).symlink_to("/dev/null")
    inside: list[str | Path] = ["chroot", root]
    run([*inside, "passwd", "-q", "-d", "root"], "let root in without a password")
    run([*inside, "systemctl", "-q", "enable", "systemd-networkd.service"], "have a network")


def _unpack(wheels: Path, names: Sequence[str], at: Path) -> None:
    """Lay out these wheels in a folder for PYTHONPATH."""
    for name in names:
        (wheel,) = (one for one in wheels.glob("*.whl") if one.name.lower().startswith(f"{name}-"))
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(at)
