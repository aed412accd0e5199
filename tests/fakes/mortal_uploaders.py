"""Run as a script: uploaders that are killed without warning; see mortals. Argument: the configuration."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from earlid.upload import upload_forever
from fakes.mortals import live_by_the_line


def main() -> None:
    def upload() -> None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        upload_forever(Path(sys.argv[1]), json=True, once=False)

    live_by_the_line(upload)


if __name__ == "__main__":
    main()
