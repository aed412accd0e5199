"""Which pin does what on the boards people have, and which pins a board's sound needs. Numbers are BCM's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from earlid.core.lamp import Listening


class BoardName(Enum):
    """Boards that are known; `custom` is what you wired yourself, `none` has no pins at all."""

    RESPEAKER_2MIC = "respeaker-2mic"
    RESPEAKER_4MIC = "respeaker-4mic"
    AIY_VOICE = "aiy-voice"
    VOICE_BONNET = "voice-bonnet"
    CODEC_ZERO = "codec-zero"
    CUSTOM = "custom"
    NONE = "none"


class PinFactory(Enum):
    """How pins are reached."""

    LGPIO = "lgpio"
    MOCK = "mock"


class MuteKind(Enum):
    """What the hand finds."""

    LATCHING = "latching"
    MOMENTARY = "momentary"


class Level(Enum):
    """What a pin reads or gives."""

    HIGH = "high"
    LOW = "low"


class Pull(Enum):
    """The resistor inside the Pi."""

    UP = "up"
    DOWN = "down"
    NONE = "none"


class LampKind(Enum):
    """What shines."""

    NONE = "none"
    LED = "led"
    RGB = "rgb"
    DOTSTAR = "dotstar"


class Bus(Enum):
    """How a DotStar strip is wired."""

    CE0 = "spi0-ce0"
    CE1 = "spi0-ce1"
    PINS = "pins"


@dataclass(frozen=True, slots=True)
class Wiring:
    """Everything about a panel, settled: the board's own pins, replaced by what the owner chose."""

    board: BoardName = BoardName.NONE
    factory: PinFactory = PinFactory.LGPIO
    mute_kind: MuteKind = MuteKind.MOMENTARY
    mute_pin: int | None = None
    mute_active: Level | None = None
    mute_pull: Pull | None = None
    hold_s: float = 5.0
    debounce_ms: int = 30
    lamp: LampKind | None = None
    listening: Listening = Listening.DIM
    lamp_active: Level = Level.HIGH
    led_pin: int | None = None
    red_pin: int | None = None
    green_pin: int | None = None
    blue_pin: int | None = None
    dotstar_bus: Bus | None = None
    dotstar_data_pin: int | None = None
    dotstar_clock_pin: int | None = None
    dotstar_count: int | None = None
    dotstar_brightness: int = 8
    lamp_power_pin: int | None = None
    lamp_sense_pin: int | None = None
    mic_power_pin: int | None = None

    @property
    def active(self) -> Level:
        """The level that mutes: a button closed to ground, or a latch open, so that a cut wire mutes too."""
        latching = self.mute_kind is MuteKind.LATCHING
        return self.mute_active or (Level.HIGH if latching else Level.LOW)

    @property
    def pull(self) -> Pull:
        """Towards muted for a latch, whose wire may break; away from pressed for a button."""
        towards_high = (self.active is Level.HIGH) is (self.mute_kind is MuteKind.LATCHING)
        return self.mute_pull or (Pull.UP if towards_high else Pull.DOWN)

    @property
    def light(self) -> LampKind:
        """What shines; nothing where nobody said so."""
        return self.lamp or LampKind.NONE

    @property
    def has_pins(self) -> bool:
        """Whether there is anything to open."""
        return bool(self.roles())

    def roles(self) -> list[tuple[str, int]]:
        """Every pin that is used, with the setting that names it, or the wire that it is."""
        wanted = ["mute_pin", *LAMP_PINS[self.light], "lamp_sense_pin", "mic_power_pin"]
        if self.light is not LampKind.NONE:
            wanted.append("lamp_power_pin")
        if self.light is LampKind.DOTSTAR and self.dotstar_bus is Bus.PINS:
            wanted += DOTSTAR_PINS
        found = [(f"panel.{name}", getattr(self, name)) for name in wanted]
        if self.light is LampKind.DOTSTAR and self.dotstar_bus:
            bus = self.dotstar_bus
            found += [(f"{bus.value}'s {wire}", pin) for wire, pin in SPI_PINS[bus]]
        return [(role, pin) for role, pin in found if pin is not None]


UNWIRED: Final = Wiring()
"""No pins at all."""

COLOUR_PINS: Final = ("red_pin", "green_pin", "blue_pin")
DOTSTAR_PINS: Final = ("dotstar_data_pin", "dotstar_clock_pin")
LAMP_PINS: Final[Mapping[LampKind, tuple[str, ...]]] = {
    LampKind.NONE: (),
    LampKind.LED: ("led_pin",),
    LampKind.RGB: COLOUR_PINS,
    LampKind.DOTSTAR: (),
}
SPI_PINS: Final[Mapping[Bus, tuple[tuple[str, int], ...]]] = {
    Bus.CE0: (("data", 10), ("input", 9), ("clock", 11), ("select", 8)),
    Bus.CE1: (("data", 10), ("input", 9), ("clock", 11), ("select", 7)),
    Bus.PINS: (),
}
"""Source: BCM2835 ARM Peripherals, table 6-31, ALT0 of SPI0."""

I2S: Final = {18: "I2S bit clock", 19: "I2S word clock", 20: "I2S sound in", 21: "I2S sound out"}
_HAT: Final = {**I2S, 0: "EEPROM's data", 1: "EEPROM's clock"}
"""The Pi asks pins 0 and 1 at each start what board there is: github.com/raspberrypi/hats, designguide.md."""
_CODEC: Final = {**_HAT, 2: "codec's I2C data", 3: "codec's I2C clock"}


@dataclass(frozen=True, slots=True)
class Board:
    """A board as it is `sold`: what it has (settings), what its sound `needs`, and who says so.

    `boot` is what /boot/firmware/config.txt has to say for it.
    """

    source: str
    has: Mapping[str, Any] = field(default_factory=dict)
    needs: Mapping[int, str] = field(default_factory=dict)
    boot: tuple[str, ...] = ()
    sold: bool = True


_SPI: Final = "`dtparam=spi=on`"
_WM8960: Final = "`dtoverlay=wm8960-soundcard`"
_THREE_DOTS: Final = {"lamp": LampKind.DOTSTAR, "dotstar_count": 3}
BOARDS: Final[Mapping[BoardName, Board]] = {
    BoardName.RESPEAKER_2MIC: Board(
        "wiki.seeedstudio.com/ReSpeaker_2_Mics_Pi_HAT; github.com/raspberrypi/linux/pull/4039",
        {"mute_pin": 17, **_THREE_DOTS, "dotstar_bus": Bus.CE0},
        _CODEC,
        (
            _SPI,
            f"v1 {_WM8960}",
            "v2 `dtoverlay=respeaker-2mic-v2_0`, made from github.com/Seeed-Studio/seeed-linux-dtoverlays",
        ),
    ),
    BoardName.RESPEAKER_4MIC: Board(
        "wiki.seeedstudio.com/ReSpeaker_4_Mic_Array_for_Raspberry_Pi; github.com/respeaker/pixel_ring",
        {"lamp": LampKind.DOTSTAR, "dotstar_count": 12, "dotstar_bus": Bus.CE1, "lamp_power_pin": 5},
        _CODEC,
        (_SPI, "`dtoverlay=seeed-4mic-voicecard`, with the driver from github.com/HinTak/seeed-voicecard"),
    ),
    BoardName.AIY_VOICE: Board(
        "github.com/google/aiyprojects-raspbian, src/aiy/board.py;"
        " Linux, googlevoicehat-soundcard-overlay.dts",
        {"mute_pin": 23, "lamp": LampKind.LED, "led_pin": 25},
        {**_HAT, 16: "amplifier's switch"},
        ("`dtparam=i2s=on`", "`dtoverlay=googlevoicehat-soundcard`"),
    ),
    BoardName.VOICE_BONNET: Board(
        "learn.adafruit.com/adafruit-voice-bonnet; its examples take DotStar data from D5, clock from D6",
        {
            "mute_pin": 17,
            **_THREE_DOTS,
            "dotstar_bus": Bus.PINS,
            "dotstar_data_pin": 5,
            "dotstar_clock_pin": 6,
        },
        _CODEC,
        (_WM8960,),
    ),
    BoardName.CODEC_ZERO: Board(
        "github.com/raspberrypi/documentation, accessories/audio/codec_zero.adoc and advanced.adoc",
        {"mute_pin": 27, "lamp": LampKind.RGB, "green_pin": 23, "red_pin": 24},
        _CODEC,
        ("nothing: its EEPROM says it", "if that is empty, `dtoverlay=rpi-codeczero`"),
    ),
    BoardName.CUSTOM: Board("you", sold=False),
    BoardName.NONE: Board("nobody", sold=False),
}


def wiring(**chosen: Any) -> Wiring:
    """The board's own pins, replaced by every setting in `chosen` that is not None."""
    given = {name: value for name, value in chosen.items() if value is not None}
    board = BOARDS[given.get("board", BoardName.NONE)]
    has = dict(board.has)
    if given.get("lamp", has.get("lamp")) is not has.get("lamp"):
        has = {name: pin for name, pin in has.items() if name == "mute_pin"}  # another lamp, other pins
    if given.get("dotstar_bus", Bus.PINS) is not Bus.PINS:
        has = {name: pin for name, pin in has.items() if name not in DOTSTAR_PINS}
    return Wiring(**{**has, **given})
