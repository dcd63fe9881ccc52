"""The plan of a run: what would happen to each step, and what nobody can know yet."""

from collections.abc import Callable

import pytest

from orchestrate.workflow.program import Program, RunOptions
from orchestrate.workflow.rehearsal.dry_run import DryRun, dry_run
from orchestrate.workflow.rehearsal.planned import Problem

Make = Callable[..., Program]


def lines(planned: DryRun) -> list[str]:
    found = []
    for step in planned.steps:
        what = step.shown or step.message or step.kind
        case = f" ({'; '.join(step.depends_on)})" if step.depends_on else ""
        found.append(f"{step.state} {step.path}: {what}{case}")
    return found


def test_both_sides_of_what_only_a_run_will_know(program: Make) -> None:
    planned = dry_run(
        program("""
        - name: check
          command: look
        - name: split
          type: conditional
          condition: ${check.output.count} > 3
          then:
            - command: many
            - when: ${check.output.deep}
              command: deep
          else:
            - name: few
              command: few
        - when: ${not check.output.deep}
          command: flat
        - command: after
        """)
    )
    assert lines(planned) == [
        "runs check: look",
        "runs split: conditional",
        "undecided split/then/1: many",
        "undecided split/then/2: deep",
        "undecided split/else/few: few (check.output.count > 3 is false)",
        "undecided 3: flat (check.output.deep is false)",
        "runs 4: after",
    ]
    assert planned.complete
    assert planned.state == "succeeded"
    assert not planned.problems


def test_what_is_known_is_decided(program: Make) -> None:
    planned = dry_run(
        program("""
        - type: conditional
          condition: ${environment} == "production"
          then:
            - command: careful
          else:
            - command: fast
        - when: ${environment} == "production"
          command: announce
        """)
    )
    assert lines(planned) == [
        "runs 1: conditional",
        "skipped 1/then: branch",
        "runs 1/else/1: fast",
        'skipped 2: not true: ${environment} == "production"',
    ]


def test_handlers_are_shown_with_the_failure_that_runs_them(program: Make) -> None:
    planned = dry_run(
        program(
            """
            - name: first
              command: one
            - name: risky
              command: two
              retry: 2
              on_failure:
                - command: undo ${error.step} ${error.message}
              on_success:
                - command: verify
              finally:
                - command: tidy
            """,
            head="""
            on_failure:
              - command: tell ${error.step}
            finally:
              - command: bye
            """,
        )
    )
    assert lines(planned) == [
        "runs first: one",
        "runs risky: two",
        "undecided risky/on_failure/1: undo risky <error.message> (risky fails)",
        "runs risky/on_success/1: verify",
        "runs risky/finally/1: tidy",
        "undecided on_failure/1: tell risky (risky fails)",
        "runs finally/1: bye",
    ]
    assert {s.path: s.attempts for s in planned.steps}["risky"] == 3


def test_a_tolerated_failure_leaves_open_what_depends_on_it(program: Make) -> None:
    planned = dry_run(
        program("""
        - name: probe
          command: look
          continue_on_error: true
        - name: good
          when: ${probe.success}
          command: go
        - name: bad
          when: ${probe.failed}
          command: repair
        """)
    )
    assert lines(planned) == [
        "runs probe: look",
        "undecided good: go (not if probe fails)",
        "undecided bad: repair (probe fails)",
    ]


def test_compensations_are_shown(program: Make) -> None:
    planned = dry_run(
        program("""
        - name: move
          type: transaction
          steps:
            - name: create
              command: create
              compensate:
                - command: delete
            - name: switch
              command: switch
        """)
    )
    assert lines(planned) == [
        "runs move: transaction",
        "runs move/create: create",
        "undecided move/create/compensate: compensation (move/switch fails)",
        "undecided move/create/compensate/1: delete (move/switch fails)",
        "runs move/switch: switch",
    ]


def test_iterations_and_a_pattern_for_those_that_are_not_known(program: Make) -> None:
    planned = dry_run(
        program("""
        - name: regions
          type: foreach
          items: [eu, us]
          as: region
          steps:
            - command: deploy ${region}
        - name: list
          command: list
        - name: hosts
          type: foreach
          items: ${list.output.hosts}
          as: host
          steps:
            - command: ping ${host}
        """)
    )
    assert lines(planned) == [
        "runs regions: foreach",
        "runs regions[eu]/1: deploy eu",
        "runs regions[us]/1: deploy us",
        "runs list: list",
        "runs hosts: foreach",
        "undecided hosts[0]/1: ping <list.output.hosts[…]>",
    ]
    assert {s.path: s.items for s in planned.steps if s.items} == {
        "regions": ("eu", "us"),
        "hosts": ("0",),
    }


def test_what_would_go_wrong_is_found(program: Make) -> None:
    planned = dry_run(
        program("""
        - name: check
          command: look
        - name: maybe
          when: ${check.output.ready}
          command: prepare
        - name: use
          command: use ${maybe.output.id}
        - name: sane
          type: assert
          condition: ${environment} == "production"
          message: only in production
        - name: never
          command: never
        """)
    )
    assert list(planned.problems) == [
        Problem("sane", "only in production", ()),
        Problem(
            "use",
            "`maybe.output.id`: there is no `id`: `output` is null",
            ("check.output.ready is false",),
        ),
    ]
    assert lines(planned)[-2:] == ["fails sane: only in production", "not_reached never: command"]
    assert planned.state == "failed"


def test_an_assertion_over_results_is_no_problem_yet(program: Make) -> None:
    planned = dry_run(
        program("""
        - name: check
          command: look
        - type: assert
          condition: ${check.output.ready}
        """)
    )
    assert not planned.problems


def test_options_apply(program: Make) -> None:
    steps = """
    - name: a
      command: one
    - name: b
      command: two
      needs: []
    - name: c
      command: three
    """
    only = dry_run(program(steps, options=RunOptions(only=("b",))))
    assert lines(only) == [
        "skipped a: not among --only",
        "runs b: two",
        "skipped c: not among --only",
    ]
    durations = {"a": 10.0, "b": 20.0, "c": 5.0}
    assert dry_run(program(steps), durations).seconds == 35
    at_once = dry_run(program(steps, options=RunOptions(parallel=True)), durations)
    assert at_once.seconds == 25
    assert [step.begins_at for step in at_once.steps] == [0, 0, 20]
    one_by_one = dry_run(program(steps, options=RunOptions(step_by_step=True)))
    assert one_by_one.state == "succeeded"


def test_time_passes_as_the_clock_would_show(program: Make) -> None:
    planned = dry_run(
        program("""
        - name: pause
          type: wait
          duration: 2m
        - name: work
          command: work
          timeout: 30
          checkpoint: done
        """),
        {"work": 4.0},
    )
    assert planned.seconds == 124
    pause, work = planned.steps
    assert (pause.waits, pause.seconds) == ("duration", 120)
    assert (work.begins_at, work.seconds, work.timeout, work.checkpoint) == (120, 4, 30, "done")


@pytest.mark.parametrize("count", [1000])
def test_a_large_loop_is_rehearsed_as_a_whole(program: Make, count: int) -> None:
    planned = dry_run(
        program(f"""
        - name: each
          type: foreach
          items: ${{range({count})}}
          as: i
          steps:
            - name: look
              command: look ${{i}}
              on_failure:
                - command: undo ${{i}}
            - when: ${{look.output.ready}}
              command: go
        """)
    )
    assert planned.complete
    assert len(planned.steps) == 1 + 2 * count + 1
