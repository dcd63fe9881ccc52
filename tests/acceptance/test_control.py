"""pause, resume, cancel, complete, checkpoints, rerun: each option with its effect."""

import pytest

MARK = "  - name: {0}\n    shell: echo {0} >> effects\n"


@pytest.fixture
def running(project, waiting):
    """A workflow whose first step waits for the file slow.go, started in the foreground."""
    project.playbook("work", "steps:\n" + waiting("slow") + MARK.format("after"))
    process = project.start("run", "--playbook", "work")
    project.wait_for_file("slow.started")
    return process


def test_pause_lets_the_running_step_finish_and_resume_wakes_the_run(project, running) -> None:
    done = project.ok("pause", "--workflow", "current", "--reason", "lunch", "--checkpoint")
    assert "checkpoint CP-1" in done.out
    project.touch("slow.go")
    workflow = project.wait_for_state("paused")
    found = project.workflow(workflow)
    assert found["reason"] == "lunch"
    assert project.states() == {"slow": "succeeded"}
    assert running.poll() is None
    shown = project.ok("checkpoints", "--workflow", workflow, "--json").json
    assert [one["id"] for one in shown] == ["CP-1"]
    resumed = project.ok("resume", "--workflow", "current")
    assert "1 to reuse" in resumed.out
    assert project.finish(running).code == 0
    assert project.lines("effects") == ["slow", "after"]


def test_pause_now_stops_the_running_step_which_runs_again(project, running, until) -> None:
    project.ok("pause", "--workflow", "current", "--now")
    workflow = project.wait_for_state("paused")
    project.touch("slow.go")
    project.ok("resume", "--workflow", workflow)
    assert project.finish(running).code == 0
    assert project.lines("effects") == ["slow", "after"]
    assert len(project.lines("slow.started")) == 2


def test_a_pause_with_a_timeout_resumes_by_itself(project, running) -> None:
    done = project.ok("pause", "--workflow", "current", "--timeout", "0.01")
    assert "resumes by itself" in done.out
    project.touch("slow.go")
    assert project.finish(running).code == 0
    assert project.lines("effects") == ["slow", "after"]


def test_pause_is_refused_when_nothing_runs(project) -> None:
    project.playbook("one", "steps:\n" + MARK.format("one"))
    assert project("pause", "--workflow", "current").code == 3
    project.ok("run", "--playbook", "one")
    assert project("pause", "--workflow", project.newest()).code == 5
    assert project("pause", "--workflow", "WF-1999-001").code == 3


def test_current_that_could_be_several_lists_them(project, waiting) -> None:
    project.playbook("a", "steps:\n" + waiting("one"))
    project.playbook("b", "steps:\n" + waiting("two"))
    ids = {project.ok("run", "--playbook", name, "--detach").out.strip() for name in "ab"}
    project.wait_for_file("one.started")
    project.wait_for_file("two.started")
    done = project("pause", "--workflow", "current")
    assert done.code == 5
    assert all(workflow in done.err for workflow in ids)
    project.touch("one.go")
    project.touch("two.go")
    for workflow in ids:
        project.wait_for_state("succeeded", workflow)


def test_cancel_stops_the_step_and_runs_finally(project, waiting, until) -> None:
    text = "steps:\n" + waiting("slow") + "finally:\n  - shell: echo cleaned >> effects\n"
    project.playbook("work", text)
    process = project.start("run", "--playbook", "work")
    project.wait_for_file("slow.started")
    project.ok("cancel", project.newest(), "--reason", "wrong version")
    assert project.finish(process).code == 130
    found = project.workflow(project.newest())
    assert found["state"] == "cancelled"
    assert found["reason"].endswith(": wrong version")
    assert project.lines("effects") == ["cleaned"]


def test_complete_without_force_is_refused_while_steps_run(project, running) -> None:
    refused = project("complete", "--workflow", "current")
    assert refused.code == 5
    project.ok("complete", "--workflow", "current", "--force", "--reason", "done by hand")
    assert project.finish(running).code == 0
    found = project.workflow(project.newest())
    assert (found["state"], found["reason"]) == ("completed", "done by hand")
    assert project.lines("effects") == []


@pytest.fixture
def failed(project) -> str:
    """A workflow that failed in its second step, until the file `fixed` exists."""
    text = "steps:\n" + MARK.format("one")
    text += "  - name: two\n    shell: '[ -e fixed ] && echo two >> effects'\n"
    project.playbook("work", text + MARK.format("three"))
    assert project("run", "--playbook", "work", "--checkpoint").code == 1
    return project.newest()


def test_resume_runs_what_failed_and_nothing_else(project, failed) -> None:
    project.touch("fixed")
    done = project.ok("resume", "--workflow", failed)
    assert project.lines("effects") == ["one", "two", "three"]
    assert done.out.index("reuse") < done.out.index("two succeeded")
    assert project.workflow(failed)["state"] == "succeeded"


def test_resume_of_current_takes_the_newest_failed(project, failed) -> None:
    project.touch("fixed")
    data = project.ok("resume", "--workflow", "current", "--json").json
    assert (data["id"], data["state"]) == (failed, "succeeded")


def test_skip_failed_records_the_failed_step_as_skipped(project, failed) -> None:
    project.ok("resume", "--workflow", failed, "--skip-failed")
    assert project.lines("effects") == ["one", "three"]
    assert project.states(failed)["two"] == "skipped"


def test_from_step_forgets_that_step_and_what_follows(project, failed) -> None:
    project.touch("fixed")
    project.ok("resume", "--workflow", failed)
    project.ok("resume", "--workflow", failed, "--from-step", "two")
    assert project.lines("effects") == ["one", "two", "three", "two", "three"]
    unknown = project("resume", "--workflow", failed, "--from-step", "tow")
    assert unknown.code == 3
    assert "two" in unknown.err


def test_jumping_over_steps_takes_yes(project, failed) -> None:
    refused = project("resume", "--workflow", failed, "--from-step", "three")
    assert refused.code == 5, refused
    assert "--yes" in refused.err
    assert project.lines("effects") == ["one"]
    project.ok("resume", "--workflow", failed, "--from-step", "three", "--yes")
    assert project.lines("effects") == ["one", "three"]


def test_checkpoint_forgets_what_came_later(project, failed) -> None:
    project.touch("fixed")
    project.ok("resume", "--workflow", failed)
    done = project.ok("resume", "--workflow", failed, "--checkpoint", "CP-1")
    assert project.lines("effects") == ["one", "two", "three", "two", "three"]
    assert "not undone" in done.out.lower() or "undo" in done.out.lower()
    assert project("resume", "--workflow", failed, "--checkpoint", "CP-99").code == 3


def test_resume_takes_new_parameters_by_type(project) -> None:
    text = "parameters:\n  - {name: code, type: integer, default: 3}\n"
    project.playbook("p", text + "steps:\n  - name: exit\n    shell: exit ${code}\n")
    assert project("run", "--playbook", "p").code == 1
    workflow = project.newest()
    assert project("resume", "--workflow", workflow, "--parameters", "code=x").code == 2
    project.ok("resume", "--workflow", workflow, "--parameters", "code=0")
    assert project.workflow(workflow)["parameters"] == {"code": 0}


def test_playbook_changes_use_takes_the_edited_file(project, failed) -> None:
    file = project.root / "playbooks" / "work.yaml"
    edited = file.read_text().replace("[ -e fixed ] && echo two", "echo mended")
    file.write_text(edited)
    assert project("resume", "--workflow", failed, "--playbook-changes", "keep").code == 1
    assert project.lines("effects") == ["one"]
    project.ok("resume", "--workflow", failed, "--playbook-changes", "use")
    assert project.lines("effects") == ["one", "mended", "three"]


def test_resume_detached(project, failed) -> None:
    project.touch("fixed")
    done = project.ok("resume", "--workflow", failed, "--detach")
    assert failed in done.out
    project.wait_for_state("succeeded", failed)
    assert project.lines("effects") == ["one", "two", "three"]


def test_resume_of_what_is_over_is_a_conflict(project) -> None:
    project.playbook("one", "steps:\n" + MARK.format("one"))
    project.ok("run", "--playbook", "one")
    done = project("resume", "--workflow", project.newest())
    assert done.code == 5
    assert "rerun" in done.err


def test_rerun_starts_a_new_workflow_with_the_same_values(project) -> None:
    text = "parameters:\n  - {name: who, required: true}\nsteps:\n"
    project.playbook("hi", text + "  - name: hi\n    shell: echo ${who} >> effects\n")
    run = ("run", "--playbook", "hi", "--parameters", "who=ada", "--environment", "staging")
    project.ok(*run)
    first = project.newest()
    project.ok("rerun", first)
    project.ok("rerun", first, "--parameters", "who=bob")
    assert project.lines("effects") == ["ada", "ada", "bob"]
    found = project.workflow(project.newest())
    assert (found["environment"], found["parameters"]) == ("staging", {"who": "bob"})
    assert found["id"] != first
