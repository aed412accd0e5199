"""The owner's key: made once, never over another, and it opens what the real listener sealed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from earlid.cli import answer
from earlid.edge.spool.kept import SEALED_SOUND


def test_a_key_is_made_once_and_never_over_another(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "key.txt"
    assert answer(["keygen", str(file)]) == 0
    told = capfd.readouterr()
    secret = file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert told.out.startswith('recipients = ["age1')
    assert told.err.startswith(f"wrote {file} (only you can read it)\n")
    assert "AGE-SECRET-KEY" in secret
    assert "AGE-SECRET-KEY" not in told.out + told.err
    assert answer(["keygen", str(file)]) == 64
    assert "never overwritten" in capfd.readouterr().err
    assert file.read_text() == secret


def test_a_link_is_not_followed_to_another_file(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    (tmp_path / "key.txt").symlink_to(tmp_path / "precious")
    assert answer(["keygen", str(tmp_path / "key.txt")]) == 64
    assert (tmp_path / "precious").read_text() == "mine"


def test_a_key_that_was_given_no_name_says_where_it_is_and_its_help_said_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert answer(["keygen", "--help"]) == 0
    helped = capfd.readouterr().out
    assert "keygen [OPTIONS] [FILE]" in helped
    assert "earlid-key.txt in this folder" in " ".join(helped.split())
    assert answer(["keygen"]) == 0
    assert capfd.readouterr().err.startswith(f"wrote {tmp_path}/earlid-key.txt (only you can read it)\n")
    assert (tmp_path / "earlid-key.txt").stat().st_mode & 0o777 == 0o600


def test_a_folder_that_is_none_is_the_command_s_mistake_and_no_configuration_s(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert answer(["keygen", str(tmp_path / "none" / "key.txt")]) == 64
    assert "no such file or directory" in capfd.readouterr().err


@pytest.mark.skipif(shutil.which("age") is None, reason="no age here: apt install age")
def test_what_the_real_listener_sealed_only_the_key_s_owner_hears(
    tmp_path: Path, models: Path, clip: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    key = tmp_path / "key.txt"
    assert answer(["keygen", str(key)]) == 0
    config = tmp_path / "my.toml"
    config.write_text(
        f'[paths]\nstate = "{tmp_path}"\nruntime = "{tmp_path}/run"\nmodels = "{models}"\n'
        f"[upload]\n{capfd.readouterr().out}"
    )
    listen = [sys.executable, "-m", "earlid", "listen", "--source", str(clip), "--config", str(config)]
    subprocess.run(listen, check=True, capture_output=True, timeout=60)
    (sealed,) = (tmp_path / "spool/outbox").glob(f"*/{SEALED_SOUND}")
    assert b"RIFF" not in sealed.read_bytes()
    opened = tmp_path / "opened.wav"
    subprocess.run(["age", "-d", "-i", str(key), "-o", str(opened), str(sealed)], check=True)
    assert opened.read_bytes()[:4] == b"RIFF"
