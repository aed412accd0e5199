"""What every test may ask for: the models, the shared recordings, and fakes that behave."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import Phase, settings

HERE = Path(__file__).parent
CHECKOUT = HERE.parent
sys.path.insert(0, str(HERE))

settings.register_profile("steady", derandomize=True, deadline=None, database=None)
settings.register_profile("hasty", settings.get_profile("steady"), phases=[Phase.explicit, Phase.generate])
settings.load_profile("steady")  # the same examples for everyone, every time

if (
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN
):  # started in the background, and so would all of ours be
    signal.signal(signal.SIGINT, signal.default_int_handler)

ALL = ("alexa", "hey_jarvis", "hey_mycroft", "hey_rhasspy", "timer", "weather")


@pytest.fixture(scope="session")
def models() -> Path:
    """The models directory with every wake word in it, fetched once by the product's own code."""
    from fakes.models import models_folder

    return models_folder(*ALL)


@pytest.fixture(scope="session")
def recordings() -> Path:
    """The shared recordings of people; tests that need them are skipped, visibly, where they are not."""
    where = Path(os.environ.get("EARLID_AUDIO") or CHECKOUT / "../shared/audio")
    if not (where / "index.tsv").exists():
        pytest.skip(f"no recordings at {where}: set EARLID_AUDIO")
    return where


@pytest.fixture
def clip() -> Path:
    """The clip that the demo plays."""
    return CHECKOUT / "device/earlid/demo/clip.flac"


@pytest.fixture(autouse=True)
def at_home_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test reads or writes the directories of whoever runs it."""
    for name in ("STATE_DIRECTORY", "RUNTIME_DIRECTORY"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.delenv("EARLID_CONFIG", raising=False)
    yield
