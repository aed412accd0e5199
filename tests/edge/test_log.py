"""The log is one line a record, whatever is in it."""

import logging
import sys

import pytest

from earlid.edge.log import Line


def record(message: str, level: int = logging.INFO) -> logging.LogRecord:
    return logging.LogRecord("earlid", level, "f.py", 1, message, None, None)


def test_a_record_is_one_line_whatever_is_in_it() -> None:
    assert "\n" not in Line(journal=False).format(record("wake\nmodel=\x1b[31malexa"))
    assert "\x1b" not in Line(journal=False).format(record("wake\nmodel=\x1b[31malexa"))


def test_under_systemd_a_line_begins_with_its_priority() -> None:
    assert Line(journal=True).format(record("wake model=alexa")) == "<6>wake model=alexa"
    assert Line(journal=True).format(record("lost", logging.WARNING)) == "<4>lost"


def test_on_a_terminal_a_line_begins_with_the_time_and_names_what_is_not_routine() -> None:
    assert Line(journal=False).format(record("lost", logging.WARNING)).endswith(" level=warning lost")


def test_an_error_stays_on_the_line() -> None:
    try:
        int("two\nlines")
    except ValueError:
        failed = record("trouble", logging.ERROR)
        failed.exc_info = sys.exc_info()
    assert "\n" not in Line(journal=True).format(failed)


@pytest.mark.parametrize("name", ["urllib3", "root"])
def test_others_are_not_louder_than_a_warning(name: str) -> None:
    assert not logging.getLogger(name).isEnabledFor(logging.INFO)
