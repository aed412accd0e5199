"""How the counted instructions are read."""

from __future__ import annotations

from pi.hop_worker import HOPS, PARTS
from pi.instructions import counted, table


def marks(cost: dict[str, int], slow_start: int = 0) -> str:
    """What the counter writes of a worker whose parts cost so much, and more in the first hops."""
    lines, executed = [], 5_000
    for step in range(HOPS):
        for place, part in enumerate(PARTS):
            lines.append(f"{10 * step + place} {executed}")
            executed += cost.get(part, 777) + slow_start * (step < 4)
    return "\n".join(lines)


COST = {"earlid": 2_000_000, "melspectrogram": 1_000_000, "embedding": 16_000_000, "head": 3_000_000}


def test_a_part_costs_what_lies_between_its_mark_and_the_next() -> None:
    assert counted(marks(COST)) == {"earlid": 2.0, "melspectrogram": 1.0, "embedding": 16.0, "head": 3.0}


def test_what_the_first_hops_cost_more_is_not_counted() -> None:
    assert counted(marks(COST, slow_start=9_000_000)) == counted(marks(COST))


def test_the_table_holds_the_sum_of_the_networks_against_earlid() -> None:
    rows = table(counted(marks(COST))).splitlines()
    assert rows[-3].split()[-1] == "20.00"
    assert rows[-1] == f"{'times fewer':42}{10.0:8.1f}"
