"""The gate's table as a picture, so that a README cannot show another one."""

from __future__ import annotations

from earlid.core.gate import TABLE, Event, State


def gate_diagram() -> str:
    """The table as a Mermaid state diagram: each arrow an event, and what is done for it, in order."""
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {State.LISTENING.value}"]
    for (state, event), (to, work) in sorted(TABLE.items(), key=lambda row: _order(*row[0])):
        done = f" - {', '.join(each.name.lower() for each in work)}" if work else ""
        if work or to is not state:
            lines.append(f"    {state.value} --> {to.value}: {event.value}{done}")
    lines.append("```")
    lines.append("")
    for state in State:
        idle = [event.value for event in Event if TABLE.get((state, event), (None, ("x",))) == (state, ())]
        never = [event.value for event in Event if (state, event) not in TABLE]
        lines.append(
            f"- {state.value}: {_listed(idle)} changes nothing; {_listed(never)} cannot come and stops Earlid"
        )
    return "\n".join(lines)


def _order(state: State, event: Event) -> tuple[int, int]:
    return list(State).index(state), list(Event).index(event)


def _listed(words: list[str]) -> str:
    return ", ".join(words) or "nothing"
