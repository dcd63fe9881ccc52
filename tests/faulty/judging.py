"""What must hold when a scenario is over, whatever failed on its way."""

import sqlite3
from collections import Counter
from pathlib import Path

from contract.scenario_runner import Case, essence
from crash.harness import processes_of
from faulty.playing import Player
from polling import eventually

from orchestrate.embedded import integrity
from orchestrate.embedded.auditing.verifying import Verification
from orchestrate.embedded.store import Store
from orchestrate.workflow.events import Event, EventType


def judge(case: Case, player: Player) -> list[str]:
    """Everything that is wrong."""
    wrong = [
        *_said(player), *_journal(player.events), *_effects(player),
        *_left(player.root), *_store(player.root),
    ]  # fmt: skip
    if not player.is_touched:
        wrong += _difference(essence(player.events), essence(case.played.events))
    return wrong


def _difference(found: tuple[object, ...], wanted: tuple[object, ...]) -> list[str]:
    names = ("state", "error", "outputs", "calls", "steps")
    return [
        f"{name}: {is_now}, but the scenario says {was}"
        for name, is_now, was in zip(names, found, wanted, strict=True)
        if is_now != was
    ]


def _said(player: Player) -> list[str]:
    """A user reads errors with what to do about them, never a traceback."""
    wrong = [f"{said.role}: {said.text}" for said in player.said if said.how == "traceback"]
    wrong += [
        f"{said.role} says nothing of what to do: {said.text}"
        for said in player.said
        if said.how == "said" and said.text.rstrip().endswith("=")
    ]
    wrong += [f"{said.role} ended with {said.how}" for said in player.said if said.how.isdecimal()]
    return wrong


def _journal(events: list[Event]) -> list[str]:
    wrong: list[str] = []
    if [event.seq for event in events] != list(range(1, len(events) + 1)):
        wrong.append(f"the journal has holes: {[event.seq for event in events]}")
    ends = sum(
        1 for event in events
        if event.type is EventType.WORKFLOW_FINISHED and event.data["state"] != "needs_attention"
    )  # fmt: skip
    if ends != 1:
        wrong.append(f"the workflow ended {ends} times")
    started = Counter(e.data["id"] for e in events if e.type is EventType.ATTEMPT_STARTED)
    ended = Counter(e.data["id"] for e in events if e.type is EventType.ATTEMPT_FINISHED)
    if started != ended or any(count > 1 for count in started.values()):
        wrong.append(f"attempts began {started} and ended {ended}")
    return wrong


def _effects(player: Player) -> list[str]:
    """No attempt runs twice, and none that has succeeded never ran."""
    file = player.root / "effects"
    ran = Counter(file.read_text().splitlines() if file.exists() else ())
    # What somebody resumed anew after it had ended begins with the first attempt again.
    begun = Counter(
        f"{e.path} {e.data['number']}" for e in player.events
        if e.type is EventType.ATTEMPT_STARTED
    )  # fmt: skip
    succeeded = Counter(
        f"{e.path} {e.data['number']}" for e in player.events
        if e.type is EventType.ATTEMPT_FINISHED and e.data["status"] == "succeeded"
    )  # fmt: skip
    wrong = [
        f"ran {count} times, began {begun[key]} times: {key}"
        for key, count in ran.items()
        if count > begun[key]
    ]
    wrong += [
        f"succeeded {count} times, ran {ran[key]} times: {key}"
        for key, count in succeeded.items()
        if count > ran[key]
    ]
    return wrong


def _left(root: Path) -> list[str]:
    try:
        eventually(lambda: not processes_of(root), "processes have ended")
    except AssertionError:
        return [f"left: {processes_of(root)}"]
    return [
        f"{file.parent.name} crashed: {file.read_text()}"
        for file in (root / "state" / "supervisors").glob("*/crash")
    ]


def _store(root: Path) -> list[str]:
    state = root / "state"
    wrong = [f"integrity: {finding.message}" for finding in integrity.check(state)]
    store = Store(state)
    try:
        wrong += [f"audit: {found.kind}: {found.message}" for found in Verification(store)]
    except sqlite3.Error as error:
        wrong.append(f"audit: {error}")
    finally:
        store.close()
    return wrong
