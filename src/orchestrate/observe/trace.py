"""Spans as a trace: ids, names and attributes after OpenTelemetry's conventions.

Branches and iterations are no spans of their own here: the attribute `orchestrate.step.path` tells
them, so that traces stay as flat as what really happened.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeAlias

from orchestrate import __version__
from orchestrate.commands.trace_context import Trace, trace_of
from orchestrate.observe.spans import Kind, Span, Wait
from orchestrate.observe.timeline import Timeline
from orchestrate.playbook.plan import Json
from orchestrate.workflow import paths
from orchestrate.workflow.moments import rfc3339

Attribute: TypeAlias = str | int | float | bool
_BAD = frozenset({"failed", "timed_out", "unknown", "needs_attention"})
_LONGEST = 4096
"""Characters of a value; collectors refuse or cut longer ones."""


class TraceSpan(NamedTuple):
    """A span of a trace; times in nanoseconds since the epoch."""

    trace_id: str
    span_id: str
    parent_id: str
    name: str
    started_at: int
    finished_at: int
    attributes: Mapping[str, Attribute]
    error: str | None
    """What went wrong, "" if there are no words for it; None if nothing did."""
    kind: Kind


def trace_identity(timeline: Timeline, ratio: float = 1.0) -> Trace:
    """The trace of a workflow."""
    caller = timeline.created.get("traceparent")
    text = caller if isinstance(caller, str) else ""
    return trace_of(timeline.workflow, timeline.created_at, text, ratio)


def trace_spans(timeline: Timeline) -> Iterator[TraceSpan]:
    """Every span, each before what it contains. What lasts ends with the last event."""
    trace = trace_identity(timeline)
    for span in timeline.root.walk():
        if is_told(span):
            yield trace_span(timeline, trace, span)


def is_told(span: Span) -> bool:
    """Whether a span belongs into a trace: it happened, and is no mere group of others."""
    if span.kind is Kind.GROUP:
        return False
    return span.kind is not Kind.STEP or span.status != "skipped"


def trace_span(timeline: Timeline, trace: Trace, span: Span) -> TraceSpan:
    """One span as it stands."""
    owner = span.owner
    parent = trace.parent_id if owner is None else trace.span(owner.kind, owner.seq)
    error = None
    if span.status in _BAD:
        error = str(span.facts.get("message", ""))[:_LONGEST]
    return TraceSpan(
        trace.id,
        trace.span(span.kind, span.seq),
        parent,
        _name(span),
        _nanoseconds(span.started_at),
        _nanoseconds(timeline.end_of(span)),
        dict(_attributes(timeline, span)),
        error,
        span.kind,
    )


def resource_attributes(service: str = "") -> dict[str, Attribute]:
    """What stands for the program that tells the trace."""
    return {"service.name": service or "orchestrate", "service.version": __version__}


def _nanoseconds(moment: float) -> int:
    return round(moment * 1_000_000) * 1000


def _name(span: Span) -> str:
    """Few different ones: iterations share a name."""
    match span.kind:
        case Kind.WORKFLOW:
            return span.name or "workflow"
        case Kind.LOCK:
            return "hold locks"
        case Kind.WAIT:
            return f"wait for {_WAITS[Wait(span.name)]}"
        case _:
            name = paths.static(span.path) if span.name.isdigit() else span.name
            number = span.facts.get("number") if span.kind is Kind.ATTEMPT else None
            return name if number is None else f"{name} attempt {number}"


_WAITS = {
    Wait.QUEUE: "its turn",
    Wait.CLAIM: "locks",
    Wait.RETRY: "retry",
    Wait.TIMER: "timer",
    Wait.EVENT: "event",
    Wait.PAUSE: "resume",
    Wait.DECISION: "decision",
    Wait.UNOWNED: "owner",
    Wait.STOPPED: "resume after end",
}
_FACTS = {
    "kind": "orchestrate.step.kind",
    "label": "orchestrate.step.type",
    "number": "orchestrate.attempt.number",
    "attempts": "orchestrate.step.attempts",
    "call": "process.command_line",
    "exit_code": "process.exit.code",
    "timeout": "orchestrate.attempt.timeout",
    "subject": "orchestrate.wait.subject",
    "reason": "orchestrate.wait.reason",
}


def _attributes(timeline: Timeline, span: Span) -> Iterator[tuple[str, Attribute]]:
    yield "orchestrate.workflow.id", timeline.workflow
    if span.kind is Kind.WORKFLOW:
        yield "orchestrate.workflow.state", span.status
        yield from _of_workflow(timeline)
    elif span.path:
        yield "orchestrate.step.path", span.path
    if span.kind is Kind.WAIT:
        yield "orchestrate.wait.kind", span.name
    elif span.kind is Kind.LOCK:
        yield "orchestrate.lock.names", span.name
    elif span.kind is not Kind.WORKFLOW:
        yield "orchestrate.outcome", span.status
        if span.status in _BAD:
            yield "error.type", span.status
    for fact, name in _FACTS.items():
        value = span.facts.get(fact)
        if isinstance(value, str):
            yield name, value[:_LONGEST]
        elif isinstance(value, bool | int | float):
            yield name, value


def _of_workflow(timeline: Timeline) -> Iterator[tuple[str, Attribute]]:
    created = timeline.created
    for key, name in (
        ("playbook", "orchestrate.playbook.name"),
        ("version", "orchestrate.playbook.version"),
        ("environment", "deployment.environment.name"),
        ("actor", "user.name"),
        ("rerun_of", "orchestrate.workflow.rerun_of"),
    ):
        value = created.get(key)
        if isinstance(value, str) and value:
            yield name, value
    git = created.get("git")
    if isinstance(git, Mapping) and isinstance(git.get("commit"), str):
        yield "vcs.ref.head.revision", str(git["commit"])


def span_json(span: TraceSpan) -> dict[str, Json]:
    """As `trace --json` prints it."""
    return {
        "trace_id": span.trace_id,
        "span_id": span.span_id,
        "parent_id": span.parent_id or None,
        "name": span.name,
        "kind": str(span.kind),
        "started_at": rfc3339(span.started_at / 1e9),
        "finished_at": rfc3339(span.finished_at / 1e9),
        "duration": (span.finished_at - span.started_at) / 1e9,
        "error": span.error,
        "attributes": dict(span.attributes),
    }
