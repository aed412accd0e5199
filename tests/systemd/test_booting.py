"""Where nothing can be booted that is said and skipped; where only ours does not boot, the tests fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakes.booted_system import Booted, booted, running
from fakes.debian_systems import TO_RUN, System, Unavailable, made, thrown_away


def test_a_machine_without_the_tools_is_said_to_be_unable_to_boot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match="apt install systemd-container"), booted():
        pytest.fail("it booted")
    with pytest.raises(Unavailable, match="apt install systemd-container"), running(System(tmp_path)):
        pytest.fail("it booted")


def test_where_others_boot_one_that_does_not_is_broken_and_no_reason_to_skip(there: Booted) -> None:
    """`there` shows that this machine boots systems: without one, this is skipped or failed as it is."""
    assert there.run("systemctl", "is-system-running", check=False)
    with thrown_away(made(TO_RUN)[0]) as harmed:
        harmed.path("/usr/lib/systemd/systemd").unlink()
        with pytest.raises(AssertionError, match="a plain Debian boots here, and this one does not"):  # noqa: SIM117
            with running(harmed):
                pytest.fail("it booted")
