"""What several commands have in common on the command line."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

if TYPE_CHECKING:
    from earlid.config import Config

_Verb = TypeVar("_Verb", bound=Callable[..., Any])

FILE: Final = click.Path(
    path_type=Path, readable=False
)  # not looked at here: the verb says what is wrong with it

json_too = click.option("--json", "json", is_flag=True, help="One JSON object a line, for programs.")


def config_too(verb: _Verb) -> _Verb:
    """Give a command --config FILE."""
    told = "The configuration to use; else $EARLID_CONFIG, else the system's, else yours."
    return click.option("--config", "config", type=FILE, metavar="FILE", help=told)(verb)


def chosen(config: Path | None) -> Path | None:
    """The file named by this command's own --config, else by that of the whole."""
    return config or click.get_current_context().find_root().obj


def load(config: Path | None, *, secrets: bool = True) -> Config:
    """The configuration in effect; `secrets=False` for verbs that never send."""
    from earlid.config_file import load as load_it

    return load_it(chosen(config), secrets=secrets)


def mistaken(error: click.ClickException) -> str:
    """What click says of a mistake, as we say things; or the help, where nothing was asked."""
    context = getattr(error, "ctx", None)
    if isinstance(error, click.NoSuchOption) and context is not None:
        shown = [
            name for each in context.command.get_params(context) if _is_shown(each) for name in each.opts
        ]
        error = click.NoSuchOption(error.option_name, error.message, shown, context)
    said = error.format_message().strip()
    if "\n" in said:
        return f"{said}\n"
    where = context.command_path if context is not None else "earlid"
    return f"earlid: {as_told(said, f'see {where} --help')}\n"


def _is_shown(parameter: click.Parameter) -> bool:
    return isinstance(parameter, click.Option) and not parameter.hidden


def as_told(said: str, see: str) -> str:
    """What click says of a mistake, as we say things: in small letters, and where to `see` more."""
    asks = r"\.? \(?Did you mean (?:one of: )?(.*?)\?\)?$"
    clause = re.sub(asks, lambda found: f", did you mean {found[1].replace(', ', ' or ')}?", said.rstrip("."))
    return f"{clause[:1].lower()}{clause[1:]}{' ' if clause.endswith('?') else '; '}{see}"
