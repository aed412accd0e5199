"""What is to be erased is erased at once, whoever has claimed it, and whether or not anybody can send."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from functools import partial
from pathlib import Path

import pytest

from earlid.asking import requesting
from earlid.asking.at_hand import others_at_hand
from earlid.asking.at_once import destroy_at_once
from earlid.asking.erasing import forget_everything
from earlid.asking.forget import forget
from earlid.asking.forgetting import Wish
from earlid.config import Config
from earlid.config_file import parse
from earlid.core.entry import Entry, What
from earlid.edge.ledger import Ledger, entries
from earlid.edge.sinks.sink import Receipt
from earlid.edge.spool.kept import SOUND, Kept
from earlid.edge.spool.shelf import Shelf
from earlid.edge.spool.slips import Slips
from earlid.edge.spool.spool import Spool
from earlid.errors import DiskTrouble
from earlid.listen import erase_all
from earlid.upload import upload
from earlid.uploading.housekeeping import House, Limits
from earlid.uploading.uploader import Pace
from fakes.segments import permitted


@pytest.fixture
def config(tmp_path: Path) -> Config:
    own = {"STATE_DIRECTORY": str(tmp_path / "state"), "RUNTIME_DIRECTORY": str(tmp_path / "run")}
    return parse("", None, secrets=False, environ=own)


@contextmanager
def claimed(config: Config) -> Iterator[House]:
    """The house of an uploader that has spool and ledger, and does nothing yet."""
    with closing(Spool(config.spool_folder)) as spool, closing(Ledger(config.paths.ledger)) as ledger:
        spool.claim_outbox()
        ledger.open()
        others = partial(others_at_hand, config)
        yield House(Shelf(spool), ledger, config.paths.forget, Limits(), lambda _: None, others=others)


def keep(spool: Spool) -> str:
    return spool.put(*permitted(16_000))


def everything_in(spool: Spool) -> list[str]:
    rooms = (spool.draft, spool.outbox, spool.quarantined, spool.trash)
    return [each.name for room in rooms for each in room.iterdir()]


def said(config: Config, id_: str) -> list[str]:
    return [entry.what.value for entry in entries(config.paths.ledger) if entry.id == id_]


def test_nobody_who_has_claimed_the_spool_is_waited_for_and_the_sound_is_overwritten(config: Config) -> None:
    with claimed(config) as house:
        spool = house.shelf.spool
        keep(spool)
        (kept,) = spool.pending()
        keep(spool)
        spool.quarantine(kept, "refused")
        (folder,) = spool.outbox.iterdir()
        with (folder / SOUND).open("rb") as sound:
            done = forget_everything(config)
            assert (done.segments, done.is_all) == (2, False)
            assert not any(sound.read())
        assert everything_in(spool) == []


def test_what_was_erased_at_once_is_in_the_ledger_once_the_uploader_gets_to_it(config: Config) -> None:
    with claimed(config) as house:
        id_ = keep(house.shelf.spool)
        house.ledger.append(Entry(what=What.SENT, id=id_, sink="there", host="there.example"))
        forget_everything(config)
        house.tidy(frozenset(), is_busy=False)
        house.tidy(frozenset(), is_busy=False)
        assert said(config, id_) == ["sent", "erased"]
        *_, entry = entries(config.paths.ledger)
        assert (entry.word, entry.seconds, entry.cause) == ("hey_jarvis", 1.0, "forget")
        assert len(house.deletions.names()) == 1, "what left is to be deleted there"
        assert house.requests.names() == Slips(house.shelf.spool.root / "notes").names() == []


def test_a_note_that_cannot_be_understood_is_an_entry_all_the_same(config: Config) -> None:
    with claimed(config) as house:
        Slips(house.shelf.spool.root / "notes").put({"erased": "forget", "facts": "gone bad"}, "ab" * 16)
        house.tidy(frozenset(), is_busy=False)
    assert said(config, "ab" * 16) == ["erased"]


def test_a_ledger_that_nobody_may_go_on_with_keeps_no_sound(
    config: Config, caplog: pytest.LogCaptureFixture
) -> None:
    with claimed(config) as house:
        house.ledger.append(Entry(what=What.SENT, id="ab" * 16))
    (file,) = (each for each in config.paths.ledger.iterdir() if each.suffix == ".jsonl")
    file.write_bytes(file.read_bytes().replace(b"sent", b"kept"))
    with closing(Spool(config.spool_folder)) as spool:
        keep(spool)
        spool.close()
        with caplog.at_level(logging.WARNING):
            erase_all(config)
        assert everything_in(spool) == []
    assert (
        "erased=yes segments=1 later='what left, and the ledger: as soon as earlid upload runs'"
        in caplog.text
    )


def test_what_could_not_be_destroyed_is_not_said_to_be(
    config: Config, caplog: pytest.LogCaptureFixture
) -> None:
    with claimed(config) as house:
        spool = house.shelf.spool
        keep(spool)
        keep(spool)
        first, _ = sorted(spool.outbox.iterdir())
        (spool.draft / first.name / "in the way").mkdir(parents=True)
        with caplog.at_level(logging.WARNING):
            erase_all(config)
        assert [each.name for each in spool.outbox.iterdir()] == [first.name]
        assert len(Slips(spool.root / "notes").names()) == 1
    assert "erased=not_all cause='1 segment still here, 1 gone: see the lines above'" in caplog.text
    assert "erased=yes" not in caplog.text


class Interrupted:
    """A destination; `during` is done while it is being sent to."""

    name, host, needs_plain = "there", "there.example", False

    def __init__(self, config: Config) -> None:
        self._config = config
        self.has: set[str] = set()

    def send(self, kept: Kept) -> Receipt:
        forget_everything(self._config)
        self.has.add(kept.id)
        return Receipt(201)

    def burst(self) -> AbstractContextManager[None]:
        return nullcontext()

    def forget(self, id_: str) -> bool | None:
        self.has.discard(id_)
        return True


def test_what_is_being_sent_in_that_moment_is_deleted_where_it_went(config: Config) -> None:
    sink = Interrupted(config)
    with claimed(config) as house:
        first, second = keep(house.shelf.spool), keep(house.shelf.spool)
        upload([sink], house, lambda _: None, threading.Event(), once=True, pace=Pace(lambda _: False))
        assert everything_in(house.shelf.spool) == []
    assert sink.has == set()
    assert [what for what in said(config, first) if what != "erased"] == [
        "intent",
        "sent",
        "deletion asked",
        "deleted remotely",
    ]
    assert said(config, first).count("erased") == said(config, second).count("erased") == 1


def test_an_owner_who_is_quicker_than_the_uploader_stands_in_nobody_s_way(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    with claimed(config) as house:
        id_ = keep(house.shelf.spool)
        house.requests.put(Wish().facts())
        append = house.ledger.append

        def late(*said: Entry) -> object:
            destroy_at_once(config, Wish())
            return append(*said)

        monkeypatch.setattr(house.ledger, "append", late)
        house.tidy(frozenset(), is_busy=False)
        monkeypatch.undo()
        house.tidy(frozenset(), is_busy=False)
        assert house.requests.names() == []
    assert said(config, id_) == ["erased"]


def test_only_what_is_meant_is_destroyed(config: Config) -> None:
    with claimed(config) as house:
        meant, other = keep(house.shelf.spool), keep(house.shelf.spool)
        assert destroy_at_once(config, Wish(id=meant)).gone == 1
        assert [held.id for held in house.shelf.waiting()] == [other]


def test_an_owner_at_the_command_line_has_it_destroyed_before_the_uploader_answers(
    config: Config, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requesting, "PATIENCE_S", 0.0)
    with claimed(config) as house:
        keep(house.shelf.spool)
        assert forget(config, everything=True, since=None, id_=None) == 0
        assert everything_in(house.shelf.spool) == []
        assert len(house.requests.names()) == 1
    told = capsys.readouterr().out
    assert "1 segment destroyed on this machine" in told
    assert "not done yet: it waits for earlid upload, which does not run: see earlid status" in told


def test_without_a_note_for_the_uploader_the_rest_is_not_said_to_be_asked_for(config: Config) -> None:
    with claimed(config) as house:
        keep(house.shelf.spool)
        (config.paths.forget / "requests").parent.mkdir(parents=True)
        (config.paths.forget / "requests").write_text("in the way")
        with pytest.raises(DiskTrouble, match="1 segment gone, but nobody is asked to delete what left"):
            forget_everything(config)
        assert everything_in(house.shelf.spool) == []
