"""A trace as a file: OTLP JSON, the trace event format of browsers, or folded stacks."""

from collections.abc import Mapping, Sequence

from orchestrate.observe.spans import Kind, Span
from orchestrate.observe.timeline import Timeline
from orchestrate.observe.trace import (
    Attribute,
    TraceSpan,
    resource_attributes,
    trace_spans,
)
from orchestrate.playbook.plan import Json

FORMATS = ("otlp", "chrome", "folded")
_SCOPE = "orchestrate"
_INTERNAL = 1
_ERROR = 2
_SAMPLED = 1


def otlp_json(timeline: Timeline) -> Json:
    """A request of OTLP/JSON: ids in hexadecimal, 64-bit numbers as text."""
    spans = [_otlp_span(span) for span in trace_spans(timeline)]
    resource = resource_attributes()
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": _otlp_attributes(resource)},
                "scopeSpans": [
                    {
                        "scope": {"name": _SCOPE, "version": str(resource["service.version"])},
                        "spans": spans,
                    }
                ],
            }
        ]
    }


def _otlp_span(span: TraceSpan) -> Json:
    plain: dict[str, Json] = {
        "traceId": span.trace_id,
        "spanId": span.span_id,
        "name": span.name,
        "kind": _INTERNAL,
        "startTimeUnixNano": str(span.started_at),
        "endTimeUnixNano": str(span.finished_at),
        "attributes": _otlp_attributes(span.attributes),
        "status": {},
        "flags": _SAMPLED,
    }
    if span.parent_id:
        plain["parentSpanId"] = span.parent_id
    if span.error is not None:
        plain["status"] = {"code": _ERROR, "message": span.error}
    return plain


def _otlp_attributes(attributes: Mapping[str, Attribute]) -> list[Json]:
    return [{"key": key, "value": _otlp_value(value)} for key, value in attributes.items()]


def _otlp_value(value: Attribute) -> Json:
    match value:
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case str():
            return {"stringValue": value}


def chrome_json(timeline: Timeline) -> Json:
    """Trace events for Perfetto and chrome://tracing: complete events, one lane for what nests."""
    lanes = Lanes()
    events: list[Json] = [
        {"ph": "M", "pid": 1, "tid": 0, "name": "process_name",
         "args": {"name": f"{timeline.workflow} {timeline.root.name}"}}
    ]  # fmt: skip
    for span in trace_spans(timeline):
        lane = lanes.take(span)
        events.append(
            {
                "ph": "X",
                "pid": 1,
                "tid": lane,
                "name": span.name,
                "cat": str(span.kind),
                "ts": span.started_at / 1000,
                "dur": (span.finished_at - span.started_at) / 1000,
                "args": dict(span.attributes),
            }
        )
    return {"traceEvents": events, "displayTimeUnit": "ms"}


class Lanes:
    """Gives each span a lane in which it lies within what it overlaps: that of what contains it if
    nothing else is there at the time, else the first free one.
    """

    def __init__(self) -> None:
        self._of: dict[str, int] = {}
        self._busy_until: list[int] = []
        self._last_child: dict[str, int] = {}

    def take(self, span: TraceSpan) -> int:
        """The lane of the next span; what contains it must have come before."""
        within = self._of.get(span.parent_id)
        if within is not None and self._last_child.get(span.parent_id, 0) <= span.started_at:
            self._last_child[span.parent_id] = span.finished_at
            lane = within
        else:
            lane = self._free(span.started_at)
            self._busy_until[lane] = span.finished_at
        self._of[span.span_id] = lane
        return lane

    def _free(self, at: int) -> int:
        for lane, until in enumerate(self._busy_until):
            if until <= at:
                return lane
        self._busy_until.append(0)
        return len(self._busy_until) - 1


def folded_stacks(timeline: Timeline) -> str:
    """One line for each stack, with the microseconds in it that nothing below it accounts for."""
    totals: dict[str, int] = {}
    stack: list[tuple[Span, str]] = [(timeline.root, _frame(timeline.root))]
    while stack:
        span, frames = stack.pop()
        own = timeline.end_of(span) - span.started_at - _covered(timeline, span.children)
        micros = round(own * 1_000_000)
        if micros > 0:
            totals[frames] = totals.get(frames, 0) + micros
        stack.extend(
            (child, f"{frames};{_frame(child)}")
            for child in span.children
            if child.kind is not Kind.LOCK
        )
    return "".join(f"{frames} {micros}\n" for frames, micros in sorted(totals.items()))


def _frame(span: Span) -> str:
    match span.kind:
        case Kind.WAIT:
            name = f"({span.name})"
        case Kind.ATTEMPT:
            name = f"attempt {span.facts.get('number', 1)}"
        case _:
            name = span.name or "workflow"
    return "".join(char if char.isprintable() and char != ";" else " " for char in name)


def _covered(timeline: Timeline, children: Sequence[Span]) -> float:
    """Seconds in which any of them lasted."""
    covered, until = 0.0, float("-inf")
    counted = [child for child in children if child.kind is not Kind.LOCK]
    for child in sorted(counted, key=lambda child: child.started_at):
        start, end = max(child.started_at, until), timeline.end_of(child)
        if end > start:
            covered += end - start
            until = end
    return covered
