"""Notices: what is told of an event, as the journal had it then."""

from collections.abc import Mapping
from typing import Any

import pytest

from orchestrate.integrations.message import Notice, StepTime
from orchestrate.integrations.noticing import Surroundings, Told, build_notice, masked
from orchestrate.playbook.compile import compile_playbook
from orchestrate.workflow.events import Event, EventType

PLAN = compile_playbook(
    "deploy.yaml",
    b"name: deploy\nversion: 1.4.0\ncategory: deployment\ntags: [web]\n"
    b"steps:\n  - command: /bin/true\n",
    lambda _: None,
)
CREATED = {
    "playbook": "deploy",
    "environment": "production",
    "parameters": {"version": "1.4.2"},
    "secret_parameters": ["password"],
    "actor": "anna",
}


def journal(*more: tuple[EventType, str, Mapping[str, Any]]) -> list[Event]:
    """Events a second apart, from 100 on."""
    all_events = [
        (EventType.WORKFLOW_CREATED, "", CREATED),
        (EventType.WORKFLOW_STARTED, "", {"actor": "anna"}),
        *more,
    ]
    return [
        Event(number, 99.0 + number, kind, path, data)
        for number, (kind, path, data) in enumerate(all_events, 1)
    ]


def started(path: str, number: int = 1) -> tuple[EventType, str, Mapping[str, Any]]:
    data = {"id": 10 + number, "number": number, "of": 3, "kind": "command", "label": "deployment"}
    return EventType.ATTEMPT_STARTED, path, data


def finished(path: str, status: str, number: int = 1, *, final: bool = True):
    data = {"id": 10 + number, "number": number, "status": status, "exit_code": 3,
            "started_at": 0.0, "finished_at": 110.0, "final": final}  # fmt: skip
    return EventType.ATTEMPT_FINISHED, path, data


def notice(events: list[Event], sequence: int, kind: str, output: bytes = b"") -> Notice:
    read: list[tuple[str, int]] = []

    def wrote(workflow: str, attempt: int) -> bytes:
        read.append((workflow, attempt))
        return output

    return build_notice(
        Told("WF-2026-001", sequence, kind, "hook", False),
        PLAN,
        events,
        Surroundings("shop", "https://ops.example/{id}", wrote),
    )


def test_a_start_says_what_where_and_who() -> None:
    told = notice(journal(started("a")), 2, "start")
    assert told[:13] == (
        "start", "WF-2026-001/2/hook", 2, 101.0, "hook", "shop", "WF-2026-001", "deploy", "1.4.0",
        "deployment", ("web",), "production", "anna",
    )  # fmt: skip
    assert (told.state, told.started_at, told.finished_at, told.duration) == (
        "running",
        101.0,
        None,
        0.0,
    )
    assert told.parameters == {"version": "1.4.2", "password": "***"}
    assert told.link == "https://ops.example/WF-2026-001"
    assert told.dedup_key == "shop/deploy/production"
    assert (told.metrics.attempts, told.failed, told.approval) == (0, None, None)


def test_a_failure_says_which_step_and_its_last_lines() -> None:
    events = journal(
        (EventType.CLAIMED, "release", {"tokens": {}, "waited": 2.5}),
        started("release"),
        finished("release", "failed", final=False),
        started("release", 2),
        finished("release", "failed", 2),
        (
            EventType.WORKFLOW_FINISHED,
            "",
            {
                "state": "failed",
                "error": {"step": "release", "message": "exit code 3", "exit_code": 3},
            },
        ),
        (EventType.RESUMED, "", {"actor": "bert"}),
    )
    output = b"".join(b"line %03d\n" % number for number in range(400)) + b"\x1b[31mred\x1b[0m\n"
    told = notice(events, 8, "failure", output)
    assert told.failed is not None
    assert told.failed[:4] == ("release", 2, 3, "exit code 3")
    lines = told.failed.output.splitlines()
    assert lines[0].startswith("line ")
    assert lines[-1] == "red"
    assert len(told.failed.output) <= 2048
    assert (told.state, told.reason) == ("failed", "release: exit code 3")
    assert (told.duration, told.is_over) == (6.0, True)
    assert told.metrics == (
        {"failed": 1},
        2,
        1,
        2.5,
        (StepTime("release", "deployment", "failed", 7.0),),
    )


def test_what_came_later_changes_nothing() -> None:
    events = journal(started("a"), (EventType.CANCEL_REQUESTED, "", {"actor": "x", "reason": "y"}))
    assert notice(events, 2, "start") == notice(events[:2], 2, "start")


@pytest.mark.parametrize(
    ("event", "state", "reason"),
    [
        (
            (EventType.PARKED, "a", {"subject": "unknown", "message": "ended?", "choices": []}),
            "needs_attention",
            "a: ended?",
        ),
        ((EventType.PAUSED, "", {}), "paused", "lunch"),
    ],
)
def test_a_pause_says_why(
    event: tuple[EventType, str, Mapping[str, Any]], state: str, reason: str
) -> None:
    asked = (EventType.PAUSE_REQUESTED, "", {"actor": "anna", "reason": "lunch", "now": False})
    events = journal(*([asked] if state == "paused" else []), event)
    told = notice(events, len(events), "pause")
    assert (told.state, told.reason) == (state, reason)


def test_an_approval_says_what_is_asked_of_whom_until_when() -> None:
    data = {"message": "Go on?", "approvers": ["anna", "group:sre"], "inputs": [], "minimum": 1,
            "timeout": 60.0, "on_timeout": "fail"}  # fmt: skip
    events = journal((EventType.APPROVAL_REQUESTED, "ask", data))
    told = notice(events, 3, "approval")
    assert told.approval == (
        "ask", "Go on?", ("anna", "group:sre"), 162.0,
        "orchestrate approve WF-2026-001 --step ask",
    )  # fmt: skip


def test_a_second_mask_reaches_every_text() -> None:
    events = journal(started("a"), finished("a", "failed"))
    told = notice(events, 4, "failure")._replace(
        reason="token tok-1", parameters={"deep": [{"x": "tok-1"}]}, labels=("tok-1",)
    )
    hidden = masked(told, lambda text: text.replace("tok-1", "***"))
    assert hidden.reason == "token ***"
    assert hidden.parameters == {"deep": [{"x": "***"}]}
    assert hidden.labels == ("***",)
    assert hidden.metrics == told.metrics
