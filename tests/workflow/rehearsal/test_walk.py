"""Every way through a playbook, and what goes wrong on it."""

from collections.abc import Callable

from orchestrate.playbook.undecided import undecided
from orchestrate.workflow.program import Program
from orchestrate.workflow.rehearsal.planned import Problem
from orchestrate.workflow.rehearsal.walk import Unreached, walk

Make = Callable[..., Program]


def test_conditions_over_results_are_tried_both_ways(program: Make) -> None:
    walked = walk(
        program("""
        - name: check
          command: look
        - name: split
          type: conditional
          condition: ${check.output.ready}
          then:
            - command: yes
          else:
            - when: ${check.output.urgent}
              command: hurry
        """)
    )
    assert (walked.walks, walked.left) == (3, 0)
    assert walked.states == {"succeeded": 3}
    assert walked.order == ("check", "split/then/1")
    assert walked.unreached == ()
    assert walked.problems == ()


def test_loops_run_with_no_item_one_and_two(program: Make) -> None:
    walked = walk(
        program("""
        - name: list
          command: list
        - name: each
          type: foreach
          items: ${list.output.hosts}
          as: host
          steps:
            - command: ping ${host}
        - name: ready
          type: wait
          until: ${ready.output.up}
          command: look
          interval: 10
        """),
        {"each/1": 4.0, "list": 1.0},
    )
    assert walked.walks == 6
    assert (walked.shortest, walked.longest) == (1.0, 19.0)


def test_a_skipped_step_that_is_read_is_found(program: Make) -> None:
    walked = walk(
        program("""
        - name: check
          command: look
        - name: build
          when: ${check.output.ready}
          command: make
        - name: use
          command: use ${build.output.image}
        """)
    )
    assert walked.problems == (
        Problem(
            "use",
            "`build.output.image`: there is no `image`: `output` is null",
            ("check.output.ready is false",),
        ),
    )


def test_answers_agree_with_each_other(program: Make) -> None:
    walked = walk(
        program("""
        - name: check
          command: look
        - name: build
          when: ${check.output.ready}
          command: make
        - when: ${not (not check.output.ready)}
          command: use ${build.output.image}
        """)
    )
    assert walked.problems == ()
    assert walked.walks == 2


def test_handlers_that_read_what_did_not_run(program: Make) -> None:
    walked = walk(
        program(
            """
            - name: first
              command: one
            - name: backup
              command: two
            - name: deploy
              command: three
            """,
            head="""
            on_failure:
              - command: restore ${backup.output.id}
            """,
        )
    )
    assert walked.problems == (
        Problem(
            "on_failure/1",
            "`backup.output.id`: there is no `id`: `output` is null",
            ("first fails",),
        ),
    )
    assert walked.walks == 4
    assert walked.states == {"succeeded": 1, "failed": 3}


def test_what_can_never_run_is_named_with_the_reason(program: Make) -> None:
    walked = walk(
        program("""
        - name: careful
          when: ${environment} == "production"
          command: a
        - name: split
          type: conditional
          condition: ${environment} == "dev"
          then:
            - command: b
          else:
            - name: inner
              type: parallel
              branches:
                - name: left
                  steps:
                    - command: c
        """)
    )
    assert walked.unreached == (
        Unreached("careful", 'not true: ${environment} == "production"'),
        Unreached("split/else/inner", 'never false: ${environment} == "dev"'),
    )


def test_values_of_the_wrong_type_are_found(program: Make) -> None:
    walked = walk(
        program(
            """
            - name: list
              command: ls ${names}
            - when: ${limit}
              command: b
            """,
            head="""
            variables:
              names: [a, b]
              limit: 3
            """,
        )
    )
    assert [(p.path, p.message) for p in walked.problems] == [
        ("list", "`names`: a list cannot be an argument"),
    ]
    assert walked.unreached == (Unreached("2", "something before it always fails"),)


def test_assertions_count_when_they_can_only_fail(program: Make) -> None:
    walked = walk(
        program("""
        - name: check
          command: look
        - name: maybe
          type: assert
          condition: ${check.output.ready}
        - name: never
          type: assert
          condition: ${environment} == "production"
          message: only in production
        """)
    )
    assert walked.problems == (Problem("never", "only in production", ()),)


def test_choices_of_parameters_are_tried(program: Make) -> None:
    made = program(
        """
        - when: ${size} == "large"
          command: a ${name}
        - when: ${size} == "small"
          command: b
        """,
        head="""
        parameters:
          - name: size
            required: true
            choices: [small, large]
          - name: name
            required: true
        """,
        parameters={"size": "small", "name": undecided("name")},
    )
    walked = walk(made, choices={"size": ["small", "large"]})
    assert walked.walks == 2
    assert walked.unreached == ()


def test_what_was_left_out_is_told(program: Make) -> None:
    steps = "\n".join(
        f"- when: ${{check.output.n{number}}}\n  command: step {number}" for number in range(12)
    )
    walked = walk(program(f"- name: check\n  command: look\n{steps}"), walks=20)
    assert walked.walks == 20
    assert walked.left > 0
    assert walked.unreached == ()


def test_no_end_is_told(program: Make) -> None:
    walked = walk(
        program("""
        - name: never
          type: wait
          command: look
          until: ${never.exit_code == 1}
          interval: 1
        """)
    )
    assert walked.endless == ((),)
    assert walked.states == {}


def test_what_goes_wrong_outside_of_steps(program: Make) -> None:
    walked = walk(
        program(
            """
            - name: check
              command: look
            - name: build
              when: ${check.output.ready}
              command: make
            """,
            head="""
            outputs:
              image: ${build.output.image}
            """,
        )
    )
    assert [(p.path, p.message, p.suppositions) for p in walked.problems] == [
        (
            "",
            "outputs: `build.output.image`: there is no `image`: `output` is null",
            ("check.output.ready is false",),
        )
    ]
