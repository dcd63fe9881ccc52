"""Transactions of any shape, with failures, cancels, pauses and crashes at any moment: what was
done and is not wanted any more is undone once, in reverse, and nothing else is.
"""

from collections import Counter
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from workflow.replaying import continue_from, read_scenario

from orchestrate.workflow import paths
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.scenarios.playing import Played, play
from orchestrate.workflow.scenarios.reading import Scenario
from orchestrate.workflow.state import fold
from orchestrate.workflow.structure import locate

Steps = list[dict[str, Any]]


def call(draw: st.DrawFn) -> dict[str, Any]:
    step: dict[str, Any] = {"command": "work"}
    if draw(st.booleans()):
        step["continue_on_error"] = True
    if draw(st.booleans()):
        step["on_failure"] = [{"command": "handle"}]
    return step


@st.composite
def sequences(draw: st.DrawFn, depth: int = 3, *, inside: bool = False) -> Steps:
    """Steps; every one of them says what undoes it, if it may."""
    found: Steps = []
    for number in range(draw(st.integers(1, 3))):
        kinds = ["call", "call"]
        if depth:
            kinds += ["transaction", "parallel", "foreach", "conditional"]
        kind = draw(st.sampled_from(kinds))
        own = inside or kind == "transaction"
        below = draw(sequences(depth - 1, inside=own)) if kind != "call" else []
        step: dict[str, Any]
        match kind:
            case "call":
                step = call(draw)
            case "transaction":
                step = {"type": kind, "steps": below}
                if draw(st.booleans()):
                    step["retry"] = 1
            case "parallel":
                other = draw(sequences(0, inside=own))
                step = {"type": kind, "branches": [{"steps": below}, {"steps": other}]}
            case "foreach":
                most = draw(st.integers(1, 2))
                step = {"type": kind, "items": ["x", "y"], "as": f"i{depth}", "steps": below}
                step["max_parallel"] = most
            case _:
                step = {"type": kind, "condition": "1 == 1", "then": below}
        if inside and draw(st.booleans()):
            step["compensate"] = [{"command": "undo"}]
        found.append({"name": f"s{depth}{number}", **step})
    return found


outcomes = st.sampled_from(
    [
        "succeeded",
        "succeeded",
        "succeeded",
        "failed",
        {"takes": 3},
        {"status": "failed", "takes": 2},
    ]
)


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """A playbook with a transaction, how its steps end, and what somebody does meanwhile."""
    steps = [{"name": "move", "type": "transaction", "steps": draw(sequences(inside=True))}]
    scripted = {path: draw(outcomes) for path in calls_in(steps, "")}
    signals: list[dict[str, Any]] = []
    if draw(st.booleans()):
        signals.append({"at": draw(st.integers(1, 12)) + 0.5, "cancel": True})
    if draw(st.booleans()):
        at = draw(st.integers(0, 8)) + 0.25
        signals += [
            {"at": at, "pause": {"now": draw(st.booleans())}},
            {"at": at + 3, "resume": True},
        ]
    return read_scenario(
        {"playbook": yaml.safe_dump({"steps": steps}), "outcomes": scripted, "signals": signals}
    )


def calls_in(steps: Steps, prefix: str) -> list[str]:
    """The calls of bodies, as the paths of scripted outcomes."""
    found: list[str] = []
    for step in steps:
        path = paths.join(prefix, step["name"])
        if "command" in step:
            found.append(path)
        for key, below in (("steps", path), ("then", paths.join(path, "then"))):
            found += calls_in(step.get(key, []), below)
        for number, branch in enumerate(step.get("branches", []), 1):
            found += calls_in(branch["steps"], paths.join(path, str(number)))
    return found


def compensations(events: tuple[Event, ...]) -> list[tuple[int, str]]:
    """Position and path of each step that was undone."""
    return [
        (event.seq, paths.parent(event.path))
        for event in events
        if event.type is EventType.STEP_FINISHED and event.data.get("kind") == "compensation"
    ]


def finished(events: tuple[Event, ...]) -> dict[str, int]:
    """Where each step that succeeded is recorded as over."""
    ends: dict[str, int] = {}
    for event in events:
        over = event.type is EventType.STEP_FINISHED or event.data.get("final")
        if over and event.data.get("status") == "succeeded":
            ends[event.path] = event.seq
    return ends


def undoable(scenario: Scenario, events: tuple[Event, ...]) -> set[str]:
    """Steps of bodies that say what undoes them."""
    found: set[str] = set()
    for path in {event.path for event in events if event.path}:
        located = locate(scenario.plan, path)
        if located is not None and not located.rest and located.step.compensate:
            found.add(path)
    return {path for path in found if not set(path.split("/")).intersection(paths.ASIDE)}


def check(scenario: Scenario, result: Played) -> None:
    """What must hold, whatever happened."""
    events = result.events
    undone, ends, view = compensations(events), finished(events), fold(events)
    candidates = undoable(scenario, events)
    begun = {
        event.path: event.seq
        for event in events
        if event.type is EventType.DECIDED and event.data["subject"] == "undo"
    }
    assert [path for path, n in Counter(path for _, path in undone).items() if n > 1] == []
    for _, path in undone:
        assert any(path.startswith(f"{body}/") for body in begun), f"{path} undone, nothing failed"
    for body, since in begun.items():
        # Everything in it that took effect by then is undone: by it, or by what it contains.
        took_effect = {
            path
            for path, seq in ends.items()
            if path in candidates and path.startswith(f"{body}/") and seq < since
        }
        assert took_effect <= {path for _, path in undone}
        order = [ends[p] for seq, p in undone if seq > since and p.startswith(f"{body}/")]
        assert order == sorted(order, reverse=True)
        assert view.steps[body if body in view.steps else paths.parent(body)].finished


@settings(max_examples=25, deadline=None)
@given(scenarios(), st.data())
def test_what_is_not_wanted_any_more_is_undone_once_and_in_reverse(
    scenario: Scenario, data: st.DataObject
) -> None:
    whole = play(scenario)
    check(scenario, whole)
    for _ in range(3):
        cut = data.draw(st.integers(1, len(whole.events)))
        again = continue_from(scenario, list(whole.events[:cut])).result
        assert again.state == whole.state
        assert Counter(again.trace) == Counter(whole.trace)
        check(scenario, again)
