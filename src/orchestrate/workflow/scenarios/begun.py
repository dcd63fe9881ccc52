"""What the events of a run say about its steps: which began, which ended how."""

from collections.abc import Iterable
from typing import NamedTuple

from orchestrate.playbook.plan import Json
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.history import OUTCOME
from orchestrate.workflow.outcomes import Status

_ALONE = frozenset(("wait", "approval"))
"""Kinds that announce themselves as steps that contain steps do, but contain none."""


class Begun(NamedTuple):
    """A step that began. `call` is what it called, `contains`: other steps run inside it."""

    path: str
    seq: int
    call: str | None
    contains: bool


class EndOf(NamedTuple):
    """How a step ended."""

    path: str
    seq: int
    status: str
    message: str


def begun(events: Iterable[Event], *, all_attempts: bool = False) -> list[Begun]:
    """Steps in the order of their beginnings, each once; with `all_attempts` every attempt."""
    found: list[Begun] = []
    known: set[str] = set()
    for event in events:
        it = _begun(event)
        if it is None or (it.path in known and not (all_attempts and it.call is not None)):
            continue
        known.add(it.path)
        found.append(it)
    return found


def _begun(event: Event) -> Begun | None:
    data = event.data
    match event.type:
        case EventType.ATTEMPT_STARTED:
            return Begun(event.path, event.seq, str(data["call"]), contains=False)
        case EventType.STEP_STARTED:
            return Begun(event.path, event.seq, None, contains=data["kind"] not in _ALONE)
        case EventType.STEP_FINISHED if data.get("inline"):
            return Begun(event.path, event.seq, None, contains=False)
        case EventType.DECIDED if data["subject"] == OUTCOME:
            return Begun(event.path, event.seq, None, contains=False)
        case _:
            return None


def ends(events: Iterable[Event]) -> dict[str, EndOf]:
    """How each step ended last, in the order of the first ends."""
    found: dict[str, EndOf] = {}
    for event in events:
        data = event.data
        ended = event.type is EventType.STEP_FINISHED
        if ended or (event.type is EventType.ATTEMPT_FINISHED and data.get("final")):
            earlier = found.get(event.path)
            message = _text(data.get("message")) or (earlier.message if earlier else "")
            found[event.path] = EndOf(event.path, event.seq, str(data["status"]), message)
        elif event.type is EventType.FORCED:
            found[event.path] = EndOf(event.path, event.seq, str(Status.SKIPPED), "")
    return found


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def attempts(events: Iterable[Event]) -> dict[str, int]:
    """How many attempts each step had."""
    counted: dict[str, int] = {}
    for event in events:
        if event.type is EventType.ATTEMPT_STARTED:
            counted[event.path] = counted.get(event.path, 0) + 1
    return counted
