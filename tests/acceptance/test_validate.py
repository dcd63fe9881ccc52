"""`orchestrate validate` as people and pipelines call it."""

import json
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestrate.workflow.rehearsal.rules import RULES

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "webapp"
TIDY = "name: tidy\ndescription: Tidy up\nsteps:\n  - command: /bin/true\n"
WRONG = "description: x\nsteps:\n  - comand: /bin/true\n    timeout: 5 minuts\n"
RETRY = "description: x\nsteps:\n  - command: /bin/true\n    retry: 2\n"


@pytest.fixture
def webapp(tmp_path: Path, project_in) -> Any:
    root = tmp_path / "webapp"
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.rmtree(root / "run", ignore_errors=True)
    return project_in(root)


def test_a_right_playbook(project) -> None:
    project.playbook("tidy", TIDY)
    done = project.ok("validate", "--playbook", "tidy")
    assert done.out == "✓ playbooks/tidy.yaml in dev: valid\n"


def test_all_errors_at_once_with_lines_and_hints(project) -> None:
    project.playbook("wrong", WRONG)
    done = project("validate", "--playbook", "wrong")
    assert done.code == 2
    assert "playbooks/wrong.yaml:3:5: error[unknown-key]: a step has no key `comand`" in done.out
    assert "  = did you mean `command`?" in done.out
    assert "playbooks/wrong.yaml:4:14: error[wrong-type]" in done.out
    assert done.out.endswith("✗ playbooks/wrong.yaml in dev: 2 errors\n")
    assert done.err == ""


def test_warnings_do_not_fail_unless_strict(project) -> None:
    project.playbook("again", RETRY)
    done = project.ok("validate", "--playbook", "again")
    assert "playbooks/again.yaml:4:5: warning[retry-not-idempotent]" in done.out
    assert project("validate", "--playbook", "again", "--strict").code == 2
    project.write("orchestrate.toml", '[lint]\nignore = ["retry-not-idempotent"]\n')
    project.ok("validate", "--playbook", "again", "--strict")


def test_notes_are_never_strict(project) -> None:
    project.playbook("plain", "steps: [{command: /bin/true}]")
    done = project.ok("validate", "--playbook", "plain", "--strict")
    assert done.out.endswith("✓ playbooks/plain.yaml in dev: 1 note\n")


def test_a_run_shows_no_lint_warnings(project) -> None:
    project.playbook("again", RETRY)
    assert "retry-not-idempotent" not in project.ok("run", "--playbook", "again").err


def test_an_unknown_rule_in_the_settings_names_the_nearest(project) -> None:
    project.playbook("tidy", TIDY)
    project.write("orchestrate.toml", '[lint]\nignore = ["unreachabel"]\n')
    done = project("validate", "--playbook", "tidy")
    assert done.code == 2
    assert "there is no rule `unreachabel`" in done.err
    assert "Did you mean `unreachable`?" in done.err
    assert "orchestrate.toml:2:1" in done.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 2, "which playbook shall be checked?"),
        (["--playbook", "tidyy"], 3, "there is no playbook tidyy"),
        (["--playbook", "tidy", "--all"], 2, "exclude each other"),
        (["--playbook", "tidy", "--offline"], 2, "--offline belongs to --dependencies"),
        (["--playbook", "tidy", "--network-timeout", "1"], 2, "belongs to --dependencies"),
        (["--playbook", "tidy", "--json", "--format", "sarif"], 2, "--json contradicts"),
        (["--playbook", "tidy", "--format", "xml"], 2, "'xml' is not one of"),
        (["--explain", "unreachabel"], 3, "Did you mean unreachable?"),
        (["--explain", "require-rolback"], 3, "Did you mean require-rollback?"),
        (["--explain", "unreachable", "--json"], 2, "--explain stands alone"),
        (["tidy", "--playbook", "other"], 2, "name one playbook"),
        (["--playbook", "tidy", "--environment", "nowhere"], 3, "there is no environment"),
    ],
)
def test_wrong_calls_say_what_to_do(project, words: list[str], code: int, said: str) -> None:
    project.playbook("tidy", TIDY)
    project.write("environments/dev.yaml", "")
    done = project("validate", *words)
    assert (done.code, done.out) == (code, "")
    assert said in done.err


def test_a_call_without_a_playbook_lists_them(project) -> None:
    project.playbook("tidy", TIDY)
    assert "\n      tidy\n" in project("validate").err


def test_an_explanation_needs_no_project(project, tmp_path: Path) -> None:
    done = project("validate", "--explain", "unreachable", cwd=tmp_path)
    assert done.code == 0
    assert done.out.startswith("unreachable (warning): steps can never run\n")
    assert "# orchestrate: ignore unreachable" in done.out


@pytest.mark.parametrize("rule", list(RULES))
def test_rules_for_failures_are_explained(project, rule: str) -> None:
    done = project.ok("validate", "--explain", f"require-{rule}")
    assert done.out.startswith(f"require-{rule} (error): ")
    assert f"--simulate --failures --require {rule}\n" in done.out


def test_values_of_required_parameters_are_not_needed(project) -> None:
    project.playbook("asks", "description: x\nparameters: [{name: who}]\n"
                             "steps: [{command: '/bin/echo ${who}'}]")  # fmt: skip
    project.ok("validate", "--playbook", "asks")


PLACED = """\
description: x
environments: [staging]
parameters: [{name: size, type: integer, max: 5}]
steps: [{command: "/deploy ${size}"}]
"""


def test_an_environment_brings_values_commands_and_protection(project) -> None:
    project.playbook("placed", PLACED)
    staging = "commands: {deploy: {argv: [/bin/true]}}\nparameters: {size: 3}\nprotected: true\n"
    project.write("environments/staging.yaml", staging)
    project.write("environments/production.yaml", "parameters: {size: 9}\n")
    done = project.ok("validate", "--playbook", "placed", "--environment", "staging")
    assert done.out == "✓ playbooks/placed.yaml in staging (protected): valid\n"
    assert project.ok("validate", "--playbook", "placed").out == done.out

    refused = project("validate", "--playbook", "placed", "--environment", "production")
    assert refused.code == 2
    assert "2:1: error[wrong-environment]: placed may not run in production" in refused.out
    assert "error[bad-value]: `size` cannot be 9" in refused.out
    assert "error[command-not-found]: there is no command `/deploy`" in refused.out


def test_a_program_that_is_not_here_is_a_warning_until_this_machine_is_asked_about(project) -> None:
    project.playbook("other", "description: x\nsteps: [{command: no-such-program-anywhere}]")
    done = project.ok("validate", "--playbook", "other")
    assert "warning[command-not-found]" in done.out
    assert project("validate", "--playbook", "other", "--dependencies").code == 2


def test_the_whole_library(project) -> None:
    project.playbook("tidy", TIDY)
    project.playbook("wrong", WRONG)
    project.playbook("deep/again", RETRY)
    project.playbook("tests/tidy", "- scenario: x\n  expect: {state: succeeded}\n")
    done = project("validate", "--all")
    assert done.code == 2
    assert done.out.endswith("3 playbooks, 1 invalid: 2 errors, 1 warning\n")


def test_the_whole_library_in_an_environment_where_not_all_may_run(project) -> None:
    project.playbook("tidy", TIDY)
    project.playbook("placed", "environments: [staging]\n" + TIDY)
    done = project.ok("validate", "--all", "--environment", "production")
    assert "playbooks/tidy.yaml in production: valid" in done.out
    assert "playbooks/placed.yaml in staging: valid" in done.out


def test_json(project) -> None:
    project.playbook("wrong", WRONG)
    done = project("validate", "--playbook", "wrong", "--json")
    found = done.json
    assert (done.code, found["valid"], found["errors"], found["warnings"]) == (2, False, 2, 0)
    (playbook,) = found["playbooks"]
    assert (playbook["file"], playbook["environment"]) == ("playbooks/wrong.yaml", "dev")
    assert playbook["name"] == "wrong"
    finding = playbook["findings"][0]
    assert (finding["rule"], finding["line"], finding["column"], finding["length"]) == (
        "unknown-key", 3, 5, 6,
    )  # fmt: skip
    assert finding["hint"] == "did you mean `command`?"
    assert project("validate", "--playbook", "wrong", "--format", "json").json == found


def test_a_playbook_with_errors_has_the_name_that_it_gives_itself(project) -> None:
    project.playbook("wrong", "name: tidy-up\n" + WRONG)
    project.playbook("no-yaml", "name: [")
    found = project("validate", "--all", "--json").json["playbooks"]
    assert [(each["name"], each["valid"]) for each in found] == [
        ("no-yaml", False), ("tidy-up", False),
    ]  # fmt: skip


def test_two_webhooks_with_one_path_are_named_both(project) -> None:
    text = (
        "triggers:\n  - {type: webhook, url: /hooks/deploy, signature: none}\n"
        "steps: [{command: /bin/true}]\n"
    )
    project.playbook("first", text)
    project.playbook("second", text)
    done = project("validate", "--all")
    assert done.code == 2
    assert "playbooks/second.yaml:2:5: error[webhook-path-taken]" in done.out
    assert "the webhook at playbooks/first.yaml:2:5 has the path /hooks/deploy already" in done.out
    project.playbook("second", text.replace("url:", "enabled: false, url:"))
    assert project("validate", "--all").code == 0


def test_github_annotations(project) -> None:
    project.playbook("again", RETRY.replace("/bin/true", "100%,x"))
    done = project("validate", "--playbook", "again", "--format", "github")
    missing, retry = done.out.splitlines()
    assert missing.startswith(
        "::warning file=playbooks/again.yaml,line=3,col=14,endColumn=15,title=command-not-found"
        "::there is no program `100%25,x` on PATH%0A"
    )
    assert retry.startswith("::warning file=playbooks/again.yaml,line=4,col=5,endColumn=10,")


def test_sarif(project) -> None:
    project.playbook("a b", WRONG)
    project.playbook("again", RETRY)
    log = project("validate", "--all", "--format", "sarif").json
    assert (log["version"], log["$schema"].rpartition("/")[2]) == ("2.1.0", "sarif-2.1.0.json")
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "orchestrate"
    assert [rule["id"] for rule in driver["rules"]] == [
        "unknown-key", "wrong-type", "retry-not-idempotent",
    ]  # fmt: skip
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        assert result["message"]["text"]
        (location,) = result["locations"]
        region = location["physicalLocation"]["region"]
        assert 0 < region["startColumn"] < region["endColumn"]
    where = run["results"][0]["locations"][0]["physicalLocation"]
    assert where["artifactLocation"] == {"uri": "playbooks/a%20b.yaml"}
    assert where["region"] == {"startLine": 3, "startColumn": 5, "endColumn": 11}


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


NEEDY = """\
description: x
timeout: 1h
parameters: [{{name: extra, default: x}}]
secrets: [{{name: token, source: environment, variable: NEEDY_TOKEN}}]
steps:
  - shell: no-such-program-anywhere ${{extra}}
    workdir: nowhere
  - command: /bin/echo ${{env.NEEDY_REGION}} ${{NEEDY_OPTION | default("none")}}
    env: {{TOKEN: "${{secrets.token}}"}}
  - command: /monitor health webb
  - command: /test run --suite smok
  - command: /backup create --set data
  - command: /notify temm --message done
  - command: /bin/echo http://127.0.0.1:{port}/x http://127.0.0.1:1/y http://no.invalid/
"""
SETTINGS = """\
[checks.web]
type = "tcp"
host = "127.0.0.1"
port = 1
[test.suites.smoke]
command = ["true"]
"""


def test_everything_that_a_playbook_needs_is_looked_for(project, listening: int) -> None:
    project.write("orchestrate.toml", SETTINGS)
    project.playbook("needy", NEEDY.format(port=listening))
    call = ("validate", "--playbook", "needy", "--dependencies", "--json")
    done = project(*call, env={"NEEDY_TOKEN": "hunter2222"})
    assert done.code == 2
    (playbook,) = done.json["playbooks"]
    found = {(each["kind"], each["name"]): each["status"] for each in playbook["dependencies"]}
    assert found == {
        ("program", "no-such-program-anywhere"): "missing",
        ("directory", "nowhere"): "missing",
        ("program", "/bin/echo"): "found",
        ("command", "/monitor"): "found",
        ("check", "webb"): "missing",
        ("command", "/test"): "found",
        ("suite", "smok"): "missing",
        ("command", "/backup"): "found",
        ("backup set", "data"): "missing",
        ("command", "/notify"): "found",
        ("notification", "temm"): "missing",
        ("variable", "NEEDY_REGION"): "missing",
        ("secret", "token"): "found",
        ("host", f"http://127.0.0.1:{listening}"): "found",
        ("host", "http://127.0.0.1:1"): "missing",
        ("host", "http://no.invalid:80"): "missing",
    }
    told = [each for each in playbook["findings"] if each["rule"] == "missing-dependency"]
    assert [each["severity"] for each in told].count("warning") == 1
    assert ("check `webb`: there is no [checks.webb]", "Did you mean `web`?") in [
        (each["message"], each["hint"]) for each in told
    ]
    assert "hunter2222" not in done.out + done.err


def test_what_is_there_is_listed(project) -> None:
    project.playbook("tidy", TIDY)
    done = project.ok("validate", "--playbook", "tidy", "--dependencies")
    assert done.out.splitlines()[0] == "✓ program  /bin/true  /bin/true"


def test_offline_asks_nobody(project) -> None:
    project.playbook("asks", f"{TIDY}  - command: /bin/echo http://127.0.0.1:1/\n")
    call = ("validate", "--playbook", "asks", "--dependencies")
    assert project(*call).code == 2
    done = project.ok(*call, "--offline")
    assert "? host     http://127.0.0.1:1  not asked (--offline)" in done.out


def test_hosts_of_mappings_and_checks_are_asked(project, listening: int) -> None:
    project.write(
        "orchestrate.toml",
        f'[commands.far]\nssh = "ada@127.0.0.1:{listening}"\nargv = ["uptime"]\n'
        '[commands.other]\nplaybook = "tidy"\narguments = ["unknown"]\n'
        f'[checks.up]\ntype = "tcp"\nhost = "127.0.0.1"\nport = {listening}\n'
        '[checks.down]\ntype = "http"\nurl = "http://127.0.0.1:1/health"\n',
    )
    project.playbook("tidy", TIDY)
    project.playbook("asks", "description: x\ntimeout: 1h\nsteps:\n  - command: /far\n"
                             "  - command: /monitor health\n  - command: /other\n")  # fmt: skip
    done = project("validate", "--playbook", "asks", "--dependencies", "--json")
    (playbook,) = done.json["playbooks"]
    found = {each["name"]: (each["status"], each["detail"]) for each in playbook["dependencies"]}
    assert found[f"ssh ada@127.0.0.1:{listening}"] == ("found", "answers")
    assert found["http://127.0.0.1:1"] == ("missing", "Connection refused")
    assert found["tidy"][0] == "missing"
    assert "it has no parameter `unknown`" in found["tidy"][1]


def test_the_example_of_the_manual_for_an_environment(webapp) -> None:
    done = webapp.ok("validate", "--playbook", "deploy-web-app", "--environment", "production")
    assert done.out == "✓ playbooks/deploy-web-app.yaml in production: valid\n"
    webapp.write("environments/production.yaml", "parameters: {version: 2}\n")
    wrong = webapp("validate", "--playbook", "deploy-web-app", "--environment", "production")
    assert wrong.code == 2
    assert "`version` must be text, not 2" in wrong.out


def test_the_example_validates_without_a_word(webapp) -> None:
    for environment in ("dev", "staging", "production"):
        done = webapp.ok("validate", "--all", "--strict", "--environment", environment)
        assert done.out.splitlines()[-1] == "10 playbooks, all valid"


def test_the_dependencies_of_the_example_of_the_manual(webapp) -> None:
    done = webapp.ok("validate", "--playbook", "disaster-recovery", "--dependencies")
    for line in ("command /infra commands/infra", "suite disaster-recovery",
                 "backup target dr-site", "check data"):  # fmt: skip
        assert line in " ".join(done.out.split()), line
    (webapp.root / "commands" / "infra").chmod(0o644)
    refused = webapp("validate", "--playbook", "disaster-recovery", "--dependencies")
    assert refused.code == 2
    assert "infra is not executable" in refused.out


def test_ten_thousand_steps_are_checked(project) -> None:
    steps = "".join(
        f"  - name: step-{n}\n    command: /bin/echo {n} ${{run.id}}\n" for n in range(10_000)
    )
    project.playbook("large", f"description: x\nsteps:\n{steps}")
    done = project.ok("validate", "--playbook", "large", "--json")
    assert json.loads(done.out)["valid"]


def test_environments_that_do_not_exist(project) -> None:
    project.write("environments/staging.yaml", "")
    listed = "description: x\nenvironments: [stagin, staging]\nsteps: [{command: /bin/true}]\n"
    project.playbook("listed", listed)
    done = project.ok("validate", "--playbook", "listed")
    assert "2:16: warning[unknown-environment]: there is no environment `stagin`" in done.out
    assert done.out.endswith("✓ playbooks/listed.yaml in staging: 1 warning\n")

    default = "parameters: [{name: environment, default: stagin}]\n"
    project.playbook("default", default + TIDY)
    done = project("validate", "--all")
    assert done.code == 2
    assert "1:43: error[unknown-environment]: there is no environment `stagin`" in done.out
    assert "Did you mean `staging`?" in done.out
    assert "playbooks/listed.yaml" in done.out


def test_the_example_of_the_manual_for_dependencies_and_a_simulation(webapp) -> None:
    done = webapp.ok("validate", "--playbook", "disaster-recovery", "--dependencies", "--simulate")
    assert "✓ suite          disaster-recovery  [test.suites.disaster-recovery]" in done.out
    assert "usually: assess-damage, initiate-failover, restore-data, validate-recovery" in done.out
    assert not (webapp.root / ".orchestrate").exists()
