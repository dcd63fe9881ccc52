"""Which triggers an arrival concerns, what they take from it, and how often."""

import pytest

from orchestrate.playbook.codec import dump_plan, load_plan
from orchestrate.playbook.compile import compile_playbook
from orchestrate.playbook.expressions import ExpressionError
from orchestrate.playbook.triggers import EventTrigger, Rate
from orchestrate.triggers.cloud_events import CloudEvent
from orchestrate.triggers.limits import Limits
from orchestrate.triggers.matching import concerns, fits, values


def trigger(text: str) -> EventTrigger:
    source = f"""
parameters: [{{name: host, default: ""}}, {{name: level, type: integer, default: 0}}]
triggers: [{{type: event, {text}}}]
steps: [{{command: /bin/true}}]
"""
    plan = compile_playbook("t.yaml", source.encode(), lambda _: None)
    assert load_plan(dump_plan(plan)) == plan
    (found,) = plan.triggers
    assert isinstance(found, EventTrigger)
    return found


ALERT = CloudEvent("1", "monitoring/eu", "critical-alert", {"host": "web1", "level": 4})


@pytest.mark.parametrize(
    ("text", "concerned"),
    [
        ("event: critical-alert", True),
        ("event: critical", False),
        ("event: '*'", True),
        ("source: monitoring, event: critical-alert", False),
        ("source: monitoring/*, event: 'critical-*'", True),
        ("event: '*', enabled: false", False),
        ("event: '*', filter: '${event.data.level} > 3'", True),
        ("event: '*', filter: '${event.data.level} > 4'", False),
        ("event: '*', filter: '${event.data.nothing} > 4'", False),
        ("event: '*', filter: 'event.subject == \"x\"'", False),
    ],
)
def test_which_events_concern_a_trigger(text: str, concerned: bool) -> None:
    assert concerns(trigger(text), ALERT) is concerned


def test_only_a_star_stands_for_others() -> None:
    assert fits("a[b]?", "a[b]?")
    assert not fits("a[b]?", "abc")
    assert not fits("a", "A")


def test_values_keep_their_type() -> None:
    found = trigger(
        "event: e, parameters: {host: 'at ${event.data.host}', level: '${event.data.level}'}"
    )
    assert values(found.parameters, {"event": ALERT.to_json()}) == {"host": "at web1", "level": 4}
    with pytest.raises(ExpressionError):
        values(found.parameters, {"event": CloudEvent("1", "s", "e", {}).to_json()})


def test_a_bucket_fills_again() -> None:
    limits, rate = Limits(), Rate(2, 60.0)
    assert [limits.wait("a", rate, 0.0) for _ in range(3)] == [0, 0, 30]
    assert limits.wait("b", rate, 0.0) == 0
    assert limits.wait("a", rate, 29.0) == 1
    assert limits.wait("a", rate, 30.0) == 0
    assert [limits.wait("a", rate, 1000.0) for _ in range(3)] == [0, 0, 30]
