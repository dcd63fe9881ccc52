import base64
import json
from typing import Any

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from orchestrate.commands.trace_context import trace_of
from orchestrate.observe.formats import chrome_json, folded_stacks, otlp_json
from orchestrate.observe.timeline import timeline_of
from orchestrate.observe.trace import trace_spans
from orchestrate.workflow.events import EventType

CALLER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def decoded(plain: Any) -> ExportTraceServiceRequest:
    """OTLP JSON by the official classes, which want ids in base64 where OTLP has hexadecimal."""

    def ids(value: Any) -> Any:
        match value:
            case dict():
                return {
                    key: base64.b64encode(bytes.fromhex(entry)).decode()
                    if key in ("traceId", "spanId", "parentSpanId")
                    else ids(entry)
                    for key, entry in value.items()
                }
            case list():
                return [ids(entry) for entry in value]
            case _:
                return value

    return json_format.Parse(json.dumps(ids(plain)), ExportTraceServiceRequest())


def spread(journal) -> None:
    journal.events[0] = journal.events[0]._replace(
        data={**journal.events[0].data, "traceparent": CALLER, "version": "1.2"}
    )
    journal.start()
    journal.add(0, EventType.STEP_STARTED, "spread", kind="parallel")
    one = journal.begin(0, "spread/left/a")
    two = journal.begin(0, "spread/right/b")
    journal.end(2, "spread/left/a", one, 0, "succeeded", exit_code=0)
    journal.end(3, "spread/right/b", two, 0, "failed", exit_code=7, message="exit code 7")
    journal.add(3, EventType.STEP_FINISHED, "spread", kind="parallel", status="failed")
    journal.add(3, EventType.STEP_FINISHED, "later", kind="conditional", status="skipped")
    journal.add(3, EventType.WORKFLOW_FINISHED, state="failed",
                error={"step": "spread/right/b", "message": "exit code 7"})  # fmt: skip


def test_the_official_classes_read_the_export(journal) -> None:
    spread(journal)
    request = decoded(otlp_json(journal.timeline))
    (resource,) = request.resource_spans
    assert {a.key: a.value.string_value for a in resource.resource.attributes}[
        "service.name"
    ] == "orchestrate"
    spans = resource.scope_spans[0].spans
    assert [span.name for span in spans] == [
        "deploy", "wait for its turn", "spread", "a", "a attempt 1", "b", "b attempt 1",
    ]  # fmt: skip
    by_name = {span.name: span for span in spans}
    root, attempt = by_name["deploy"], by_name["b attempt 1"]
    assert root.trace_id.hex() == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert root.parent_span_id.hex() == "00f067aa0ba902b7"
    assert by_name["b"].parent_span_id == by_name["spread"].span_id
    assert attempt.parent_span_id == by_name["b"].span_id
    assert (attempt.start_time_unix_nano, attempt.end_time_unix_nano) == (
        1_000_000_000_000, 1_003_000_000_000,
    )  # fmt: skip
    assert (attempt.status.code, attempt.status.message) == (2, "exit code 7")
    assert (root.status.code, by_name["a"].status.code) == (2, 0)
    attributes = {a.key: a.value for a in attempt.attributes}
    assert attributes["process.exit.code"].int_value == 7
    assert attributes["orchestrate.step.path"].string_value == "spread/right/b"
    assert len({span.span_id for span in spans}) == len(spans)


def test_the_exported_id_of_an_attempt_is_the_one_that_its_command_got(journal) -> None:
    spread(journal)
    trace = trace_of("WF-2026-001", 1000.0, CALLER)
    seq = next(e.seq for e in journal.events if e.path == "spread/right/b")
    exported = {span.name: span.span_id for span in trace_spans(journal.timeline)}
    assert exported["b attempt 1"] == trace.attempt(seq).span_id


def test_an_export_is_always_the_same(journal) -> None:
    spread(journal)
    assert otlp_json(journal.timeline) == otlp_json(journal.timeline)


def test_spans_that_overlap_have_lanes_of_their_own(journal) -> None:
    spread(journal)
    events: Any = chrome_json(journal.timeline)
    spans = [event for event in events["traceEvents"] if event["ph"] == "X"]
    lanes: dict[int, list[tuple[float, float]]] = {}
    for span in spans:
        lanes.setdefault(span["tid"], []).append((span["ts"], span["ts"] + span["dur"]))
    for stretches in lanes.values():
        for start, end in stretches:
            for other_start, other_end in stretches:
                apart = end <= other_start or other_end <= start
                nested = (start >= other_start and end <= other_end) or (
                    other_start >= start and other_end <= end
                )
                assert apart or nested
    tids = {span["name"]: span["tid"] for span in spans}
    assert tids["a"] == tids["spread"] != tids["b"]


def test_folded_stacks_add_up_to_what_ran(journal) -> None:
    spread(journal)
    assert folded_stacks(journal.timeline) == (
        "deploy;spread;left;a;attempt 1 2000000\ndeploy;spread;right;b;attempt 1 3000000\n"
    )


def test_ten_thousand_steps_are_exported(journal) -> None:
    journal.start()
    journal.add(0, EventType.STEP_STARTED, "loop", kind="foreach")
    for index in range(10_000):
        journal.attempt(index, index + 1, f"loop[{index}]/work")
    journal.add(10_000, EventType.STEP_FINISHED, "loop", kind="foreach", status="succeeded")
    journal.finish(10_000)
    text = json.dumps(otlp_json(timeline_of("WF-2026-001", journal.events)))
    assert text.count('"spanId"') == 20_003
