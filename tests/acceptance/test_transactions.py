"""Transactions through the command: cancels, decisions, refusals, and what people are shown."""

import signal

import pytest

MOVE = """
cleanup_timeout: 1m
steps:
  - name: move
    type: transaction
    steps:
      - name: create
        shell: echo create >> effects
        compensate:
          - shell: echo delete >> effects; until test -e go; do sleep 0.02; done
      - name: copy
        shell: echo copy >> effects
        compensate:
          - shell: echo remove >> effects; test ! -e broken
      - name: switch
        shell: echo switch >> effects; until test -e fail; do sleep 0.02; done; exit 3
finally:
  - {name: close, shell: echo close >> effects}
"""


@pytest.fixture
def move(project):
    project.playbook("move", MOVE)
    return project


def test_a_cancel_undoes_and_a_second_one_stops_that_and_a_resume_goes_on(move, until) -> None:
    process = move.start("run", "--playbook", "move")
    until(lambda: "switch" in move.lines("effects"), "the last step runs")
    identity = move.newest()
    assert move("cancel", identity).code == 0
    until(lambda: "delete" in move.lines("effects"), "it is being undone")
    shown = move("status", "--workflow", identity)
    assert "undoing: cancelled by" in shown.out
    assert "undone" in next(line for line in shown.out.splitlines() if " copy " in line)
    assert move("cancel", identity).code == 0
    assert process.wait(120) == 4
    assert move.lines("effects") == ["create", "copy", "switch", "remove", "delete"]
    for refused in (("--from-step", "move"), ("--from-step", "copy"), ("--skip-failed",)):
        done = move("resume", "--workflow", identity, *refused)
        assert done.code == 5, done
        assert "the transaction move is half undone" in done.err
    move.write("go", "")
    done = move("resume", "--workflow", identity)
    assert done.code == 1, done
    assert "  undo   move/create/compensate  cancelled by" in done.out
    assert "move was rolled back, 2 steps undone" in done.out
    assert move.lines("effects")[5:] == ["delete", "close"]


def test_interrupting_at_the_keyboard_is_a_cancel(move, until) -> None:
    move.write("go", "")
    process = move.start("run", "--playbook", "move")
    until(lambda: "switch" in move.lines("effects"), "the last step runs")
    process.send_signal(signal.SIGINT)
    assert process.wait(120) == 130
    assert move.lines("effects") == ["create", "copy", "switch", "remove", "delete", "close"]


def test_a_failed_compensation_is_decided_by_a_resume(move) -> None:
    for name in ("broken", "fail", "go"):
        move.write(name, "")
    done = move("run", "--playbook", "move")
    assert done.code == 4
    assert "move/copy/compensate: could not be undone: exit code 1" in done.out
    assert "choices: retry, skip, accept" in done.out
    identity = move.newest()
    assert move("status", "--workflow", identity, "--json").json["state"] == "needs_attention"
    assert move("resume", "--workflow", identity, "--unknown", "skip").code == 4
    wrong = move("resume", "--workflow", identity, "--compensation", "rerun")
    assert wrong.code == 2
    assert move("resume", "--workflow", identity, "--compensation", "retry").code == 4
    done = move("resume", "--workflow", identity, "--compensation", "skip", "--json")
    assert done.code == 1, done
    status = done.json
    (transaction,) = [step for step in status["steps"] if step["path"] == "move"]
    assert transaction["output"] == {
        "rolled_back": False, "undone": 1, "not_undone": ["move/copy"],
    }  # fmt: skip
    undone = {step["path"] for step in status["steps"] if step.get("undone")}
    assert undone == {"move/create"}
    assert move.lines("effects") == [
        "create", "copy", "switch", "remove", "remove", "delete", "close",
    ]  # fmt: skip
    (move.root / "broken").unlink()
    again = move("resume", "--workflow", identity, "--from-step", "move/copy")
    assert again.code == 5
    assert "its start is the only place to resume from: --from-step move" in again.err


def test_completion_by_force_undoes_nothing(move, until) -> None:
    process = move.start("run", "--playbook", "move")
    until(lambda: "switch" in move.lines("effects"), "the last step runs")
    identity = move.newest()
    done = move("complete", "--workflow", identity, "--force", "--reason", "done by hand")
    assert done.code == 0, done
    assert process.wait(120) == 0
    assert move.lines("effects") == ["create", "copy", "switch", "close"]
    (warning,) = move("status", "--workflow", identity, "--json").json["warnings"]
    assert warning == "move: completed by force: 2 steps finished and not undone"
