"""`python -m earlid` is `earlid`, except that a child of `earlid run` or `earlid demo` ends with it."""

from __future__ import annotations

from earlid.cli import main
from earlid.edge.leash import wear_leash

if __name__ == "__main__":
    wear_leash()
    main()
