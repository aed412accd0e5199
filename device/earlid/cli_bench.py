"""The command line of `earlid bench`: declarations only, beside the rest because there are many."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click

from earlid.cli_options import FILE, config_too, load

_EPILOG: Final = """Leaves with 0, or with 65 where the report is there and something that was asked for is
not in it: a missing or damaged recording, a label without a model, a word that nobody calls."""


def _numbers(context: click.Context, option: click.Parameter, value: str) -> tuple[float, ...]:
    """Numbers with commas between, or a complaint."""
    del context
    try:
        return tuple(float(part) for part in value.split(",") if part.strip())
    except ValueError:
        raise click.BadParameter(f"{value} is no list of numbers such as 20,10,5", param=option) from None


def _names(context: click.Context, option: click.Parameter, value: str) -> tuple[str, ...]:
    """Names with commas between."""
    del context, option
    return tuple(part.strip() for part in value.split(",") if part.strip())


@click.command(epilog=_EPILOG, short_help="Measure misses and false accepts on recordings.")
@click.option(
    "--positives",
    multiple=True,
    type=FILE,
    metavar="PATH",
    help="Recordings of calls; of the one --model, where no name says of which.",
)
@click.option(
    "--negatives", multiple=True, type=FILE, metavar="PATH", help="Recordings in which nobody calls."
)
@click.option(
    "--model",
    "models",
    callback=_names,
    default="",
    metavar="NAME,...",
    help="Else every word that is called.",
)
@click.option(
    "--engine",
    "engines",
    callback=_names,
    default="",
    metavar="NAME,...",
    help="Beside ours: openwakeword, pyopen-wakeword, pymicro-wakeword; or NAME=PYTHON.",
)
@click.option("--noise", type=FILE, metavar="DIR", help="Noise to mix in, by lot.")
@click.option(
    "--snr", "snrs", callback=_numbers, default="", metavar="DB,...", help="As far below the speech."
)
@click.option("--rir", type=FILE, metavar="DIR", help="Rooms: impulse responses to hear everything through.")
@click.option("--speed", "speeds", callback=_numbers, default="", metavar="X,...", help="Times as fast.")
@click.option(
    "--gain", "gains", callback=_numbers, default="", metavar="DB,...", help="Louder, or softer below 0."
)
@click.option(
    "--condition",
    "conditions",
    callback=_names,
    default="",
    metavar="NAME,...",
    help="Several at once: rir+snr5, snr10+gain-30.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="What the lots are drawn from.")
@click.option(
    "--threshold", type=click.FloatRange(0.01, 0.99), help="The score needed, for every model of ours."
)
@click.option("--unverified", is_flag=True, help="As if earlid field teach had never been asked.")
@click.option("--sample", type=click.IntRange(1), metavar="N", help="At most N recordings of each label.")
@click.option(
    "--lead-in",
    "lead_in_s",
    type=click.FloatRange(0, 60),
    default=2.0,
    show_default=True,
    metavar="S",
    help="Heard before each recording: silence, or the condition's noise.",
)
@click.option(
    "--tail",
    "tail_s",
    type=click.FloatRange(0, 60),
    default=0.0,
    show_default=True,
    metavar="S",
    help="Heard after each recording.",
)
@click.option("--json", type=FILE, metavar="FILE", help="The whole report, for programs.")
@click.option("--html", type=FILE, metavar="FILE", help="The whole report as one page with plots.")
@click.option(
    "--write",
    default="",
    metavar="SOURCE",
    help="Put it into the models' manifests; SOURCE says what was heard.",
)
@click.option("--clips", type=FILE, metavar="DIR", help="What was missed and what woke it, to listen to.")
@click.option(
    "--work", type=FILE, metavar="DIR", help="Where scores are kept, so that nothing is scored twice."
)
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="Processes; else one a core.")
@click.option("--dask", metavar="ADDRESS", help="Let a Dask cluster do the work.")
@config_too
@click.argument("recordings", nargs=-1, type=FILE, metavar="[FOLDER|INDEX.tsv]...")
def bench(config: Path | None, **asked: Any) -> int:
    """Measure misses and false accepts on recordings, with what listens.

    A folder has an index.tsv with columns path and label (and start_s, end_s of the word, if known), or
    folders named after what is said in them, below positive, near and negative.
    """
    from earlid.bench.run import Asked
    from earlid.bench.run import bench as verb

    return verb(load(config, secrets=False), Asked(**asked))
