"""What each rule finds, where, and what it leaves alone."""

from collections.abc import Callable
from typing import Any

import pytest

from orchestrate.playbook.diagnostics import Diagnostic

Rules = Callable[..., list[tuple[str, int]]]
Findings = Callable[..., list[Diagnostic]]


def test_a_playbook_without_a_description_is_a_note_at_its_name(findings: Findings) -> None:
    (found,) = findings("name: tidy\nsteps: [{command: ./tidy}]")
    assert (found.rule, found.severity, found.place.line, found.place.column, found.length) == (
        "no-description", "note", 1, 7, 4,
    )  # fmt: skip
    assert findings("name: tidy\ndescription: Tidy up\nsteps: [{command: ./tidy}]") == []


@pytest.mark.parametrize("label", ["deploymnet", "vaildation", "tests", "deploys"])
def test_a_label_that_is_nearly_a_known_one(label: str, rules_of: Rules) -> None:
    assert ("misspelt-label", 1) in rules_of(f"steps: [{{type: {label}, command: ./x}}]")


@pytest.mark.parametrize("label", ["build", "backup", "security", "test", "teardown", "notify"])
def test_a_label_of_its_own_is_fine(label: str, rules_of: Rules) -> None:
    assert rules_of(f"steps: [{{type: {label}, command: ./x}}]") == []


@pytest.mark.parametrize(
    "call",
    [
        "command: curl -fsS https://example.com",
        "command: ssh deploy@web uptime",
        "command: ./fetch https://example.com/x",
        "command: /restart web",
        "shell: |\n      set -e\n      cd /tmp\n      curl -fsS https://example.com | tar x",
        "shell: if curl -fsS https://example.com; then ./go; fi",
        'shell: echo "$(wget -qO- https://example.com)"',
        "command: rsync -a out/ backup@host:/srv",
    ],
)
def test_a_network_call_needs_a_timeout(call: str, rules_of: Rules) -> None:
    text = f"steps:\n  - {call}\n"
    assert ("network-without-timeout", 2) in rules_of(text)
    assert rules_of(f"{text}    timeout: 30\n") == []
    assert rules_of(f"timeout: 1h\n{text}") == []


@pytest.mark.parametrize(
    "call",
    [
        "command: curl --max-time 10 https://example.com",
        "command: timeout 10 curl https://example.com",
        "shell: wget --timeout=10 https://example.com",
        "command: /monitor health",
        "command: ./curl-like-thing",
        "shell: echo 'curl is not called'",
        "shell: '# curl https://example.com would be wrong'",
        "command: make curl",
    ],
)
def test_a_call_that_limits_itself_or_stays_here_is_fine(call: str, rules_of: Rules) -> None:
    assert rules_of(f"steps:\n  - {call}\n") == []


def test_a_timeout_around_a_network_call_counts(rules_of: Rules) -> None:
    text = """
steps:
  - type: foreach
    items: [a]
    as: one
    timeout: 5m
    steps: [{command: "curl http://${one}"}]
"""
    assert rules_of(text) == []


@pytest.mark.parametrize("idempotence", ["idempotent: true", "type: validation"])
def test_a_retry_of_what_may_run_twice_is_fine(idempotence: str, rules_of: Rules) -> None:
    assert rules_of(f"steps: [{{command: ./x, retry: 2, {idempotence}}}]") == []


def test_a_retry_of_what_may_not_run_twice(rules_of: Rules) -> None:
    assert rules_of("steps:\n  - command: ./x\n    retry: 2") == [("retry-not-idempotent", 3)]
    assert rules_of("steps: [{command: /backup list, retry: 2}]") == []
    assert rules_of("steps: [{command: ./x, retry: {attempts: 1}}]") == []
    assert rules_of("idempotent: true\nsteps: [{command: ./x, retry: 2}]") == []


CHANGE = "steps:\n  - name: scale\n    command: /infra scale --instances 3\n"


def test_a_change_in_production_needs_a_handler(rules_of: Rules, findings: Findings) -> None:
    assert rules_of(CHANGE) == [("change-without-on-failure", 2)]
    assert rules_of(f"{CHANGE}    on_failure: [{{command: /infra rollback}}]") == []
    assert rules_of(f"{CHANGE}on_failure: [{{command: /notify team}}]") == []
    assert rules_of(f"environments: [dev, staging]\n{CHANGE}") == []
    assert rules_of(f"environments: [production]\n{CHANGE}") == [("change-without-on-failure", 3)]
    choices = "parameters: [{name: environment, choices: [dev], default: dev}]\n"
    assert rules_of(choices + CHANGE) == []
    twice = f"{CHANGE}  - command: kubectl apply -f x.yaml\n"
    assert "(2 such steps in all)" in findings(twice)[-1].message


def test_a_compensation_is_a_handler(rules_of: Rules) -> None:
    text = """
steps:
  - type: transaction
    steps:
      - command: /infra scale --instances 3
        compensate: [{command: /infra rollback}]
"""
    assert rules_of(text) == []


def test_a_change_in_a_handler_needs_none(rules_of: Rules) -> None:
    text = "steps: [{command: ./x, on_failure: [{command: /infra restart}]}]"
    assert rules_of(text) == []


DEPLOY = "on_failure: [{command: /notify team}]\nsteps:\n  - name: d\n    command: /infra deploy\n"


@pytest.mark.parametrize(
    "after",
    [
        "  - command: /monitor health\n",
        "  - command: /test run --suite smoke\n",
        "  - type: validation\n    command: ./look\n",
        "    on_success: [{command: ./smoke-test}]\n",
        "  - shell: curl -m 5 http://127.0.0.1/health\n",
        "finally: [{command: /monitor health}]\n",
        "  - type: foreach\n    items: [1]\n    as: i\n    steps: [{command: ./verify}]\n",
        "  - {name: r, type: wait, command: ./r, until: '${r.success}', timeout: 5}\n",
        "  - {type: playbook, playbook: looking}\n",
    ],
)
def test_a_deployment_is_followed_by_a_check(after: str, rules_of: Rules) -> None:
    others = {"looking": "steps: [{command: /monitor health}]"}
    assert rules_of(DEPLOY) == [("no-check-after-deployment", 3)]
    assert rules_of(DEPLOY + after, others=others) == []


def test_a_check_before_the_deployment_is_none(rules_of: Rules) -> None:
    text = DEPLOY.replace("steps:\n", "steps:\n  - command: /monitor health\n")
    assert rules_of(text) == [("no-check-after-deployment", 4)]


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        ("command: ./x --token ${secrets.tok}", "the secret `tok` becomes an argument"),
        ("command: ./x --token=${secrets.tok}", "the secret `tok` becomes an argument"),
        ("command: mysql --password=hunter2222", "a value of `password`"),
        ("shell: export API_KEY=abcdef12345", "a value of `API_KEY`"),
        ("command: curl -m 1 https://ada:lovelace@example.com/", "a password in a URL"),
        ("command: ./x AKIAIOSFODNN7EXAMPLE", "a key of a known form"),
        ("{command: ./x, env: {DB_PASSWORD: hunter2222}}", "a value of `DB_PASSWORD`"),
    ],
)
def test_secrets_in_command_lines(step: str, kind: str, findings: Findings) -> None:
    secrets = (
        "description: x\n"
        "secrets: [{name: tok, source: environment, variable: T, allow_in_arguments: true}]\n"
    )
    found = [each for each in findings(f"{secrets}steps:\n  - {step}\n")
             if each.rule == "secret-in-command-line"]  # fmt: skip
    assert len(found) == 1
    assert kind in found[0].message
    assert "hunter2222" not in found[0].message + found[0].hint


@pytest.mark.parametrize(
    "step",
    [
        "{command: ./x, env: {TOKEN: '${secrets.tok}'}}",
        "shell: printf %s ${secrets.tok} | docker login --password-stdin",
        "command: ./rotate --secret-name db/password",
        "command: ./login --password-file /run/secret",
        "shell: export TOKEN=$(cat token)",
        "command: ./x --token ${name}",
    ],
)
def test_what_only_mentions_secrets_is_fine(step: str, rules_of: Rules) -> None:
    head = (
        "parameters: [{name: name, default: x}]\n"
        "secrets: [{name: tok, source: environment, variable: T}]\n"
    )
    found = [rule for rule, _ in rules_of(f"{head}steps:\n  - {step}\n")]
    assert "secret-in-command-line" not in found


SIZES = "parameters: [{name: size, choices: [s, m], default: s}]\n"
CHOICE = """
steps:
  - type: conditional
    condition: true
    then: [{command: ./x}]
    else: [{command: ./y}]
"""
TOLERANT = """
steps:
  - type: assert
    condition: false
    continue_on_error: true
  - command: ./x
"""
LOOP = """
parameters: [{name: a, choices: [x]}]
steps:
  - type: foreach
    items: [p]
    as: i
    steps: [{command: './x ${i} ${a}', when: '${i} == "q"'}]
"""


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("steps:\n  - command: ./x\n    when: false\n", 3),
        ("steps:\n  - command: ./x\n    when: 1 > 2\n", 3),
        ("steps:\n  - type: conditional\n    condition: false\n    then: [{command: ./x}]\n", 4),
        (CHOICE, 6),
        ("steps:\n  - type: assert\n    condition: false\n  - command: ./x\n", 4),
        (f"{SIZES}steps:\n  - command: ./x\n    when: ${{size}} == \"xl\"\n", 4),
    ],
)  # fmt: skip
def test_what_never_runs(text: str, line: int, rules_of: Rules) -> None:
    assert rules_of(text) == [("unreachable", line)]


@pytest.mark.parametrize(
    "text",
    [
        "steps: [{command: ./x, when: true}]",
        "parameters: [{name: a}]\nsteps: [{command: ./x, when: '${a} == \"x\"'}]",
        "parameters: [{name: a, choices: [x, y]}]\nsteps: [{command: ./x, when: '${a} == \"x\"'}]",
        TOLERANT,
        LOOP,
    ],
)
def test_what_may_run(text: str, rules_of: Rules) -> None:
    assert rules_of(text) == []


def test_names_that_nobody_reads(rules_of: Rules) -> None:
    text = """
variables:
  used: 1
  idle-one: 2
parameters:
  - name: region
  - name: told
secrets:
  - {name: key, source: environment, variable: K}
steps:
  - type: set
    variables: {later: 3}
  - shell: echo ${used} "$PARAM_TOLD"
"""
    assert rules_of(text) == [
        ("unused-variable", 4), ("unused-parameter", 6), ("unused-secret", 9),
        ("unused-variable", 12),
    ]  # fmt: skip


def test_names_are_read_anywhere(rules_of: Rules) -> None:
    text = """
parameters: [{name: a}, {name: b, type: integer}, {name: c, secret: true}]
variables: {d: "${a}", e-f: 1}
steps:
  - command: ./x
    timeout: ${b}
    env: {C: "${c}"}
    outputs: {x: "${d}"}
outputs: {y: "${e-f}"}
"""
    assert rules_of(text) == []


def test_a_parameter_hides_a_variable_of_the_environment(rules_of: Rules) -> None:
    text = "parameters: [{name: region-name}]\nsteps: [{command: './x ${region_name}'}]"
    found = rules_of(text, variables={"region_name": "eu"})
    assert found == [("hidden-environment-value", 1)]


@pytest.mark.parametrize(
    "command", ["rm -f *.log", "ls ~/x", "./x $HOME", "chmod 600 keys/?.pem", "cat $DIR/file"]
)
def test_a_command_is_not_expanded(command: str, rules_of: Rules) -> None:
    assert rules_of(f"steps: [{{command: {command}}}]") == [("not-expanded", 1)]


@pytest.mark.parametrize(
    "command", ["find . -name *.log", "./x --cost 5$", "grep a.*b file", "ls ${env.HOME}"]
)
def test_what_no_shell_is_needed_for(command: str, rules_of: Rules) -> None:
    assert rules_of(f"steps: [{{command: '{command}'}}]") == []


@pytest.mark.parametrize(
    "lines",
    ["./a\n./b", "cd x\n./a\n./b", "./a | tee log\n./b"],
)
def test_a_shell_goes_on(lines: str, rules_of: Rules) -> None:
    text = "steps:\n  - shell: |\n" + "".join(f"      {line}\n" for line in lines.splitlines())
    assert rules_of(text) == [("shell-goes-on", 2)]


@pytest.mark.parametrize(
    "lines",
    [
        "set -e\n./a\n./b",
        "set -euo pipefail\n./a\n./b",
        "./a &&\n./b",
        "echo begin\n./a",
        "x=1\nif test -e y; then\n  echo z\nfi\n./a",
        "# a comment\n./a",
    ],
)
def test_a_shell_that_stops_or_has_nothing_to_lose(lines: str, rules_of: Rules) -> None:
    text = "steps:\n  - shell: |\n" + "".join(f"      {line}\n" for line in lines.splitlines())
    assert rules_of(text) == []


def test_a_change_that_may_fail_unnoticed(rules_of: Rules) -> None:
    text = """
on_failure: [{command: /notify team}]
steps:
  - name: move
    command: /infra switch
    continue_on_error: true
  - command: ./on
"""
    assert rules_of(text) == [("tolerated-change", 6)]
    assert rules_of(text + "    when: ${move.success}\n") == []


def test_findings_of_a_plan_point_into_its_own_file_only(findings: Findings) -> None:
    others = {"inner": "steps: [{command: curl http://x, retry: 3}]"}
    found: list[Any] = findings("steps: [{type: playbook, playbook: inner}]", others=others)
    assert {each.place.file for each in found} == {"p.yaml"}


def test_a_lock_that_is_held_around_a_step_already(rules_of: Rules) -> None:
    inner = "steps: [{name: a, command: ./a, locks: [db]}]"
    assert ("held-lock", 2) in rules_of(f"locks: [db]\n{inner}")
    nested = (
        "parameters: [{name: region}]\n"
        "steps:\n  - type: transaction\n    locks: ['db-${region}']\n    steps:\n"
        "      - {command: ./a, locks: ['db-${region}']}\n"
    )
    assert ("held-lock", 6) in rules_of(nested)
    assert ("held-lock", 6) not in rules_of(nested.replace("'db-${region}']}", "'db']}"))


def test_what_undoes_a_step_has_none_of_its_locks(rules_of: Rules) -> None:
    text = (
        "steps:\n  - type: transaction\n    steps:\n"
        "      - {command: ./a, locks: [db], compensate: [{command: ./b, locks: [db]}]}\n"
    )
    assert "held-lock" not in {rule for rule, _ in rules_of(text)}


def test_a_shared_lock_that_is_to_be_exclusive_inside(rules_of: Rules) -> None:
    text = "locks: [{name: db, shared: true}]\nsteps: [{command: ./a, locks: [db]}]"
    assert ("lock-upgrade", 2) in rules_of(text)
    inner = text.replace("locks: [db]", "locks: [{name: db, shared: true}]")
    assert {"held-lock"} == {rule for rule, _ in rules_of(inner) if "lock" in rule}
