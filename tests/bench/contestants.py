"""Who is measured: what each needs, and how it is asked to listen."""

from __future__ import annotations

from dataclasses import dataclass

from earlid.bench.engines import PEERS as KNOWN


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


EARLID = Contestant("earlid", "Earlid", "earlid_engine", same_models=True)
REFERENCE = Contestant(
    "openwakeword-onnx",
    "openwakeword 0.6.0, ONNX",
    "openwakeword",
    KNOWN["openwakeword"].requirements,
    python=KNOWN["openwakeword"].python,
    option="onnx",
    remark="needs Python 3.11: tflite-runtime has no wheel for a later one",
)
PEERS = (
    REFERENCE,
    Contestant(
        "openwakeword-tflite",
        "openwakeword 0.6.0, tflite",
        "openwakeword",
        KNOWN["openwakeword"].requirements,
        python=KNOWN["openwakeword"].python,
        option="tflite",
        same_models=True,
        remark="needs Python 3.11, as above; the same models, converted",
    ),
    Contestant(
        "pyopen",
        "pyopen-wakeword 1.1.0",
        "pyopen-wakeword",
        KNOWN["pyopen-wakeword"].requirements,
        remark="the same models, but its windows end 800 samples earlier, so its scores are of other moments",
    ),
    Contestant(
        "pymicro",
        "pymicro-wakeword 2.5.0",
        "pymicro-wakeword",
        KNOWN["pymicro-wakeword"].requirements,
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
