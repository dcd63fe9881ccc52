import json
import subprocess

HELLO = """\
parameters:
  - name: who
    required: true
  - name: times
    type: integer
    default: 1
steps:
  - name: greet
    shell: echo "hello ${who} ${times}" >> greeted
"""
MARK = "  - name: {0}\n    shell: echo {0} >> effects\n"


def test_run_executes_and_records(project) -> None:
    project.playbook("hello", HELLO)
    done = project("run", "--playbook", "hello", "--parameters", "who=ada")
    assert done.code == 0, done
    assert project.lines("greeted") == ["hello ada 1"]
    assert "greet succeeded" in done.out
    found = project.workflow(project.newest())
    assert (found["playbook"], found["state"], found["environment"]) == (
        "hello",
        "succeeded",
        "dev",
    )
    assert found["parameters"] == {"who": "ada", "times": 1}
    (step,) = found["steps"]
    assert (step["path"], step["kind"], step["state"]) == ("greet", "shell", "succeeded")
    assert (step["attempts"], step["exit_code"]) == (1, 0)
    assert step["duration"] >= 0
    assert found["started_at"].endswith("Z")


def test_a_bare_call_is_run(project) -> None:
    project.playbook("hello", HELLO)
    project.ok("--playbook", "hello", "--parameters", "who=ada")
    assert project.lines("greeted") == ["hello ada 1"]


def test_json_is_one_object_on_stdout_and_messages_are_on_stderr(project) -> None:
    project.playbook("hello", HELLO)
    done = project.ok("run", "--playbook", "hello", "--parameters", "who=ada", "--json")
    data = json.loads(done.out)
    assert data["state"] == "succeeded"
    assert [step["path"] for step in data["steps"]] == ["greet"]
    assert "greet succeeded" in done.err
    assert project.workflow(data["id"]) == data


def test_parameters_from_many_places(project) -> None:
    project.playbook("hello", HELLO)
    project.write("values.json", '{"who": "file", "times": 2}')
    project.write("values.yaml", "who: yaml\ntimes: 3\n")
    run = ("run", "--playbook", "hello")
    project.ok(*run, "--parameters", "who=a,times=4")
    project.ok(*run, "--parameters", "@values.json")
    project.ok(*run, "--parameters", "@values.yaml", "--parameters", "times=5")
    project.ok(*run, "--parameters", r"who=x\,times=9")
    assert project.lines("greeted") == ["hello a 4", "hello file 2", "hello yaml 5",
                                        "hello x,times=9 1"]  # fmt: skip


def test_wrong_parameters_are_named_all_at_once(project) -> None:
    project.playbook(
        "hello", HELLO.replace("times", "count").replace("default: 1", "required: true")
    )
    missing = project("run", "--playbook", "hello")
    assert missing.code == 2
    assert "who" in missing.err
    assert "count" in missing.err
    unknown = project("run", "--playbook", "hello", "--parameters", "whoo=x,count=1")
    assert unknown.code == 2
    assert "who" in unknown.err
    typed = project("run", "--playbook", "hello", "--parameters", "who=x,count=many")
    assert typed.code == 2
    assert "count" in typed.err
    nofile = project("run", "--playbook", "hello", "--parameters", "@nowhere.yaml")
    assert nofile.code == 3
    assert project.ok("status", "--all", "--json").json == []
    assert not (project.root / "greeted").exists()


def test_the_environment_gives_values_and_is_recorded(project) -> None:
    project.playbook("hello", HELLO)
    project.write("environments/production.yaml", "parameters: {who: prod, other: 1}\n")
    project.ok("run", "--playbook", "hello", "--environment", "production")
    project.ok("run", "--playbook", "hello", "--environment", "production",
               "--parameters", "who=typed")  # fmt: skip
    assert project.lines("greeted") == ["hello prod 1", "hello typed 1"]
    assert project.workflow(project.newest())["environment"] == "production"


def test_variables_of_the_environment_replace_those_of_the_playbook(project) -> None:
    project.playbook(
        "sized",
        "variables: {before: '${size} in ${zone}', size: small, after: '${size} disk'}\n"
        "steps: [{command: 'echo ${before}, ${after}'}]\n",
    )
    project.write("environments/staging.yaml", "variables: {zone: a, size: large}\n")
    project.ok("run", "--playbook", "sized", "--environment", "staging")
    assert project("logs", "current").out == "==> 1 <==\nlarge in a, large disk\n"


def test_the_parameter_environment_is_the_environment(project) -> None:
    text = "parameters:\n  - name: environment\n    default: staging\n"
    project.playbook("where", text + "steps:\n  - shell: echo ${environment} >> where\n")
    run = ("run", "--playbook", "where")
    project.ok(*run)
    project.ok(*run, "--environment", "production")
    project.ok(*run, "--parameters", "environment=dev")
    assert project.lines("where") == ["staging", "production", "dev"]
    assert project.workflow(project.newest())["environment"] == "dev"
    both = project(*run, "--environment", "dev", "--parameters", "environment=staging")
    assert both.code == 2
    assert "contradicts" in both.err


def test_a_playbook_may_say_where_it_runs(project) -> None:
    project.playbook("safe", "environments: [dev, staging]\nsteps:\n  - command: /bin/true\n")
    refused = project("run", "--playbook", "safe", "--environment", "production")
    assert refused.code == 5
    assert "dev, staging" in refused.err
    project.ok("run", "--playbook", "safe", "--environment", "staging")


def test_a_protected_environment_takes_yes(project) -> None:
    project.playbook("hello", HELLO)
    project.write("environments/production.yaml", "protected: true\n")
    run = ("run", "--playbook", "hello", "--parameters", "who=x", "--environment", "production")
    refused = project(*run)
    assert refused.code == 5
    assert "--yes" in refused.err
    assert not (project.root / "greeted").exists()
    project.ok(*run, "--yes")
    assert project.lines("greeted") == ["hello x 1"]


def test_a_failure_says_what_failed_what_it_wrote_and_how_to_go_on(project) -> None:
    project.playbook("bad", "steps:\n  - name: broken\n    shell: echo oh no >&2; exit 7\n")
    done = project("run", "--playbook", "bad")
    assert done.code == 1
    workflow = project.newest()
    assert "broken: exit code 7" in done.out
    assert "| oh no" in done.out
    assert f"orchestrate resume --workflow {workflow}" in done.out
    assert project.step("broken")["exit_code"] == 7


def test_a_timeout_ends_with_124(project) -> None:
    project.playbook("slow", "steps:\n  - name: slow\n    shell: sleep 60\n")
    done = project("run", "--playbook", "slow", "--timeout", "0.005")
    assert done.code == 124, done
    assert "timed out" in done.out


def test_checkpoint_names_one_after_every_top_level_step(project) -> None:
    project.playbook("two", "steps:\n" + MARK.format("one") + MARK.format("two"))
    project.ok("run", "--playbook", "two", "--checkpoint")
    found = project.ok("checkpoints", "--workflow", project.newest(), "--json").json
    assert [(one["id"], one["step"]) for one in found] == [("CP-1", "one"), ("CP-2", "two")]


def test_only_and_skip_choose_steps(project) -> None:
    steps = "".join(MARK.format(name) for name in ("one", "two", "three"))
    project.playbook("three", "steps:\n" + steps)
    project.ok("run", "--playbook", "three", "--only", "two")
    assert project.lines("effects") == ["two"]
    project.ok("run", "--playbook", "three", "--skip", "two")
    assert project.lines("effects") == ["two", "one", "three"]
    unknown = project("run", "--playbook", "three", "--skip", "tow")
    assert unknown.code == 3
    assert "two" in unknown.err


def test_parallel_lets_independent_steps_overlap(project) -> None:
    meet = (
        "  - name: {0}\n    needs: []\n"
        "    shell: 'touch {0}.here; while [ ! -e {1}.here ]; do sleep 0.02; done'\n"
    )
    text = meet.format("left", "right") + meet.format("right", "left")
    project.playbook("meet", f"steps:\n{text}")
    assert project("run", "--playbook", "meet", "--parallel").code == 0
    for name in ("left", "right"):
        (project.root / f"{name}.here").unlink()
    alone = project("run", "--playbook", "meet", "--timeout", "0.02")
    assert alone.code == 124


def test_max_parallel_bounds_what_runs_at_once(project) -> None:
    collide = (
        "mkdir alone || { touch collided; exit 9; };"
        " until test ! -e wait || test -e collided; do sleep 0.02; done; sleep 0.1; rmdir alone"
    )
    branch = f"      - name: NAME\n        steps:\n          - shell: '{collide}'\n"
    branches = "".join(branch.replace("NAME", name) for name in "abc")
    project.playbook("par", f"steps:\n  - name: p\n    type: parallel\n    branches:\n{branches}")
    project.ok("run", "--playbook", "par", "--max-parallel", "1")
    project.touch("wait")
    assert project("run", "--playbook", "par", "--max-parallel", "3").code == 1


def test_an_idempotency_key_starts_one_workflow(project) -> None:
    project.playbook("one", "steps:\n" + MARK.format("one"))
    run = ("run", "--playbook", "one", "--idempotency-key", "delivery-1")
    first = project.ok(*run)
    second = project.ok(*run)
    assert "WF-" in first.out
    assert "was started with this key before" in second.err
    assert project.lines("effects") == ["one"]


def test_detach_leaves_it_to_another_process(project, waiting) -> None:
    project.playbook("slow", "steps:\n" + waiting("slow"))
    done = project.ok("run", "--playbook", "slow", "--detach")
    workflow = done.out.strip()
    assert workflow.startswith("WF-")
    project.wait_for_file("slow.started")
    assert project.workflow(workflow)["state"] == "running"
    project.touch("slow.go")
    project.wait_for_state("succeeded", workflow)
    assert project.lines("effects") == ["slow"]


def test_detach_passes_secret_parameters_on(project) -> None:
    text = "parameters:\n  - {name: token, secret: true, required: true}\n"
    text += (
        "steps:\n  - name: use\n    env: {TOKEN: '${token}'}\n    shell: echo \"$TOKEN\" > got\n"
    )
    project.playbook("secret", text)
    done = project.ok("run", "--playbook", "secret", "--detach", "--parameters", "token=hunter22")
    project.wait_for_state("succeeded", done.out.strip())
    assert project.lines("got") == ["hunter22"]
    state = project.root / ".orchestrate"
    leaks = [
        file for file in state.rglob("*") if file.is_file() and b"hunter22" in file.read_bytes()
    ]
    assert leaks == []


def test_the_commit_of_the_project_is_recorded(project) -> None:
    project.playbook("one", "steps:\n" + MARK.format("one"))
    project.write(".gitignore", ".orchestrate/\neffects\n")
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
        subprocess.run([*git, *words], cwd=project.root, check=True)
    head = subprocess.run(
        [*git, "rev-parse", "HEAD"], cwd=project.root, check=True, capture_output=True, text=True
    ).stdout.strip()

    def recorded() -> object:
        data = project.ok("status", "--workflow", project.newest(), "--detailed", "--json").json
        return data["events"][0]["data"]["git"]

    project.ok("run", "--playbook", "one")
    assert recorded() == {"commit": head, "dirty": False}
    project.write("new", "x")
    project.ok("run", "--playbook", "one")
    assert recorded() == {"commit": head, "dirty": True}


def test_an_invalid_playbook_shows_every_error_with_its_place(project) -> None:
    project.playbook(
        "bad", "steps:\n  - nmae: one\n    command: /bin/true\n  - command: /nowhere x\n"
    )
    done = project("run", "--playbook", "bad")
    assert done.code == 2
    assert "playbooks/bad.yaml:2:5" in done.err
    assert "name" in done.err
    assert "Traceback" not in done.err


def test_an_unknown_command_is_found_before_anything_runs(project) -> None:
    project.playbook("bad", "steps:\n" + MARK.format("one") + "  - command: /infar deploy\n")
    project.command("infra", "#!/bin/sh\n")
    done = project("run", "--playbook", "bad")
    assert done.code == 2
    assert "/infra" in done.err
    assert "playbooks/bad.yaml:4" in done.err
    assert not (project.root / "effects").exists()


def test_secrets_reach_steps_and_no_file(project) -> None:
    text = "secrets:\n  - {name: api_key, source: environment, variable: API_KEY}\nsteps:\n"
    text += "  - name: use\n    env: {KEY: '${secrets.api_key}'}\n    shell: echo \"key $KEY\"\n"
    project.playbook("secret", text)
    done = project("run", "--playbook", "secret", env={"API_KEY": "s3cr3t-value"})
    assert done.code == 0, done
    assert "s3cr3t-value" not in done.out + project.ok("logs", project.newest()).out
    unset = project("run", "--playbook", "secret")
    assert unset.code == 2
    assert "API_KEY" in unset.err


def test_a_cached_run_loads_nothing_heavy(project) -> None:
    project.playbook("hello", HELLO)
    run = ("run", "--playbook", "hello", "--parameters", "who=ada")
    project.ok(*run)
    done = project(*run, env={"PYTHONPROFILEIMPORTTIME": "1"})
    loaded = {line.rpartition("|")[2].strip() for line in done.err.splitlines()}
    assert "orchestrate.cli.starting" in loaded
    heavy = {"yaml", "pydantic", "rich", "asyncio", "logging", "subprocess", "dataclasses"}
    assert heavy.isdisjoint(loaded)
