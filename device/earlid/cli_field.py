"""The command line of `earlid field`: declarations only."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import click

from earlid.cli_options import FILE, config_too, json_too, load
from earlid.core.prompting import NOISES
from earlid.errors import UsageError

_Verb = TypeVar("_Verb", bound=Callable[..., Any])

_FORMS: Final = {
    "html": "A page to post; add > report.html.",
    "json": "For earlid field merge; add > report.json.",
    "csv": "Rows for a spreadsheet; add > report.csv.",
}


def form_too(verb: _Verb) -> _Verb:
    """Give a command --html, --json and --csv, of which it is told the one as `how`, or text."""

    @wraps(verb)
    def told(**asked: Any) -> int:
        chosen = [form for form in _FORMS if asked.pop(form)]
        if len(chosen) > 1:
            both = " and ".join(f"--{form}" for form in chosen)
            raise UsageError(
                f"{both} would go into one file: ask for one at a time, each with its own > FILE"
            )
        return int(verb(how="".join(chosen) or "text", **asked))

    for form, about in reversed(_FORMS.items()):
        told = click.option(f"--{form}", is_flag=True, help=about)(told)
    return cast("_Verb", told)


@click.group()
def field() -> None:
    """Find out how often it is wrong at home, and mend it. Nothing of it leaves."""


@field.command(short_help="Begin a recording, which has an end.")
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
    show_default=True,
    help="Keep the sound around each wake, sealed and on this machine; else only numbers.",
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
@click.option("--lan", is_flag=True, help="For your network as well: a phone, say. The code lets one in.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8765,
    show_default=True,
    metavar="N",
    help="Where, if that is taken; 0 is any that is free.",
)
@config_too
def review(lan: bool, port: int, config: Path | None) -> int:
    """Serve the page on which you hear and judge what woke it. To this machine only, unless --lan."""
    from earlid.field.review import review as verb

    return verb(load(config, secrets=False), lan=lan, port=port)


@field.command(short_help="Say whether a recording is made, and until when.")
@json_too
@config_too
def status(json: bool, config: Path | None) -> int:
    """Say whether a recording is made, until when, and what it has come to."""
    from earlid.field.status import status as verb

    return verb(load(config, secrets=False), json=json)


@field.command()
@form_too
@click.option("--notes", is_flag=True, help="With the notes of earlid field start in it.")
@config_too
def report(how: str, notes: bool, config: Path | None) -> int:
    """Tell what it came to: numbers to show to anybody, never sound."""
    from earlid.field.report import How
    from earlid.field.report import report as verb

    return verb(load(config, secrets=False), How(how), notes=notes)


@field.command()
@form_too
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="REPORT.json...")
def merge(how: str, files: tuple[Path, ...]) -> int:
    """Tell what several devices' reports come to, apart and together."""
    from earlid.field.report import How
    from earlid.field.report import merge as verb

    return verb(files, How(how))


@field.command()
@click.option(
    "--count", type=click.IntRange(1, 1000), default=20, show_default=True, help="How often to ask."
)
@click.option(
    "--distance",
    "distances_m",
    multiple=True,
    type=click.FloatRange(0.1, 50),
    default=(1.0, 3.0),
    show_default=True,
    metavar="M",
    help="How far away, in metres; several for several.",
)
@click.option(
    "--noise",
    "noises",
    multiple=True,
    type=click.Choice(NOISES),
    default=("quiet",),
    show_default=True,
    help="What goes on meanwhile; several for several.",
)
@click.option("--word", default="", metavar="WORD", help="Which wake word, if there are several.")
@click.option("--window", "window_s", type=click.FloatRange(0.5, 30), default=5.0, hidden=True)
@click.option("--pause", "pause_s", type=click.FloatRange(0, 30), default=2.5, hidden=True)
@config_too
def prompt(
    count: int,
    distances_m: tuple[float, ...],
    noises: tuple[str, ...],
    word: str,
    window_s: float,
    pause_s: float,
    config: Path | None,
) -> int:
    """Ask you to say the wake word, and count how often it was heard."""
    from earlid.field.prompt import Wish
    from earlid.field.prompt import prompt as verb

    wish = Wish(word, count, distances_m, noises, window_s, pause_s)
    return verb(load(config, secrets=False), wish)


def word_and_yes(verb: _Verb) -> _Verb:
    """Give a command --word and --yes."""
    verb = click.option("--yes", is_flag=True, help="Write it without asking.")(verb)
    told = "Which wake word, if there are several."
    return click.option("--word", default="", metavar="WORD", help=told)(verb)


@field.command()
@click.option(
    "--target",
    type=click.FloatRange(0, 100, min_open=True),
    default=0.1,
    show_default=True,
    metavar="N",
    help="How many false wakes an hour there may be.",
)
@word_and_yes
@config_too
def tune(target: float, word: str, yes: bool, config: Path | None) -> int:
    """Propose a threshold from your labels, with its cost. Nothing is written unless you say yes."""
    from earlid.field.tune import tune as verb

    return verb(load(config, secrets=False), word, target, yes=yes)


@field.command(short_help="Learn from your labels to refuse what woke it wrongly.")
@click.option("--off", is_flag=True, help="Let what was taught have no say any more.")
@word_and_yes
@config_too
def teach(off: bool, word: str, yes: bool, config: Path | None) -> int:
    """Learn from your labels to refuse what woke it wrongly, and show first what that would come to."""
    if off:
        from earlid.field.teach import unteach

        return unteach(load(config, secrets=False), word, yes=yes)
    from earlid.field.teach import teach as verb

    return verb(load(config, secrets=False), word, yes=yes)
