"""What `validate --fix` puts right, and what it leaves to people."""

from collections.abc import Callable

import pytest

from orchestrate.playbook.fixing.repairing import Repaired

Repairing = Callable[..., str]
STEP = "steps:\n  - name: a\n    command: /bin/true\n"


def in_step(line: str) -> str:
    return f"{STEP}    {line}\n"


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("timeot: 5", "timeout: 5"),
        ("on-failure: [{name: b, command: x}]", "on_failure: [{name: b, command: x}]"),
        ("onFailure: [{name: b, command: x}]", "on_failure: [{name: b, command: x}]"),
        ("rescue: [{name: b, command: x}]", "on_failure: [{name: b, command: x}]"),
        ("always: [{name: b, command: x}]", "finally: [{name: b, command: x}]"),
        ("working-directory: /tmp", "workdir: /tmp"),
        ("ignore_errors: true", "continue_on_error: true"),
        ("if: 1 == 1", "when: 1 == 1"),
        ("timeout: 5 min", "timeout: 5m"),
        ("timeout: 5M", "timeout: 5m"),
        ('timeout: "1 hour"   # long', 'timeout: "1h"   # long'),
        ("timeout: 1 hour and 30 minutes", "timeout: 1h30m"),
        ("timeout: PT5M", "timeout: 5m"),
        ("timeout: 2 weeks", "timeout: 14d"),
        ("continue_on_error: yes", "continue_on_error: true"),
        ('continue_on_error: "false"', "continue_on_error: false"),
        ('retry: "3"', "retry: 3"),
        ("retry: {attempts: '3', delay: 5 sec}", "retry: {attempts: 3, delay: 5s}"),
        ("retry: {attempts: 2, on_exit_codes: 7}", "retry: {attempts: 2, on_exit_codes: [7]}"),
        ("retry: {attempts: 2, backof: 2}", "retry: {attempts: 2, backoff: 2}"),
        ("timeout:5", "timeout: 5"),
        ("on_failure: {name: b, command: x}", "on_failure: [{name: b, command: x}]"),
        ('when: "${run.id}" == "x" # no', 'when: ${run.id} == "x" # no'),
        ("when: '${run.id}' == 'x'", "when: ${run.id} == 'x'"),
        ("when: run.id = 'x'", "when: run.id == 'x'"),
        ("when: run.id == 'x' && 1 == 1", "when: run.id == 'x' and 1 == 1"),
        ("when: >-\n      '${run.id}' == 'x'", "when: >-\n      ${run.id} == 'x'"),
        ("description: done: all of it", 'description: "done: all of it"'),
        ("description: ${run.id}: done", 'description: "${run.id}: done"'),
        ("description: @team", 'description: "@team"'),
        ('description: "echo "hi""', "description: 'echo \"hi\"'"),
        ('description: "echo "hi" > x"', "description: 'echo \"hi\" > x'"),
        ("description: 'echo 'hi' there' # no", "description: \"echo 'hi' there\" # no"),
        ("description: 'it's done'", 'description: "it\'s done"'),
        ('description: "echo" "hi"', 'description: \'"echo" "hi"\''),
        ('description: "$HOME/bin"/it "hi"', 'description: \'"$HOME/bin"/it "hi"\''),
        ('description: "a " ~ "b"', 'description: \'"a " ~ "b"\''),
        ("env: {A: ${run.id}, B: b}", 'env: {A: "${run.id}", B: b}'),
        ('env: {A: x ${run.id or "n"} y}', "env: {A: 'x ${run.id or \"n\"} y'}"),
    ],
)
def test_what_has_one_right_answer_is_put_right(
    repaired: Repairing, wrong: str, right: str
) -> None:
    assert repaired(in_step(wrong)) == in_step(right)


@pytest.mark.parametrize(
    "line",
    [
        "timeout: 5 months",
        "timeout: soon",
        "timeout: 1:30",
        "owner: 1",
        "tags: x",
        "needs: [host2]",
        "when: ${verison} == 'x'",
        "max_parallel: 2",
        "continue_on_error: maybe",
        "env: [A=1]",
        "on_failure: cleanup",
        "command: /bin/false",
        "register: result",
        'description: "echo "" x"',
        "description: 'it''s 'x''",
        r'description: "a\n "b""',
    ],
)
def test_what_could_mean_several_things_stays(repaired: Repairing, line: str) -> None:
    text = f"parameters: [{{name: version}}]\n{in_step(line)}"
    assert repaired(text) == text


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("echo 'hello ${run.id}'", 'echo "hello ${run.id}"'),
        ("echo '${run.id} and ${run.actor}' | cat", 'echo "${run.id} and ${run.actor}" | cat'),
        ("\"echo '${run.id}'\"", '"echo \\"${run.id}\\""'),
        ("|\n      echo '${run.id}'", '|\n      echo "${run.id}"'),
    ],
)
def test_single_quotes_in_shell_text_become_double_quotes(
    repaired: Repairing, wrong: str, right: str
) -> None:
    text = "steps:\n  - name: a\n    shell: "
    assert repaired(f"{text}{wrong}\n") == f"{text}{right}\n"


@pytest.mark.parametrize(
    "shell",
    [
        "sh -c 'echo ${run.id}'",
        "ssh host 'restart ${run.id}'",
        "awk '/${run.id}/'",
        "echo '${run.id} costs 5 $'",
        "echo 'a \"b\" ${run.id}'",
        "psql -c 'select ${run.id}'",
    ],
)
def test_quotes_around_code_of_another_program_stay(repaired: Repairing, shell: str) -> None:
    text = f"steps:\n  - name: a\n    shell: {shell}\n"
    assert repaired(text) == text


def test_kinds_are_put_right_where_the_keys_agree(repaired: Repairing) -> None:
    inside = "    branches:\n      - name: b\n        steps: [{name: c, command: x}]\n"
    step = "steps:\n  - name: a\n"
    assert repaired(f"{step}    type: paralel\n{inside}") == f"{step}    type: parallel\n{inside}"
    assert repaired(f"{step}{inside}") == f"{step}    type: parallel\n{inside}"


def test_a_missing_kind_that_could_be_two_is_not_guessed(repaired: Repairing) -> None:
    text = "steps:\n  - name: a\n    condition: 1 == 1\n    steps: [{name: b, command: x}]\n"
    assert repaired(text) == text


def test_what_other_tools_run_is_shell_text_if_it_needs_a_shell(repaired: Repairing) -> None:
    assert repaired("steps: [{name: a, run: make all}]\n") == (
        "steps: [{name: a, command: make all}]\n"
    )
    assert repaired("steps: [{name: a, run: make all && x}]\n") == (
        "steps: [{name: a, shell: make all && x}]\n"
    )


def test_a_mapping_where_a_list_is_meant_becomes_its_item_with_its_comments(
    repaired: Repairing,
) -> None:
    text = """\
steps:
  - name: a
    command: x
    on_failure:
      # tell somebody
      name: tell
      script: |
        echo one

          echo two
      timeout: 5 min   # long enough
  - name: b
    command: y
"""
    assert (
        repaired(text)
        == """\
steps:
  - name: a
    command: x
    on_failure:
      # tell somebody
      - name: tell
        script: |
          echo one

            echo two
        timeout: 5m   # long enough
  - name: b
    command: y
"""
    )


def test_parameters_get_the_types_and_form_of_this_language(repaired: Repairing) -> None:
    text = """\
parameters:
  - region   # where
  - {name: replicas, type: int, required: no, default: 1}
  - {name: fast, typ: bool, default: true}
steps: [{name: a, command: "x ${region}"}]
"""
    assert (
        repaired(text)
        == """\
parameters:
  - name: region   # where
  - {name: replicas, type: integer, required: false, default: 1}
  - {name: fast, type: boolean, default: true}
steps: [{name: a, command: "x ${region}"}]
"""
    )


def test_tabs_become_spaces_but_for_those_inside_of_texts(repaired: Repairing) -> None:
    text = "steps:\n\t- name: a\n\t\t# why\n\t  script: |\n\t\t\tcat <<-E\n\t\t\t\tx\n\t\t\tE\n"
    assert repaired(text) == (
        "steps:\n  - name: a\n    # why\n    script: |\n      cat <<-E\n      \tx\n      E\n"
    )


def test_tabs_stay_where_their_width_would_decide(repaired: Repairing) -> None:
    text = "steps:\n    - name: a\n\tcommand: x\n"
    assert repaired(text) == text


def test_several_traps_one_behind_the_other(repaired: Repairing) -> None:
    text = """\
description: one: two
tags: [${run.id}, x]
steps:
  - name:a
    command: "${run.id}" x
"""
    assert (
        repaired(text)
        == """\
description: "one: two"
tags: ["${run.id}", x]
steps:
  - name: a
    command: ${run.id} x
"""
    )


def test_needs_and_parameters_of_sub_playbooks(repaired: Repairing) -> None:
    text = """\
steps:
  - {name: build-all, command: x}
  - {name: b, command: y, needs: [biuld-all]}
  - {name: c, type: playbook, playbook: backup, parameters: {traget: db}}
"""
    backup = "parameters: [{name: target}]\nsteps: [{name: a, command: x}]\n"
    assert repaired(text, {"backup": backup}) == text.replace("biuld", "build").replace(
        "traget", "target"
    )


def test_line_ends_byte_order_marks_and_the_missing_last_line_end_stay(
    repair_text: Callable[..., Repaired],
) -> None:
    text = b"\xef\xbb\xbfname: x\r\nsteps:\r\n  - comand: echo ${who}  # hi\r\n    timeout: 5 min"
    assert repair_text(text).text == (
        b"\xef\xbb\xbfname: x\r\nparameters:\r\n  - name: who\r\n    type: string\r\n"
        b"    required: true\r\nsteps:\r\n  - name: echo\r\n    command: echo ${who}  # hi\r\n"
        b"    timeout: 5m"
    )


def test_what_was_done_is_told_with_its_lines(repair_text: Callable[..., Repaired]) -> None:
    done = repair_text("steps:\n  - comand: x\n    timeout: 5 min\n")
    assert [(each.rule, each.line) for each in done.repairs] == [
        ("unknown-key", 2),
        ("wrong-type", 3),
        ("unnamed-step", 2),
    ]
    assert done.compilation.plan is not None
    assert done.compilation.diagnostics.errors == []


def test_what_remains_is_told(repair_text: Callable[..., Repaired]) -> None:
    done = repair_text("steps:\n  - comand: x\n    timeout: soon\n")
    assert [found.rule for found in done.compilation.diagnostics.errors] == ["wrong-type"]
    assert done.text == b"steps:\n  - command: x\n    timeout: soon\n"


def test_a_text_that_is_not_utf_8_stays(repair_text: Callable[..., Repaired]) -> None:
    done = repair_text(b"steps:\n  - comand: \xff\n")
    assert done.text == b"steps:\n  - comand: \xff\n"
    assert [found.rule for found in done.compilation.diagnostics.errors] == ["not-utf-8"]


def test_many_faults_in_a_large_file_are_repaired_together(repaired: Repairing) -> None:
    wrong = "".join(f"  - {{name: s{n}, comand: x, timeout: 5 min}}\n" for n in range(500))
    right = wrong.replace("comand", "command").replace("5 min", "5m")
    assert repaired(f"steps:\n{wrong}") == f"steps:\n{right}"
