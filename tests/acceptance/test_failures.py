"""`validate --simulate --failures` as somebody types it."""

import json
from typing import Any

PLAYBOOK = """
name: roll-out
description: Roll a version out
steps:
  - {name: check, type: validation, command: ./act, timeout: 60}
  - name: deploy
    type: deployment
    command: ./act --to production
    timeout: 10m
    on_failure:
      - {name: roll-back, command: ./act}
      - {name: tell, command: /notify team}
  - {name: verify, type: validation, command: ./act, timeout: 60}
"""


def prepare(project: Any, text: str = PLAYBOOK) -> None:
    project.playbook("roll-out", text)
    project.write("act", "#!/bin/sh\n").chmod(0o755)


def failures(project: Any, *words: str) -> Any:
    return project("validate", "--playbook", "roll-out", "--simulate", "--failures", *words)


def test_the_table(project) -> None:
    prepare(
        project,
        """
name: roll-out
steps:
  - {name: first, command: ./act}
  - {name: second, command: ./act, idempotent: true}
on_failure: [{name: back, command: ./act}]
""",
    )
    done = failures(project)
    assert done.code == 0
    shown = done.out.splitlines()
    assert [line for line in shown if line.startswith(("first", "second", "on_failure"))] == [
        "first  ./act",
        "second  ./act",
        "on_failure/back  ./act  (when first fails)",
    ]
    at = shown.index("first  ./act")
    assert [" ".join(line.split()) for line in shown[at + 1 : at + 5]] == [
        "fails on_failure/back - failed runs it",
        "cancelled - first (part) cancelled runs it",
        "host dies - first (part) needs attention asks about it",
        "engine dies - - succeeded runs it, or attaches",
    ]
    at = shown.index("second  ./act")
    assert [" ".join(line.split()) for line in shown[at + 1 : at + 5]] == [
        "fails on_failure/back - failed runs it",
        "cancelled - first, second (part) cancelled runs it",
        "host dies - - succeeded runs it",
        "engine dies - - succeeded runs it, or attaches",
    ]
    assert max(map(len, shown)) <= 100
    assert not (project.root / ".orchestrate" / "orchestrate.db").exists()


def test_a_rule_that_is_broken_ends_it_with_1_and_names_the_place(project) -> None:
    prepare(project)
    done = failures(project, "--require", "rollback")
    assert done.code == 1
    assert (
        "playbooks/roll-out.yaml:13:5: error[require-rollback]: verify (fails, times out): "
        "no handler or compensation undoes anything\n"
    ) in done.out
    assert "✗ rollback: broken by 2 outcomes\n" in done.out


def test_a_rule_that_holds(project) -> None:
    prepare(project, PLAYBOOK + "on_failure: [{name: back, command: ./act}]\n")
    done = failures(project, "--require", "rollback")
    assert done.code == 0
    assert "✓ rollback: holds\n" in done.out


def test_several_rules(project) -> None:
    prepare(project)
    done = failures(project, "--require", "notify", "--require", "no-needs-attention", "--json")
    assert done.code == 1
    rules = done.json["playbooks"][0]["failures"]["rules"]
    assert [(rule["rule"], rule["holds"]) for rule in rules] == [
        ("notify", False),
        ("no-needs-attention", False),
    ]


def test_an_invalid_playbook_has_no_matrix_and_ends_with_2(project) -> None:
    prepare(project, "steps: [{name: a, comand: x}]\n")
    done = failures(project, "--require", "rollback")
    assert done.code == 2
    assert "WHAT HAPPENS" not in done.out


def test_options_that_do_not_fit(project) -> None:
    prepare(project)
    unknown = failures(project, "--require", "roll-back")
    assert unknown.code == 2
    assert "--require roll-back: there is no such rule" in unknown.err
    assert "rollback, notify, no-leftovers, no-needs-attention" in unknown.err
    alone = project("validate", "--playbook", "roll-out", "--failures")
    assert (alone.code, "--failures belongs to --simulate" in alone.err) == (2, True)
    without = project("validate", "--playbook", "roll-out", "--require", "notify")
    assert (without.code, "--require belongs to --failures" in without.err) == (2, True)


def test_every_key_of_the_json(project) -> None:
    prepare(project)
    found = failures(project, "--require", "rollback", "--json").json["playbooks"][0]["failures"]
    assert found["rules"] == [{"rule": "rollback", "holds": False, "note": None}]
    assert found["breaches"][0] == {
        "rule": "rollback",
        "path": "verify",
        "mishap": "fails",
        "of": None,
        "why": "no handler or compensation undoes anything",
    }
    assert (found["state"], found["bounded"], found["notes"]) == ("succeeded", False, [])
    undo = next(s for s in found["steps"] if s["path"] == "deploy/on_failure/roll-back")
    assert (undo["label"], undo["call"], undo["when"]) == (None, "./act", "deploy fails")
    deploy = next(step for step in found["steps"] if step["path"] == "deploy")
    cancelled = next(row for row in deploy["outcomes"] if row["mishap"] == "cancelled")
    assert cancelled == {
        "path": "deploy",
        "mishap": "cancelled",
        "of": None,
        "handlers": [],
        "done": [],
        "partial": ["deploy"],
        "owner": None,
        "state": "cancelled",
        "resume": {"runs": ["deploy"], "attaches": [], "decide": [], "reuses": ["check"]},
        "deployed": True,
        "reacted": False,
        "told": False,
    }
    lost = next(row for row in deploy["outcomes"] if row["mishap"] == "host_dies")
    assert (lost["owner"], lost["resume"]["decide"]) == ("lost", ["deploy"])


def test_rules_of_the_project_hold_in_every_validation(project) -> None:
    prepare(project)
    project.write("orchestrate.toml", '[rehearsal]\nrequire = ["rollback"]\n')
    done = project("validate", "--all")
    assert done.code == 1
    assert "error[require-rollback]: verify" in done.out
    assert "WHAT HAPPENS" not in done.out
    assert project("validate", "--all", "--format", "github").out.startswith("::error file=")
    results = json.loads(project("validate", "--all", "--format", "sarif").out)
    assert "require-rollback" in str(results)


def test_rules_of_an_environment_replace_those_of_the_project(project) -> None:
    prepare(project)
    project.write("orchestrate.toml", '[rehearsal]\nrequire = ["rollback"]\n')
    project.write("environments/dev.yaml", "rehearsal: {require: []}\n")
    project.write("environments/production.yaml", "rehearsal: {require: [notify]}\n")
    assert project("validate", "--all", "--environment", "dev").code == 0
    production = project("validate", "--all", "--environment", "production")
    assert production.code == 1
    assert "error[require-notify]" in production.out
    assert "error[require-rollback]" not in production.out


def test_a_rule_of_the_project_that_there_is_not(project) -> None:
    prepare(project)
    project.write("orchestrate.toml", '[rehearsal]\nrequire = ["rolback"]\n')
    done = project("validate", "--all")
    assert done.code == 2
    assert "orchestrate.toml, [rehearsal] require: rolback: there is no such rule" in done.err


def test_values_that_nobody_gave_are_not_needed(project) -> None:
    prepare(
        project,
        """
name: roll-out
parameters:
  - {name: version, required: true}
  - {name: count, type: integer, required: true}
  - {name: token, required: true, secret: true}
steps:
  - {name: a, command: "./act ${version}", timeout: "${count}", env: {TOKEN: "${token}"}}
  - {name: b, command: ./act, when: "${count} > 3"}
""",
    )
    found = failures(project, "--json").json["playbooks"][0]["failures"]
    assert [(step["path"], step["call"]) for step in found["steps"]] == [
        ("a", "./act <version>"),
        ("b", "./act"),
    ]


def test_no_moment_and_no_id_is_made_up(project) -> None:
    call = "./act --to backup-${timestamp} --of ${run.id} --at ${run.started_at}"
    prepare(project, f"steps:\n  - {{name: dump, command: '{call}'}}\n")
    shown = failures(project).out.splitlines()
    assert "dump  ./act --to backup-<timestamp> --of <run.id> --at <run.started_at>" in shown
