"""The configuration in effect is one file, read once, and every mistake in it is told at once."""

import os
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

from earlid import config_file
from earlid.check_config import check_config, lines_of
from earlid.config import Config
from earlid.core.gate import LOOKBACK_CEILING_MS
from earlid.core.verifier import SHAPE, Verifier
from earlid.edge.disk import NotOurs
from earlid.edge.model.verifier_file import VerifierFiles
from earlid.edge.schema import from_json
from earlid.errors import ConfigError


@pytest.fixture(autouse=True)
def _known_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config_file, "SYSTEM_FILE", tmp_path / "etc/config.toml")


def at(folder: Path, text: str, **environ: str) -> Config:
    file = folder / "my.toml"
    file.write_text(text, "utf-8")
    return config_file.load(file, environ={"HOME": str(folder / "home"), **environ})


def faults(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        at(folder, text)
    assert caught.value.exit_code == 78
    return [line.removeprefix(f"{folder}/my.toml:") for line in str(caught.value).splitlines()]


def test_with_no_file_everything_but_the_address_has_a_default(tmp_path: Path) -> None:
    config = config_file.load(environ={"HOME": str(tmp_path)})
    assert config.file is None
    assert config.wake.words == ("hey_jarvis",)
    assert config.upload.url == ""
    assert set(config.origins.values()) == {"default"}
    assert config.spool_folder == config.paths.state / "spool"


def test_the_first_file_that_exists_is_read_and_no_other(tmp_path: Path) -> None:
    own = tmp_path / "home/.config/earlid/config.toml"
    system, named, asked = (tmp_path / name for name in ("etc/config.toml", "named.toml", "asked.toml"))
    environ = {"HOME": str(tmp_path / "home")}
    for file, patience in ((own, 2), (system, 3), (named, 4), (asked, 5)):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"[wake]\npatience = {patience}\n")
        environ |= {"EARLID_CONFIG": str(named)} if file == named else {}
        found = config_file.load(asked if file == asked else None, environ=environ)
        assert (found.file, found.wake.patience) == (file, patience)


@pytest.mark.parametrize("variable", ["--config", "EARLID_CONFIG"])
def test_a_file_that_was_named_and_is_absent_is_never_replaced_by_another(
    tmp_path: Path, variable: str
) -> None:
    absent = tmp_path / "absent.toml"
    environ = {"HOME": str(tmp_path)} | ({"EARLID_CONFIG": str(absent)} if variable != "--config" else {})
    with pytest.raises(ConfigError, match="no such configuration file"):
        config_file.load(absent if variable == "--config" else None, environ=environ)


def test_a_system_file_that_cannot_be_read_is_never_replaced_by_another(tmp_path: Path) -> None:
    (tmp_path / "etc/config.toml").mkdir(parents=True)
    with pytest.raises(ConfigError, match="cannot be read"):
        config_file.load(environ={"HOME": str(tmp_path)})


def test_a_file_that_is_not_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="save it as utf-8"):
        config_file.load(tmp_path / "my.toml", environ={})


def test_every_mistake_is_told_at_once_each_with_its_line(tmp_path: Path) -> None:
    text = """
[segment]
lookbak_ms = 100
max_s = 31
[wake]
words = ["hey_jarvi", "alexa", "alexa"]
[wake.thresholds]
hey_mycrof = 0.5
alexa = 1.5
[upload]
url = "http://home.example/"
token = "hunter2"
token_file = "absent"
ca_file = "absent.pem"
"""
    assert faults(tmp_path, text) == [
        "3: segment.lookbak_ms: unknown setting; did you mean lookback_ms?",
        "4: segment.max_s: wants a number from 1 to 30 s, not 31",
        "9: wake.thresholds.alexa: wants a number from 0.01 to 0.99, not 1.5",
        "12: upload.token: a secret has no place in this file;"
        " put it in a file of its own and name it in upload.token_file",
        '6: wake.words: unknown wake word "hey_jarvi"; did you mean hey_jarvis?',
        '6: wake.words: "alexa" is named more than once',
        "8: wake.thresholds.hey_mycrof: unknown wake word; did you mean hey_mycroft?",
        "11: upload.url: would send speech unencrypted: use https://, or set upload.allow_plaintext = true",
        f"13: upload.token_file: {tmp_path}/absent does not exist",
        f"14: upload.ca_file: {tmp_path}/absent.pem does not exist",
    ]


def test_the_ceiling_of_the_lookback_is_the_gate_s_own(tmp_path: Path) -> None:
    assert at(tmp_path, f"[segment]\nlookback_ms = {LOOKBACK_CEILING_MS}").segment.lookback_ms == 400
    (line,) = faults(tmp_path, f"[segment]\nlookback_ms = {LOOKBACK_CEILING_MS + 1}")
    assert line.endswith("wants a whole number from 0 to 400 ms, not 401")


def test_no_wake_word_at_all_is_a_mistake(tmp_path: Path) -> None:
    (line,) = faults(tmp_path, "[wake]\nwords = []")
    assert "name at least one of alexa, hey_jarvis, hey_mycroft, hey_rhasspy, timer, weather" in line


def test_a_verb_that_never_sends_does_not_need_the_token(tmp_path: Path) -> None:
    file = tmp_path / "my.toml"
    file.write_text('[upload]\nurl = "https://home.example/"\ntoken_file = "absent"\n')
    assert config_file.load(file, secrets=False, environ={}).upload.token_file == tmp_path / "absent"


def test_relative_paths_start_at_the_file_and_a_tilde_at_home(tmp_path: Path) -> None:
    config = at(tmp_path, '[paths]\nstate = "kept"\nruntime = "~/run"\n')
    assert config.paths.state == tmp_path / "kept"
    assert config.paths.runtime == tmp_path / "home/run"
    assert config.paths.models == tmp_path / "kept/models"
    assert config.origins["paths.state"] == "file"


def test_systemd_says_where_a_service_keeps_things(tmp_path: Path) -> None:
    config = at(tmp_path, "", STATE_DIRECTORY="/srv/a:/srv/b", RUNTIME_DIRECTORY="/srv/run")
    assert (config.paths.state, config.paths.runtime) == (Path("/srv/a"), Path("/srv/run"))
    assert config.origins["paths.state"] == "$STATE_DIRECTORY"


@pytest.mark.parametrize("root", [True, False])
def test_without_systemd_the_folders_are_the_system_s_for_root_and_the_person_s_own_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: bool
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0 if root else 1000)
    paths = at(tmp_path, "").paths
    state = Path("/var/lib/earlid") if root else tmp_path / "home/.local/state/earlid"
    assert (paths.state, paths.runtime) == (state, Path("/run/earlid") if root else state / "run")
    if not root:
        paths = at(tmp_path, "", XDG_STATE_HOME="/x/state", XDG_RUNTIME_DIR="/x/run").paths
        assert (paths.state, paths.runtime) == (Path("/x/state/earlid"), Path("/x/run/earlid"))


def test_what_is_printed_can_be_read_again_and_means_the_same(tmp_path: Path) -> None:
    first = at(
        tmp_path, '[wake]\nthresholds = {alexa = 0.3}\n[microphone]\ndevice = "Ré \\"x\\" \\u007f\\n"\n'
    )
    again = at(tmp_path, "\n".join(lines_of(first)))
    assert (again.wake, again.microphone, again.paths, again.upload) == (
        first.wake,
        first.microphone,
        first.paths,
        first.upload,
    )


def test_each_printed_value_says_its_unit_and_where_it_came_from(tmp_path: Path) -> None:
    lines = list(lines_of(at(tmp_path, "[segment]\nmax_s = 9.0")))
    assert "max_s = 9.0  # the longest a segment may be; 1 to 30 s; file" in lines
    assert any(line.startswith("hangover_s = 0.8  #") and line.endswith("; default") for line in lines)


def test_no_secret_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = at(tmp_path, '[upload]\nurl = "https://u:hunter2@home.example/?key=hunter3"\n')
    check_config(config, json=False)
    check_config(config, json=True)
    printed = capsys.readouterr().out
    assert "home.example" in printed
    assert "hunter" not in printed


def test_a_verifier_that_was_not_taught_is_refused_as_listen_would(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = '[wake]\nwords = ["alexa", "hey_jarvis"]\nverifiers = ["alexa", "hey_jarvis"]\n'
    config = at(tmp_path, text, STATE_DIRECTORY=str(tmp_path / "state"))
    with pytest.raises(ConfigError) as refused:
        check_config(config, json=False)
    lines = str(refused.value).splitlines()
    assert [line.partition("does not exist: ")[2] for line in lines] == [
        f"run earlid field teach, or take {word} out of wake.verifiers" for word in config.wake.verifiers
    ]
    assert capsys.readouterr().out == ""
    files = VerifierFiles(config.paths.field)
    for word in config.wake.verifiers:
        files.keep(Verifier(word, np.zeros(SHAPE, np.float32), 0.0), 20, 20)
    assert check_config(config, json=False) == 0


def test_whoever_may_not_see_the_verifiers_is_told_so_and_refused_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(_files: VerifierFiles, _word: str) -> Verifier:
        raise NotOurs("/var/lib/earlid/field is not open to you: ask as root, or as its owner")

    monkeypatch.setattr(VerifierFiles, "read", closed)
    assert check_config(at(tmp_path, '[wake]\nverifiers = ["hey_jarvis"]\n'), json=False) == 0
    told = capsys.readouterr()
    assert told.err.startswith("earlid: whether hey_jarvis was taught was not looked at: ")
    assert "[wake]" in told.out


def test_programs_get_the_same_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    check_config(at(tmp_path, "[segment]\nlookback_ms = 40"), json=True)
    line = from_json(capsys.readouterr().out.encode(), dict[str, object])
    settings = line["settings"]
    assert isinstance(settings, dict)
    assert settings["segment.lookback_ms"] == {"value": 40, "unit": "ms", "from": "file"}
    assert set(settings) == {
        f"{table}.{key}"
        for table, keys in tomllib.loads("\n".join(lines_of(at(tmp_path, "")))).items()
        for key in keys
    }


def test_a_word_of_a_model_of_several_has_a_threshold_of_its_own(tmp_path: Path) -> None:
    config = at(tmp_path, '[wake.thresholds]\n"timer:1_hour" = 0.7\ntimer = 0.6\n')
    assert config.wake.thresholds == {"timer:1_hour": 0.7, "timer": 0.6}


def test_the_manifest_of_what_all_models_share_is_no_wake_word(tmp_path: Path) -> None:
    assert "unknown wake word" in faults(tmp_path, '[wake]\nwords = ["backbone"]')[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('quiet_hours = ["22:00-06:30", "25:00-06:00"]', "'25:00-06:00' is no span of a day"),
        ('quiet_hours = ["9-17"]', 'write it as "22:00-06:30"'),
        ('quiet_hours = ["08:00-08:00"]', "are the same"),
        ("max_seconds_per_hour = 3601", "from 0 to 3600"),
        ("max_seconds_per_hour = nan", "from 0 to 3600"),
        ("muted_at_bot = true", "did you mean muted_at_boot"),
    ],
)
def test_privacy_that_cannot_be_kept_is_refused(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(said)):
        config_file.parse(f"[privacy]\n{text}\n", None, secrets=False, environ={"HOME": "/nowhere"})


def test_quiet_hours_become_spans_of_the_day() -> None:
    text = '[privacy]\nquiet_hours = ["22:00-06:30"]\n'
    config = config_file.parse(text, None, secrets=False, environ={"HOME": "/nowhere"})
    (span,) = config.privacy.quiet
    assert (span.start, span.stop) == (22 * 60, 6 * 60 + 30)


def test_every_mistake_in_a_panel_is_told_at_once_with_both_names(tmp_path: Path) -> None:
    text = """
[panel]
board = "respeaker-2mic"
mute_pin = 18
mute_kind = "latched"
lamp = "led"
led_pin = 26
lamp_sense_pin = 26
red_pin = 28
hold_ms = 3
"""
    assert faults(tmp_path, text) == [
        '5: panel.mute_kind: wants one of latching, momentary, not "latched"; did you mean latching?',
        "9: panel.red_pin: wants a whole number from 0 to 27, not 28",
        "10: panel.hold_ms: unknown setting; did you mean hold_s?",
        "4: panel.mute_pin: pin 18 is the I2S bit clock of respeaker-2mic: choose another",
        "8: panel.lamp_sense_pin: pin 26 is already panel.led_pin: choose another",
    ]


def test_a_pin_without_a_board_is_not_ignored(tmp_path: Path) -> None:
    (line,) = faults(tmp_path, "[panel]\nmute_pin = 17")
    assert line.startswith('2: panel.mute_pin: there is no board: set panel.board = "custom"')


def test_a_panel_is_printed_so_that_it_reads_the_same_again(tmp_path: Path) -> None:
    text = '[panel]\nboard = "voice-bonnet"\nmute_kind = "latching"\nmute_pin = 13\nlistening = "dark"'
    first = at(tmp_path, text)
    assert at(tmp_path, "\n".join(lines_of(first))).panel == first.panel
    assert (first.panel.wired.mute_pin, first.panel.wired.dotstar_clock_pin) == (13, 6)
