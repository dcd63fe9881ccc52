"""What is learnt from workflows: traces, comparisons, reports, steps that are flaky."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from orchestrate.access.rights import Scope
from orchestrate.observe.analysis import analyze, compare
from orchestrate.observe.formats import chrome_json, folded_stacks, otlp_json
from orchestrate.observe.history import earlier, flaky_steps, usual_durations
from orchestrate.observe.report import html_report
from orchestrate.observe.trace import span_json, trace_spans
from orchestrate.web.identity import CallerDep, demand
from orchestrate.web.parts import EnginesDep, Id, Name, Object, allowed, json_text, page
from orchestrate.web.routes.workflows import Last, timeline_now
from orchestrate.workflow.log_lines import lines_of

router = APIRouter(tags=["workflows"])
_LINES = 10_000


@router.get("/workflows/{id}/trace", response_class=Response)
def trace(
    identity: Id, caller: CallerDep, engines: EnginesDep,
    form: Annotated[
        Literal["spans", "otlp", "chrome", "folded"], Query(alias="format")
    ] = "spans",
) -> Response:  # fmt: skip
    """Its spans, or as OpenTelemetry, as events for Perfetto, as folded stacks."""
    with engines.looking() as engine:
        allowed(caller, engine, identity)
        timeline = timeline_now(engine, identity)
    if form == "folded":
        return Response(folded_stacks(timeline), media_type="text/plain; charset=utf-8")
    match form:
        case "otlp":
            shown = otlp_json(timeline)
        case "chrome":
            shown = chrome_json(timeline)
        case _:
            shown = page([span_json(one) for one in trace_spans(timeline)], None)
    return Response(json_text(shown), media_type="application/json")


@router.get("/workflows/{id}/comparison")
def comparison(
    identity: Id, caller: CallerDep, engines: EnginesDep,
    other: Annotated[str, Query(alias="with", max_length=200, description="An earlier one.")],
) -> Object:  # fmt: skip
    """How long its steps took beside those of another workflow."""
    with engines.looking() as engine:
        allowed(caller, engine, identity)
        allowed(caller, engine, other)
        before, after = timeline_now(engine, other), timeline_now(engine, identity)
    return {
        "before": {"id": before.workflow, "duration": round(before.duration, 6)},
        "after": {"id": after.workflow, "duration": round(after.duration, 6)},
        "steps": [
            {**step._asdict(), "change": round(step.change, 6)} for step in compare(before, after)
        ],
    }


@router.get("/workflows/{id}/report", response_class=Response)
def report(identity: Id, caller: CallerDep, engines: EnginesDep, last: Last = 20) -> Response:
    """Where its time went, as a page to keep: a file, never shown as a page of this server."""
    with engines.looking() as engine:
        allowed(caller, engine, identity)
        timeline = timeline_now(engine, identity)
        before = list(earlier(engine, timeline.root.name, identity, last))
    text = html_report(analyze(timeline, usual_durations(before), len(before)))
    headers = {"Content-Disposition": f'attachment; filename="{identity}.html"'}
    return Response(text, media_type="text/html; charset=utf-8", headers=headers)


@router.get("/workflows/{id}/logs")
def logs(
    identity: Id, caller: CallerDep, engines: EnginesDep,
    step: Annotated[str | None, Query(max_length=2000, description="Its path.")] = None,
    tail: Annotated[int, Query(ge=1, le=_LINES)] = 200,
) -> Object:  # fmt: skip
    """The last lines of what its steps wrote, each as `logs --json` has it."""
    with engines.looking() as engine:
        allowed(caller, engine, identity)
        found = list(lines_of(engine.output(identity, step, tail=tail)))
    return page(found[-tail:], None)


@router.get("/flaky")
def flaky(caller: CallerDep, engines: EnginesDep, playbook: Name = None, last: Last = 50) -> Object:
    """Steps that sometimes fail or need retries, of the last workflows of all, or of a playbook."""
    caller.rights.demand(Scope.VIEW, None, playbook)
    if playbook is None or caller.rights.environments is not None:
        demand(caller, Scope.VIEW)  # they ran wherever they did
    with engines.looking() as engine:
        looked_at = list(earlier(engine, playbook, None, last))
    steps = [{**step._asdict(), "share": round(step.share, 6)} for step in flaky_steps(looked_at)]
    return {"workflows": len(looked_at), "steps": steps}
