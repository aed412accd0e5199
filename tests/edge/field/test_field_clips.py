"""The sound of field recordings: sealed or not at all, within its room and its time, the oldest first."""

from __future__ import annotations

import stat
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from earlid.edge.age import unsealed
from earlid.edge.field.clips import FieldClips, erase, erase_everything, new_name, trim
from earlid.edge.field.key import public_key, secret_key
from earlid.edge.seal import sealer_for
from earlid.errors import ConfigError, Violation
from fakes.field_session import FieldSession


@pytest.fixture
def site(tmp_path: Path) -> Iterator[FieldSession]:
    with closing(FieldSession(tmp_path / "field")) as made:
        yield made


def heard(site: FieldSession, count: int) -> list[str]:
    """The clips of so many wakes, the oldest first, an hour apart and the last just now."""
    for hours in reversed(range(count)):
        site.hear(time.time() - 3600 * hours)
    site.write()
    return [name for name, _, _ in site.store.clips()]


def test_the_oldest_go_first_where_there_is_no_more_room_and_their_numbers_stay(site: FieldSession) -> None:
    names = heard(site, 5)
    three = sum(size for _, _, size in site.store.clips()[2:])
    assert trim(site.store, site.clips, max_bytes=three, before_s=0.0) == 2
    assert site.clips.names() == set(names[2:])
    assert (site.sounds, site.store.count()) == (3, 5)
    assert trim(site.store, site.clips, max_bytes=three, before_s=0.0) == 0
    assert trim(site.store, site.clips, max_bytes=0, before_s=0.0) == 3
    assert list(site.clips.folder.iterdir()) == []


def test_what_is_too_old_goes_however_much_room_there_is(site: FieldSession) -> None:
    names = heard(site, 4)
    assert trim(site.store, site.clips, max_bytes=10**9, before_s=time.time() - 1.5 * 3600) == 2
    assert site.clips.names() == set(names[2:])


def test_one_that_is_erased_leaves_its_count_and_nothing_else(site: FieldSession) -> None:
    heard(site, 3)
    gone, *_ = site.store.peaks()
    site.store.annotate(gone.id, "said in confidence")
    erase(site.store, site.clips, gone.id)
    found = site.store.peak(gone.id)
    assert (found.is_erased, found.clip, found.note, found.trace.size) == (True, None, "", 0)
    assert (site.sounds, site.store.count()) == (2, 3)
    assert site.store.undo() is None, "what was written beside it cannot be brought back"
    erase_everything(site.store, site.clips)
    assert (site.sounds, site.store.count(), site.store.minutes()) == (0, 0, [])
    for file in site.store.folder.iterdir():
        assert file.is_dir() or b"said in confidence" not in file.read_bytes()


def test_what_is_not_sealed_is_not_kept(site: FieldSession) -> None:
    with pytest.raises(Violation):
        site.clips.put(new_name(), b"RIFF" + bytes(1000))
    assert list(site.clips.folder.iterdir()) == []


def test_files_and_folders_are_for_their_owner_alone(site: FieldSession) -> None:
    heard(site, 1)
    for path in (*site.clips.folder.iterdir(), site.clips.folder, site.store.folder / "field.sqlite3"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_the_key_is_made_once_for_its_owner_alone_and_refused_where_everybody_can_read_it(
    tmp_path: Path,
) -> None:
    key = tmp_path / "etc" / "field.key"
    public = public_key(key)
    assert public_key(key) == public
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    seal = sealer_for([public])
    assert seal
    assert unsealed(seal(b"sound"), secret_key(key)) == b"sound"
    key.chmod(0o604)
    with pytest.raises(ConfigError, match="run chmod o="):
        secret_key(key)
    key.chmod(0o600)
    key.write_text("nothing")
    with pytest.raises(ConfigError, match="holds no secret key"):
        public_key(key)
    key.unlink()
    key.symlink_to("/dev/zero")
    with pytest.raises(ConfigError):
        secret_key(key)


def test_a_folder_that_another_writes_to_is_not_mended_by_anybody_else(site: FieldSession) -> None:
    assert FieldClips(site.store.folder).claim() is None
