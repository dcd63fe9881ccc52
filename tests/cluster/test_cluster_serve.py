"""`serve` on a cluster: HTTP and files reach Temporal through it; workers start what they say."""

import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster.conftest import Server
from cluster.test_cluster_schedules import Site
from polling import eventually

HOOKED = """
parameters: [{name: ref}]
triggers:
  - {type: webhook, url: "https://ops.example.com/hook", signature: none,
     parameters: {ref: "${body.ref}"}}
steps: [{shell: "echo hook ${ref} >> $SITE/effects"}]
"""
WATCHES = """
parameters: [{name: file}]
triggers: [{type: file, path: "incoming/*.csv", settle: 0s, parameters: {file: "${file.name}"}}]
steps: [{shell: "echo file ${file} >> $SITE/effects"}]
"""


@pytest.fixture
def site(server: Server, tmp_path: Path) -> Iterator[Site]:
    made = Site(server, tmp_path)
    yield made
    made.close()


def said(site: Site, what: str) -> list[dict[str, str]]:
    lines = (site.root / "daemon").read_text().splitlines()
    entries = [json.loads(line) for line in lines if line.startswith("{")]
    return [entry for entry in entries if entry["what"] == what]


def get(address: str, data: bytes | None = None, **headers: str) -> tuple[int, str]:
    request = urllib.request.Request(f"http://{address}", data, headers)
    with urllib.request.urlopen(request, timeout=120) as answer:
        return answer.status, answer.read().decode()


def test_webhooks_events_and_files_start_workflows_of_the_cluster(site: Site):
    site.playbook("hooked", HOOKED)
    site.playbook("watches", WATCHES)
    (site.root / "incoming").mkdir()
    site.worker()
    with (site.root / "daemon").open("w") as log:
        daemon = subprocess.Popen(
            [sys.executable, "-m", "orchestrate", "serve", "--listen", "127.0.0.1:0",
             "--log-format", "json"],
            cwd=site.root, env={**site.env, "ORCHESTRATE_EVENTS_TOKEN": "let-me-in"}, stderr=log,
        )  # fmt: skip
    site.workers.append(daemon)
    address = eventually(lambda: said(site, "listening"), "the daemon")[0]["address"]
    hook = json.dumps({"ref": "v7"}).encode()
    headers = {"Content-Type": "application/json", "Idempotency-Key": "one"}
    first = get(f"{address}/hook", hook, **headers)
    assert get(f"{address}/hook", hook, **headers) == first == (202, first[1])
    event = {"specversion": "1.0", "id": "7", "source": "m", "type": "nothing"}
    told = get(
        f"{address}/events", json.dumps(event).encode(),
        **{"Content-Type": "application/cloudevents+json", "Authorization": "Bearer let-me-in"},
    )  # fmt: skip
    assert (told[0], json.loads(told[1])) == (202, {"accepted": 1, "repeated": 0})
    (site.root / "incoming" / "a.csv").write_text("1\n")
    effects = site.root / "effects"
    eventually(
        lambda: effects.exists() and set(effects.read_text().splitlines())
        == {"hook v7", "file a.csv"},
        "both workflows",
    )  # fmt: skip
    eventually(lambda: site.json("emit", "--list-unmatched"), "what nobody wanted")
    assert [one["event"]["id"] for one in site.json("emit", "--list-unmatched")] == ["7"]
    actors = sorted(one["actor"] for one in site.json("status", "--all"))
    assert actors == ["trigger hooked/1", "trigger watches/1"]
    assert 'orchestrate_inbox_events{state="unmatched"} 1' in site("metrics")
    assert 'orchestrate_inbox_events{state="unmatched"} 1' in get(f"{address}/metrics")[1]
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(120) == 0
