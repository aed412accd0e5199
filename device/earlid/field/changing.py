"""Changes the owner's configuration, once they have seen exactly which lines and said yes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from earlid.config_file import parse
from earlid.edge.own_file import own_file
from earlid.edge.terminal import line
from earlid.edge.toml_edit import Value, difference, edited
from earlid.errors import ConfigError

if TYPE_CHECKING:
    from earlid.config import Config

NEXT_START: Final = "it holds from the next start on: systemctl restart earlid-listen, or earlid run anew"


def change(
    config: Config, changes: Mapping[str, Value], *, yes: bool, first: Callable[[], None] = lambda: None
) -> bool:
    """Have the settings in `changes` written into the file that is in effect; whether that was done.

    The lines are shown, and asked about unless `yes`. `first` is done once they are wanted, before anything
    is written. ConfigError, and nothing was written, where the file is not the owner's or cannot be changed.
    """
    if config.file is None:
        told = "; ".join(f"{path} = {value}" for path, value in changes.items())
        raise ConfigError(
            f"there is no configuration to write {told} into: begin one with earlid check-config --new"
        )
    file = own_file(config.file)
    after = edited(file.text, changes)
    parse(after, config.file, secrets=False, environ=os.environ)
    if after == file.text:
        line(f"{config.file} says so already")
        return False
    line(f"{config.file} would change like this, and nothing else in it:")
    for each in difference(file.text, after):
        line(f"  {each}", "green" if "+" in each[:7] else "red")
    if not (yes or agrees("write it?")):
        line("nothing was written")
        return False
    first()
    file.replace(after)
    line(f"written; {NEXT_START}")
    return True


def agrees(question: str) -> bool:
    """Whether the person at the terminal says yes; nobody there is a no."""
    sys.stdout.write(f"{question} [y/N] ")
    sys.stdout.flush()
    said = sys.stdin.readline()
    if not said.endswith("\n"):
        sys.stdout.write("\n")
    return said.strip().lower() in {"y", "yes"}
