"""Where attacks are tried: all at once, each in a unit of its own, in one booted system."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Final

from fakes.booted_system import Booted
from systemd.attacks import CONFIG, DRAFT, SEGMENT, TOKEN
from systemd.sandbox import probing

PROBE: Final = "/usr/lib/earlid-probe.py"
RESULTS: Final = "/run/earlid-probe"

DEVICES: Final = (
    ("/dev/snd/controlC0", "c", "116:0"),
    ("/dev/gpiochip0", "c", "240:0"),
    ("/dev/video0", "c", "81:0"),
    ("/dev/whole-disk", "b", "8:0"),
)
"""Whoever opens one may open it: whether there is a driver is not the question."""

Outcome = tuple[int, str]
"""A probe's exit code, and what it said."""


class Stage:
    """Runs probes in the booted system, all at once, and knows what became of each sandbox."""

    def __init__(self, there: Booted) -> None:
        self._there = there
        self._numbers = count()
        self._units: dict[str, str] = {}

    def set_up(self) -> None:
        """Everything that is worth an attack is there, and the people it belongs to."""
        here = Path(__file__).parent
        run, path = self._there.run, self._there.path
        path(PROBE).write_text((here / "probe.py").read_text("utf-8"))
        path("/usr/lib/earlid-scene.py").write_text((here / "scene.py").read_text("utf-8"))
        for folder in (RESULTS, "/home/ada", "/srv/ada", "/dev/snd", str(Path(SEGMENT).parent)):
            run("mkdir", "-p", folder)
        for file, owner, mode in (
            (TOKEN, "root:root", "0600"),
            (CONFIG, "root:root", "0644"),
            ("/home/ada/diary", "1000:1000", "0644"),
            ("/srv/ada/diary", "1000:1000", "0600"),
            ("/var/lib/earlid/field/field.sqlite3", "earlid-listen:earlid", "0600"),
            ("/var/lib/earlid/listen/muted", "earlid-listen:earlid", "0600"),
            ("/var/lib/earlid/upload/alias.json", "earlid-upload:earlid-upload", "0600"),
            ("/var/lib/earlid/ledger/000000000001.jsonl", "earlid-upload:earlid", "0640"),
            (SEGMENT, "earlid-listen:earlid-upload", "0640"),
            (DRAFT, "earlid-listen:earlid-upload", "0640"),
        ):
            path(file).write_text("open\n")
            run("chown", owner, file)
            run("chmod", mode, file)
        run("chown", "earlid-listen:earlid-upload", str(Path(SEGMENT).parent))
        run("chmod", "2770", str(Path(SEGMENT).parent))
        for file, kind, number in DEVICES:
            run("mknod", "-m", "0666", file, kind, *number.split(":"))
        path("/etc/resolv.conf").write_text("nameserver 127.0.0.1\n")
        scene = "/usr/bin/python3 /usr/lib/earlid-scene.py"
        listener = "User=earlid-listen\nGroup=earlid\n"
        self._unit("stage-servers", f"Type=notify\nExecStart={scene} servers")
        self._unit("stage-door", f"{listener}Type=notify\nExecStart={scene} door")
        self._unit("stage-victim", f"{listener}ExecStart=/usr/bin/sleep 3600")
        run("systemctl", "daemon-reload")
        run("systemctl", "start", "stage-servers", "stage-door", "stage-victim")
        path(f"{RESULTS}/victim").write_text(self._there.shows("stage-victim", "MainPID"))

    def clear(self) -> None:
        """Everything that was put there is gone, so that the real services find what they left."""
        self._there.run("systemctl", "stop", "stage-servers", "stage-door", "stage-victim")
        for path in (str(Path(SEGMENT).parent), DRAFT, "/run/earlid/control", "/var/lib/earlid/listen/muted"):
            self._there.run("rm", "-rf", path)
        for path in ("ledger/000000000001.jsonl", "upload/alias.json", "field/field.sqlite3"):
            self._there.run("rm", "-f", f"/var/lib/earlid/{path}")

    def _unit(self, name: str, service: str) -> None:
        self._there.path(f"/run/systemd/system/{name}.service").write_text(f"[Service]\n{service}\n")

    def add(self, sandbox: str, words: tuple[str, ...]) -> None:
        """Have `words` tried in `sandbox`."""
        if (key := f"{sandbox}\n{words}") not in self._units:
            self._units[key] = name = f"probe-{next(self._numbers)}"
            text = probing(sandbox, words, PROBE, f"{RESULTS}/{name}")
            self._there.path(f"/run/systemd/system/{name}.service").write_text(text)

    def run(self) -> None:
        """Try everything."""
        self._there.run("systemctl", "daemon-reload")
        names = [f"{name}.service" for name in self._units.values()]
        self._there.run("systemctl", "start", *names, check=False, timeout_s=180.0)

    def outcome(self, sandbox: str, words: tuple[str, ...]) -> Outcome:
        """The probe's exit code and what it said."""
        name = self._units[f"{sandbox}\n{words}"]
        said = self._there.path(f"{RESULTS}/{name}")
        assert said.exists(), self._there.run("journalctl", "--no-pager", "-u", name)
        return int(self._there.shows(name, "ExecMainStatus")), said.read_text().strip()
