"""The report's arithmetic claims no more than was heard."""

from __future__ import annotations

import pytest

from replay.counting import ALL, Count, Kind, Take, counted, rows


@pytest.mark.parametrize(
    ("path", "label", "model", "kind"),
    [
        ("positive/alexa/0001.flac", "alexa", "alexa", Kind.CALL),
        ("positive/alexa/0001.flac", "alexa", "timer", None),
        ("positive/hey_mycroft_cmd/0001.flac", "hey_mycroft+cmd", "hey_mycroft", Kind.CALL),
        ("positive/10_minute/0001.flac", "timer:10_minute", "timer", Kind.CALL),
        ("near/athena/0001.flac", "athena", "alexa", Kind.NEAR),
        ("negative/digits/0001.flac", "digits", "alexa", Kind.OTHER),
    ],
)
def test_a_recording_is_to_each_word_what_its_label_says(
    path: str, label: str, model: str, kind: Kind | None
) -> None:
    assert Take(path, label).kind(model) is kind


def test_a_call_is_found_once_and_only_by_its_own_word() -> None:
    ten = Take("positive/10_minute/0001.flac", "timer:10_minute")
    assert counted(ten, Kind.CALL, 2.0, ["timer:10_minute", "timer:10_minute"]).woke == 1
    assert counted(ten, Kind.CALL, 2.0, ["timer:20_minute"]).woke == 0
    command = Take("positive/hey_mycroft_cmd/0001.flac", "hey_mycroft+cmd")
    assert counted(command, Kind.CALL, 2.0, ["hey_mycroft"]).woke == 1


def test_where_nobody_called_every_wake_counts() -> None:
    talk = Take("negative/digits/0001.flac", "digits")
    assert counted(talk, Kind.OTHER, 9.0, ["alexa", "alexa"]) == Count(1, 9.0, 2)


def test_no_wake_in_an_hour_is_at_most_three_and_never_zero() -> None:
    assert Count(10, 3600.0, 0).per_hour == "at most 3.0"
    assert Count(10, 1800.0, 0).per_hour == "at most 6.0"
    assert Count(10, 7200.0, 1).per_hour == "0.5"
    assert Count().per_hour == "-"


def test_a_percentage_of_nothing_is_not_told() -> None:
    assert Count(173, 400.0, 169).percent == "97.7 %"
    assert Count().percent == "-"


def test_the_table_has_three_rows_a_word_and_hears_the_same_talk_only_once_for_all() -> None:
    counts = {
        ("alexa", Kind.CALL): Count(4, 8.0, 3),
        ("alexa", Kind.OTHER): Count(5, 3600.0, 1),
        ("weather", Kind.OTHER): Count(5, 3600.0, 2),
    }
    table = rows(counts, ["alexa", "weather"])
    assert [row[0] for row in table if row[0]] == ["alexa", "weather", ALL]
    assert table[0][:2] == ("alexa", "its own calls")
    cells = [tuple(cell.strip() for cell in row[2:]) for row in table]
    assert cells[0] == ("4", "0.00", "3", "75.0 % found")
    assert cells[3] == ("none", "-", "-", "-")
    assert cells[-3] == ("4", "0.00", "3", "75.0 % found")
    assert cells[-1] == ("5", "1.00", "3", "3.0 an hour")
