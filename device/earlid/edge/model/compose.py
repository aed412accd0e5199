"""Composes the streaming graph for a set of wake words; a program of its own, for it needs much memory."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from earlid.edge.model.fit import fit
from earlid.edge.model.graph import Head, compose
from earlid.edge.model.manifest import backbone
from earlid.edge.model.store import ModelStore
from earlid.errors import EarlidError


def compose_for(store: ModelStore, names: Sequence[str]) -> None:
    """Compose the graph for `names` from what `store` holds, fit it to this machine, and keep it there."""
    known, shared = store.manifests(names), backbone()
    heads = [Head(one.name, store.body(one.part), one.outputs) for one in known]
    mel, embedding = store.body(shared.melspectrogram), store.body(shared.embedding)
    store.keep_composed(names, fit(lambda start: compose(mel, embedding, heads, start), known))


if __name__ == "__main__":
    try:
        compose_for(ModelStore(Path(sys.argv[1])), sys.argv[2:])
    except EarlidError as error:
        sys.exit(str(error))
