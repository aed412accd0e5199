"""Under real systemd, where nothing can be sent as it is configured: it is erased, or sent once it can be."""

from __future__ import annotations

from earlid.edge.spool.kept import SOUND
from systemd.household import CONFIG, HEARS, LISTEN, SENDING, SENDS, UPLOAD, Household

FORGETTING = "earlid-forget.path"
MISLAID = SENDS.replace("tokens/collector", "tokens/mislaid")
SPOOL = "/var/lib/earlid/spool"
ENOUGH_S = 100.0
"""A minute until the uploader starts anew, and what a machine may be slow."""


def kept_by(house: Household) -> str:
    """A segment waits that cannot be sent, and both paths are at work; its name."""
    house.there.run("systemctl", "start", SENDING, LISTEN)
    (name,) = house.until(house.waiting, "a segment is kept")
    house.until(
        lambda: house.there.shows(UPLOAD, "StatusText").startswith("paused: "), "the uploader says so"
    )
    return name


def states(house: Household) -> list[str]:
    return [house.there.shows(path, "ActiveState") for path in (SENDING, FORGETTING)]


def test_a_hold_erases_at_once_what_cannot_be_sent_and_the_ledger_knows_it(house: Household) -> None:
    house.configure(HEARS + MISLAID)
    name = kept_by(house)
    folder = f"{SPOOL}/outbox/{name}"
    as_uploader = ("setpriv", "--reuid=earlid-upload", "--regid=earlid-upload", "--clear-groups")
    house.there.run(*as_uploader, "sh", "-c", f"umask 077; echo no > {folder}/refused-elsewhere")
    house.stop(LISTEN)
    house.there.run("systemctl", "stop", SENDING, FORGETTING, UPLOAD)
    with house.there.path(f"{folder}/{SOUND}").open("rb") as sound:
        said = house.hold_to_erase()
        assert "erased=yes segments=1" in said
        assert not any(sound.read()), "it is overwritten, not only unlinked"
    assert house.waiting() == []
    for room in ("draft", "trash", "quarantine"):
        assert not any(house.there.path(f"{SPOOL}/{room}").iterdir())
    house.there.run("systemctl", "start", FORGETTING)
    house.until(lambda: "1 erased" in house.there.run("earlid", "ledger"), "the ledger has it")
    house.until(lambda: not any(house.there.path("/var/lib/earlid/forget/requests").iterdir()), "it is done")
    assert states(house)[1] == "active"


def test_once_the_token_is_there_what_waits_is_delivered_and_nobody_gives_a_command(house: Household) -> None:
    house.configure(HEARS + MISLAID)
    name = kept_by(house)
    assert f"paused: {CONFIG}" in house.there.run("earlid", "status", check=False)
    token = house.there.path("/etc/earlid/tokens/mislaid")
    try:
        token.write_text("open-sesame\n", encoding="utf-8")
        token.chmod(0o600)
        (arrived,) = house.until(house.received, "the segment arrives", ENOUGH_S)
    finally:
        token.unlink()
    assert arrived.stem == name.partition("-")[2]
    told = [line for line in house.journal(UPLOAD).splitlines() if "tokens/mislaid" in line]
    assert told[0].endswith(
        "/etc/earlid/tokens/mislaid was not lent to this service: see whether it is there"
    )
    assert states(house) == ["active", "active"]


def test_a_configuration_that_cannot_be_read_stops_delivery_only_until_it_can(house: Household) -> None:
    house.there.run("systemctl", "start", LISTEN)
    house.until(house.waiting, "a segment is kept")
    house.configure("this is no toml\n")
    house.there.run("systemctl", "start", SENDING)
    house.until(
        lambda: house.there.shows(UPLOAD, "StatusText").startswith("paused: "), "the uploader says so"
    )
    house.configure(HEARS + SENDS)
    house.until(house.received, "the segment arrives", ENOUGH_S)
    assert states(house) == ["active", "active"]
    assert house.there.wait_for(UPLOAD, "ActiveState", "inactive") == "inactive"
