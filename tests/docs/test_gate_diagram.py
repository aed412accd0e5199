"""The README shows the gate as its table is."""

from pathlib import Path

from earlid.core.diagram import gate_diagram
from earlid.core.gate import TABLE, State

README = Path(__file__).parents[2] / "README.md"


def test_the_readme_shows_the_diagram_that_the_table_makes() -> None:
    before, marker, rest = README.read_text("utf-8").partition("<!-- gate -->\n")
    shown, closing, _ = rest.partition("<!-- /gate -->")
    assert before and marker and closing, "README.md has no block between gate markers"
    assert shown.strip() == gate_diagram(), (
        "put the output of earlid.core.diagram.gate_diagram() in the block"
    )


def test_every_row_that_does_something_is_an_arrow() -> None:
    shown = gate_diagram().splitlines()
    for (state, event), (to, work) in TABLE.items():
        done = [each.name.lower() for each in work]
        arrow = f"    {state.value} --> {to.value}: {event.value}" + (f" - {', '.join(done)}" if done else "")
        assert (arrow in shown) is bool(work or to is not state), arrow
    assert sum(line.startswith("- ") for line in shown) == len(State)
