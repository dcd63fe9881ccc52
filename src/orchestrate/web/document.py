"""The OpenAPI document: FastAPI's, with what answers hold, how they fail, and who may ask."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from orchestrate.web.answers import playbooks as p
from orchestrate.web.answers import project as j
from orchestrate.web.answers import workflows as w
from orchestrate.web.answers.common import Page, Problem
from orchestrate.web.problems import KIND

_JSON = "application/json"
_REF = "#/components/schemas/{model}"


class Shape(NamedTuple):
    """An answer: its JSON, or of which kind its bytes are; statuses other than the first."""

    model: Any = None
    kind: str = _JSON
    more: tuple[int, ...] = ()


ANSWERS: Mapping[str, Shape] = {
    "POST /session": Shape(j.Session),
    "GET /session": Shape(j.Session),
    "DELETE /session": Shape(),
    "GET /tokens": Shape(Page[j.Token]),
    "DELETE /tokens/{name}": Shape(),
    "GET /workflows": Shape(Page[w.Listed]),
    "POST /workflows": Shape(w.Standing, more=(200,)),
    "GET /workflows/{id}": Shape(w.Standing),
    "GET /workflows/{id}/stream": Shape(kind="text/event-stream"),
    "GET /stream": Shape(kind="text/event-stream"),
    "GET /workflows/{id}/output": Shape(kind="text/plain", more=(206,)),
    "GET /workflows/{id}/steps": Shape(w.Entries),
    "GET /workflows/{id}/step": Shape(w.Detail),
    "GET /workflows/{id}/events": Shape(Page[w.JournalEntry]),
    "GET /workflows/{id}/graph": Shape(w.Graph),
    "GET /workflows/{id}/gantt": Shape(w.Gantt),
    "GET /workflows/{id}/analysis": Shape(w.Analysis),
    "GET /workflows/{id}/comparison": Shape(w.Comparison),
    "GET /workflows/{id}/trace": Shape(Any),
    "GET /workflows/{id}/report": Shape(kind="text/html"),
    "GET /workflows/{id}/logs": Shape(Page[w.LogLine]),
    "GET /workflows/{id}/picture": Shape(kind="*/*"),
    "GET /playbooks/{name}/picture": Shape(kind="*/*"),
    "GET /flaky": Shape(w.Flaky),
    "POST /workflows/{id}/rerun": Shape(w.Standing, more=(200,)),
    "POST /workflows/{id}/pause": Shape(w.Standing),
    "POST /workflows/{id}/cancel": Shape(w.Standing),
    "POST /workflows/{id}/complete": Shape(w.Standing),
    "POST /workflows/{id}/resume": Shape(w.Standing),
    "POST /workflows/{id}/resume-plan": Shape(w.ResumePlanned),
    "POST /workflows/{id}/approvals": Shape(w.Standing),
    "GET /approvals": Shape(Page[w.Waiting]),
    "GET /playbooks": Shape(Page[p.Catalogued]),
    "POST /playbooks": Shape(p.PlaybookMade),
    "GET /playbooks/{name}": Shape(p.Described),
    "GET /playbooks/{name}/source": Shape(kind="text/yaml"),
    "PUT /playbooks/{name}/source": Shape(Any, more=(201,)),
    "GET /playbooks/{name}/graph": Shape(w.Graph),
    "GET /playbooks/{name}/form": Shape(p.Form),
    "POST /playbooks/{name}/dry-run": Shape(p.DryRun),
    "POST /playbooks/{name}/simulation": Shape(p.Findings),
    "POST /playbooks/{name}/failures": Shape(p.Findings),
    "GET /playbooks/{name}/findings": Shape(p.Findings),
    "POST /playbooks/{name}/repairs": Shape(p.Repairs),
    "POST /playbooks/{name}/dependencies": Shape(p.Dependencies),
    "POST /playbooks/{name}/copy": Shape(p.Taken),
    "GET /playbooks/{name}/export": Shape(kind="*/*"),
    "GET /playbooks/{name}/diff": Shape(p.Differences),
    "POST /library/import": Shape(p.Taken),
    "GET /findings": Shape(Page[p.Findings]),
    "POST /check": Shape(p.Checked),
    "POST /check/simulation": Shape(p.Findings),
    "POST /check/failures": Shape(p.Findings),
    "GET /schemas/{kind}": Shape(dict[str, Any]),
    "GET /commands": Shape(Page[p.Callable]),
    "GET /scenarios": Shape(Page[p.ScenarioListed]),
    "POST /scenarios/play": Shape(p.ScenariosPlayed),
    "GET /schedules": Shape(Page[p.Scheduled]),
    "POST /schedules": Shape(p.Scheduled),
    "GET /schedules/{name}": Shape(p.ScheduledFull),
    "PATCH /schedules/{name}": Shape(p.Scheduled),
    "DELETE /schedules/{name}": Shape(),
    "GET /schedules/{name}/slots": Shape(Page[p.Slot]),
    "POST /schedules/{name}/run": Shape(w.Standing),
    "POST /slots": Shape(Page[p.Slot]),
    "GET /calendar": Shape(Page[p.CalendarSlot]),
    "GET /project": Shape(j.Project),
    "GET /capacity": Shape(j.Capacity),
    "GET /locks": Shape(j.Locks),
    "POST /locks/release": Shape(j.Released),
    "GET /hold": Shape(j.Holding),
    "PUT /hold": Shape(j.Held),
    "DELETE /hold": Shape(j.Held),
    "GET /integrations": Shape(Page[j.Integration]),
    "GET /deliveries": Shape(Page[j.Delivery]),
    "POST /deliveries/retry": Shape(j.Retried),
    "POST /deliveries/drop": Shape(j.Dropped),
    "GET /audit": Shape(Page[j.Done]),
    "POST /audit/verification": Shape(j.Verified),
    "GET /audit/checkpoints": Shape(j.Checkpoints),
    "POST /audit/checkpoints": Shape(j.Checkpoint),
    "GET /audit/export": Shape(kind="*/*"),
    "GET /metrics": Shape(Page[j.Metric]),
    "POST /events": Shape(j.Emitted),
    "GET /events/unmatched": Shape(Page[j.Unmatched]),
    "POST /events/retry": Shape(j.LookedAgain),
    "GET /doctor": Shape(Page[j.Examined]),
    "GET /workers": Shape(Page[j.Worker]),
    "POST /workers/{name}/drain": Shape(j.Worker),
    "POST /prune": Shape(j.Pruned),
    "POST /state/backup": Shape(kind="application/gzip"),
}
"""Of every request. `tests/web` compares them with real answers."""
_OPEN = ("POST /session",)
"""What takes no token."""


def describe(app: FastAPI, prefix: str) -> dict[str, Any]:
    """The whole document."""
    found = get_openapi(title=app.title, version=app.version, routes=app.routes)
    schemas, defined = TypeAdapter[Any].json_schemas(
        [(key, "validation", TypeAdapter(one.model)) for key, one in _with_models().items()],
        ref_template=_REF,
    )
    parts = found.setdefault("components", {})
    parts["schemas"] = {**parts.get("schemas", {}), **defined.get("$defs", {})}
    for leftover in ("HTTPValidationError", "ValidationError"):
        parts["schemas"].pop(leftover, None)
    parts["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": "orchestrate"},
    }
    problem = {"description": "It was refused, or failed.", "content": {
        KIND: {"schema": schemas["problem", "validation"]}}}  # fmt: skip
    for path, methods in found["paths"].items():
        for method, operation in methods.items():
            key = f"{method.upper()} {path.removeprefix(prefix)}"
            schema = schemas.get((key, "validation"))
            _answer(operation["responses"], ANSWERS.get(key, Shape(Any)), schema)
            operation["responses"]["default"] = problem
            if key not in _OPEN:
                operation["security"] = [{"token": []}, {"session": []}]
    return found


def _with_models() -> dict[str, Shape]:
    known = {key: one for key, one in ANSWERS.items() if one.model is not None}
    return {**known, "problem": Shape(Problem)}


def _answer(responses: dict[str, Any], shape: Shape, schema: Any) -> None:
    """Say what an answer holds; what FastAPI guessed goes."""
    responses.pop("422", None)
    (first,) = [status for status in responses if status.startswith("2")]
    if shape.model is None and shape.kind == _JSON:
        responses[first].pop("content", None)
    else:
        responses[first]["content"] = {shape.kind: {} if schema is None else {"schema": schema}}
    for status in shape.more:
        responses[str(status)] = responses[first]
