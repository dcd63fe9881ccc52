"""What a resume prints before it does anything, at any depth, and what then really runs."""

import pytest
from this_year import YEAR

PLAYBOOK = """
parameters:
  - {name: version, default: "1"}
steps:
  - {name: prepare, shell: "echo prepare ${version} >> effects"}
  - name: regions
    type: foreach
    items: [east, west]
    as: region
    steps:
      - {name: deploy, shell: "echo deploy ${region} >> effects"}
      - {name: check, shell: "echo check ${region} >> effects"}
  - name: spread
    type: parallel
    max_parallel: 1
    branches:
      - name: left
        steps:
          - {name: l1, shell: "echo l1 >> effects"}
          - {name: l2, shell: "echo l2 >> effects"}
      - name: right
        steps:
          - {name: r1, shell: "echo r1 >> effects"}
  - {name: sub, type: playbook, playbook: inner}
  - name: risky
    shell: "echo risky >> effects; test -e mended"
    on_failure:
      - {name: undo, shell: "echo undo >> effects"}
      - {name: tell, shell: "echo tell >> effects"}
  - {name: last, shell: "echo last >> effects"}
"""
INNER = """
steps:
  - {name: one, shell: "echo one >> effects"}
  - {name: two, shell: "echo two >> effects"}
"""
UNTIL_RISKY = ["prepare 1", "deploy east", "check east", "deploy west", "check west"]
SPREAD, SUB = ["l1", "l2", "r1"], ["one", "two"]


@pytest.fixture
def deep(project) -> str:
    """A workflow that failed near its end."""
    project.playbook("deep", PLAYBOOK)
    project.playbook("inner", INNER)
    done = project("run", "--playbook", "deep")
    assert done.code == 1, done
    effects = project.lines("effects")
    assert sorted(effects) == sorted([*UNTIL_RISKY, *SPREAD, *SUB, "risky", "undo", "tell"]), (
        effects
    )
    (project.root / "effects").unlink()
    return project.newest()


def plan_of(text: str) -> list[str]:
    """The printed plan: what comes before the workflow's own headline, but for its own."""
    lines = text.splitlines()
    return lines[: next(i for i, line in enumerate(lines) if line.endswith(" deep in dev"))]


@pytest.mark.parametrize(
    ("words", "plan", "effects"),
    [
        (
            ["--from-step", "regions[west]/check"],
            [
                f"WF-{YEAR}-001 4 to reuse, 5 to run",
                "  reuse  prepare  succeeded",
                "  reuse  regions[east]/deploy  succeeded",
                "  reuse  regions[east]/check  succeeded",
                "  reuse  regions[west]/deploy  succeeded",
                "  run    regions[west]/check  chosen",
                "  run    spread  follows regions[west]/check",
                "  run    sub  follows regions[west]/check",
                "  run    risky  follows regions[west]/check",
                "  run    last  has not run yet",
            ],
            ["check west", *SPREAD, *SUB, "risky", "last"],
        ),
        (
            ["--from-step", "regions[west]"],
            [
                f"WF-{YEAR}-001 3 to reuse, 5 to run",
                "  reuse  prepare  succeeded",
                "  reuse  regions[east]/deploy  succeeded",
                "  reuse  regions[east]/check  succeeded",
                "  run    regions[west]  chosen",
                "  run    spread  follows regions[west]",
                "  run    sub  follows regions[west]",
                "  run    risky  follows regions[west]",
                "  run    last  has not run yet",
            ],
            ["deploy west", "check west", *SPREAD, *SUB, "risky", "last"],
        ),
        (
            ["--from-step", "spread/left"],
            [
                f"WF-{YEAR}-001 3 to reuse, 4 to run",
                "  reuse  prepare  succeeded",
                "  reuse  regions  succeeded",
                "  run    spread/left  chosen",
                "  reuse  spread/right/r1  succeeded",
                "  run    sub  follows spread/left",
                "  run    risky  follows spread/left",
                "  run    last  has not run yet",
            ],
            ["l1", "l2", *SUB, "risky", "last"],
        ),
        (
            ["--from-step", "two"],
            [
                f"WF-{YEAR}-001 4 to reuse, 3 to run",
                "  reuse  prepare  succeeded",
                "  reuse  regions  succeeded",
                "  reuse  spread  succeeded",
                "  reuse  sub/one  succeeded",
                "  run    sub/two  chosen",
                "  run    risky  follows sub/two",
                "  run    last  has not run yet",
            ],
            ["two", "risky", "last"],
        ),
        (
            [],
            [
                f"WF-{YEAR}-001 4 to reuse, 2 to run",
                "  reuse  prepare  succeeded",
                "  reuse  regions  succeeded",
                "  reuse  spread  succeeded",
                "  reuse  sub  succeeded",
                "  run    risky  failed: exit code 1",
                "  run    last  has not run yet",
            ],
            ["risky", "last"],
        ),
        (
            ["--skip-failed"],
            [
                f"WF-{YEAR}-001 4 to reuse, 1 to skip, 1 to run",
                "  reuse  prepare  succeeded",
                "  reuse  regions  succeeded",
                "  reuse  spread  succeeded",
                "  reuse  sub  succeeded",
                "  skip   risky  skipped by {actor}",
                "  run    last  has not run yet",
            ],
            ["last"],
        ),
        (
            ["--parameters", "version=2"],
            [
                f"WF-{YEAR}-001 4 to reuse, 2 to run",
                "  reuse  prepare  succeeded",
                "  reuse  regions  succeeded",
                "  reuse  spread  succeeded",
                "  reuse  sub  succeeded",
                "  run    risky  failed: exit code 1",
                "  run    last  has not run yet",
                "  ? prepare was run with the old value of version",
            ],
            ["risky", "last"],
        ),
    ],
    ids=lambda value: " ".join(value) if value and value[0].startswith("--") else "",
)
def test_the_plan_is_printed_and_kept(project, deep, words, plan, effects) -> None:
    project.touch("mended")
    done = project.ok("resume", "--workflow", deep, *words)
    actor = project.workflow(deep)["actor"]
    assert plan_of(done.out) == [line.format(actor=actor) for line in plan]
    assert project.lines("effects") == effects
    assert project.workflow(deep)["state"] == "succeeded"


def test_from_a_handler_only_what_follows_in_it_runs(project, deep) -> None:
    done = project("resume", "--workflow", deep, "--from-step", "risky/on_failure/tell")
    assert done.code == 1
    assert plan_of(done.out)[-3:] == [
        "  reuse  risky/on_failure/undo  succeeded",
        "  run    risky/on_failure/tell  chosen",
        "  run    last  has not run yet",
    ]
    assert project.lines("effects") == ["tell"]


def edit(project, old: str, new: str) -> None:
    file = project.root / "playbooks" / "deep.yaml"
    text = file.read_text()
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "shown", "effects"),
    [
        (
            "echo l2 >> effects",
            "echo L2 >> effects",
            [
                f"WF-{YEAR}-001 4 to reuse, 4 to run",
                "  reuse  prepare  succeeded",
                "  reuse  regions  succeeded",
                "  reuse  spread/left/l1  succeeded",
                "  run    spread/left/l2  changed",
                "  reuse  spread/right/r1  succeeded",
                "  run    sub  follows spread/left/l2",
                "  run    risky  failed: exit code 1",
                "  run    last  has not run yet",
            ],
            ["L2", *SUB, "risky", "last"],
        ),
        (
            "- name: regions\n",
            "- name: places\n",
            [
                f"WF-{YEAR}-001 4 to reuse, 2 to run",
                "  reuse  prepare  succeeded",
                "  reuse  places  succeeded",
                "  reuse  spread  succeeded",
                "  reuse  sub  succeeded",
                "  run    risky  failed: exit code 1",
                "  run    last  has not run yet",
                "  ? regions is now places",
            ],
            ["risky", "last"],
        ),
        (
            "  - {name: sub,",
            '  - {name: new, shell: "echo new >> effects"}\n  - {name: sub,',
            [
                f"WF-{YEAR}-001 3 to reuse, 4 to run",
                "  reuse  prepare  succeeded",
                "  reuse  regions  succeeded",
                "  reuse  spread  succeeded",
                "  run    new  has not run yet",
                "  run    sub  follows new, which is new",
                "  run    risky  failed: exit code 1",
                "  run    last  has not run yet",
            ],
            ["new", *SUB, "risky", "last"],
        ),
        (
            '  - {name: prepare, shell: "echo prepare ${version} >> effects"}\n',
            "",
            [
                f"WF-{YEAR}-001 3 to reuse, 2 to run, 1 to drop",
                "  reuse  regions  succeeded",
                "  reuse  spread  succeeded",
                "  reuse  sub  succeeded",
                "  run    risky  failed: exit code 1",
                "  run    last  has not run yet",
                "  drop   prepare  removed",
                "  ? prepare is no longer in the playbook, what it did is not undone",
            ],
            ["risky", "last"],
        ),
    ],
    ids=["edited", "renamed", "inserted", "deleted"],
)
def test_an_edited_playbook_is_mapped_and_the_mapping_shown(
    project, deep, old, new, shown, effects
) -> None:
    project.touch("mended")
    edit(project, old, new)
    done = project.ok("resume", "--workflow", deep, "--playbook-changes", "use")
    assert plan_of(done.out) == shown
    assert project.lines("effects") == effects


def test_keep_is_the_default_and_leaves_an_edited_file_alone(project, deep) -> None:
    project.touch("mended")
    edit(project, "echo last >> effects", "echo LAST >> effects")
    project.ok("resume", "--workflow", deep)
    assert project.lines("effects") == ["risky", "last"]


def test_an_edit_that_is_not_taken_is_said(project, deep) -> None:
    notice = (
        "  playbooks/deep.yaml has changed since; the recorded playbook goes on"
        " (--playbook-changes use takes the edited one)"
    )
    assert notice not in project("resume", "--workflow", deep).out.splitlines()
    edit(project, "echo last >> effects", "echo LAST >> effects")
    assert notice in project("resume", "--workflow", deep).out.splitlines()
    kept = project("resume", "--workflow", deep, "--playbook-changes", "keep")
    assert notice not in kept.out.splitlines()
