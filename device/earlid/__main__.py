"""`python -m earlid` is `earlid`."""

from __future__ import annotations

from earlid.cli import main

if __name__ == "__main__":
    main()
