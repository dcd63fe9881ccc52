"""One story, told by the command line on one machine and on a cluster.

The same exit codes, the same states, the same outcomes of steps.
"""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cluster.conftest import Server
from cluster.preloaded import orchestrate
from cluster.test_cluster_verbs import Verbs

FLAKY = """
name: flaky
parameters: [{name: colour, type: string, default: red}]
steps:
  - {name: once, shell: "echo ${colour} >> PLACE/once"}
  - {name: broken, shell: "echo no luck; test -e PLACE/repaired"}
  - {name: last, shell: echo last}
"""
GATED = """
name: gated
steps:
  - {name: before, shell: echo before, checkpoint: ready}
  - {name: gate, type: approval, message: Go on?}
  - {name: after, shell: echo after}
"""


def story(repaired: Path) -> list[object]:
    """What every command came to."""
    told: list[object] = []

    def say(*words: str) -> str:
        done = orchestrate(words, repaired.parent)
        told.append((words, done.returncode))
        return done.stdout

    def state(workflow: str) -> None:
        shown = json.loads(say("status", "--workflow", workflow, "--json"))
        told.append([(s["path"], s["state"], s["attempts"]) for s in shown["steps"]])
        told.append((shown["state"], re.sub(r"\d+ s", "", shown["reason"])))

    ran = json.loads(say("run", "--playbook", "flaky", "--checkpoint", "--json"))["id"]
    state(ran)
    told.append(say("logs", ran))
    say("resume", "--workflow", ran, "--skip-failed", "--yes")
    state(ran)
    say("resume", "--workflow", ran)
    repaired.touch()
    again = json.loads(say("rerun", ran, "--json"))["id"]
    state(again)
    say("cancel", again)
    told.append([one["name"] for one in json.loads(say("checkpoints", again, "--json"))])
    for verb in ("analyze", "trace"):
        say(verb, "--workflow", again)
    waits = json.loads(say("run", "--playbook", "gated", "--json"))["id"]
    state(waits)
    say("complete", "--workflow", waits)
    say("complete", "--workflow", waits, "--force", "--reason", "good enough")
    state(waits)
    done = json.loads(say("audit", "--workflow", waits, "--json"))
    told.append([(e["action"], e.get("before"), e.get("after"), set(e["from"])) for e in done])
    say("status", "--workflow", "WF-2026-999")
    return told


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    return tmp_path


def test_a_story_is_the_same_on_one_machine_and_on_a_cluster(server: Server, place: Path):
    made = []
    for name in ("here", "there"):
        root = place / name
        verbs = Verbs(server, root)
        (root / "playbooks" / "flaky.yaml").write_text(FLAKY.replace("PLACE", str(root)))
        (root / "playbooks" / "gated.yaml").write_text(GATED)
        made.append(verbs)
    here, there = made
    (here.root / "orchestrate.toml").write_text("")
    try:
        there.worker()
        with ThreadPoolExecutor(2) as pool:
            stories = list(pool.map(lambda verbs: story(verbs.root / "repaired"), made))
    finally:
        there.close()
    assert stories[1] == stories[0]
