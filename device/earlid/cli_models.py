"""The command line of `earlid models`: declarations only."""

from __future__ import annotations

from pathlib import Path

import click

from earlid.cli_options import FILE, config_too, json_too, load
from earlid.errors import UsageError


@click.group()
def models() -> None:
    """List, get and verify wake-word models."""


@models.command(name="list")
@json_too
@config_too
def list_them(json: bool, config: Path | None) -> int:
    """List the wake words with phrase, licence, source and threshold."""
    from earlid.fetch import list_models

    return list_models(load(config, secrets=False), json)


@models.command()
@click.argument("names", nargs=-1, metavar="NAME...")
@click.option("--from", "wheel", type=FILE, metavar="FILE.whl", help="Take them from this file, offline.")
@click.option("--all", "everything", is_flag=True, help="All that there are.")
@config_too
def get(names: tuple[str, ...], wheel: Path | None, everything: bool, config: Path | None) -> int:
    """Obtain models, check them and make them ready."""
    from earlid.edge.model.manifest import manifests
    from earlid.fetch import get_models

    if everything == bool(names):
        raise UsageError("name the models to get, or say --all")
    return get_models(load(config, secrets=False), tuple(manifests()) if everything else names, wheel)


@models.command()
@click.argument("names", nargs=-1, metavar="[NAME...]")
@config_too
def verify(names: tuple[str, ...], config: Path | None) -> int:
    """Check the models that are here, byte for byte."""
    from earlid.fetch import verify_models

    return verify_models(load(config, secrets=False), names)
