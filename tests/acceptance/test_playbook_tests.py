"""`orchestrate test`, as people and CI systems meet it."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pexpect
import pytest

PLAYBOOK = """\
parameters: [{name: version}]
secrets: [{name: key, source: environment, variable: API_KEY, allow_in_arguments: true}]
steps:
  - name: push
    command: /no-such-command push ${version} ${HOME} ${secrets.key}
  - name: announce
    command: also-not-there ${version}
on_failure:
  - name: back
    command: roll back
"""
SCENARIOS = """\
playbook: deploy
parameters: {version: "2"}
env: {HOME: /somewhere/else}
scenarios:
  - scenario: it goes well
    expect:
      state: succeeded
      calls: [/no-such-command push 2 /somewhere/else ***, also-not-there 2]
  - scenario: it goes back
    outcomes: {push: failed 3}
    expect: {state: failed, calls: ["/no-such*", roll back]}
"""


@pytest.fixture
def shop(project):
    project.playbook("deploy", PLAYBOOK)
    project.write("playbooks/tests/deploy.yaml", SCENARIOS)
    return project


def broken(project):
    return project.playbook("deploy", PLAYBOOK.replace("push ${version}", "push v${version}"))


def test_green_ends_with_zero_and_touches_nothing(shop):
    done = shop("test", env={"HOME": "/real", "API_KEY": "a-real-secret"})
    assert (done.code, done.err) == (0, "")
    first, _, dots, _, end = done.out.splitlines()
    assert first == "2 scenarios"
    assert dots == "playbooks/tests/deploy.yaml ..".ljust(73) + " [100%]"
    assert end.strip("= ").startswith("2 passed in ")
    assert not (shop.root / ".orchestrate").exists()


def test_red_ends_with_one_and_says_what_where_and_what_came_around_it(shop):
    broken(shop)
    done = shop("test")
    assert done.code == 1
    lines = done.out.splitlines()
    start = next(i for i, line in enumerate(lines) if "it goes well" in line)
    assert lines[start + 1 : start + 12] == [
        "playbooks/tests/deploy.yaml:8:15: error[calls]: call 1 is another",
        "  8 |       calls: [/no-such-command push 2 /somewhere/else ***, also-not-there 2]",
        "    |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
        "  expected  /no-such-command push 2 /somewhere/else ***",
        "  was       /no-such-command push v2 /somewhere/else ***",
        "playbooks/deploy.yaml:5:14: note[step]: this is `push`",
        "  5 |     command: /no-such-command push v${version} ${HOME} ${secrets.key}",
        "    |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
        "what happened there:",
        ">      0.0 s  start push: /no-such-command push v2 /somewhere/else ***",
        "       1.0 s  succeeded push",
    ]
    assert lines[-1].strip("= ").startswith("1 failed, 1 passed in ")


def test_an_invalid_scenario_ends_with_two_and_the_others_are_played(shop):
    shop.write("playbooks/tests/deploy.yaml", SCENARIOS.replace("push: failed", "psh: failed"))
    done = shop("test")
    assert done.code == 2
    assert "error[unknown-step]: deploy has no step `psh`" in done.out
    assert "= did you mean `push`?" in done.out
    assert done.out.splitlines()[-1].strip("= ").startswith("1 invalid, 1 passed in ")


def test_an_invalid_playbook_is_told_once(shop):
    shop.playbook("deploy", PLAYBOOK.replace("command: roll", "comand: roll"))
    done = shop("test")
    assert done.code == 2
    assert done.out.count("= did you mean `command`?") == 1


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("test", "nothing-like-it"), 3),
        (("test", "-k", "nothing like it"), 3),
        (("test", "--all", "deploy"), 2),
        (("test", "--fail-under", "101"), 2),
        (("test", "--junit", "/proc/nowhere/report.xml"), 1),
    ],
)
def test_wrong_calls(shop, words, code):
    done = shop(*words)
    assert done.code == code
    assert done.err.startswith("error[")


def test_a_project_without_scenarios_is_told_how_to_begin(project):
    project.playbook("deploy", PLAYBOOK)
    done = project("test")
    assert done.code == 3
    assert "there are no scenarios" in done.err
    assert "playbooks/tests/NAME.yaml" in done.err


def test_verbose_has_a_line_for_each(shop):
    broken(shop)
    lines = shop("test", "-v").out.splitlines()
    assert lines[2].startswith("playbooks/tests/deploy.yaml::it goes well FAILED")
    assert lines[3].startswith("playbooks/tests/deploy.yaml::it goes back PASSED")


def test_a_playbook_can_be_named_as_for_other_verbs(shop):
    assert shop("test", "--playbook", "deploy").code == 0
    assert shop("test", "--playbook", "nightly").code == 3


def test_k_chooses_and_x_stops(shop):
    broken(shop)
    assert "1 passed, 1 deselected" in shop("test", "-k", "GOES back").out
    assert "1 passed, 1 deselected" in shop("test", "-k", "not well").out
    assert "1 failed, 1 not run" in shop("test", "-x").out


def test_strict_makes_failures_of_outcomes_that_nothing_came_for(shop):
    text = SCENARIOS.replace("push: failed 3", "push: failed 3, announce: failed")
    shop.write("playbooks/tests/deploy.yaml", text)
    done = shop("test")
    assert done.code == 0
    assert "warning[unused-outcome]: no attempt was made for `announce`" in done.out
    assert "2 passed, 1 warning" in done.out
    strict = shop("test", "--strict")
    assert strict.code == 1
    assert "error[unused-outcome]: no attempt was made for `announce`" in strict.out


def test_coverage_lists_what_was_never_exercised_and_can_be_demanded(shop):
    shop.playbook("untested", "steps: [{name: a, command: b}]\n")
    done = shop("test", "deploy", "--coverage", "-k", "well")
    assert done.code == 0
    table = [line.rstrip() for line in done.out.splitlines() if "  " in line][1:]
    assert [" ".join(line.split()) for line in table] == [
        "playbook steps branches handlers iterations covered",
        "playbooks/deploy.yaml 2/3 - 0/1 - 50 %",
        "never: handler on_failure playbooks/deploy.yaml:9:5",
        "never: step on_failure/back playbooks/deploy.yaml:9:5",
        "total 2/3 - 0/1 - 50 %",
    ]
    assert shop("test", "deploy", "--fail-under", "100").code == 0
    whole = shop("test", "--fail-under", "90")
    assert whole.code == 1
    assert whole.err == "the coverage is 80 %, less than 90 %\n"
    assert "never: step a" in whole.out


def test_json_is_data_on_stdout(shop):
    broken(shop)
    done = shop("test", "--json", "--coverage")
    assert done.code == 1
    data = done.json
    assert (data["passed"], data["failed"], data["invalid"]) == (1, 1, 0)
    red, green = data["scenarios"]
    assert red["id"] == "playbooks/tests/deploy.yaml::it goes well"
    assert red["playbook"] == "playbooks/deploy.yaml"
    (failure,) = red["failures"]
    assert failure == {
        "key": "calls",
        "message": (
            "call 1: expected `/no-such-command push 2 /somewhere/else ***`, "
            "was `/no-such-command push v2 /somewhere/else ***`"
        ),
        "file": "playbooks/tests/deploy.yaml",
        "line": 8,
        "column": 15,
        "step": "push",
        "expected": "/no-such-command push 2 /somewhere/else ***",
        "was": "/no-such-command push v2 /somewhere/else ***",
    }
    assert (green["result"], green["state"], green["failures"]) == ("passed", "failed", [])
    assert data["coverage"]["percent"] == 100


def test_junit_has_a_suite_for_each_file(shop, tmp_path: Path):
    broken(shop)
    shop.write(
        "playbooks/tests/wrong.yaml",
        "- {scenario: 'a <b> & \"c\" \\e', playbook: nothing, expect: {}}\n",
    )
    report = tmp_path / "reports" / "deep" / "junit.xml"
    assert shop("test", "--junit", str(report)).code == 2
    root = ElementTree.parse(report).getroot()
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("3", "1", "1")
    suites = [suite.get("name") for suite in root]
    assert suites == ["playbooks/tests/deploy.yaml", "playbooks/tests/wrong.yaml"]
    first = root[0][0]
    assert (first.get("name"), first.get("line")) == ("it goes well", "5")
    failure = first.find("failure")
    assert failure is not None
    assert failure.get("type") == "calls"
    assert "what happened there:" in (failure.text or "")
    assert root[0][1].find("failure") is None
    error = root[1][0].find("error")
    assert error is not None
    assert "there is no playbook nothing" in (error.text or "")


def test_colours_are_for_terminals(shop):
    words = shop.words("test")
    child = pexpect.spawn(
        words[0],
        words[1:],
        cwd=str(shop.root),
        env={**shop.env, "TERM": "xterm"},
        encoding="utf-8",
        timeout=120,
    )
    child.expect(pexpect.EOF)
    assert "\x1b[32m" in (child.before or "")
    assert "\x1b" not in shop("test").out


def test_hostile_scenario_files_end_with_a_word_not_a_trace(project):
    project.playbook("deploy", PLAYBOOK)
    texts = {
        "binary": b"\xff\xfe\x00",
        "deep": b"- " + b"[" * 5000,
        "tabs": b"-\tscenario: x\n",
        "alias": b"- &a {scenario: *a, expect: {}}\n",
        "number": b"42\n",
        "nulls": b"- scenario: ~\n  expect: ~\n  outcomes: ~\n  signals: ~\n",
        "lists": b"- {scenario: [x], playbook: {}, expect: [], env: 3, parameters: 4}\n",
    }
    for name, text in texts.items():
        file = project.root / "playbooks" / "tests" / f"{name}.yaml"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(text)
    done = project("test", "--json")
    assert done.code == 2
    assert json.loads(done.out)["invalid"] == len(texts)
    assert done.err == ""
    assert project("test").code == 2
