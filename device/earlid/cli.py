"""The command line: declarations only. Each verb is imported when it is called, so that help is quick.

Whatever a verb raises on purpose becomes one line and its exit code: 64 usage, 69 device, 70 violation,
78 configuration. 130 is Ctrl-C, 141 a reader that went away.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

import click

from earlid.cli_bench import bench
from earlid.cli_field import field
from earlid.cli_models import models
from earlid.cli_options import FILE, config_too, json_too, mistaken
from earlid.cli_options import chosen as _chosen
from earlid.cli_options import load as _load
from earlid.errors import EarlidError, UsageError

REPORT_TO: Final = "run it again with --debug and report what it prints to the makers of earlid"

_LEAD_IN: Final = "Seconds of silence to hear before each recording, so that its first word can be scored."

plain_too = click.option("--plain", is_flag=True, help="Lines instead of a live screen.")
source_too = click.option(
    "--source", metavar="FILE|-", help="A recording, or - for raw s16le at 16 kHz on stdin."
)
hidden_pace = click.option("--pace", type=click.FloatRange(0.1, 1000), hidden=True)
realtime_too = click.option("--realtime", is_flag=True, help="Play a recording as fast as it was spoken.")


class _Flushed(click.Group):
    """A group that notices when nobody reads what is printed; click alone would leave with 1."""

    def invoke(self, context: click.Context) -> Any:
        try:
            code = super().invoke(context)
            sys.stdout.flush()
        except BrokenPipeError as error:
            raise _UnreadError from error
        return code


class _UnreadError(Exception):
    """Nobody reads what is printed."""


@click.group(name="earlid", cls=_Flushed, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="earlid", message="earlid %(version)s")
@click.option("--debug", is_flag=True, help="Log more, and show where an unexpected error came from.")
@config_too
@click.pass_context
def earlid(context: click.Context, debug: bool, config: Path | None) -> None:
    """Listens for a wake word on this machine, and lets only what follows it leave."""
    from earlid.edge.log import set_up

    set_up(debug=debug or bool(os.environ.get("EARLID_DEBUG")))
    context.obj = config


@earlid.command()
@source_too
@realtime_too
@hidden_pace
@plain_too
@config_too
def run(source: str | None, realtime: bool, pace: float | None, plain: bool, config: Path | None) -> int:
    """Listen and upload, with a live screen."""
    from earlid.run import run as verb

    return verb(_load(config), source, _pace(source, realtime, pace), plain)


@earlid.command()
@source_too
@realtime_too
@hidden_pace
@click.option("--meter", is_flag=True, help="With --json: level and scores of every hop, too.")
@json_too
@config_too
def listen(
    source: str | None, realtime: bool, pace: float | None, meter: bool, json: bool, config: Path | None
) -> int:
    """Listen, and keep what follows the wake word. Has no network."""
    from earlid.listen import listen as verb

    if meter and not json:
        raise UsageError("--meter is told as JSON: add --json")
    return verb(_load(config, secrets=False), source, _pace(source, realtime, pace), json, meter)


@earlid.command()
@click.option("--once", is_flag=True, help="Leave when nothing is waiting any more.")
@click.option(
    "--until-idle",
    "idle_s",
    type=click.FloatRange(0, 86_400),
    metavar="S",
    help="Leave when there was nothing left to do for so many seconds, not even later.",
)
@json_too
@config_too
def upload(once: bool, idle_s: float | None, json: bool, config: Path | None) -> int:
    """Send what was kept. Has no microphone."""
    from earlid.upload import upload_forever

    return upload_forever(_chosen(config), json, once, idle_s)


@earlid.group(invoke_without_command=True)
@json_too
@config_too
@click.pass_context
def ledger(context: click.Context, json: bool, config: Path | None) -> int:
    """Show all that left, day by day; verify it."""
    from earlid.ledger import show

    if context.invoked_subcommand:
        context.find_root().obj = _chosen(config)
        return 0
    return show(_load(config, secrets=False), json=json)


@ledger.command(name="verify", short_help="Say whether anybody changed it, and where.")
@click.option("--head", metavar="HASH", help="A head that was kept elsewhere: it must still be in there.")
@config_too
def verify_ledger(head: str | None, config: Path | None) -> int:
    """Say whether any entry was changed, removed, moved or cut off, and where."""
    from earlid.ledger import verify

    return verify(_load(config, secrets=False), head)


@ledger.command()
@config_too
def head(config: Path | None) -> int:
    """Print the head, to keep elsewhere."""
    from earlid.ledger import head as verb

    return verb(_load(config, secrets=False))


@earlid.command()
@click.option("--all", "everything", is_flag=True, help="Everything that was ever kept.")
@click.option("--since", metavar="TIME", help="What was kept since then: 30m, 12h, 7d, or a date.")
@click.option("--give-up", "lost", metavar="NAME", help="Wait for no deletion at a destination that is gone.")
@click.argument("id_", metavar="[ID]", required=False)
@config_too
def forget(
    everything: bool, since: str | None, lost: str | None, id_: str | None, config: Path | None
) -> int:
    """Destroy what was kept, and have deleted what was sent."""
    from earlid.asking.forget import forget as verb
    from earlid.asking.give_up import give_up

    if lost is not None:
        if everything or since is not None or id_ is not None:
            raise UsageError("--give-up NAME stands alone: it forgets nothing here")
        return give_up(_load(config, secrets=False), lost)
    return verb(_load(config, secrets=False), everything=everything, since=since, id_=id_)


@earlid.command()
@click.option("--all", "everything", is_flag=True, help="Everything that is set aside.")
@click.argument("ids", metavar="[ID]...", nargs=-1)
@config_too
def retry(everything: bool, ids: tuple[str, ...], config: Path | None) -> int:
    """Send again what a destination refused and is kept set aside."""
    from earlid.asking.retry import retry as verb

    return verb(_load(config, secrets=False), ids, everything=everything)


@earlid.command()
@click.option(
    "--pace", type=click.FloatRange(0.1, 50), default=2.0, show_default=True, help="Times real time."
)
@plain_too
@config_too
def demo(pace: float, plain: bool, config: Path | None) -> int:
    """Play a recorded talk, and show what leaves."""
    from earlid.demonstrate import demo as verb

    is_chosen = _chosen(config) or os.environ.get("EARLID_CONFIG")
    return verb(_load(config, secrets=False) if is_chosen else None, pace, plain)


@earlid.command()
@json_too
def devices(json: bool) -> int:
    """List the microphones."""
    from earlid.devices import list_devices

    return list_devices(json=json)


@earlid.command()
@click.option(
    "--model", "models", multiple=True, metavar="NAME", help="The wake word, instead of wake.words."
)
@click.option("--threshold", type=click.FloatRange(0, 1), help="The score needed, for every model.")
@json_too
@click.option("--scores", type=FILE, metavar="OUT.csv", help="Write every score here.")
@click.option("--segments", type=FILE, metavar="DIR", help="Write what would be kept here.")
@click.option(
    "--lead-in",
    "lead_in_s",
    type=click.FloatRange(0, 60),
    default=2.0,
    show_default=True,
    metavar="S",
    help=_LEAD_IN,
)
@click.option("--profile", is_flag=True, help="Tell at the end what each part cost.")
@click.option("--unverified", is_flag=True, help="As if earlid field teach had never been asked.")
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...")
@config_too
def replay(
    models: tuple[str, ...],
    threshold: float | None,
    json: bool,
    scores: Path | None,
    segments: Path | None,
    lead_in_s: float,
    profile: bool,
    unverified: bool,
    files: tuple[Path, ...],
    config: Path | None,
) -> int:
    """Run recordings through what listen runs."""
    from earlid.replay import replay as verb

    settled = _load(config, secrets=False)
    return verb(settled, files, models, threshold, json, scores, segments, lead_in_s, profile, not unverified)


@earlid.command()
@config_too
def mute(config: Path | None) -> int:
    """Close the microphone, and forget what was just heard."""
    from earlid.mute import mute as verb

    return verb(_load(config, secrets=False))


@earlid.command(short_help="Listen again, unless a switch or a quiet hour forbids.")
@config_too
def unmute(config: Path | None) -> int:
    """Listen again, unless a switch or a quiet hour says otherwise."""
    from earlid.mute import unmute as verb

    return verb(_load(config, secrets=False))


@earlid.command()
@json_too
@config_too
def status(json: bool, config: Path | None) -> int:
    """Say whether it listens, since when, and what it kept."""
    from earlid.status import status as verb

    return verb(_load(config, secrets=False), json=json)


@earlid.command()
@click.argument("file", type=FILE, metavar="[FILE]", required=False)
def keygen(file: Path | None) -> int:
    """Make a key pair that opens sealed segments. For your computer, not for the listener.

    The secret key is written to FILE: earlid-key.txt in this folder, unless you name another.
    """
    from earlid.keygen import keygen as verb

    return verb(file)


@earlid.command(name="check-config")
@click.option("--new", is_flag=True, help="Print a file to begin with instead: every setting, explained.")
@click.option("--microphone", metavar="NAME", help="With --new: the microphone to begin with.")
@click.option("--drop-in", "drop_in", is_flag=True, help="Print what the uploader's unit needs instead.")
@json_too
@config_too
def check_config(new: bool, microphone: str | None, drop_in: bool, json: bool, config: Path | None) -> int:
    """Print the configuration in effect."""
    from earlid.check_config import begin
    from earlid.check_config import check_config as verb

    if microphone is not None and not new:
        raise UsageError("--microphone is for a file to begin with: add --new")
    if new + drop_in + json > 1:
        raise UsageError("--new, --drop-in and --json print different things: choose one")
    if drop_in:
        from earlid.drop_in import drop_in as tell

        return tell(_load(config, secrets=False))
    return begin(microphone) if new else verb(_load(config), json=json)


@earlid.command()
@json_too
@config_too
def doctor(json: bool, config: Path | None) -> int:
    """Check everything, and say what to do."""
    from earlid.doctor import doctor as verb

    return verb(lambda: _load(config), json=json)


earlid.add_command(models)
earlid.add_command(field)
earlid.add_command(bench)


def answer(arguments: Sequence[str]) -> int:
    """Do what `arguments` ask and return the exit code; whatever went wrong was told on stderr."""
    try:
        code = earlid.main(args=list(arguments), prog_name="earlid", standalone_mode=False)
    except (click.Abort, KeyboardInterrupt):
        return 130
    except click.ClickException as error:
        sys.stderr.write(mistaken(error))
        return 64
    except EarlidError as error:
        _tell(str(error))
        _trace(arguments)
        return error.exit_code
    except _UnreadError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left goes nowhere
        return 141
    except Exception as error:  # noqa: BLE001 - the last place where it can become one line
        _tell(f"unexpected {type(error).__name__}: {error}; {REPORT_TO}")
        _trace(arguments)
        return 70
    return int(code or 0)


def main() -> NoReturn:
    """Be the program `earlid`."""
    sys.exit(answer(sys.argv[1:]))


def _pace(source: str | None, realtime: bool, pace: float | None) -> float | None:
    if realtime and source in {None, "-"}:
        raise UsageError("--realtime is for a recording: add --source FILE")
    return pace if pace is not None else 1.0 if realtime else None


def _tell(message: str) -> None:
    for line in message.splitlines() or [""]:
        sys.stderr.write(f"earlid: {line}\n")


def _trace(arguments: Sequence[str]) -> None:
    if "--debug" in arguments or os.environ.get("EARLID_DEBUG"):
        traceback.print_exc(file=sys.stderr)
