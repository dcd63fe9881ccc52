"""No secret is found anywhere but in the memory of the step that was handed it.

Steps let out random secrets in every encoding, in output, in results, in failures and retries,
across `kill -9` and resume; then all that was written or shown is searched for each of these forms,
and so is what others were sent: traces, notifications, metrics.
"""

import base64
import html
import json
import os
import secrets
import shlex
import signal
import subprocess
import sys
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.acceptance.conftest import Project, wait_until
from vaults.server import Vault
from vendors.datadog import Datadog
from vendors.hooks import SECRET, Hooks
from vendors.jira import Jira
from vendors.serving import Reply, Request, Vendor
from vendors.slack import Slack

from orchestrate.embedded import presence
from orchestrate.embedded.delivering.starting import LOCK

LEAK = """\
import base64, json, os, shlex, sys, time, urllib.parse
value = os.environ["VALUE"]
raw = value.encode()
shown = [value, base64.b64encode(raw).decode(), base64.b64encode(b"u:" + raw).decode(),
         base64.urlsafe_b64encode(b"x" + raw).decode(), raw.hex(), raw.hex().upper(),
         urllib.parse.quote(value, safe=""), shlex.quote(value), json.dumps(value),
         base64.encodebytes(raw * 3).decode(), *value.splitlines()]
for stream in (sys.stdout, sys.stderr):
    for text in shown:
        for start in range(0, len(text), 7):  # in pieces
            stream.write(text[start:start + 7])
            stream.flush()
        stream.write("\\n")
with open(os.environ["ORCHESTRATE_OUTPUT"], "w") as output:
    output.write("raw=" + value.replace("\\n", " ") + "\\n")
    output.write("coded=" + base64.b64encode(raw).decode() + "\\n")
    output.write("broken line of " + value.splitlines()[0] + "\\n")
"""
PLAYBOOK = """\
name: canary
secrets:
  - {name: variable, source: environment, variable: CANARY}
  - {name: file, source: file, path: key}
  - name: vault
    source: vault
    path: /secrets/prod/db
parameters:
  - {name: code, secret: true}
steps:
  - name: variable
    env: {VALUE: "${secrets.variable}"}
    command: PYTHON leak.py
  - name: file
    env: {VALUE: "${secrets.file}"}
    command: PYTHON leak.py
  - name: vault
    env: {VALUE: "${secrets.vault}"}
    command: PYTHON leak.py
  - name: spoken
    env: {VALUE: "${code}"}
    shell: PYTHON leak.py && echo "said ${vault.output.raw} ${file.stdout}"
  - name: failing
    env: {VALUE: "${secrets.vault}"}
    shell: PYTHON leak.py; test -f again || { touch again; exit 3; }
    retry: 2
  - name: keeps
    shell: printf '%s' ${secrets.vault} ${secrets.file} > kept; chmod 600 kept
  - name: waits
    shell: echo $$ > waiting; while test ! -f go; do sleep 0.05; done; cat kept; rm kept
  - name: fails
    continue_on_error: true
    env: {VALUE: "${secrets.vault}"}
    shell: PYTHON leak.py; exit 7
on_success:
  - command: /bin/echo "${vault.output.raw}" "${failing.stderr}"
"""


def forms(value: str) -> Iterator[bytes]:
    raw = value.encode()
    yield from (raw, base64.b64encode(raw), base64.urlsafe_b64encode(raw), raw.hex().encode())
    yield from (base64.b64encode(b"u:" + raw)[4:-4], base64.b64encode(b"x" + raw)[4:-4])
    yield from (raw.hex().upper().encode(), urllib.parse.quote(value, safe="").encode())
    yield from (shlex.quote(value)[1:-1].encode(), json.dumps(value)[1:-1].encode())
    yield from (html.escape(value).encode(), json.dumps(value, ensure_ascii=False)[1:-1].encode())
    yield from (line.encode() for line in value.splitlines() if len(line) > 3)


def assert_clean(text: bytes, values: list[str], where: str) -> None:
    flat = text.replace(b"\n", b"")
    for number, value in enumerate(values):
        for form in forms(value):
            assert form not in text, f"secret {number} is in {where}"
            assert form not in flat, f"secret {number} is in {where}, over several lines"


def own_processes(root: Path) -> Iterator[Path]:
    """Engine, supervisor and slots that work for the project: not what the steps started."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if (entry / "cwd").resolve() == root or str(root).encode() in (
                entry / "cmdline"
            ).read_bytes():
                yield entry
        except OSError:
            continue


@pytest.fixture
def vault() -> Iterator[Vault]:
    server = Vault()
    yield server
    server.stop()


def test_no_secret_is_left_anywhere(project: Project, vault: Vault) -> None:
    values = [
        secrets.token_urlsafe(18),
        f"-----KEY-----\n{secrets.token_urlsafe(30)}\n{secrets.token_urlsafe(30)}\n-----END-----",
        f"p'ä$s\\ {secrets.token_urlsafe(12)} \"&/",
        secrets.token_urlsafe(14),
    ]
    variable, file, lent, typed = values
    vault.kv1["prod/db"] = {"password": lent}
    project.env |= {
        "CANARY": variable,
        "VAULT_ADDR": vault.start(),
        "VAULT_TOKEN": "root-token",
    }
    # What the test itself writes lies outside of the project, or is the file of the secret.
    key = project.root.parent / "key"
    key.write_text(file + "\n")
    key.chmod(0o600)
    project.write("leak.py", LEAK)
    text = PLAYBOOK.replace("PYTHON", sys.executable).replace("path: key", f"path: {key}")
    project.playbook("canary", text)
    said = bytearray()

    typed_file = project.write("typed.yaml", f"code: {json.dumps(typed)}\n")
    told = project.root.parent / "told"
    words = ("run", "--playbook", "canary", "--parameters", "@typed.yaml", "--debug")
    with told.open("wb") as stream:
        run = subprocess.Popen(
            project.words(*words),
            cwd=project.root,
            env=project.env,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
        )
    wait_until((project.root / "waiting").exists)
    for process in own_processes(project.root):
        try:
            words = (process / "cmdline").read_bytes()
            environment = (process / "environ").read_bytes()
        except OSError:
            continue
        assert_clean(words, values, f"{process}/cmdline")
        # The engine has what its starter gave it; nothing hands that on.
        given = 1 if process.name == str(run.pid) else 0
        if b"ORCHESTRATE_STEP=" not in environment:
            assert_clean(environment, values[given:], f"{process}/environ")
    os.kill(run.pid, signal.SIGKILL)
    run.wait(timeout=120)
    said += told.read_bytes()
    workflow = project("status", "--all", "--json").json[0]["id"]
    project.write("go", "")
    parameters = ("--parameters", "@typed.yaml")
    done = project("resume", "--workflow", workflow, *parameters)
    said += (done.out + done.err).encode()
    assert done.code == 0, done.err
    typed_file.unlink()
    for verb in (
        ("status", "--workflow", workflow, "--detailed"),
        ("status", "--workflow", workflow, "--json"),
        ("logs", "--workflow", workflow),
        ("validate", "--playbook", "canary", "--dependencies"),
        ("library", "--show", "canary"),
        ("library", "--export", "canary", "--output", "canary.tar.gz"),
        ("doctor",),
    ):
        done = project(*verb)
        said += (done.out + done.err).encode()
    assert said.count(b"***") > 50
    assert_clean(bytes(said), values, "what was shown")
    for path in project.root.rglob("*"):
        if path.is_file():
            assert_clean(path.read_bytes(), values, str(path))
    assert vault.asked.count("GET secrets/prod/db") == 3, "first use, after resume, validate"


LOUD = """\
name: loud
description: Tells everybody
secrets:
  - {name: variable, source: environment, variable: CANARY}
  - {name: file, source: file, path: KEYFILE}
  - {name: vault, source: vault, path: /secrets/prod/db}
integrations:
  - {type: slack, webhook: "${SLACK_WEBHOOK}", events: [start, success, failure, recovery]}
  - {type: jira, project: OPS, create_issue_on_failure: true}
  - {type: datadog, api_key: "${DATADOG_API_KEY}", track_metrics: true}
  - {type: webhook, url: "${HOOK_URL}", secret: "${HOOK_SECRET}"}
  - {type: notify, url: "${NOTIFY_URL}"}
steps:
  - name: speaks
    type: deployment
    env: {VALUE: "${secrets.vault}", OTHER: "${secrets.variable}"}
    shell: PYTHON leak.py; echo "$OTHER" | rev | rev
    retry: 1
  - name: repeats
    command: /bin/echo ${speaks.output.raw} ${speaks.stdout}
  - name: fails
    env: {VALUE: "${secrets.file}"}
    shell: PYTHON leak.py; cat >&2 KEYFILE; exit 7
"""


class Everything(Vendor):
    """Takes whatever comes, as a collector of traces and a mail gateway would."""

    def answer(self, request: Request) -> Reply:
        return Reply(200, {})


def test_no_secret_is_sent_exported_or_measured(project: Project, vault: Vault) -> None:
    values = [
        secrets.token_urlsafe(18),
        f"-----KEY-----\n{secrets.token_urlsafe(30)}\n-----END-----",
        f"p'ä$s\\ {secrets.token_urlsafe(12)} \"&/<",
    ]
    vault.kv1["prod/db"] = {"password": values[2]}
    vendors = slack, jira, datadog, hooks, rest = (
        Slack(), Jira(), Datadog(), Hooks(), Everything(),
    )  # fmt: skip
    for vendor in vendors:
        vendor.start()
    key = project.root.parent / "key"
    key.write_text(values[1] + "\n")
    key.chmod(0o600)
    project.env |= {
        "CANARY": values[0], "VAULT_ADDR": vault.start(), "VAULT_TOKEN": "root-token",
        "SLACK_WEBHOOK": slack.webhook, "DATADOG_API_KEY": datadog.key, "JIRA_URL": jira.address,
        "JIRA_USER": jira.user, "JIRA_TOKEN": jira.token, "HOOK_URL": f"{hooks.address}/hook",
        "HOOK_SECRET": SECRET, "NOTIFY_URL": rest.address.replace("http", "json") + "/notify",
        "OTEL_EXPORTER_OTLP_ENDPOINT": rest.address,
    }  # fmt: skip
    project.write(
        "orchestrate.toml",
        f'[integrations.datadog]\nurl = "{datadog.address}"\n[metrics]\ntextfile = "out.prom"\n',
    )
    project.write("leak.py", LEAK)
    project.playbook("loud", LOUD.replace("PYTHON", sys.executable).replace("KEYFILE", str(key)))
    done = project("run", "--playbook", "loud")
    assert done.code == 1, done.err
    said = bytearray((done.out + done.err).encode())
    wait_until(lambda: not waiting(project), "all deliveries")
    wait_until(lambda: not presence.is_present(project.root / ".orchestrate", LOCK), "the courier")
    workflow = project.newest()
    for words in (
        ("trace", workflow), ("trace", workflow, "--json"),
        ("trace", workflow, "--export", "-"),
        ("trace", workflow, "--export", "-", "--format", "chrome"),
        ("trace", workflow, "--export", "-", "--format", "folded"),
        ("analyze", workflow), ("analyze", workflow, "--json"),
        ("analyze", workflow, "--html", "-"),
        ("metrics",),
        ("deliveries", "--all", "--json"), ("graph", "--workflow", workflow), ("audit", "--json"),
        ("audit", "export", "--format", "jsonl"), ("audit", "export", "--format", "cef"),
    ):  # fmt: skip
        done = project(*words)
        assert done.code == 0, f"{words}: {done.err}"
        assert len(done.out) > 20, words
        said += (done.out + done.err).encode()
    assert_clean(bytes(said), values, "what was shown or exported")
    for vendor in vendors:
        assert vendor.asked, vendor
        for request in vendor.asked:
            sent = request.path.encode() + repr(request.headers).encode() + request.body
            assert_clean(sent, values, f"what {type(vendor).__name__} was sent")
    kinds = {request.path for request in rest.asked}
    assert kinds >= {"/v1/traces", "/notify"}
    assert b"***" in b"".join(request.body for request in slack.asked)
    for path in project.root.rglob("*"):
        if path.is_file():
            assert_clean(path.read_bytes(), values, str(path))
    for vendor in vendors:
        vendor.stop()


def waiting(project: Project) -> list[str]:
    """Deliveries that wait."""
    found = project.ok("deliveries", "--json").json
    return [one["integration"] for one in found if one["state"] == "waiting"]
