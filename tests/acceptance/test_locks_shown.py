"""Who has what a workflow waits for: as it is now, not as it was when the waiting began."""

from typing import Any

LOCKED = "locks: [db]\nsteps:\n"


def started(project, name: str, text: str) -> str:
    project.playbook(name, text)
    return project.ok("run", "--playbook", name, "--detach").out.strip()


def blockers(project, workflow: str) -> list[dict[str, Any]]:
    """What it waits for, without times."""
    listed = project.ok("status", "--json").json
    found = next(one for one in listed if one["id"] == workflow).get("waits_for", [])
    assert all(blocker.pop("since").endswith("Z") for blocker in found)
    return found


def test_the_next_holder_is_shown_when_the_first_gave_the_lock_back(
    project, waiting, until
) -> None:
    first = started(project, "one", LOCKED + waiting("one"))
    project.wait_for_file("one.started")
    second = started(project, "two", LOCKED + waiting("two"))
    by_first = {"path": "", "lock": "db", "workflow": first, "step": ""}
    until(lambda: blockers(project, second) == [by_first], "the second waits")
    step = "steps:\n  - name: migrate\n    locks: [db]\n    command: /bin/echo hi\n"
    third = started(project, "three", step)
    until(lambda: blockers(project, third) == [{**by_first, "path": "migrate"}], "the third waits")
    project.touch("one.go")
    project.wait_for_file("two.started")
    assert blockers(project, third) == [{**by_first, "path": "migrate", "workflow": second}]
    assert project.step("migrate", third)["waits_for"][0]["workflow"] == second
    assert f"waits for db: held by {second} since 2" in project.ok("status", third).out
    assert f"migrate waits for db: held by {second} since 2" in project.ok("status").out
    project.touch("two.go")
    project.wait_for_state("succeeded", third)
    assert blockers(project, third) == []
