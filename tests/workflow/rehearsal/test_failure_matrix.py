"""The failure matrix: what comes of everything that can happen to a step."""

from collections.abc import Callable

from orchestrate.workflow.program import Program
from orchestrate.workflow.rehearsal.failures import failure_matrix
from orchestrate.workflow.rehearsal.matrix import Matrix, Mishap, Row

Make = Callable[..., Program]

FAILS, TIMES_OUT, CANCELLED = Mishap.FAILS, Mishap.TIMES_OUT, Mishap.CANCELLED
BEFORE, DURING, HOST = Mishap.ENGINE_DIES_BEFORE, Mishap.ENGINE_DIES_DURING, Mishap.HOST_DIES


def matrix(program: Program, **more: int) -> Matrix:
    return failure_matrix(program, lambda words: words[0] == "/monitor", **more)


def row(found: Matrix, path: str, mishap: Mishap, of: str = "") -> Row:
    (one,) = [r for r in found.rows if (r.path, r.mishap, r.of) == (path, mishap, of)]
    return one


def mishaps(found: Matrix, path: str) -> list[str]:
    return [str(r.mishap) for r in found.rows if r.path == path]


def test_handlers_run_from_the_inside_out(program: Make) -> None:
    found = matrix(
        program(
            """
            - {name: a, command: a, on_failure: [{name: undo, command: u}, {name: t, command: t}]}
            """,
            head="on_failure: [{name: report, command: r}]\nfinally: [{name: clean, command: c}]\n",
        )
    )
    failed = row(found, "a", FAILS)
    assert failed.handlers == (
        "a/on_failure/undo",
        "a/on_failure/t",
        "on_failure/report",
        "finally/clean",
    )
    assert failed.state == "failed"
    assert failed.reacted
    cancelled = row(found, "a", CANCELLED)
    assert (cancelled.handlers, cancelled.state) == (("finally/clean",), "cancelled")
    assert not cancelled.reacted


def test_what_only_looks_is_not_left_done(program: Make) -> None:
    found = matrix(
        program("""
        - {name: check, type: validation, command: check}
        - {name: look, command: /monitor health}
        - {name: tell, command: /notify team}
        - {name: copy, command: cp a b}
        - {name: deploy, command: deploy}
        """)
    )
    assert row(found, "deploy", FAILS).done == ("copy",)
    assert row(found, "deploy", FAILS).partial == ("deploy",)


def test_the_handler_of_another_step_undoes_nothing(program: Make) -> None:
    found = matrix(
        program("""
        - {name: a, command: a}
        - {name: b, command: b, on_failure: [{command: undo}]}
        """)
    )
    assert row(found, "b", FAILS).done == ("a",)
    assert row(found, "b", FAILS).partial == ()


def test_the_handler_of_what_a_step_stands_in_undoes_it(program: Make) -> None:
    found = matrix(
        program("""
        - name: both
          type: parallel
          branches: [{name: l, steps: [{name: x, command: x}]}]
          on_failure: [{name: back, command: back}, {name: tell, command: /notify team}]
        """)
    )
    assert row(found, "both/l/x", FAILS).partial == ()
    assert row(found, "both/on_failure/back", FAILS).partial == ("both/l/x",)
    # What could not be told is undone all the same.
    assert row(found, "both/on_failure/tell", FAILS).partial == ()


def test_a_handler_that_only_tells_undoes_nothing(program: Make) -> None:
    head = (
        "on_failure: [{name: tell, command: /notify team}, {name: look, command: /monitor health}]"
    )
    found = matrix(program("- {name: a, command: a}\n- {name: b, command: b}", head=f"{head}\n"))
    failed = row(found, "b", FAILS)
    assert failed.handlers == ("on_failure/tell", "on_failure/look")
    assert (failed.done, failed.partial, failed.reacted, failed.told) == (
        ("a",),
        ("b",),
        False,
        True,
    )


def test_a_step_whose_success_handler_fails_is_done(program: Make) -> None:
    found = matrix(program("- {name: a, command: a, on_success: [{name: v, command: v}]}"))
    assert row(found, "a/on_success/v", FAILS).done == ("a",)


def test_after_an_engines_death_the_step_runs_or_goes_on(program: Make) -> None:
    found = matrix(program("- {name: a, command: a}\n- {name: b, command: b}"))
    assert row(found, "b", BEFORE).resume.runs == ("b",)
    assert row(found, "b", BEFORE).resume.reuses == ("a",)
    assert row(found, "b", DURING).resume.attaches == ("b",)
    assert row(found, "b", DURING).state == "succeeded"
    assert row(found, "b", DURING).lost


def test_after_a_hosts_death_somebody_decides_or_the_step_may_run_again(program: Make) -> None:
    found = matrix(program("- {name: a, command: a}\n- {name: b, command: b, idempotent: true}"))
    assert row(found, "a", HOST).state == "needs_attention"
    assert row(found, "a", HOST).resume.decide == ("a",)
    assert row(found, "b", HOST).state == "succeeded"
    assert row(found, "b", HOST).resume.runs == ("b",)


def test_what_only_reads_is_called_again_after_a_hosts_death(program: Make) -> None:
    found = matrix(program("- {name: look, command: /monitor health}"))
    assert row(found, "look", HOST).state == "succeeded"
    assert row(found, "look", HOST).resume.runs == ("look",)


def test_times_that_can_be_over(program: Make) -> None:
    found = matrix(
        program(
            """
            - {name: a, command: a, timeout: 5, retry: 1}
            - name: p
              type: parallel
              timeout: 60
              branches: [{name: l, steps: [{name: x, command: x}]}]
            - {name: w, type: wait, duration: 5, timeout: 60}
            """,
            head="timeout: 1h\n",
        )
    )
    assert mishaps(found, "a") == [
        "engine_dies_before",
        "fails",
        "engine_dies_during",
        "host_dies",
        "cancelled",
        "times_out",
        "workflow_times_out",
    ]
    assert row(found, "p/l/x", Mishap.ENCLOSING_TIMES_OUT, "p").state == "failed"
    assert mishaps(found, "w") == [
        "engine_dies_before",
        "engine_dies_during",
        "cancelled",
        "times_out",
        "workflow_times_out",
    ]


def test_a_tolerated_failure_does_not_end_it(program: Make) -> None:
    found = matrix(program("- {name: a, command: a, continue_on_error: true}\n- {command: b}"))
    assert row(found, "a", FAILS).state == "succeeded"
    assert row(found, "a", FAILS).resume.runs == ()


def test_an_exit_code_that_is_tried_again_is_the_one_that_counts(program: Make) -> None:
    retry = "{attempts: 3, on_exit_codes: [7]}"
    found = matrix(program(f"- {{name: a, command: a, retry: {retry}}}"))
    assert row(found, "a", FAILS).state == "failed"


def test_an_assertion_over_results_may_not_hold(program: Make) -> None:
    found = matrix(
        program("""
        - {name: build, command: build}
        - {name: sure, type: assert, condition: 1 < 2}
        - name: sound
          type: assert
          condition: ${build.output.ok}
          on_failure: [{name: undo, command: undo}]
        """)
    )
    assert [(step.path, step.call) for step in found.steps] == [
        ("build", "build"),
        ("sound", "assert ${build.output.ok}"),
        ("sound/on_failure/undo", "undo"),
    ]
    failed = row(found, "sound", FAILS)
    assert (failed.handlers, failed.state) == (("sound/on_failure/undo",), "failed")


def test_handlers_are_rehearsed_on_the_course_that_leads_to_them(program: Make) -> None:
    found = matrix(program("- {name: a, command: a, on_failure: [{name: undo, command: u}]}"))
    (undo,) = [step for step in found.steps if step.path == "a/on_failure/undo"]
    assert undo.when == "a fails"
    assert row(found, "a/on_failure/undo", BEFORE).state == "failed"
    assert row(found, "a/on_failure/undo", FAILS).resume.runs == ("a",)


def test_both_branches_of_what_only_a_run_decides(program: Make) -> None:
    found = matrix(
        program("""
        - {name: build, command: build}
        - name: way
          type: conditional
          condition: ${build.output.size} > 3
          then: [{name: big, command: big}]
          else: [{name: small, command: small}]
        """)
    )
    assert [(step.path, step.when) for step in found.steps] == [
        ("build", ""),
        ("way/then/big", ""),
        ("way/else/small", "build.output.size > 3 is false"),
    ]


def test_steps_that_these_values_do_not_reach_are_named(program: Make) -> None:
    found = matrix(program("- {name: p, command: p, when: '${environment} == \"production\"'}"))
    assert found.steps == ()
    assert found.notes == ("not reached: p",)


def test_of_a_loop_the_first_and_the_last_iteration(program: Make) -> None:
    found = matrix(
        program("""
        - name: each
          type: foreach
          items: [r, s, t]
          as: i
          steps: [{name: work, command: "work ${i}"}]
        """)
    )
    assert [step.path for step in found.steps] == ["each[r]/work", "each[t]/work"]
    assert row(found, "each[t]/work", FAILS).done == ("each[r]/work", "each[s]/work")


def test_an_iteration_that_makes_no_difference_is_left_out(program: Make) -> None:
    found = matrix(
        program("""
        - name: each
          type: foreach
          items: [r, s]
          as: i
          steps: [{name: look, type: test, command: "look ${i}"}]
        """)
    )
    assert [step.path for step in found.steps] == ["each[r]/look"]


def test_transactions_are_undone_in_reverse(program: Make) -> None:
    found = matrix(
        program("""
        - name: move
          type: transaction
          steps:
            - {name: a, command: a, compensate: [{name: undo, command: ua}]}
            - {name: b, command: b, compensate: [{name: undo, command: ub}]}
            - {name: c, command: c}
        """)
    )
    failed = row(found, "move/c", FAILS)
    assert failed.handlers == ("move/b/compensate/undo", "move/a/compensate/undo")
    assert (failed.done, failed.partial, failed.reacted) == ((), ("move/c",), True)
    undoing = row(found, "move/b/compensate/undo", FAILS)
    assert undoing.state == "needs_attention"
    assert undoing.done == ("move/a", "move/b")
    assert undoing.resume.decide == ("move/b/compensate",)


def test_the_handlers_of_an_included_playbook_undo_what_is_in_it(program: Make) -> None:
    inner = """
    steps: [{name: one, command: one}]
    on_failure: [{name: back, command: back}]
    """
    found = matrix(program("- {name: sub, type: playbook, playbook: inner}", inner=inner))
    failed = row(found, "sub/one", FAILS)
    assert failed.handlers == ("sub/playbook/on_failure/back",)
    assert failed.partial == ()


def test_a_playbook_that_fails_by_itself_says_so(program: Make) -> None:
    found = matrix(
        program("- {command: a}\n- {name: no, type: assert, condition: 1 > 2, message: never}")
    )
    assert found.state == "failed"
    assert found.notes == ("without any mishap it ends as failed: no: never",)


def test_what_is_too_much_is_cut_short_and_told(program: Make) -> None:
    steps = "\n".join(f"- {{name: s{n}, command: s}}" for n in range(40))
    found = matrix(program(steps), budget=4000)
    assert found.bounded
    (note,) = found.notes
    assert note == f"cut short: {len(found.steps)} of 40 steps were rehearsed, in written order"
    assert 0 < len(found.steps) < 40
