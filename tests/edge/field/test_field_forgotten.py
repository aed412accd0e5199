"""Sound that its owner wants forgotten is nowhere afterwards, whatever is being done with it just then."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from earlid.core.field import Minute, Peak
from earlid.edge.field.clips import forget_sound
from fakes.field_session import FieldSession


@pytest.fixture
def site(tmp_path: Path) -> Iterator[FieldSession]:
    with closing(FieldSession(tmp_path / "field")) as made:
        yield made


def test_sound_is_destroyed_and_every_number_stays(site: FieldSession) -> None:
    site.hear()
    site.write()
    assert site.sounds == 1
    assert forget_sound(site.store, site.clips) == 1
    assert (site.sounds, site.store.count()) == (0, 1)
    assert list(site.clips.folder.iterdir()) == []


def test_sound_of_before_a_time_stays(site: FieldSession) -> None:
    now_s = time.time()
    site.hear(now_s - 60)
    site.hear(now_s)
    site.write()
    assert forget_sound(site.store, site.clips, now_s - 1) == 1
    assert [peak.at_s for peak in site.store.peaks() if peak.clip] == [now_s - 60]


def test_sound_that_waits_for_the_end_of_its_minute_is_not_written_any_more(site: FieldSession) -> None:
    site.hear()
    assert forget_sound(site.store, site.clips) == 0
    site.write()
    assert (site.sounds, site.store.count()) == (0, 1)
    site.hear()
    site.write()
    assert site.sounds == 1, "what was heard after that is another matter"


def test_sound_that_is_forgotten_while_it_is_written_goes_right_after(
    site: FieldSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = site.desk._store.add

    def forgotten_meanwhile(minutes: list[Minute], peaks: list[Peak]) -> None:
        assert forget_sound(site.store, site.clips) == 0, "no row names it yet"
        add(minutes, peaks)

    monkeypatch.setattr(site.desk._store, "add", forgotten_meanwhile)
    site.hear()
    site.write()
    assert (site.sounds, site.store.count()) == (0, 1)
