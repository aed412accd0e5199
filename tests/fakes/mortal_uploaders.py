"""Run as a script: uploaders that are killed without warning, as many as there are lines on stdin.

Each line is how many seconds one may live. Everything is imported before the first is forked, so that the
kill falls into the work itself and not into the start of an interpreter. Argument: the configuration file.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from earlid.config_file import load
from earlid.upload import upload_forever


def main() -> None:
    config = load(Path(sys.argv[1]))
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            try:
                upload_forever(config, json=True, once=False)
            finally:
                os._exit(1)
        ended = signal.sigtimedwait({signal.SIGCHLD}, float(line))
        if ended is None:
            os.kill(child, signal.SIGKILL)
            signal.sigwait({signal.SIGCHLD})
        os.waitpid(child, 0)
        print("ended by itself" if ended else "killed", flush=True)


if __name__ == "__main__":
    main()
