"""Both services as they are installed, with a microphone that plays a recording, and a collector."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, TypeVar

import soundfile

from earlid.core.units import Samples, samples
from earlid.edge.sound.timeline_file import read_timeline
from fakes.alsa_microphone import NAME, OTHER, Rig, alsa_microphone
from fakes.booted_system import Booted
from fakes.debian_systems import CHECKOUT
from systemd.scene import RECEIVED

LISTEN: Final = "earlid-listen.service"
UPLOAD: Final = "earlid-upload.service"
SENDING: Final = "earlid-upload.path"
MICROPHONE: Final = "earlid-microphone.service"
CONFIG: Final = "/etc/earlid/config.toml"
URL: Final = "http://127.0.0.1:8124"
HEARS: Final = f'[microphone]\ndevice = "{NAME}"\n'
SENDS: Final = f'[upload]\nurl = "{URL}/segments"\ntoken_file = "tokens/collector"\n'
ELSEWHERE: Final = f'[microphone]\ndevice = "{OTHER}_unplugged"\n'
EITHER: Final = '[microphone]\ndevice = "earlid_"\n'
_OURS: Final = (SENDING, "earlid-forget.path", "earlid-upload.timer", LISTEN, UPLOAD)
# ALSA's null device, which stands for a sound card, takes 600 MB for a moment when it is opened
HEARS_HERE: Final = ("Environment=ALSA_CONFIG_PATH=/srv/microphone/asound.conf", "MemoryMax=infinity")
_USUAL: Final = {
    LISTEN: HEARS_HERE,
    UPLOAD: ("ExecStart=", "ExecStart=/opt/earlid/bin/earlid upload --until-idle 1"),
}
_CLIP: Final = CHECKOUT / "device/earlid/demo/clip.flac"
_BEFORE: Final = samples(3.0)
_WITHIN_S: Final = 60.0
_HAND: Final = "/usr/lib/earlid-hand.py"
_HOLDS: Final = """
from earlid.config_file import load
from earlid.listen import erase_all
erase_all(load(secrets=False))
"""

T = TypeVar("T")


class Household:
    """A booted system in which somebody talks; `recording` is what is said, again at each opening."""

    def __init__(self, there: Booted, recording: Samples, rig: Rig) -> None:
        self.there, self.recording, self.rig = there, recording, rig

    def configure(self, text: str) -> None:
        """The owner's configuration says `text`."""
        self.there.path(CONFIG).write_text(text, encoding="utf-8")

    def change(self, unit: str, *lines: str) -> None:
        """What `systemctl edit` would do; without `lines` the unit is again as it was installed."""
        folder = self.there.path(f"/run/systemd/system/{unit}.d")
        folder.mkdir(exist_ok=True)
        (folder / "test.conf").write_text(
            "\n".join(["[Service]", *_USUAL[unit], *lines, ""]), encoding="utf-8"
        )
        self.there.run("systemctl", "daemon-reload")

    def begin_again(self) -> None:
        """Nothing runs, nothing was kept, nothing has arrived."""
        run = self.there.run
        self.stop(*_OURS)
        run("systemctl", "reset-failed")
        for folder in ("/var/lib/earlid", "/run/earlid"):
            run(
                "sh",
                "-c",
                f"find {folder} -path /var/lib/earlid/models -prune -o ! -type d -exec rm -rf {{}} +",
            )
            run("sh", "-c", f"rm -rf {folder}/spool/outbox/* {folder}/spool/trash/* {RECEIVED}/*")
        self.change(LISTEN)
        self.change(UPLOAD)
        self.configure(HEARS + SENDS)

    def stop(self, *units: str) -> None:
        """Stop `units`; this microphone closes only as fast as it plays."""
        self.rig.rush()
        self.there.run("systemctl", "stop", *units)
        self.rig.stroll()

    def received(self) -> list[Path]:
        """The segments that have arrived."""
        return sorted(self.there.path(RECEIVED).glob("*.wav"))

    def waiting(self, spool: str = "/var/lib/earlid/spool") -> list[str]:
        """The segments in the outbox, by name."""
        return sorted(path.name for path in self.there.path(f"{spool}/outbox").iterdir())

    def pid(self, unit: str) -> int:
        """The process of `unit` as that system counts; 0 where there is none."""
        return int(self.there.shows(unit, "MainPID"))

    def memory(self, unit: str, *names: str) -> list[int]:
        """What the kernel says of the memory of `unit`, in kB, by names such as VmRSS and VmLck."""
        lines = self.there.path(f"/proc/{self.pid(unit)}/status").read_text("utf-8").splitlines()
        facts = dict(line.split(":", 1) for line in lines)
        return [int(facts[name].split()[0]) for name in names]

    def limits(self, unit: str) -> dict[str, str]:
        """What the kernel lets the process of `unit` have at most, by its own names."""
        lines = self.there.path(f"/proc/{self.pid(unit)}/limits").read_text("utf-8").splitlines()
        return {line[:25].strip(): line[26:46].strip() for line in lines}

    def journal(self, unit: str) -> str:
        """What `unit` and systemd said of it since it was last begun again."""
        return self.there.run("journalctl", "--no-pager", "-o", "cat", "-u", unit)

    def hold_to_erase(self) -> str:
        """What holding the button does, in the listener's own sandbox; what it logged."""
        self.there.path(_HAND).write_text(_HOLDS, encoding="utf-8")
        begun = f"ExecStart=/opt/earlid/bin/python {_HAND}"
        self.change(LISTEN, "Type=oneshot", "WatchdogSec=0", "Restart=no", "ExecStart=", begun)
        self.there.run("systemctl", "start", LISTEN)
        self.change(LISTEN)
        return self.journal(LISTEN)

    def until(self, found: Callable[[], T], what: str, within_s: float = _WITHIN_S) -> T:
        """What `found` finds, as soon as it finds something; AssertionError with the journal otherwise."""
        until = time.monotonic() + within_s
        while not (value := found()):
            if time.monotonic() > until:
                log = self.there.run("journalctl", "--no-pager", "-n", "60", "-u", "earlid-*")
                raise AssertionError(f"not within {within_s:.0f} s: {what}\n{log}")
            time.sleep(0.05)
        return value


def call() -> tuple[Samples, int]:
    """The demo's talk from shortly before the wake word on, and where in that the wake word ends."""
    recording, _ = soundfile.read(_CLIP, dtype="int16")
    (wake,) = read_timeline(_CLIP).calls()
    start = wake.start - _BEFORE
    return recording[start:], wake.stop - start


@contextmanager
def household(there: Booted, pace: float = 4.0) -> Iterator[Household]:
    """`there` with a collector that wants a token, and with a microphone `pace` times as fast as life."""
    recording, _ = call()
    with ExitStack() as held:
        folder = there.path("/srv/microphone")
        folder.mkdir()
        held.callback(there.run, "rm", "-rf", "/srv/microphone")
        seen_in = Path("/srv/microphone")
        rig = held.enter_context(
            alsa_microphone(folder, recording, pace=pace, silence_s=900.0, seen_in=seen_in)
        )
        scene = (Path(__file__).parent / "scene.py").read_text("utf-8")
        there.path("/usr/lib/earlid-scene.py").write_text(scene, encoding="utf-8")
        token = there.path("/etc/earlid/tokens/collector")
        token.write_text("open-sesame\n", encoding="utf-8")
        token.chmod(0o600)
        unit = there.path("/run/systemd/system/stage-collector.service")
        unit.write_text(
            "[Service]\nType=notify\nExecStart=/usr/bin/python3 /usr/lib/earlid-scene.py collector\n"
        )
        there.run("systemctl", "daemon-reload")
        there.run("systemctl", "start", "stage-collector.service")
        held.callback(there.run, "systemctl", "stop", "stage-collector.service")
        house = Household(there, recording, rig)
        held.callback(house.begin_again)
        held.callback(rig.rush)
        yield house
