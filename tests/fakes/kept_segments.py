"""Kept segments as the uploader finds them: through a real spool, with a real permit."""

from __future__ import annotations

import tomllib
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import soundfile

from earlid.edge.age import new_key
from earlid.edge.seal import sealer_for
from earlid.edge.spool.kept import Kept
from earlid.edge.spool.spool import Spool
from fakes.segments import permitted

CLIPS = Path(__file__).parents[1] / "clips"


def kept_in(folder: Path, length: int = 16_000, *, sealed: bool = False) -> Kept:
    """A segment of counting samples, waiting in a spool under `folder`."""
    seal = sealer_for([new_key()[0]]) if sealed else None
    with closing(Spool(folder / "spool", sealer=seal)) as spool:
        id_ = spool.put(*permitted(length, lookback=3_200))
        return next(each for each in spool.pending() if each.id == id_)


def spoken(folder: Path, words: str) -> Kept:
    """A segment in which a voice of the committed clip says `words`."""
    told = tomllib.loads((CLIPS / "six_words.toml").read_text("utf-8"))
    line = next(each for each in told["said"] if each["text"] == words)
    sound, _ = soundfile.read(CLIPS / "six_words.flac", dtype="int16")
    segment, permit = permitted(line["stop"] - line["start"] + 4_800)
    heard = replace(segment, samples=sound[line["start"] - 1_600 : line["stop"] + 3_200].copy())
    with closing(Spool(folder / "spool")) as spool:
        spool.put(heard, permit)
        return next(spool.pending())
