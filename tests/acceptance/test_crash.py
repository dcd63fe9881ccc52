"""`kill -9` of the engine: the step goes on, and is recorded once by whoever resumes."""

import os
import signal

MARK = "  - name: {0}\n    shell: echo {0} >> effects\n"


def kill(process) -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()


def test_a_step_that_runs_when_the_engine_dies_is_finished_once(project, waiting) -> None:
    project.playbook("work", "steps:\n" + waiting("slow") + MARK.format("after"))
    process = project.start("run", "--playbook", "work")
    project.wait_for_file("slow.started")
    kill(process)
    (found,) = project.ok("status", "--running", "--json").json
    assert (found["state"], found["owner"]) == ("running", "lost")
    assert "owner: lost" in project.ok("status").out
    (pid,) = project.lines("slow.started")
    os.kill(int(pid), 0)

    resuming = project.start("resume", "--workflow", "current")
    project.read_until(resuming, "attach")
    project.touch("slow.go")
    done = project.finish(resuming)
    assert done.code == 0, done
    assert project.lines("effects") == ["slow", "after"]
    assert project.lines("slow.started") == [pid]
    step = project.step("slow")
    assert (step["state"], step["attempts"], step["exit_code"]) == ("succeeded", 1, 0)


def test_a_step_that_ends_while_nobody_watches_is_recorded_by_the_resume(project, waiting, until):
    project.playbook("work", "steps:\n" + waiting("slow") + MARK.format("after"))
    process = project.start("run", "--playbook", "work")
    project.wait_for_file("slow.started")
    kill(process)
    project.touch("slow.go")
    until(lambda: project.lines("effects") == ["slow"])
    project.ok("resume", "--workflow", "current")
    assert project.lines("effects") == ["slow", "after"]
    assert len(project.lines("slow.started")) == 1


def test_output_written_while_nobody_watched_is_there(project, until) -> None:
    text = "  - name: talk\n    shell: 'echo before; touch begun; while [ ! -e slow.go ]; do"
    project.playbook("talk", f"steps:\n{text} sleep 0.05; done; echo after; touch ended'\n")
    process = project.start("run", "--playbook", "talk")
    project.wait_for_file("begun")
    kill(process)
    project.touch("slow.go")
    project.wait_for_file("ended")
    project.ok("resume", "--workflow", "current")
    assert project.ok("logs", project.newest(), "--step", "talk").out == "before\nafter\n"
