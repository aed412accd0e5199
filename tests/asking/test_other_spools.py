"""What its owner wishes holds in every spool there is, whoever carries it out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import pytest

from earlid.asking.at_hand import others_at_hand
from earlid.asking.forgetting import Wish
from earlid.asking.wishes import Again
from earlid.config import Config
from earlid.config_file import parse
from earlid.edge.ledger import Ledger, entries
from earlid.edge.spool.shelf import Shelf
from earlid.edge.spool.spool import Spool
from earlid.errors import DiskTrouble
from earlid.uploading.housekeeping import House, Limits
from fakes.segments import permitted


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """What is kept lies in memory, and before that was so on the card."""
    own = {"STATE_DIRECTORY": str(tmp_path / "state"), "RUNTIME_DIRECTORY": str(tmp_path / "run")}
    return parse("[spool]\ndurable = false\n", None, secrets=False, environ=own)


@contextmanager
def running(config: Config) -> Iterator[House]:
    """The house of an uploader that has spool and ledger."""
    with closing(Spool(config.spool_folder)) as spool, closing(Ledger(config.paths.ledger)) as ledger:
        spool.claim_outbox()
        ledger.open()
        told: list[dict[str, object]] = []
        others = partial(others_at_hand, config)
        yield House(Shelf(spool), ledger, config.paths.forget, Limits(), told.append, others=others)


def keep(spool: Spool) -> str:
    return spool.put(*permitted(16_000))


def names_in(room: Path) -> list[str]:
    return [each.name for each in room.iterdir()]


@pytest.mark.parametrize("is_shared", [False, True])
def test_a_running_uploader_forgets_in_the_spool_that_is_out_of_use_too(
    config: Config, *, is_shared: bool
) -> None:
    with closing(Spool(config.paths.state / "spool")) as old:
        ids = [keep(old)]
        if is_shared:
            old.trash.chmod(0o2770)
    with running(config) as house:
        ids.append(keep(house.shelf.spool))
        house.requests.put(Wish().facts())
        house.tidy(frozenset(), is_busy=False)
        assert house.requests.names() == []
        assert names_in(house.shelf.spool.outbox) == []
    assert names_in(old.outbox) == names_in(old.trash) == []
    assert {entry.id for entry in entries(config.paths.ledger)} == set(ids)


def test_a_wish_waits_while_somebody_has_the_other_spool(config: Config) -> None:
    with closing(Spool(config.paths.state / "spool")) as old, running(config) as house:
        keep(old)
        old.claim_outbox()
        house.requests.put(Wish().facts())
        with pytest.raises(DiskTrouble, match="already using"):
            house.tidy(frozenset(), is_busy=False)
        assert len(house.requests.names()) == 1
        old.close()
        house.tidy(frozenset(), is_busy=False)
        assert names_in(old.outbox) == house.requests.names() == []


def test_where_there_is_no_other_spool_none_is_made(config: Config) -> None:
    with running(config) as house:
        keep(house.shelf.spool)
        house.requests.put(Wish().facts())
        house.tidy(frozenset(), is_busy=False)
        assert names_in(house.shelf.spool.outbox) == []
    assert not (config.paths.state / "spool").exists()


def test_what_was_set_aside_in_the_other_spool_is_put_back_too(config: Config) -> None:
    with closing(Spool(config.paths.state / "spool")) as old:
        keep(old)
        (kept,) = old.pending()
        old.quarantine(kept, "refused")
    with running(config) as house:
        house.requests.put(Again().facts())
        house.tidy(frozenset(), is_busy=False)
    assert names_in(old.quarantined) == []
    assert old.waiting() == 1
