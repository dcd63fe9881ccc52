"""The last words of a run: what failed, what was tolerated, and how much of the output is shown."""

from this_year import YEAR

QUOTED = "    | "


def quoted(text: str) -> list[str]:
    return [line.removeprefix(QUOTED) for line in text.splitlines() if line.startswith(QUOTED)]


def test_a_line_of_megabytes_is_cut_in_summary_and_status(project) -> None:
    project.command(
        "big", "#!/bin/sh\nhead -c 3000000 /dev/zero | tr '\\0' x\necho; echo oh; exit 3\n"
    )
    project.playbook("big", "steps:\n  - command: /big\n")
    done = project("run", "--playbook", "big")
    assert done.code == 1
    long, short = quoted(done.out)
    assert long == "…" + 298 * "x" + "…"
    assert short == "oh"
    shown = project.ok("status", "--workflow", f"WF-{YEAR}-001", "--detailed")
    assert max(map(len, shown.out.splitlines())) < 400


def test_only_the_last_attempt_is_quoted(project) -> None:
    shell = "echo try >> n; wc -l < n; exit 3"
    project.playbook("bad", f"steps:\n  - {{name: bad, shell: '{shell}', retry: 2}}\n")
    assert quoted(project("run", "--playbook", "bad").out) == ["3"]
    assert quoted(project("resume", "--workflow", "current").out) == ["6"]


def test_handlers_that_failed_are_named_with_their_output(project) -> None:
    text = "steps:\n  - name: bad\n    shell: exit 3\n    on_failure:\n"
    text += "      - {name: rollback, shell: 'echo cannot; exit 9'}\nfinally:\n  - shell: exit 7\n"
    project.playbook("bad", text)
    done = project("run", "--playbook", "bad")
    summary = done.out[done.out.index(f"WF-{YEAR}-001 bad failed") :]
    assert "✗ bad: exit code 3" in summary
    assert "✗ bad/on_failure/rollback: this handler failed: exit code 9\n    | cannot\n" in summary
    assert "✗ finally/1: this handler failed: exit code 7" in summary


def test_tolerated_failures_are_named_at_the_end(project) -> None:
    step = "{name: check-db, shell: exit 4, continue_on_error: true}"
    project.playbook("kind", f"steps:\n  - {step}\n  - shell: exit 0\n")
    done = project.ok("run", "--playbook", "kind")
    assert "1 failure was tolerated: check-db" in done.out.splitlines()[-1]


def test_a_resume_tells_its_own_time_and_the_whole(project) -> None:
    project.playbook("bad", "steps:\n  - {name: bad, shell: 'sleep 1.2; test -e mended'}\n")
    assert project("run", "--playbook", "bad").code == 1
    project.touch("mended")
    done = project.ok("resume", "--workflow", "current")
    assert " after its start" in done.out
