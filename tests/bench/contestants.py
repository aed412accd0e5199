"""Who is measured: what each needs, and how it is asked to listen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Contestant:
    """One listener. `key` names it in results; `python` is the only version it installs on, if it is choosy.

    `same_models` says that its scores may be held against openwakeword's hop by hop.
    """

    key: str
    label: str
    worker: str
    requirements: tuple[str, ...] = ()
    python: str | None = None
    option: str = ""
    words: tuple[str, ...] = ("alexa",)
    same_models: bool = False
    remark: str = ""

    @property
    def is_earlid(self) -> bool:
        """Whether it runs in the project's own environment."""
        return not self.requirements


_OPENWAKEWORD = ("openwakeword==0.6.0", "numpy<2")

EARLID = Contestant("earlid", "Earlid", "earlid_engine", same_models=True)
REFERENCE = Contestant(
    "openwakeword-onnx",
    "openwakeword 0.6.0, ONNX",
    "openwakeword_peer",
    _OPENWAKEWORD,
    python="3.11",
    option="onnx",
    remark="needs Python 3.11: tflite-runtime has no wheel for a later one",
)
PEERS = (
    REFERENCE,
    Contestant(
        "openwakeword-tflite",
        "openwakeword 0.6.0, tflite",
        "openwakeword_peer",
        _OPENWAKEWORD,
        python="3.11",
        option="tflite",
        same_models=True,
        remark="needs Python 3.11, as above; the same models, converted",
    ),
    Contestant(
        "pyopen",
        "pyopen-wakeword 1.1.0",
        "pyopen_wakeword_peer",
        ("pyopen-wakeword==1.1.0",),
        remark="the same models, but its windows end 800 samples earlier, so its scores are of other moments",
    ),
    Contestant(
        "pymicro",
        "pymicro-wakeword 2.5.0",
        "pymicro_wakeword_peer",
        ("pymicro-wakeword==2.5.0",),
        remark="another, far smaller network, at its own threshold",
    ),
)
TWO_WORDS = Contestant("earlid-two", "Earlid, two wake words", "earlid_engine", words=("alexa", "hey_jarvis"))
GATE_ON = Contestant(
    "earlid-gate-on", "Earlid, quiet gate on", "earlid_engine", option="gate", same_models=True
)
GATE_OFF = Contestant(
    "earlid-gate-off", "Earlid, quiet gate off", "earlid_engine", option="no gate", same_models=True
)

ALL = (*PEERS, EARLID, TWO_WORDS, GATE_ON, GATE_OFF)
