"""`run --dry-run`: what a run would do is shown, and nothing is done."""

import json
import shlex
import shutil
from pathlib import Path

import pytest
from this_year import YEAR

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "webapp"
COMMANDS = (Path(__file__).parent / "spec" / "commands.txt").read_text().splitlines()
MAINTENANCE = 'run --playbook maintenance --parameters "target=database" --dry-run'

PLAYBOOK = """
name: release
version: 1.2.0
parameters:
  - name: version
    required: true
  - name: token
    secret: true
    allow_in_arguments: true
    default: hunter2-hunter2
variables:
  limit: 3
steps:
  - name: build
    shell: echo build ${version} >> effects
    timeout: 5m
  - name: check
    command: /probe ${build.output.image} --token ${token}
    retry: {attempts: 3, delay: 10}
  - name: split
    type: conditional
    condition: ${check.output.errors} > ${limit}
    then:
      - name: back
        command: /probe back
    else:
      - name: go-on
        command: touch effects
  - name: regions
    type: foreach
    items: [eu, us, ap, sa, af]
    as: region
    steps:
      - command: touch ${region}
  - name: announce
    when: ${environment} == "production"
    command: /notify team --severity low
  - name: pause
    type: wait
    duration: 90
  - name: deploy
    command: ${build.output.tool} ${version}
    on_failure:
      - name: undo
        command: /probe undo ${error.message}
"""
NO_FIGURES = "no earlier workflow says how long it takes"
PROBE = "#!/bin/sh\necho called >> called\n"


def everything(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*")}


@pytest.fixture
def site(project):
    project.playbook("release", PLAYBOOK)
    project.command("probe", PROBE)
    return project


def test_the_example_of_the_manual_runs_nothing(project, tmp_path: Path) -> None:
    assert f"/orchestrate {MAINTENANCE}" in COMMANDS
    shutil.rmtree(project.root)
    shutil.copytree(EXAMPLE, project.root, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    # Whatever is started by name or by a command of the project leaves a trace.
    trace = tmp_path / "trace"
    for name in ("infra", "security"):
        project.command(name, f"#!/bin/sh\necho $0 >> {trace}\n")
    before = everything(project.root)
    done = project.ok(*shlex.split(MAINTENANCE))
    lines = done.out.splitlines()
    assert lines[:2] == [
        "maintenance 1.0.0 in dev: target=database",
        "nothing is executed; what stands in < > is known only when it runs",
    ]
    for shown in (
        "· look-after-database  conditional",
        '    condition target in ["database", "all"]: true (target = database)',
        "    · back-up  /backup create --name maintenance-<timestamp>",
        "        built-in",
        "· look-after-application  conditional",
        '    condition target in ["application", "all"]: false (target = database)',
        "  then: not taken",
    ):
        assert shown in lines
    assert everything(project.root) == before
    assert not trace.exists()
    assert project.ok("status", "--all", "--json").json == []


def test_everything_that_may_happen_is_shown(site) -> None:
    before = everything(site.root)
    done = site.ok("run", "--playbook", "release", "--parameters", "version=2.0", "--dry-run")
    touch = shutil.which("touch", path=site.env["PATH"])
    assert done.out.splitlines() == [
        "release 1.2.0 in dev: version=2.0",
        "nothing is executed; what stands in < > is known only when it runs",
        "",
        "· build  echo build ${version} >> effects",
        "    /bin/sh · at most 5 m 00 s",
        "    version = 2.0",
        "· check  /probe <build.output.image> --token ***",
        "    commands/probe · up to 3 attempts, 10 s apart",
        "· split  conditional",
        "    condition check.output.errors > limit: known only when it runs",
        "  then:",
        "    ? back  /probe back",
        "        commands/probe",
        "  else:",
        "    ? go-on  touch effects",
        f"        {touch}",
        "· regions  foreach: 5 iterations",
        "  [eu]:",
        "    · 1  touch eu",
        f"        {touch}",
        "  [us]:",
        "    · 1  touch us",
        f"        {touch}",
        "  [ap]:",
        "    · 1  touch ap",
        f"        {touch}",
        "  … and 2 iterations more",
        '○ announce  skipped: not true: ${environment} == "production"',
        '    when environment == "production": false (environment = dev)',
        "· pause  wait 1 m 30 s",
        "· deploy  <build.output.tool> 2.0",
        "    what is called is known only when it runs",
        "  if it fails:",
        "    ? undo  /probe undo <error.message>",
        "        commands/probe",
        "",
        f"9 steps would run, 3 may, 1 skipped; {NO_FIGURES}, at least 1 m 30 s of waiting",
    ]
    assert everything(site.root) == before
    assert "hunter2" not in done.out + done.err


def test_the_same_as_json(site) -> None:
    done = site.ok(
        "run", "--playbook", "release", "--parameters", "version=2.0", "--dry-run", "--json"
    )
    assert "hunter2" not in done.out
    plan = done.json
    assert {key: plan[key] for key in ("playbook", "environment", "can_run", "state")} == {
        "playbook": "release",
        "environment": "dev",
        "can_run": True,
        "state": "succeeded",
    }
    steps = {step["path"]: step for step in plan["steps"]}
    assert len([path for path in steps if path.startswith("regions[")]) == 5
    check = steps["check"]
    assert check["call"] == "/probe <build.output.image> --token ***"
    assert check["program"]["origin"] == "commands/probe"
    assert check["program"]["argv"][1:] == ["<build.output.image>", "--token", "***"]
    assert (check["attempts"], check["retry"]["delay"]) == (3, 10.0)
    assert steps["split"]["reasons"] == [
        {
            "key": "condition",
            "expression": "check.output.errors > limit",
            "value": None,
            "values": {"check.output.errors": "<check.output.errors>", "limit": 3},
            "undecided": ["check.output.errors > 3"],
        }
    ]
    assert steps["split/else/go-on"]["state"] == "undecided"
    assert steps["split/else/go-on"]["depends_on"] == ["check.output.errors > 3 is false"]
    assert steps["announce"]["state"] == "skipped"
    assert steps["deploy"]["program"] is None
    assert plan["estimate"]["seconds"] == 90


def test_options_of_a_run_apply(site) -> None:
    only = site.ok(
        "run", "--playbook", "release", "--parameters", "version=1", "--only", "regions",
        "--skip", "split", "--environment", "production", "--dry-run", "--json",
    ).json  # fmt: skip
    states = {step["path"]: step["state"] for step in only["steps"]}
    assert only["environment"] == "production"
    assert states["build"] == "skipped"
    assert states["regions[eu]/1"] == "runs"


def test_what_is_missing_is_named_as_in_a_run(site) -> None:
    missing = site("run", "--playbook", "release", "--dry-run")
    assert missing.code == 2
    assert "`version` is missing" in missing.err
    unknown = site(
        "run", "--playbook", "release", "--parameters", "version=1", "--only", "nope", "--dry-run"
    )
    assert unknown.code == 3
    assert site("run", "--playbook", "absent", "--dry-run").code == 3


def test_what_says_how_a_workflow_is_made_does_not_fit(site) -> None:
    for option in (["--detach"], ["--idempotency-key", "k"]):
        done = site("run", "--playbook", "release", "--dry-run", *option)
        assert done.code == 2
        assert f"{option[0]} means nothing" in done.err


def test_what_would_go_wrong_is_said_with_code_2(site) -> None:
    site.playbook(
        "wrong",
        """
        steps:
          - name: ready
            type: assert
            condition: ${environment} == "staging"
            message: only in staging
          - command: touch effects
        """,
    )
    done = site("run", "--playbook", "wrong", "--dry-run")
    assert done.code == 2
    assert "x ready: only in staging" in done.out or "✗ ready: only in staging" in done.out
    assert "○ 2  not reached" in done.out or "o 2  not reached" in done.out
    assert site("run", "--playbook", "wrong", "--environment", "staging", "--dry-run").code == 0


def test_earlier_workflows_say_how_long_it_takes(site) -> None:
    site.playbook("short", "steps:\n  - name: nap\n    command: sleep 0.2\n")
    site.ok("run", "--playbook", "short")
    site.playbook(
        "short",
        "steps:\n  - name: nap\n    command: sleep 0.2\n  - name: new\n    command: 'true'\n",
    )
    plan = site.ok("run", "--playbook", "short", "--dry-run", "--json").json
    assert 0.2 <= plan["estimate"]["seconds"] < 120
    assert plan["estimate"]["workflows"] == 1
    assert plan["estimate"]["without"] == ["new"]
    assert len(site.ok("status", "--all", "--json").json) == 1


def test_a_command_that_is_a_playbook_is_looked_into(site) -> None:
    site.write("orchestrate.toml", '[commands.roll]\nplaybook = "roll"\narguments = ["where"]\n')
    site.playbook(
        "roll",
        """
        parameters:
          - name: where
        steps:
          - name: inner
            command: /probe ${where}
          - command: /roll ${where}
        """,
    )
    site.playbook("outer", "steps:\n  - name: a\n    command: /roll eu\n")
    done = site.ok("run", "--playbook", "outer", "--dry-run")
    assert "    · inner  /probe eu" in done.out.splitlines() or "inner  /probe eu" in done.out
    plan = site.ok("run", "--playbook", "outer", "--dry-run", "--json").json
    inner = plan["steps"][0]["playbook"]
    assert [step["call"] for step in inner["steps"]] == ["/probe eu", "/roll eu"]
    assert "playbook" not in inner["steps"][1]
    site.playbook("outer", "steps:\n  - name: a\n    command: /roll eu --size 3\n")
    wrong = site("run", "--playbook", "outer", "--dry-run", "--json")
    assert wrong.code == 2
    assert wrong.json["problems"] == [
        {"path": "a", "message": "roll has no parameter `size`", "only_if": []}
    ]


def test_another_machine_is_named(site) -> None:
    site.write("orchestrate.toml", '[commands.far]\nssh = "ops@db1:2222"\nargv = ["uptime"]\n')
    site.playbook("far", "steps:\n  - command: /far now\n")
    done = site.ok("run", "--playbook", "far", "--dry-run")
    assert "on ops@db1:2222" in done.out
    assert (
        json.dumps("ops@db1:2222") in site.ok("run", "--playbook", "far", "--dry-run", "--json").out
    )


def test_a_protected_environment_is_not_asked_about(site) -> None:
    site.write("environments/production.yaml", "protected: true\n")
    done = site.ok(
        "run", "--playbook", "release", "--parameters", "version=1", "--environment", "production",
        "--dry-run",
    )  # fmt: skip
    assert "production is protected: a run asks first" in done.out
    assert not (site.root / ".orchestrate").exists()


def test_what_has_no_end_is_told(site) -> None:
    site.playbook(
        "watch",
        """
        steps:
          - name: gone
            type: wait
            command: /probe look
            until: ${gone.exit_code == 7}
            interval: 1
        """,
    )
    done = site.ok("run", "--playbook", "watch", "--dry-run")
    assert "it has no end while all steps succeed" in done.out
    assert site.ok("run", "--playbook", "watch", "--dry-run", "--json").json["state"] == "running"


def test_what_would_be_held_and_who_has_it_now(project, waiting) -> None:
    project.write("orchestrate.toml", "[capacity]\nconnections = 4\n")
    text = """
parameters: [{name: region, default: eu}]
locks: ["deploy-${region}"]
steps:
  - name: migrate
    locks: [database, {name: schema, shared: true}]
    resources: {connections: 2}
    command: /bin/echo hi
"""
    project.playbook("move", text)
    shown = project.ok("run", "--playbook", "move", "--dry-run").out.splitlines()
    assert "from the first step to the last: lock deploy-eu" in shown
    assert "    lock database · shared lock schema · takes 2 connections" in shown
    taker = "locks: [deploy-eu]\nsteps:\n  - name: one\n    resources: {connections: 3}\n"
    project.playbook("taker", taker + waiting("one").partition("\n")[2])
    project.ok("run", "--playbook", "taker", "--detach")
    project.wait_for_file("one.started")
    shown = project.ok("run", "--playbook", "move", "--dry-run").out
    assert f"lock deploy-eu, held now by WF-{YEAR}-001 since 2" in shown
    assert "takes 2 connections (3 in use now)" in shown
    found = project.ok("run", "--playbook", "move", "--dry-run", "--json").json
    assert [(lock["name"], lock["held_by"][0]["workflow"]) for lock in found["locks"]] == [
        ("deploy-eu", f"WF-{YEAR}-001")
    ]
    (step,) = found["steps"]
    assert step["resources"] == {"connections": 2}
    assert [(lock["name"], lock["shared"], lock["held_by"]) for lock in step["locks"]] == [
        ("database", False, []), ("schema", True, []),
    ]  # fmt: skip
    assert [one["playbook"] for one in project.ok("status", "--json").json] == ["taker"]


def test_of_a_cluster_nothing_is_asked_where_a_worker_has_its_state_either(project) -> None:
    settings = '[engine]\nkind = "cluster"\naddress = "127.0.0.1:1"\n'
    (project.root / "orchestrate.toml").write_text(settings)
    (project.root / ".orchestrate").mkdir()
    project.playbook("locked", "locks: [db]\nsteps:\n  - command: /bin/true\n")
    told = project.ok("run", "--playbook", "locked", "--dry-run", "--json").json
    assert told["locks"] == [{"name": "db", "shared": False, "held_by": []}]
