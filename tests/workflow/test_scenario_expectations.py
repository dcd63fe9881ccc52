"""What a scenario expects and what came instead: said precisely, at its place."""

from typing import Any

import pytest
from workflow.replaying import read_scenario

from orchestrate.workflow.scenarios.compiling import Compiler
from orchestrate.workflow.scenarios.judging import Verdict, judge
from orchestrate.workflow.scenarios.reading import Scenario, read_scenarios
from orchestrate.workflow.scenarios.sources import NoProject
from orchestrate.workflow.scenarios.telling import Teller, around

PLAYBOOK = """
parameters: [{name: to, default: eu}]
steps:
  - {name: build, command: "build it"}
  - name: ship
    type: foreach
    items: ["${to}", us]
    as: region
    steps: [{name: up, command: "upload ${region}", retry: 1}]
  - {name: announce, command: "say it is out", when: "${to} == \\"eu\\""}
on_failure: [{name: tell, command: tell everybody}]
outputs: {where: "${to}", count: 2}
"""


def judged(expect: dict[str, Any], **keys: Any) -> Verdict:
    return judge(read_scenario({"playbook": PLAYBOOK, "expect": expect, **keys}))


def messages(expect: dict[str, Any], **keys: Any) -> list[str]:
    return [f"{m.key}: {m.message}" for m in judged(expect, **keys).mismatches]


UNKNOWN = "scenario has no parameter `too`; did you mean `to`?"
OVER = "the workflow has succeeded after 4 s"
FAILED = {"outcomes": {"ship[us]/up": "failed 4"}}


@pytest.mark.parametrize(
    ("keys", "expect"),
    [
        ({}, {"state": "succeeded"}),
        ({}, {"calls": ["build it", "upload eu", "upload us", "say it is out"]}),
        ({}, {"calls": ["build *", "upload ??", "upload us", "*"]}),
        ({}, {"steps": ["build", "ship[eu]/up", "ship[us]/up", "announce"]}),
        ({}, {"order": ["build", "ship/up", "announce"]}),
        ({}, {"order": ["ship", "ship[us]/up"]}),
        ({}, {"outputs": {"where": "eu", "count": 2}}),
        ({}, {"duration": 4}),
        ({}, {"duration": {"min": 3, "max": "1m"}}),
        ({}, {"idle": True}),
        ({}, {"calls_include": "upload *", "calls_exclude": ["tell*", "upload asia"]}),
        (
            {"parameters": {"to": "asia"}},
            {"outcomes": {"announce": "skipped", "ship/up": "succeeded"}},
        ),
        (FAILED, {"state": "failed", "error": {"step": "ship[us]/up", "exit_code": 4}}),
        (FAILED, {"error": "exit code ?"}),
        (FAILED, {"error": {"message": "*code 4", "timed_out": False}}),
        (FAILED, {"attempts": {"ship[us]/up": 2, "ship[eu]/up": 1, "announce": 0}}),
        ({"parameters": {"too": 1}}, {"refused": "*has no parameter `too`*"}),
    ],
)
def test_what_holds_is_green(keys: dict[str, Any], expect: dict[str, Any]) -> None:
    assert messages(expect, **keys) == []


@pytest.mark.parametrize(
    ("keys", "expect", "message"),
    [
        (
            FAILED,
            {"state": "succeeded"},
            "state: expected succeeded, was failed; ship[us]/up failed: exit code 4",
        ),
        (
            {},
            {"calls": ["build it", "upload eu", "upload de"]},
            "calls: call 3: expected `upload de`, was `upload us`",
        ),
        (
            {},
            {"calls": ["build it", "upload eu", "upload us"]},
            "calls: call 4 was not expected: `say it is out`",
        ),
        (
            FAILED,
            {"calls": ["build it", "upload eu", "upload us", "upload us", "tell *", "x"]},
            "calls: call 6: expected `x`, but there were only 5 calls; the workflow has failed",
        ),
        (
            {},
            {"steps": ["build", "announce"]},
            "steps: step 2: expected `announce`, was `ship[eu]/up`",
        ),
        (
            {},
            {"order": ["announce", "build"]},
            "order: `build` began before `announce`, expected after it",
        ),
        ({}, {"order": ["build", "on_failure/tell"]}, "order: `on_failure/tell` never began"),
        (
            FAILED,
            {"outcomes": {"ship/up": "succeeded"}},
            "outcomes: ship[us]/up: expected succeeded, was failed: exit code 4",
        ),
        (
            FAILED,
            {"outcomes": {"announce": "succeeded"}},
            "outcomes: announce: expected succeeded, but it was never reached",
        ),
        (
            FAILED,
            {"attempts": {"ship[us]/up": 3}},
            "attempts: ship[us]/up: expected 3 attempts, were 2",
        ),
        (
            {},
            {"calls_include": "upload usa"},
            "calls_include: no call is `upload usa`; the nearest is `upload us`",
        ),
        (
            {},
            {"calls_exclude": ["say*"]},
            "calls_exclude: `say it is out` was called by announce",
        ),
        ({}, {"outputs": {"where": "us", "count": 2}}, "outputs: where: expected `us`, was `eu`"),
        ({}, {"outputs": {"where": "eu"}}, "outputs: output `count` was not expected: 2"),
        ({}, {"outputs": {"where": "eu", "count": 2, "x": 1}}, "outputs: there is no output `x`"),
        ({}, {"error": "x"}, "error: expected an error, but it has succeeded"),
        (FAILED, {"error": {"exit_code": 3}}, "error: exit_code: expected 3, was 4"),
        ({}, {"duration": "5s"}, "duration: expected 5s, was 4 s"),
        ({}, {"duration": {"max": 3}}, "duration: expected at most 3, was 4 s"),
        ({}, {"idle": False}, "idle: expected false, but nothing could move"),
        (
            {},
            {"refused": "*"},
            "refused: expected that it is refused, but it ran and has succeeded",
        ),
        (
            {"parameters": {"too": "x"}},
            {"state": "succeeded"},
            f"refused: it was refused before any step: {UNKNOWN}",
        ),
        (
            {"parameters": {"too": "x"}},
            {"refused": "*missing*"},
            f"refused: expected the reason `*missing*`, was: {UNKNOWN}",
        ),
        (
            {"signals": [{"at": 90, "pause": True}]},
            {"state": "succeeded"},
            f"signal: `pause` was never given: 90 s did not come, {OVER}",
        ),
        (
            {"signals": [{"when": {"step": "build", "is": "failed"}, "cancel": True}]},
            {"state": "succeeded"},
            f"signal: `cancel` was never given: `build` failed did not come, {OVER}",
        ),
        (
            {"signals": [{"at": 1, "resume": True}]},
            {"state": "succeeded"},
            "signal: `resume` could not be given: the workflow is not paused",
        ),
    ],
)
def test_what_does_not_hold_is_said(
    keys: dict[str, Any], expect: dict[str, Any], message: str
) -> None:
    assert messages(expect, **keys) == [message]


def test_every_expectation_is_compared() -> None:
    expect = {"state": "failed", "calls": [], "duration": 1}
    assert [m.key for m in judged(expect).mismatches] == ["state", "calls", "duration"]


def test_a_mismatch_knows_its_step_and_what_came_around_it() -> None:
    verdict = judged({"calls": ["build it", "upload eu", "upload de"]})
    (mismatch,) = verdict.mismatches
    assert (mismatch.path, mismatch.expected, mismatch.was) == (
        "ship[us]/up",
        "upload de",
        "upload us",
    )
    assert verdict.played is not None
    assert around(verdict.played.events, mismatch.seq) == [
        "       0.0 s  start build: build it",
        "       1.0 s  succeeded build",
        "       1.0 s  enter ship",
        "       1.0 s  start ship[eu]/up: upload eu",
        "       2.0 s  succeeded ship[eu]/up",
        ">      2.0 s  start ship[us]/up: upload us",
        "       3.0 s  succeeded ship[us]/up",
        "       3.0 s  succeeded ship",
        "       3.0 s  start announce: say it is out",
        "  …",
    ]


def test_a_red_scenario_shows_the_step_and_what_happened_there() -> None:
    text = (
        "- scenario: s\n"
        "  playbook: |\n"
        "    steps:\n"
        "      - name: build\n"
        "        command: build it\n"
        "  expect:\n"
        "    calls: [make it]\n"
    )
    (scenario,) = read_scenarios("s.yaml", text, Compiler(NoProject())).scenarios
    assert isinstance(scenario, Scenario)
    told = "\n".join(Teller({"s.yaml": text}).verdict(judge(scenario)))
    assert told.splitlines() == [
        "s.yaml:7:13: error[calls]: call 1 is another",
        "  7 |     calls: [make it]",
        "    |             ^^^^^^^",
        "  expected  make it",
        "  was       build it",
        "s.yaml:4:9: note[step]: this is `build`",
        "  4 |       - name: build",
        "    |         ^",
        "what happened there:",
        ">      0.0 s  start build: build it",
        "       1.0 s  succeeded build",
        "       1.0 s  workflow succeeded",
    ]


@pytest.mark.parametrize(
    ("outcomes", "message"),
    [
        ({"announce": "failed"}, "no attempt was made for `announce`, so its outcome was not used"),
        (
            {"uplaod *": "failed"},
            "no step and no call fits `uplaod *`, so its outcome was not used",
        ),
        ({"build": ["succeeded", "failed"]}, "`build` has 2 outcomes, but only 1 came into use"),
    ],
)
def test_outcomes_that_nothing_came_for_are_warnings(outcomes: Any, message: str) -> None:
    verdict = judged({"state": "succeeded"}, outcomes=outcomes, parameters={"to": "asia"})
    assert verdict.passed
    assert [warning.message for warning in verdict.warnings] == [message]


def test_a_wait_without_an_end_is_told_instead_of_waited_for() -> None:
    playbook = "steps: [{name: poll, type: wait, shell: look, until: '${poll.success}'}]"
    scenario = read_scenario({"playbook": playbook, "outcomes": {"poll": "failed"}})
    (mismatch,) = judge(scenario).mismatches
    assert mismatch.message.startswith(
        "`poll` was tried 10,000 times, and there is no end in sight"
    )
    playbook = "steps: [{name: poll, type: wait, until: '${ready}'}]\nvariables: {ready: false}"
    (mismatch,) = judge(read_scenario({"playbook": playbook})).mismatches
    assert mismatch.key == "endless"
