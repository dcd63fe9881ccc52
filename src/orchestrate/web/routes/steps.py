"""The steps of a workflow: a page of its tree, and one of them in full."""

from typing import Annotated

from fastapi import APIRouter, Query

from orchestrate.errors import NotFoundError
from orchestrate.playbook.plan import Json
from orchestrate.web.identity import CallerDep
from orchestrate.web.parts import (
    Cursor,
    EnginesDep,
    Id,
    Limit,
    Object,
    StandingsDep,
    allowed,
    cut,
    page,
    position,
)
from orchestrate.web.veil import Veil
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.moments import rfc3339
from orchestrate.workflow.outcomes import Status
from orchestrate.workflow.standing import all_events, bring_up_to_date, event_json
from orchestrate.workflow.views import PARKED, RUNNING, WAITING

router = APIRouter(tags=["workflows"])
_STATES = (RUNNING, WAITING, PARKED, *(str(status) for status in Status))
PathText = Annotated[str, Query(max_length=2000, description="The path of a step.")]
_SHOWN = 500
"""Events of one step that are told with it, the latest."""


@router.get("/workflows/{id}/steps")
def steps(
    identity: Id, caller: CallerDep, engines: EnginesDep, standings: StandingsDep,
    parent: PathText = "",
    state: Annotated[list[str] | None, Query(max_length=10)] = None,
    limit: Limit = 200, cursor: Cursor = None,
) -> Object:  # fmt: skip
    """What is directly in `parent`, in order; or all steps in these states."""
    start = position(cursor)
    with engines.looking() as engine:
        allowed(caller, engine, identity)
        _, standing = standings.of(engine, identity)
        with standing.lock:
            tree = standing.tree
            wanted = tree.children(parent) if state is None else tree.in_states(state)
            if wanted is None:
                raise _no_step(parent)
            found, following = cut(wanted, start, limit)
            veil = Veil(caller.rights, engine)
            entries = [veil.over(tree.entry(path)) for path in found]
            return {**page(entries, following), "seq": standing.seq}


@router.get("/workflows/{id}/step")
def step(
    identity: Id, path: PathText, caller: CallerDep, engines: EnginesDep, standings: StandingsDep
) -> Object:
    """One step with its attempts, and what its journal says of it."""
    with engines.looking() as engine:
        allowed(caller, engine, identity)
        _, standing = standings.of(engine, identity)
        with standing.lock:
            tree = standing.tree
            if not path or tree.children(path) is None:
                raise _no_step(path)
            view = tree.view.steps.get(path)
            if view is not None and view.waits_for:
                bring_up_to_date(tree.view, engine.waits().get(identity, {}))
            entry = tree.entry(path, output=True)
            seq = standing.seq
        own = [event for event in all_events(engine, identity) if event.path == path]
        attempts = _attempts(own)
        if engines.app.project.settings.cluster is None:  # else one would have to ask its worker
            for one in attempts:
                size = engine.part_of_output(identity, one["attempt"], None, 0).size
                one["bytes"] = size
        veil = Veil(caller.rights, engine)
        return {
            **veil.over(entry),
            "seq": seq,
            "attempts_made": attempts,
            "events": [veil.over_event(event_json(event)) for event in own[-_SHOWN:]],
        }


def _attempts(events: list[Event]) -> list[Object]:
    """Each attempt: from when to when, how it ended, what it wrote."""
    found: dict[int, Object] = {}
    for event in events:
        data = event.data
        if event.type is EventType.ATTEMPT_STARTED:
            found[event.seq] = {
                "attempt": event.seq,
                "number": data.get("number"),
                "call": data.get("call"),
                "worker": data.get("worker"),
                "started_at": rfc3339(event.at),
                "finished_at": None,
                "status": None,
                "exit_code": None,
                "message": "",
                "bytes": None,
            }
        elif event.type is EventType.ATTEMPT_FINISHED:
            attempt = found.get(_number(data.get("id")))
            if attempt is not None:
                attempt.update(
                    finished_at=rfc3339(event.at),
                    status=data.get("status"),
                    exit_code=data.get("exit_code"),
                    message=data.get("message", ""),
                    bytes=data.get("written"),
                )
    return list(found.values())


def _number(value: Json) -> int:
    return value if isinstance(value, int) else 0


def _no_step(path: str) -> NotFoundError:
    return NotFoundError(
        f"there is no step {path}", hint="`GET /workflows/{id}/steps` lists those that there are."
    )
