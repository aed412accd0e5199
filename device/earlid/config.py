"""Every setting there is: its type, default, range, unit and what it is for, declared once.

Everything has a working default but `upload.url`; without it segments stay on this machine.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Final

from earlid.core.boards import BoardName, Bus, LampKind, Level, MuteKind, PinFactory, Pull, Wiring, wiring
from earlid.core.gate import LOOKBACK_CEILING_MS
from earlid.core.lamp import Listening
from earlid.edge.schema import Setting, Settings, says, settings_of
from earlid.edge.sinks.settings import SinkSettings
from earlid.edge.sinks.ways import (
    CONNECT_TIMEOUT_S,
    TIMEOUT_S,
    AllowPlaintext,
    CaFile,
    ConnectTimeout,
    Timeout,
    TokenFile,
)
from earlid.field.settings import FieldSettings
from earlid.paths import Paths
from earlid.privacy import PrivacySettings


class MicrophoneSettings(Settings, frozen=True):
    """Which microphone, and which of its channels."""

    device: Annotated[
        str,
        says(
            "part of the microphone's name, or its number in `earlid devices`; empty is the default one",
            number_too=True,
        ),
    ] = ""
    channel: Annotated[int, says("which channel of a multi-microphone board, from 1", low=1, high=64)] = 1


class WakeSettings(Settings, frozen=True):
    """Which words open the lid, and how sure the models must be."""

    words: Annotated[tuple[str, ...], says("the wake words to listen for; see `earlid models list`")] = (
        "hey_jarvis",
    )
    refractory_s: Annotated[
        float, says("after a wake, how long no other is accepted", unit="s", low=0.5, high=60)
    ] = 2.0
    patience: Annotated[int, says("hops of 80 ms in a row that must reach the threshold", low=1, high=10)] = 1
    quiet_gate: Annotated[
        bool,
        says("rest while nothing in the room changes; what is then heard is scored in full all the same"),
    ] = True
    thresholds: Annotated[
        dict[str, Annotated[float, says("the score needed", low=0.01, high=0.99)]],
        says("score needed for a wake, by word, 0.01 to 0.99", shown="each model's own"),
    ] = {}  # noqa: RUF012 - msgspec copies an empty default for every struct
    verifiers: Annotated[
        tuple[str, ...],
        says(
            "words whose wakes must also pass what `earlid field teach` learned; none is as if never taught"
        ),
    ] = ()


class SegmentSettings(Settings, frozen=True):
    """What one wake keeps, and when it ends."""

    lookback_ms: Annotated[
        int,
        says("how far before the detection a segment may begin", unit="ms", low=0, high=LOOKBACK_CEILING_MS),
    ] = 0
    nobody_spoke_s: Annotated[
        float,
        says("silence after the wake word that ends a segment nobody spoke in", unit="s", low=0.5, high=30),
    ] = 3.0
    hangover_s: Annotated[
        float, says("silence kept after speech, which ends the segment", unit="s", low=0.1, high=5)
    ] = 0.8
    max_s: Annotated[float, says("the longest a segment may be", unit="s", low=1, high=30)] = 12.0
    speech_probability: Annotated[
        float, says("how sure the speech detector must be that somebody speaks", low=0.05, high=0.95)
    ] = 0.5


_THE_BOARD: Final = "the board's"


def _pin(about: str, shown: str = "none") -> Any:
    """A pin by its BCM number, or none."""
    return says(about, low=0, high=27, shown=shown)


class PanelSettings(Settings, frozen=True):
    """The mute switch and the lamp: a board's own, or wired by hand. Pins have BCM numbers."""

    board: Annotated[BoardName, says("which pins there are: a board's, your own, or none")] = BoardName.NONE
    factory: Annotated[PinFactory, says("how pins are reached; mock moves nothing and is for tests")] = (
        PinFactory.LGPIO
    )
    mute_kind: Annotated[
        MuteKind, says("a switch that stays where it is put and whose word is final, or a button")
    ] = MuteKind.MOMENTARY
    mute_pin: Annotated[int | None, _pin("the switch", _THE_BOARD)] = None
    mute_active: Annotated[
        Level | None, says("the level that mutes", shown="low for a button, high for a latching switch")
    ] = None
    mute_pull: Annotated[
        Pull | None,
        says("the Pi's own resistor", shown="away from pressed for a button, towards muted for a switch"),
    ] = None
    hold_s: Annotated[
        float, says("how long the button is held to erase everything kept here", unit="s", low=2, high=30)
    ] = 5.0
    debounce_ms: Annotated[
        int, says("how long the switch must keep still to unmute", unit="ms", low=1, high=500)
    ] = 30
    lamp: Annotated[LampKind | None, says("what shines", shown=_THE_BOARD)] = None
    listening: Annotated[Listening, says("the lamp while it only listens")] = Listening.DIM
    lamp_active: Annotated[Level, says("the level that lights a plain or coloured LED")] = Level.HIGH
    led_pin: Annotated[int | None, _pin("a plain LED", _THE_BOARD)] = None
    red_pin: Annotated[int | None, _pin("a coloured LED's red", _THE_BOARD)] = None
    green_pin: Annotated[int | None, _pin("its green", _THE_BOARD)] = None
    blue_pin: Annotated[int | None, _pin("its blue", _THE_BOARD)] = None
    dotstar_bus: Annotated[Bus | None, says("how a DotStar strip is wired", shown=_THE_BOARD)] = None
    dotstar_data_pin: Annotated[int | None, _pin("its data, if it is wired to pins", _THE_BOARD)] = None
    dotstar_clock_pin: Annotated[int | None, _pin("its clock, if it is wired to pins", _THE_BOARD)] = None
    dotstar_count: Annotated[int | None, says("how many LEDs", low=1, high=144, shown=_THE_BOARD)] = None
    dotstar_brightness: Annotated[int, says("how bright they are", low=1, high=31)] = 8
    lamp_power_pin: Annotated[int | None, _pin("high gives the lamp its power", _THE_BOARD)] = None
    lamp_sense_pin: Annotated[int | None, _pin("high when the lamp really shines; dark, nothing is kept")] = (
        None
    )
    mic_power_pin: Annotated[int | None, _pin("high gives the microphone its power; low while muted")] = None

    @property
    def wired(self) -> Wiring:
        """The board's own pins, replaced by those that were chosen."""
        return wiring(**{name: getattr(self, name) for name in self.__struct_fields__})


class UploadSettings(Settings, frozen=True):
    """Where segments go. Without `url` they stay on this machine."""

    url: Annotated[str, says("where segments are sent; empty keeps them on this machine")] = ""
    token_file: TokenFile = None
    ca_file: CaFile = None
    connect_timeout_s: ConnectTimeout = CONNECT_TIMEOUT_S
    timeout_s: Timeout = TIMEOUT_S
    allow_plaintext: AllowPlaintext = False
    recipients: Annotated[
        tuple[str, ...], says("public keys (age1...) that every segment is sealed to before it is kept")
    ] = ()


class SpoolSettings(Settings, frozen=True):
    """How long segments wait, and how much room they may take."""

    durable: Annotated[
        bool, says("keep waiting segments through power cuts; false keeps them in paths.runtime (memory)")
    ] = True
    max_age_s: Annotated[
        float,
        says(
            "a segment that waited longer is erased instead of sent; 0 is never, or 30 where not durable",
            unit="s",
            low=0,
        ),
    ] = 0.0
    max_bytes: Annotated[
        int, says("room for waiting and refused segments; beyond it the oldest are erased", low=1_000_000)
    ] = 1_000_000_000

    @property
    def longest_s(self) -> float:
        """How long a segment may wait; 0 is for ever."""
        return self.max_age_s or (0.0 if self.durable else FLEETING_S)


class CollectorSettings(Settings, frozen=True):
    """What becomes of segments after they were delivered."""

    delete_after_days: Annotated[
        float, says("ask the collector to delete each segment after so many days; 0 is never", low=0)
    ] = 0.0


FLEETING_S: Final = 30.0
"""How long a segment that lives in memory may wait, unless told otherwise: a command is worthless after."""

TABLES: Final[dict[str, type[Settings]]] = {
    "microphone": MicrophoneSettings,
    "wake": WakeSettings,
    "segment": SegmentSettings,
    "panel": PanelSettings,
    "upload": UploadSettings,
    "privacy": PrivacySettings,
    "spool": SpoolSettings,
    "collector": CollectorSettings,
    "field": FieldSettings,
    "paths": Paths,
}


class Config(Settings, frozen=True):
    """Everything a verb needs to know, settled and checked.

    `file` is the file it came from; `origins` says for each setting, by path, where its value came from:
    `file`, `default` or the name of an environment variable.
    """

    microphone: MicrophoneSettings
    wake: WakeSettings
    segment: SegmentSettings
    panel: PanelSettings
    upload: UploadSettings
    sinks: tuple[SinkSettings, ...]
    privacy: PrivacySettings
    spool: SpoolSettings
    collector: CollectorSettings
    field: FieldSettings
    paths: Paths
    file: Path | None
    origins: dict[str, str]

    @property
    def sends(self) -> bool:
        """Whether there is anywhere to send segments to."""
        return bool(self.upload.url or self.sinks)

    @property
    def spool_folder(self) -> Path:
        """Where segments wait: draft, outbox and quarantine; in memory where they need not last."""
        return (self.paths.state if self.spool.durable else self.paths.runtime) / "spool"

    def value(self, path: str) -> Any:
        """The value of the setting called `path`, such as `segment.max_s`."""
        table, _, key = path.partition(".")
        return getattr(getattr(self, table), key)


def declared() -> Iterator[Setting]:
    """Every setting there is, in the order of the README."""
    return settings_of(TABLES)


def settings_table() -> str:
    """The README's table: every setting with its default and unit, in Markdown."""
    lines = ["| setting | default | unit | range | what it is |", "|---|---|---|---|---|"]
    for each in declared():
        default = each.shown or (f"`{in_toml(each.default)}`" if each.default != "" else "empty")
        bounds = each.bounds.replace("|", "/")
        lines.append(f"| `{each.path}` | {default} | {each.unit} | {bounds} | {each.about} |")
    return "\n".join(lines)


def in_toml(value: object) -> str:
    """`value` as TOML would write it; a path or nothing is written as text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Enum):
        return in_toml(value.value)
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, tuple | list):
        return f"[{', '.join(in_toml(each) for each in value)}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{in_toml(str(key))} = {in_toml(each)}' for key, each in value.items())}}}"
    return json.dumps("" if value is None else str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
