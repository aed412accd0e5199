"""What the spool promises while the power stays on."""

from __future__ import annotations

import io
import json
import os
import resource
import stat
import wave
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest

from earlid.core.gate import Permit
from earlid.core.segment import Segment, Wake
from earlid.edge.spool.spool import Spool
from earlid.errors import ConfigError, DiskTrouble, Violation
from fakes.disk import ForgetfulDisk
from fakes.segments import permitted


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with closing(Spool(tmp_path / "spool")) as made:
        yield made


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def everything(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_what_was_put_is_pending_with_its_sound_and_its_facts(spool: Spool) -> None:
    segment, permit = permitted(16_000, lookback=3_200)
    id_ = spool.put(segment, permit)
    (kept,) = spool.pending()
    with wave.open(io.BytesIO(kept.wav)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 16_000)
        sound = np.frombuffer(file.readframes(20_000), "<i2")
    assert (sound == segment.samples).all()
    assert (kept.id, kept.duration_s, kept.facts.model) == (id_, 1.0, "hey_jarvis")
    assert (kept.facts.start, kept.facts.wake_at) == (-3_200, 32_000)


def test_the_recording_is_a_bare_header_and_samples(spool: Spool) -> None:
    spool.put(*permitted(1_000))
    (kept,) = spool.pending()
    assert len(kept.wav) == 44 + 2_000


def test_the_facts_hold_these_words_and_no_time_of_day(spool: Spool) -> None:
    spool.put(*permitted())
    (folder,) = spool.outbox.iterdir()
    facts = json.loads((folder / "segment.json").read_bytes())
    assert set(facts) == {"id", "model", "score", "endpoint", "samples", "start", "wake_at", "boot", "up_s"}
    assert facts["endpoint"] == "speech ended"


def test_only_the_owner_can_open_the_spool(spool: Spool) -> None:
    spool.put(*permitted())
    for path in [spool.root, *spool.root.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_segments_come_out_in_the_order_they_went_in_across_restarts(tmp_path: Path) -> None:
    ids = []
    for _ in range(3):
        with closing(Spool(tmp_path)) as spool:
            ids += [spool.put(*permitted()), spool.put(*permitted())]
    assert [kept.id for kept in Spool(tmp_path).pending()] == ids
    assert [kept.sequence for kept in Spool(tmp_path).pending()] == [1, 2, 3, 4, 5, 6]


def test_the_order_holds_past_eight_digits(spool: Spool) -> None:
    first = spool.put(*permitted())
    (folder,) = spool.outbox.iterdir()
    folder.rename(spool.outbox / f"99999999-{first}")
    spool.close()
    second = spool.put(*permitted())
    assert [kept.id for kept in spool.pending()] == [first, second]


def test_nothing_is_written_without_a_permit(spool: Spool) -> None:
    segment, _ = permitted()
    with pytest.raises(Violation, match="without a permit"):
        spool.put(segment, "please")  # type: ignore[arg-type]
    assert everything(spool.root) == []


def test_nothing_is_written_under_the_permit_of_another_wake(spool: Spool) -> None:
    segment, _ = permitted()
    _, other = permitted()
    assert other.wake == segment.wake
    with pytest.raises(Violation, match="another wake"):
        spool.put(segment, other)
    assert everything(spool.root) == []


def test_nothing_from_before_the_permitted_start_is_written(spool: Spool) -> None:
    segment, permit = permitted()
    early = Segment(segment.wake, permit.start - 1, segment.samples, segment.endpoint)
    with pytest.raises(Violation, match="1 samples before"):
        spool.put(early, permit)
    assert everything(spool.root) == []


def test_a_permit_cannot_be_made_by_hand() -> None:
    with pytest.raises(Violation):
        Permit(Wake("alexa", 5, 0.9), 0, 0, object())


def test_a_removed_segment_is_gone_and_was_wiped_first() -> None:
    disk = ForgetfulDisk()
    spool = Spool(Path("/spool"), disk)
    spool.put(*permitted())
    told: list[tuple[str, str]] = []
    disk.before_verb = lambda verb, path: told.append((verb, path.name))
    (kept,) = spool.pending()
    spool.remove(kept)
    assert list(spool.pending()) == []
    assert disk.list(spool.trash) == []
    assert told.index(("wipe", "segment.wav")) < told.index(("remove", "segment.wav"))
    assert told.index(("sync_dir", "trash")) < told.index(("wipe", "segment.wav"))


def test_a_quarantined_segment_is_kept_whole_with_the_reason_beside_it(spool: Spool) -> None:
    spool.put(*permitted())
    (kept,) = spool.pending()
    spool.quarantine(kept, "the collector refuses it (413)")
    assert list(spool.pending()) == []
    aside = spool.quarantined / kept.folder.name
    assert names(aside) == ["segment.json", "segment.wav", "why.txt"]
    assert (aside / "why.txt").read_text() == "the collector refuses it (413)\n"
    assert (aside / "segment.wav").read_bytes() == kept.wav


def test_a_place_in_the_order_is_not_used_again_while_quarantine_holds_it(spool: Spool) -> None:
    spool.put(*permitted())
    (kept,) = spool.pending()
    spool.quarantine(kept, "refused")
    spool.close()
    spool.put(*permitted())
    assert [each.sequence for each in spool.pending()] == [2]


def test_what_a_crash_left_in_draft_is_wiped_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Spool(tmp_path)
    left = tmp_path / "draft" / "00000001-half"
    left.mkdir()
    (left / "segment.wav").write_bytes(b"half a sentence")
    twin = tmp_path / "twin"
    os.link(left / "segment.wav", twin)
    with closing(Spool(tmp_path)) as spool:
        assert spool.claim_drafts() == 1
    assert names(tmp_path / "draft") == []
    assert twin.read_bytes() == bytes(15)
    assert "swept=1" in caplog.text


def test_a_looker_never_sweeps_a_draft_that_is_being_written(tmp_path: Path) -> None:
    with closing(Spool(tmp_path)) as listener, closing(Spool(tmp_path)) as uploader:
        listener.claim_drafts()
        (listener.draft / "00000001-being-written").mkdir()
        uploader.claim_outbox()
        list(uploader.pending())
        assert names(listener.draft) == ["00000001-being-written"]


def test_a_second_listener_on_the_same_spool_is_refused(tmp_path: Path) -> None:
    with closing(Spool(tmp_path)) as first, closing(Spool(tmp_path)) as second:
        first.put(*permitted())
        with pytest.raises(ConfigError, match="another earlid listen"):
            second.put(*permitted())


def test_a_second_uploader_on_the_same_spool_is_refused(tmp_path: Path) -> None:
    with closing(Spool(tmp_path)) as first, closing(Spool(tmp_path)) as second:
        first.claim_outbox()
        with pytest.raises(ConfigError, match="another earlid upload"):
            second.claim_outbox()


def test_a_full_disk_at_any_verb_leaves_nothing_half_written() -> None:
    for failing in range(4):
        disk = ForgetfulDisk()
        spool = Spool(Path("/spool"), disk)
        first = spool.put(*permitted())
        left = [failing]

        def fail(verb: str, path: Path, left: list[int] = left) -> None:
            if verb in ("create", "make_folder", "rename"):
                left[0] -= 1
                if left[0] < 0:
                    raise DiskTrouble(f"disk full: cannot write {path}, make room")

        disk.before_verb = fail
        with pytest.raises(DiskTrouble, match="disk full"):
            spool.put(*permitted())
        assert disk.list(spool.draft) == []
        assert [kept.id for kept in spool.pending()] == [first]
        disk.before_verb = lambda verb, path: None
        second = spool.put(*permitted())
        assert [kept.id for kept in spool.pending()] == [first, second]


@contextmanager
def files_of_at_most(limit_bytes: int) -> Iterator[None]:
    """Let the kernel refuse the rest of any longer file, after it has written the beginning."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_fills_in_the_middle_of_a_file_is_told_in_one_line(spool: Spool) -> None:
    first = spool.put(*permitted(1_000))
    with files_of_at_most(4_096), pytest.raises(DiskTrouble, match="disk full: cannot write") as told:
        spool.put(*permitted(16_000))
    assert "\n" not in str(told.value)
    assert names(spool.draft) == []
    assert [kept.id for kept in spool.pending()] == [first]


@contextmanager
def as_somebody_else() -> Iterator[None]:
    """Without the powers of root, if we have them."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_directory_that_may_not_be_written_is_a_setting_to_correct(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(0o500)
    with as_somebody_else(), pytest.raises(ConfigError, match=r"set paths\.state"):
        Spool(closed / "spool")
    assert names(closed) == []


def test_a_check_says_whether_a_segment_could_be_kept_and_leaves_nothing(spool: Spool) -> None:
    before = names(spool.root)
    spool.check()
    assert spool.trouble() is None
    with files_of_at_most(1_024):
        assert "disk full" in (spool.trouble() or "")
    assert names(spool.root) == before


def test_what_waits_can_be_counted_without_opening_it(spool: Spool) -> None:
    spool.put(*permitted())
    spool.put(*permitted())
    (spool.outbox / "notes.txt").write_bytes(b"mine")
    assert spool.waiting() == 2
