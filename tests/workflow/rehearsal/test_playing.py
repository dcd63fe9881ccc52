"""A rehearsal: the interpreter over values that nobody knows yet."""

from collections.abc import Callable

from orchestrate.playbook.undecided import plain, undecided
from orchestrate.workflow.memory import Scripted
from orchestrate.workflow.outcomes import Outcome, State, Status
from orchestrate.workflow.program import Program
from orchestrate.workflow.rehearsal.playing import (
    Rehearsed,
    rehearse,
    unknown_failure,
    unknown_success,
)
from orchestrate.workflow.rehearsal.suppositions import Suppositions
from orchestrate.workflow.trace import trace

Make = Callable[..., Program]


def calls(rehearsed: Rehearsed) -> list[str]:
    return [
        plain(str(event.data["call"]))
        for event in rehearsed.events
        if event.type == "attempt_started"
    ]


def questions(rehearsed: Rehearsed) -> list[str]:
    return [question.words for question in rehearsed.questions]


def test_what_a_step_will_give_stands_in_the_calls_after_it(program: Make) -> None:
    ended = rehearse(
        program("""
        - name: build
          command: make image
        - command: deploy --image ${build.output.image} --tag v${build.output.tag}
        - command: backup --name pre-${timestamp} --run ${run.id} --took ${build.duration}
        """)
    )
    assert calls(ended) == [
        "make image",
        "deploy --image <build.output.image> --tag v<build.output.tag>",
        "backup --name pre-<timestamp> --run <run.id> --took <build.duration>",
    ]
    assert ended.final is not None
    assert ended.final.state is State.SUCCEEDED
    assert questions(ended) == []


def test_what_is_made_of_something_undecided_is_undecided(program: Make) -> None:
    ended = rehearse(
        program("""
        - name: build
          command: make
          outputs:
            image: ${build.output.name ~ ":" ~ build.output.tag}
        - type: set
          variables:
            size: ${build.output.size | int * 2}
            picked: "${'big' if build.output.size > 3 else 'small'}"
        - command: use ${build.output.image} ${build.output.other} ${size} ${picked}
        - command: count ${build.output.list | length} ${build.output.note | default('none')}
        """)
    )
    assert calls(ended)[1:] == [
        (
            'use <build.output.name ~ ":" ~ build.output.tag> <build.output.other> '
            "<build.output.size | int * 2> <'big' if build.output.size > 3 else 'small'>"
        ),
        'count <build.output.list | length> <build.output.note | default("none")>',
    ]


def test_a_success_is_known_even_though_nothing_else_is(program: Make) -> None:
    ended = rehearse(
        program("""
        - name: monitor
          command: look
        - type: conditional
          condition: ${monitor.success} and ${monitor.exit_code} == 0
          then:
            - command: finish
        """)
    )
    assert calls(ended) == ["look", "finish"]
    assert questions(ended) == []


CONDITIONS = """
- name: check
  command: look
- when: ${check.output.ready}
  command: first
- when: ${not check.output.ready}
  command: second
- when: ${check.output.mode == "fast" and check.output.count > 3}
  command: third
- when: ${check.output.mode == "slow"}
  command: fourth
"""


def test_the_same_question_has_the_same_answer(program: Make) -> None:
    ended = rehearse(program(CONDITIONS))
    assert calls(ended) == ["look", "first", "third"]
    assert questions(ended) == [
        "check.output.ready is true",
        'check.output.mode == "fast" is true',
        "check.output.count > 3 is true",
    ]


def test_other_answers_can_be_given(program: Make) -> None:
    given = {"boolean check.output.ready": 1, 'boolean check.output.mode == "fast"': 1}
    ended = rehearse(program(CONDITIONS), suppositions=Suppositions(given))
    assert calls(ended) == ["look", "second", "fourth"]


def test_filters_and_tests_ask_too(program: Make) -> None:
    ended = rehearse(
        program("""
        - name: check
          command: look
        - when: ${check.output.list | length > 2}
          command: a
        - when: ${check.output.flag | bool}
          command: b
        - when: ${check.output.note is defined}
          command: c
        - when: ${"x" in check.output.list}
          command: d
        - type: assert
          condition: ${check.output.total} >= 1
        """)
    )
    assert questions(ended) == [
        "check.output.list | length > 2 is true",
        "check.output.flag | bool is true",
        "check.output.note is defined is true",
        '"x" in check.output.list is true',
        "check.output.total >= 1 is true",
    ]


LOOP = """
- name: list
  command: list-hosts
- name: each
  type: foreach
  items: ${list.output.hosts}
  as: host
  steps:
    - name: look
      command: ping ${host} ${host.port}
    - when: ${look.output.up}
      command: use ${host}
"""


def test_an_unknown_list_has_one_item_none_or_two(program: Make) -> None:
    one = rehearse(program(LOOP))
    assert calls(one) == [
        "list-hosts",
        "ping <list.output.hosts[…]> <list.output.hosts[…].port>",
        "use <list.output.hosts[…]>",
    ]
    key = "list list.output.hosts"
    none = rehearse(program(LOOP), suppositions=Suppositions({key: 1}))
    assert calls(none) == ["list-hosts"]
    many = rehearse(program(LOOP), suppositions=Suppositions({key: 2}))
    assert questions(many) == [
        "list.output.hosts has two items",
        "each/look.output.up is true",
    ]
    assert calls(many)[1::2] == [
        "ping <list.output.hosts[0]> <list.output.hosts[0].port>",
        "ping <list.output.hosts[1]> <list.output.hosts[1].port>",
    ]


def test_waits_and_limits_over_results_have_an_end(program: Make) -> None:
    steps = """
    - name: ready
      type: wait
      until: ${ready.output.up}
      command: look
      interval: 10
    - command: work
      timeout: ${ready.output.limit}
      retry:
        attempts: ${ready.output.tries}
    """
    at_once = rehearse(program(steps))
    assert calls(at_once) == ["look", "work"]
    again = rehearse(program(steps), suppositions=Suppositions({"until ready.output.up": 1}))
    assert calls(again) == ["look", "look", "work"]
    assert again.seconds == 10


def test_a_playbook_that_looks_forever_is_broken_off(program: Make) -> None:
    steps = """
    - name: never
      type: wait
      command: look
      until: ${never.exit_code == 1}
      interval: 1
    """
    ended = rehearse(program(steps))
    assert ended.endless
    assert ended.final is None
    limited = rehearse(program(steps + "  timeout: 2h\n"))
    assert not limited.endless
    assert limited.final is not None
    assert limited.seconds == 7200


def test_a_rehearsal_of_too_much_is_broken_off(program: Make) -> None:
    steps = """
    - type: foreach
      items: ${range(1000)}
      as: i
      steps:
        - command: work ${i}
    """
    assert rehearse(program(steps), moments=100).endless


def test_outcomes_may_be_given_and_an_unknown_failure_runs_the_handlers(program: Make) -> None:
    steps = """
    - name: deploy
      command: deploy
      on_failure:
        - command: tell ${error.step} ${error.message} ${error.exit_code}
        - when: ${error.exit_code == 3}
          command: three
    """

    def script(path: str, number: int) -> Scripted:
        return unknown_failure(path) if path == "deploy" else unknown_success(path, 5.0)

    ended = rehearse(program(steps), script)
    assert calls(ended) == ["deploy", "tell deploy <error.message> <error.exit_code>", "three"]
    assert ended.final is not None
    assert ended.final.state is State.FAILED
    assert ended.seconds == 10
    fails = Scripted(Outcome(Status.FAILED, 4, message="exit code 4"))
    known = rehearse(program(steps), lambda path, number: fails)
    assert calls(known) == ["deploy", "tell deploy 'exit code 4' 4"]


def test_parameters_of_included_playbooks_may_be_undecided(program: Make) -> None:
    ended = rehearse(
        program(
            """
            - name: build
              command: make
            - name: sub
              type: playbook
              playbook: roll
              parameters:
                count: ${build.output.count}
            - command: after ${sub.output.done}
            """,
            roll="""
            name: roll
            parameters:
              - name: count
                type: integer
                min: 1
            steps:
              - name: go
                command: roll ${count}
            outputs:
              done: ${go.output.done}
            """,
        )
    )
    assert calls(ended) == ["make", "roll <build.output.count>", "after <sub/go.output.done>"]


def test_a_rehearsal_with_known_outcomes_is_what_would_be(program: Make) -> None:
    done = Scripted(Outcome(Status.SUCCEEDED, 0, {"ready": False}), 2.0)
    ended = rehearse(
        program("""
        - name: check
          command: look
        - when: ${check.output.ready}
          command: go
        """),
        lambda path, number: done,
    )
    assert calls(ended) == ["look"]
    assert any(line.startswith("skipped 2") or "2 skipped" in line for line in trace(ended.events))


def test_what_is_declared_as_true_or_false_may_be_undecided(program: Make) -> None:
    made = program(
        """
        - when: ${fast and name == "x"}
          command: a
        - when: ${not fast}
          command: b
        - command: c ${"--fast" if fast else "--slow"}
        """,
        head="""
        parameters:
          - {name: fast, type: boolean}
          - {name: name}
        """,
        parameters={"fast": undecided("fast"), "name": "x"},
    )
    assert calls(rehearse(made)) == ["a", 'c <"--fast" if fast else "--slow">']
    other = rehearse(made, suppositions=Suppositions({"boolean fast": 1}))
    assert calls(other) == ["b", 'c <"--fast" if fast else "--slow">']


def test_arguments_are_quoted_for_what_is_known_of_them(program: Make) -> None:
    ended = rehearse(
        program("""
        - name: build
          command: make
        - command: tell "it is ${build.output.state}, really" v${build.output.tag} "${build.stdout}"
        """)
    )
    assert (
        calls(ended)[1]
        == "tell 'it is <build.output.state>, really' v<build.output.tag> <build.stdout>"
    )
