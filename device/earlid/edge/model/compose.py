"""Composes the streaming graph for a set of wake words; a program of its own, for it needs much memory."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from earlid.edge.model.fit import fit
from earlid.edge.model.graph import Head, compose
from earlid.edge.model.manifest import backbone
from earlid.edge.model.store import NOT_KEPT, ModelStore
from earlid.errors import DiskTrouble, EarlidError


def compose_for(store: ModelStore, names: Sequence[str]) -> None:
    """Compose the graph for `names` from what `store` holds, fit it to this machine, and keep it there."""
    store.keep_composed(names, composed(store, names))


def composed(store: ModelStore, names: Sequence[str]) -> bytes:
    """The graph for `names` from what `store` holds, fitted to this machine."""
    known, shared = store.manifests(names), backbone()
    heads = [Head(one.name, store.body(one.part), one.outputs) for one in known]
    mel, embedding = store.body(shared.melspectrogram), store.body(shared.embedding)
    return fit(lambda start: compose(mel, embedding, heads, start), known)


def main(root: str, *names: str) -> int:
    """Keep the graph for `names` under `root`; where that cannot be, NOT_KEPT, and the graph is on stdout."""
    store = ModelStore(Path(root))
    body = composed(store, names)
    try:
        store.keep_composed(names, body)
    except DiskTrouble as error:
        sys.stderr.write(f"{error}\n")
        sys.stdout.buffer.write(body)
        return NOT_KEPT
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except EarlidError as error:
        sys.exit(str(error))
