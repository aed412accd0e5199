"""The command line of `earlid field`: declarations only."""

from __future__ import annotations

from pathlib import Path

import click

from earlid.cli_options import config_too, json_too, load


@click.group()
def field() -> None:
    """Find out how often it is wrong at home, and mend it. Nothing of it leaves."""


@field.command()
@click.option("--note", default="", metavar="TEXT", help="Where it stands, for yourself: kitchen.")
@click.option(
    "--days",
    type=click.FloatRange(0.001, 90),
    default=14.0,
    show_default=True,
    help="It ends by itself after so many.",
)
@click.option(
    "--keep-audio/--numbers-only",
    "keeps_audio",
    default=False,
    help="Keep the sound around each wake, sealed and on this machine; else only numbers.  [default]",
)
@config_too
def start(note: str, days: float, keeps_audio: bool, config: Path | None) -> int:
    """Begin a recording: an explicit one, with an end, and the lamp says so."""
    from earlid.field.start import start as verb

    return verb(load(config, secrets=False), note=note, days=days, keeps_audio=keeps_audio)


@field.command()
@config_too
def stop(config: Path | None) -> int:
    """End the recording now."""
    from earlid.field.start import stop as verb

    return verb(load(config, secrets=False))


@field.command()
@json_too
@config_too
def status(json: bool, config: Path | None) -> int:
    """Say whether a recording is made, until when, and what it has come to."""
    from earlid.field.status import status as verb

    return verb(load(config, secrets=False), json=json)
