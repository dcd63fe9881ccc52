"""Secrets in a whole workflow: fetched when they are needed; and what happens if none is given."""

import json
import signal
from collections.abc import Iterator

import pytest
from tests.acceptance.conftest import Project, wait_until
from vaults.server import Vault, closed_port

SPEC = """\
secrets:
  - name: database_password
    source: vault
    path: /secrets/prod/db
  - name: api_key
    source: environment
    variable: API_KEY
"""
STEPS = """\
steps:
  - name: before
    shell: echo begun >> effects
  - name: uses
    shell: |
      printf '%s' ${secrets.database_password} | wc -c | tr -d ' ' >> effects
      echo "${VAULT_TOKEN-none} ${API_KEY-none}" >> effects
  - name: after
    env: {KEY: "${secrets.api_key}"}
    shell: echo "$KEY" | tr a-z A-Z >> effects
""".replace("${VAULT_TOKEN-none} ${API_KEY-none}", "$${VAULT_TOKEN-none} $${API_KEY-none}")


@pytest.fixture
def vault(project: Project) -> Iterator[Vault]:
    server = Vault()
    server.kv1["prod/db"] = {"password": "hunter2222"}
    project.env |= {
        "VAULT_ADDR": server.start(),
        "VAULT_TOKEN": "root-token",
        "API_KEY": "abcdefgh",
    }
    project.playbook("deploy", SPEC + STEPS)
    yield server
    server.stop()


def settings(project: Project, text: str) -> None:
    project.write("orchestrate.toml", f"[secrets.vault]\n{text}\n")


def effects(project: Project) -> list[str]:
    return (project.root / "effects").read_text().splitlines()


def test_the_block_of_the_manual(project: Project, vault: Vault) -> None:
    project.ok("run", "--playbook", "deploy")
    assert effects(project) == ["begun", "10", "none none", "ABCDEFGH"]
    assert vault.asked.count("GET secrets/prod/db") == 1


def test_what_no_step_needs_is_not_fetched(project: Project, vault: Vault) -> None:
    project.ok("run", "--playbook", "deploy", "--only", "before")
    assert vault.asked == []


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("sealed", "is sealed. Unseal it: `vault operator unseal`."),
        ("denied", "denies it"),
        ("gone", "cannot be reached"),
    ],
)
def test_vault_gives_nothing_and_the_workflow_goes_on_later(
    project: Project, vault: Vault, fault: str, said: str
) -> None:
    settings(project, 'wait = "0s"\ntimeout = "60s"')
    right = dict(project.env)
    if fault == "sealed":
        vault.sealed = True
    elif fault == "denied":
        vault.tokens["small"] = ("narrow", None)
        project.env["VAULT_TOKEN"] = "small"
    else:
        project.env["VAULT_ADDR"] = f"http://127.0.0.1:{closed_port()}"
    failed = project("run", "--playbook", "deploy")
    assert failed.code == 1
    assert said in failed.out
    assert "secret `database_password` (secrets/prod/db)" in failed.out
    assert effects(project) == ["begun"]
    vault.sealed = False
    project.env = right
    project.ok("resume", "--workflow", "current")
    assert effects(project) == ["begun", "10", "none none", "ABCDEFGH"]


def test_trouble_that_passes_is_waited_out(project: Project, vault: Vault) -> None:
    vault.trouble = [503, 500, 429]
    project.ok("run", "--playbook", "deploy")
    assert effects(project) == ["begun", "10", "none none", "ABCDEFGH"]


def test_a_workflow_that_waits_for_vault_can_be_stopped(project: Project, vault: Vault) -> None:
    settings(project, 'timeout = "60s"')
    vault.delay = 20.0
    process = project.start("run", "--playbook", "deploy")
    wait_until(lambda: vault.asked or (project.root / "effects").exists())
    project.read_until(process, "uses")
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    project.finish(process)
    (found,) = project.ok("status", "--all", "--json").json
    assert found["state"] in ("cancelled", "paused")
    assert effects(project) == ["begun"]


def test_only_what_says_so_becomes_an_argument(project: Project, vault: Vault) -> None:
    project.command("show", '#!/bin/sh\necho "$1" | tr a-z A-Z > shown\n')
    steps = "steps:\n  - command: /show ${secrets.api_key}\n"
    project.playbook("open", SPEC + steps)
    refused = project("run", "--playbook", "open")
    assert refused.code == 2
    assert "secret-in-arguments" in refused.err
    assert 'env: {API_KEY: "${secrets.api_key}"}' in refused.err
    project.playbook("open", SPEC + "    allow_in_arguments: true\n" + steps)
    project.ok("run", "--playbook", "open")
    assert (project.root / "shown").read_text() == "ABCDEFGH\n"
    warned = project("validate", "--playbook", "open")
    assert "warning[secret-in-command-line]" in warned.out + warned.err


def test_dependencies_say_whether_secrets_are_there(project: Project, vault: Vault) -> None:
    project.playbook("deploy", SPEC + "  - {name: key, source: file, path: nowhere}\n" + STEPS)

    nowhere, absent = project.root / "nowhere", "No such file or directory"

    def found(*words: str) -> dict[str, tuple[str, str]]:
        done = project("validate", "--playbook", "deploy", "--dependencies", "--json", *words)
        (report,) = json.loads(done.out)["playbooks"]
        listed = [each for each in report["dependencies"] if each["kind"] == "secret"]
        return {each["name"]: (each["status"], each["detail"]) for each in listed}

    assert found() == {
        "database_password": ("found", "from vault"),
        "api_key": ("found", "from environment"),
        "key": (
            "missing",
            f"secret `key` comes from the file {nowhere}, which cannot be read: {absent}",
        ),
    }
    assert found("--offline")["database_password"] == ("unchecked", "not asked (--offline)")
