"""What the configuration names as destinations: all of them, each told apart, every mistake at once."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from earlid import config_file
from earlid.asking.leftovers import hosts
from earlid.check_config import check_config, lines_of
from earlid.config import Config
from earlid.edge.age import new_key
from earlid.edge.sinks.settings import KINDS, sinks_table
from earlid.errors import ConfigError
from earlid.uploading.destinations import destinations

OWNER, SECRET = new_key()
README = Path(__file__).parents[2] / "README.md"

EVERY_KIND = """
[upload]
url = "https://u:hunter2@home.example/x?key=hunter3"
[[sinks]]
kind = "http"
url = "https://u:hunter5@collector.example/segments?sig=hunter6"
form = true
[[sinks]]
kind = "put"
name = "cloud"
url = "https://cloud.example/dav/{id}.wav?{token}"
token_file = "token"
[[sinks]]
kind = "s3"
url = "https://s3.example/bucket/{id}.wav"
access_key = "AK"
token_file = "token"
[[sinks]]
kind = "transcribe"
url = "http://127.0.0.1:8000/v1/audio/transcriptions"
then_command = ["cat", "-"]
[[sinks]]
kind = "wyoming"
url = "tcp://127.0.0.1:10300"
then_mqtt = "mqtt://localhost/house/said"
[[sinks]]
kind = "wyoming"
name = "second"
url = "tls://speech.example"
then_webhook = "https://house.example/said"
then_token_file = "token"
[[sinks]]
kind = "folder"
folder = "kept"
"""


def at(folder: Path, text: str) -> Config:
    file = folder / "my.toml"
    file.write_text(text, "utf-8")
    (folder / "token").write_text("hunter4\n")
    (folder / "token").chmod(0o600)
    return config_file.load(file, environ={"HOME": str(folder)})


def faults(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        at(folder, text)
    return [line.removeprefix(f"{folder}/my.toml:") for line in str(caught.value).splitlines()]


def test_every_kind_there_is_can_be_named_at_once_each_with_its_name_and_where_it_is(tmp_path: Path) -> None:
    config = at(tmp_path, EVERY_KIND)
    found = destinations(config)
    assert {each.name: each.host for each in found} == hosts(config), (
        "who asks and who gives up call it alike"
    )
    assert [(each.name, each.host, each.needs_plain) for each in found] == [
        ("upload", "home.example", False),
        ("http", "collector.example", False),
        ("cloud", "cloud.example", False),
        ("s3", "s3.example", False),
        ("transcribe", "127.0.0.1:8000", True),
        ("wyoming", "127.0.0.1", True),
        ("second", "speech.example", True),
        ("folder", "this machine", False),
    ]
    assert {row["kind"] for row in tomllib.loads(EVERY_KIND)["sinks"]} == set(KINDS)


def test_the_simple_way_stays_one_destination(tmp_path: Path) -> None:
    (only,) = destinations(at(tmp_path, '[upload]\nurl = "https://home.example/x"\n'))
    assert only.name == "upload"


def test_no_destination_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"set upload\.url"):
        destinations(at(tmp_path, ""))


def test_every_mistake_is_told_with_the_line_it_is_in(tmp_path: Path) -> None:
    text = """[[sinks]]
kind = "htpt"
[[sinks]]
kind = "http"
url = "http://home.example/"
tokn_file = "x"
token = "hunter2"
[[sinks]]
kind = "put"
name = "My Cloud"
url = "https://cloud.example/dav"
token_file = "absent"
timeout_s = 0
[[sinks]]
kind = "wyoming"
url = "tcp://speech.example:10300"
[[sinks]]
kind = "folder"
[[sinks]]
kind = "folder"
folder = "x"
[[sinks]]
url = "https://home.example"
"""
    assert faults(tmp_path, text) == [
        "2: sinks.1.kind: wants one of http, put, s3, transcribe, wyoming, folder; did you mean http?",
        "6: sinks.2.tokn_file: unknown setting; did you mean token_file?",
        "7: sinks.2.token: a secret has no place in this file;"
        " put it in a file of its own and name it in upload.token_file",
        "13: sinks.3.timeout_s: wants a number from 1 to 600 s, not 0",
        "22: sinks.7.kind: wants one of http, put, s3, transcribe, wyoming, folder",
        "5: sinks.2.url: would send speech unencrypted: use https://, or set allow_plaintext = true",
        "10: sinks.3.name: is up to 32 of a-z, 0-9, - and _, and begins with a letter or a number",
        "11: sinks.3.url: write {id} where each file's own name goes: https://host/folder/{id}.wav",
        f"12: sinks.3.token_file: {tmp_path}/absent does not exist",
        "16: sinks.4.url: would send speech unencrypted: use tls://, or set allow_plaintext = true",
        "15: sinks.4.kind: say where the text goes: one of then_command, then_mqtt, then_webhook, not none",
        "17: sinks.5.folder: say which folder",
        "19: sinks.6.name: folder is the name of another one, too: give it a name of its own",
    ]


@pytest.mark.parametrize("proof", ["X-Amz-Signature=ab", "a=b&Signature=cd", "sv=1&sig=ef"])
def test_an_address_signed_for_one_file_is_a_mistake_where_each_has_its_own(
    tmp_path: Path, proof: str
) -> None:
    text = f'[[sinks]]\nkind = "put"\nurl = "https://s3.example/b/{{id}}.wav?{proof}"\n'
    (line,) = faults(tmp_path, text)
    assert line.startswith("3: sinks.1.url: is signed for one file alone")


@pytest.mark.parametrize("kind", ["transcribe", "wyoming"])
def test_who_has_to_hear_it_refuses_to_combine_with_sealing(tmp_path: Path, kind: str) -> None:
    url = "tcp://127.0.0.1" if kind == "wyoming" else "https://speech.example/x"
    sink = f'[[sinks]]\nkind = "{kind}"\nurl = "{url}"\nthen_command = ["cat"]\n'
    text = f'[upload]\nrecipients = ["{OWNER}"]\n{sink}'
    (line,) = faults(tmp_path, text)
    assert line == f"4: sinks.1.kind: {kind} has to hear what upload.recipients seals: remove one of the two"


@pytest.mark.parametrize("wrong", ["age1", SECRET, ""])
def test_a_recipient_that_is_none_is_told_and_never_repeated(tmp_path: Path, wrong: str) -> None:
    (line,) = faults(tmp_path, f'[upload]\nrecipients = ["{OWNER}", "{wrong}"]\n')
    assert line.startswith("2: upload.recipients: is ")
    assert SECRET[20:] not in line


@pytest.mark.parametrize(
    "url",
    ["mqtt://home.example/x", "mqtts://home.example", "mqtts://u:p@home.example/x", "mqtts://h/a/#", "x"],
)
def test_a_topic_that_nobody_could_publish_to_is_a_mistake(tmp_path: Path, url: str) -> None:
    text = f'[[sinks]]\nkind = "wyoming"\nurl = "tcp://localhost"\nthen_mqtt = "{url}"\n'
    (line,) = faults(tmp_path, text)
    assert line.startswith("4: sinks.1.then_mqtt: ")


def test_no_secret_of_a_destination_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = at(tmp_path, EVERY_KIND)
    check_config(config, json=False)
    check_config(config, json=True)
    printed = capsys.readouterr().out
    assert "cloud.example" in printed
    assert "hunter" not in printed


def test_what_is_printed_can_be_read_again_and_names_the_same_destinations(tmp_path: Path) -> None:
    text = EVERY_KIND.replace("?{token}", "").replace("u:hunter2@", "").replace("?key=hunter3", "")
    text = text.replace("u:hunter5@", "").replace("?sig=hunter6", "")
    first = at(tmp_path, text)
    again = at(tmp_path, "\n".join(lines_of(first)))
    assert again.sinks == first.sinks


def test_the_readme_shows_what_can_be_set_for_a_destination() -> None:
    before, marker, rest = README.read_text("utf-8").partition("<!-- sinks -->\n")
    table, closing, _ = rest.partition("<!-- /sinks -->")
    assert before and marker and closing
    assert table.strip() == sinks_table(), "put the output of sinks_table() in the block"


def test_a_token_that_strangers_can_read_is_told_with_its_setting(tmp_path: Path) -> None:
    config = at(
        tmp_path, '[[sinks]]\nkind = "http"\nname = "x"\nurl = "https://h.example"\ntoken_file = "token"\n'
    )
    (tmp_path / "token").chmod(0o644)
    with pytest.raises(ConfigError, match=r"sinks\.x\.token_file: everybody"):
        destinations(config)
