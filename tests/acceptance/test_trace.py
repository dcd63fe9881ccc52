import json
import re

import pytest
from this_year import YEAR

CALLER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
TRACED = """\
name: traced
steps:
  - name: fails once
    shell: 'echo "$TRACEPARENT" >> seen; test -e flag || { touch flag; exit 3; }'
    retry: 1
  - {name: last, shell: 'echo "$TRACEPARENT" >> seen'}
"""


@pytest.fixture
def traced(project):
    project.playbook("traced", TRACED)
    return project


def spans_of(project) -> list[dict]:
    data = json.loads((project.root / f"WF-{YEAR}-001.trace.json").read_text())
    return data["resourceSpans"][0]["scopeSpans"][0]["spans"]


def test_commands_get_the_spans_that_the_export_names(traced) -> None:
    assert traced("run", "--playbook", "traced", env={"TRACEPARENT": CALLER}).code == 0
    traced.ok("trace", "--workflow", f"WF-{YEAR}-001", "--export")
    spans = spans_of(traced)
    attempts = [span for span in spans if " attempt " in span["name"]]
    assert [span["name"] for span in attempts] == [
        "fails once attempt 1", "fails once attempt 2", "last attempt 1",
    ]  # fmt: skip
    assert traced.lines("seen") == [
        f"00-4bf92f3577b34da6a3ce929d0e0e4736-{span['spanId']}-01" for span in attempts
    ]
    assert spans[0]["parentSpanId"] == "00f067aa0ba902b7"
    assert {span["traceId"] for span in spans} == {"4bf92f3577b34da6a3ce929d0e0e4736"}


def test_without_a_caller_each_workflow_is_a_trace(traced) -> None:
    assert traced("run", "--playbook", "traced", env={"TRACEPARENT": "garbage"}).code == 0
    traced.ok("run", "--playbook", "traced")
    contexts = [line.split("-") for line in traced.lines("seen")]
    assert [len({trace for _, trace, _, _ in part}) for part in (contexts[:3], contexts[3:])] == [
        1, 1,
    ]  # fmt: skip
    assert len({trace for _, trace, _, _ in contexts}) == 2
    assert len({span for _, _, span, _ in contexts}) == len(contexts) == 5


def test_every_format_is_written_where_it_is_wanted(traced) -> None:
    traced.ok("run", "--playbook", "traced")
    first = traced.ok("trace", f"WF-{YEAR}-001", "--export", "-").out
    assert traced.ok("trace", "current", "--export", "-").out == first
    traced.ok("trace", f"WF-{YEAR}-001", "--export", "--format", "chrome")
    events = json.loads((traced.root / f"WF-{YEAR}-001.chrome.json").read_text())["traceEvents"]
    assert {event["ph"] for event in events} == {"M", "X"}
    folded = traced.ok("trace", f"WF-{YEAR}-001", "--format", "folded", "--export", "-").out
    assert re.search(r"^traced;fails once;attempt 1 \d+$", folded, re.MULTILINE)
    shown = traced.ok("trace", f"WF-{YEAR}-001").out
    assert "fails once attempt 1  exit code 3" in shown
    listed = traced.ok("trace", f"WF-{YEAR}-001", "--json").json
    assert listed[0]["parent_id"] is None
    assert listed[1]["parent_id"] == listed[0]["span_id"]


def test_wrong_calls_say_what_to_do(traced) -> None:
    for words, code in (
        (("trace",), 2),
        (("trace", "--workflow", "WF-2025-001", "--export"), 3),
        (("trace", f"WF-{YEAR}-001", "--format", "chrome"), 2),
        (("trace", f"WF-{YEAR}-001", "--json", "--export"), 2),
        (("trace", "--export", f"WF-{YEAR}-001"), 2),
    ):
        done = traced(*words)
        assert done.code == code, words
        assert "Traceback" not in done.err
