"""What travels: of any size, and encrypted where the project has keys."""

import base64
import os
import subprocess

import pytest
from cluster.conftest import Cluster
from cluster.preloaded import orchestrate

from orchestrate.cluster.connection import ClusterError
from orchestrate.cluster.storing.encryption import read_keys
from orchestrate.workflow.engine import Filter
from orchestrate.workflow.outcomes import State

ONE = base64.b64encode(b"1" * 32).decode()
TWO = base64.b64encode(b"2" * 32).decode()
LARGE = """
name: large
parameters:
  - {name: text}
steps:
  - {name: keep, type: set, variables: {kept: "${text}"}}
  - {name: count, shell: "echo counted"}
  - {name: check, type: assert, condition: "${kept | length} == 3000000"}
"""
FAILS = """
name: fails
steps:
  - {name: tell, shell: "echo a private matter"}
  - {name: fails, shell: "exit 3"}
"""


def histories(cluster: Cluster, workflow: str) -> bytes:
    """All that Temporal knows of a workflow, as it is stored."""
    engine = cluster.engine()
    handle = engine._reader.handle(engine._find(workflow))
    history = engine._connection.wait(handle.fetch_history())
    description = engine._connection.wait(handle.describe()).raw_description
    events = b"".join(event.SerializeToString() for event in history.events)
    return events + description.SerializeToString()


def test_values_larger_than_temporal_takes(cluster: Cluster):
    cluster.worker()
    engine = cluster.engine()
    text = "0123456789" * 300_000
    workflow, _ = engine.create(cluster.new(LARGE, parameters={"text": text}))
    assert engine.run(workflow).state is State.SUCCEEDED
    assert engine.get(workflow).parameters == {"text": text}
    assert len(histories(cluster, workflow)) < 100_000


def test_encrypted_nothing_but_names_can_be_read(cluster: Cluster):
    cluster.address = cluster.address._replace(keys=read_keys(ONE, "a test"))
    cluster.worker()
    engine = cluster.engine()
    workflow, _ = engine.create(cluster.new(FAILS))
    assert engine.run(workflow).state is State.FAILED
    assert [found.id for found in engine.find(Filter())] == [workflow]
    assert b"".join(piece.data for piece in engine.output(workflow)) == b"a private matter\n"
    stored = histories(cluster, workflow)
    assert b"private" not in stored
    assert b"exit 3" not in stored
    assert b"orchestrate-playbook" in stored


def test_keys_are_changed_one_after_another(cluster: Cluster):
    plain = cluster.address
    cluster.address = plain._replace(keys=read_keys(ONE, "a test"))
    worker = cluster.worker()
    first, _ = cluster.engine().create(cluster.new(FAILS))
    worker.stop()
    cluster.address = plain._replace(keys=read_keys(f"{TWO}\n{ONE}", "a test"))
    cluster.worker("two")
    engine = cluster.engine()
    assert engine.run(first).state is State.FAILED
    second, _ = engine.create(cluster.new(FAILS))
    assert engine.run(second).state is State.FAILED
    cluster.address = plain._replace(keys=read_keys(ONE, "a test"))
    with pytest.raises(ClusterError, match="another key"):
        cluster.engine().get(second)
    cluster.address = plain
    with pytest.raises(ClusterError, match="has no key"):
        cluster.engine().get(first)


class Project:
    """A folder whose workflows run on the cluster, encrypted."""

    def __init__(self, cluster: Cluster) -> None:
        self.root = cluster.root
        address = cluster.address
        (self.root / "playbooks").mkdir()
        (self.root / "playbooks" / "fails.yaml").write_text(FAILS)
        (self.root / "orchestrate.toml").write_text(
            f'[engine]\nkind = "cluster"\naddress = "{address.target}"\n'
            f'namespace = "{address.namespace}"\n[engine.encryption]\nkey_variable = "KEYS"\n'
        )

    def __call__(self, keys: str | None, *words: str) -> subprocess.CompletedProcess[str]:
        env = {name: value for name, value in os.environ.items() if name != "KEYS"}
        return orchestrate(words, self.root, env if keys is None else {**env, "KEYS": keys})


def test_a_wrong_key_is_found_out_before_anything_is_written(cluster: Cluster):
    project = Project(cluster)
    cluster.address = cluster.address._replace(keys=read_keys(ONE, "a test"))
    worker = cluster.worker()
    cluster.engine().create(cluster.new(FAILS))
    worker.stop()
    assert project(ONE, "doctor").returncode == 0
    for words in (
        ("doctor",),
        ("worker", "--name", "two"),
        ("run", "--playbook", "fails"),
        ("status",),
    ):
        done = project(TWO, *words)
        assert done.returncode != 0
        assert "was encrypted with another key" in done.stdout + done.stderr
    missing = project(None, "run", "--playbook", "fails")
    assert "KEYS is not set: it holds the keys" in missing.stderr
    short = project("c2hvcnQ=", "run", "--playbook", "fails")
    assert "KEYS holds a key of 5 bytes; it takes 32" in short.stderr
