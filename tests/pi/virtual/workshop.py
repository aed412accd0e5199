"""Makes what Debian and PyPI do not have for the virtual Pi: a simulated GPIO chip, and two wheels.

Debian's kernel has neither gpio-sim nor the interrupts under it, so both are built beside it from Debian's
kernel source, for exactly the kernel of the image. PyPI's lgpio has no aarch64 wheel for Python 3.13, and its
PyAudio none for Linux. All of it is cross-compiled in a Debian of this machine's processor.
"""

from __future__ import annotations

import shutil
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pi.virtual.debian import debian
from pi.virtual.host import CHECKOUT, Unavailable, begin, digest, finish, is_made, run
from pi.virtual.installing import requirements
from pi.virtual.recipe import BUILDING, EXTENSIONS, PLATFORMS, PYTHON, SHOP_PACKAGES, TESTING, Extension

_PIP: Final = sys.executable
_GET_HEADERS: Final = """set -e
cd /tmp
apt-get download -qq linux-headers-{kernel}:arm64
dpkg-deb -x linux-headers-{kernel}_*.deb /
apt-get install -qq -y --no-install-recommends {tools} >/dev/null
"""
_CC: Final = "aarch64-linux-gnu-gcc"
_MAKEFILE: Final = "obj-m := gpio-sim.o\ngpio-sim-y := gpio_sim_main.o irq_sim.o\n"


@dataclass(frozen=True, slots=True)
class Workshop:
    """A Debian with cross-compilers under `home`, for one kernel."""

    home: Path
    kernel: str

    @property
    def root(self) -> Path:
        """Its file system."""
        return self.home / "shop"

    def gpio_sim(self) -> Path:
        """The module gpio-sim.ko for the kernel."""
        module = self.home / "gpio-sim.ko"
        marks = digest(self.kernel, _MAKEFILE, Path(__file__))
        if is_made(module, marks):
            return module
        self.open()
        begin(module)
        print(f"compiling the simulated GPIO chip for Linux {self.kernel}", flush=True)
        built = self._kernel_sources()
        command = ["make", "-s", "-C", f"/usr/src/linux-headers-{self.kernel}", f"M=/{built.name}"]
        self._do([*command, "ARCH=arm64", f"CROSS_COMPILE={_CC.removesuffix('gcc')}", "modules"], "gpio-sim")
        shutil.copyfile(built / "gpio-sim.ko", module)
        finish(module, marks)
        return module

    def wheels(self) -> Path:
        """A folder with every wheel that the project needs on the Pi."""
        folder = self.home / "wheels"
        marks = digest(
            CHECKOUT / "device/constraints.txt", repr((requirements(), BUILDING, TESTING, EXTENSIONS))
        )
        if is_made(folder, marks):
            return folder
        self.open()
        begin(folder)
        folder.mkdir()
        print(f"fetching the wheels for aarch64 and Python {PYTHON}", flush=True)
        for extension in EXTENSIONS:
            self._compile(extension, folder)
        where: list[str | Path] = ["--only-binary=:all:", "--dest", folder, "--find-links", folder]
        target = ["--python-version", PYTHON, "--implementation", "cp"]
        target += [f"--abi={abi}" for abi in (f"cp{PYTHON.replace('.', '')}", "abi3", "none")]
        target += [f"--platform={platform}" for platform in PLATFORMS]
        pip = [_PIP, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", *where, *target]
        asked: list[str | Path] = [
            "-c",
            CHECKOUT / "device/constraints.txt",
            *requirements(),
            *BUILDING,
            *TESTING,
        ]
        run([*pip, *asked], "fetch the wheels for aarch64")
        finish(folder, marks)
        return folder

    @property
    def bench(self) -> Path:
        """Where a Pi's file system is furnished: within reach of the workshop's own programs."""
        return self.root / "furnished"

    def compile_python(self, *folders: str) -> None:
        """Byte-compile these folders of the file system on the bench; emulated, it takes ages."""
        self.open()
        at = f"/{self.bench.name}"
        command = [
            "python3",
            "-m",
            "compileall",
            "-q",
            "-s",
            at,
            "-p",
            "/",
            *(f"{at}/{one}" for one in folders),
        ]
        self._do(command, "Python")

    def open(self) -> None:
        """Have the workshop."""
        marks = digest(self.kernel, repr(SHOP_PACKAGES), _GET_HEADERS)
        if is_made(self.root, marks):
            return
        print("making the workshop: a Debian with cross-compilers (once)", flush=True)
        begin(self.root)
        tools = f"linux-kbuild-{self.kernel.removesuffix('-arm64')}"
        tools += f" linux-headers-{self.kernel.removesuffix('-arm64')}-common"
        hook = _GET_HEADERS.format(kernel=self.kernel, tools=tools)
        script = self.home / "headers.sh"
        script.write_text(hook, encoding="ascii")
        hooks = [f'copy-in "{script}" /tmp', 'chroot "$1" sh /tmp/headers.sh']
        debian(self.root, "amd64,arm64", SHOP_PACKAGES, customize=hooks)
        finish(self.root, marks)

    def _kernel_sources(self) -> Path:
        """gpio-sim and irq_sim as they are in Debian's kernel source, in a folder at the workshop's root."""
        built = self.root / "gpio-sim"
        shutil.rmtree(built, ignore_errors=True)
        built.mkdir()
        (source,) = self.root.glob("usr/src/linux-source-*.tar.xz")
        wanted = {"drivers/gpio/gpio-sim.c": "gpio_sim_main.c", "kernel/irq/irq_sim.c": "irq_sim.c"}
        wanted |= {f"drivers/gpio/dev-sync-probe.{kind}": f"dev-sync-probe.{kind}" for kind in "ch"}
        with tarfile.open(source) as archive:
            for member in archive:
                name = member.name.partition("/")[2]
                if name in wanted and (opened := archive.extractfile(member)):
                    (built / wanted[name]).write_bytes(opened.read())
        # the interrupt's descriptor by number is not exported to modules; by its data it is
        interrupts = built / "irq_sim.c"
        text = interrupts.read_text(encoding="utf-8")
        text = text.replace("irq_to_desc(irqnum)", "irq_data_to_desc(irq_get_irq_data(irqnum))")
        text = text.replace("#include <linux/irq.h>", "#include <linux/irq.h>\n#include <linux/irqdesc.h>")
        interrupts.write_text(text, encoding="utf-8")
        probe = " dev-sync-probe.o" if (built / "dev-sync-probe.c").exists() else ""
        (built / "Makefile").write_text(_MAKEFILE.rstrip("\n") + probe + "\n", encoding="ascii")
        return built

    def _compile(self, extension: Extension, wheels: Path) -> None:
        """The wheel of `extension`, in `wheels`."""
        name, version = extension.name, extension.version
        source = self.root / f"src-{name}"
        shutil.rmtree(source, ignore_errors=True)
        source.mkdir()
        pip = [_PIP, "-m", "pip", "download", "--quiet", "--no-deps"]
        run([*pip, "--no-binary=:all:", "--dest", source, f"{name}=={version}"], f"fetch {name}'s source")
        (packed,) = source.glob("*.tar.gz")
        with tarfile.open(packed) as archive:
            archive.extractall(source, filter="data")
        (inside,) = (one for one in source.iterdir() if one.is_dir())
        at = f"/{source.name}/{inside.name}"
        if extension.generate:
            self._do(["sh", "-c", f"cd {at} && exec {' '.join(extension.generate)}"], name)
        found = [one for pattern in extension.sources for one in sorted(inside.glob(pattern))]
        if not found:
            raise Unavailable(f"cannot compile {name} {version}: its source has no {extension.sources[0]}")
        headers = [f"-I{at}/{one}" for one in extension.include]
        headers += [f"-I/usr/include/python{PYTHON}", f"-I/usr/include/aarch64-linux-gnu/python{PYTHON}"]
        headers += ["-idirafter", "/usr/include"]
        made = f"{at}/built.so"
        flags = ["-shared", "-fPIC", "-O2", "-DNDEBUG", "-w", "-L/usr/lib/aarch64-linux-gnu"]
        sources = [f"{at}/{one.relative_to(inside)}" for one in found]
        self._do([_CC, *flags, *headers, *sources, "-o", made, *extension.links], name)
        _pack(extension, inside, inside / "built.so", wheels / extension.wheel)

    def _do(self, command: list[str], what: str) -> None:
        run(["chroot", self.root, *command], f"compile {what}")


def _pack(extension: Extension, source: Path, binary: Path, wheel: Path) -> None:
    facts = f"{extension.name}-{extension.version}.dist-info"
    tag = wheel.stem.split("-", 2)[2]
    texts = {
        "METADATA": f"Metadata-Version: 2.1\nName: {extension.name}\nVersion: {extension.version}\n",
        "WHEEL": f"Wheel-Version: 1.0\nGenerator: virtual-pi\nRoot-Is-Purelib: false\nTag: {tag}\n",
    }
    files = {extension.binary: binary.read_bytes()}
    files |= {to: (source / made).read_bytes() for made, to in extension.modules}
    files |= {f"{facts}/{name}": text.encode() for name, text in texts.items()}
    record = "".join(f"{name},,\n" for name in (*files, f"{facts}/RECORD"))
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in (files | {f"{facts}/RECORD": record.encode()}).items():
            archive.writestr(name, body)
