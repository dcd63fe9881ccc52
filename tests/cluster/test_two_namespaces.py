"""One state directory, one name of a worker, two namespaces whose workflows have the same ids."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster.conftest import Cluster, Server
from polling import PATIENCE, eventually

from orchestrate.cluster.engine import ClusterEngine
from orchestrate.workflow.outcomes import State

HERE = """
name: here
steps:
  - shell: "echo of the one; touch $ROOT/begun; until test -e $ROOT/go; do sleep 0.05; done"
"""
THERE = "name: there\nsteps: [{shell: echo of the other}]\n"


@pytest.fixture
def clusters(server: Server, tmp_path: Path) -> Iterator[tuple[Cluster, Cluster]]:
    one, other = Cluster(server, tmp_path), Cluster(server, tmp_path)
    yield one, other
    other.close()
    one.close()


def written(engine: ClusterEngine, workflow: str) -> bytes:
    return b"".join(piece.data for piece in engine.output(workflow))


def test_what_a_worker_keeps_of_one_namespace_is_not_mixed_with_that_of_another(
    clusters: tuple[Cluster, Cluster],
):
    one, other = clusters
    first = one.process("w")
    here, there = one.engine(), other.engine()
    workflow = one.begin(here, HERE)
    eventually(one.path("begun").exists, "the step")
    second = other.process("w")  # beside the first one
    same, _ = there.create(other.new(THERE))
    assert same == workflow
    assert there.run(same).state is State.SUCCEEDED
    assert written(there, same) == b"of the other\n"
    first.terminate()
    first.wait(PATIENCE)
    one.path("go").touch()
    one.process("w")
    eventually(lambda: here.get(workflow).state is State.SUCCEEDED, "the end of the step")
    assert written(here, workflow) == b"of the one\n"
    second.terminate()
    assert second.wait(PATIENCE) == 0
    kept = sorted(path.name for path in (one.root / "state" / "workers").iterdir())
    assert kept[0] == "w"
    assert len(kept) == 2
    files = [path for path in (one.root / "state" / "workers").rglob("*") if path.is_file()]
    assert [path for path in files if path.stat().st_mode & 0o077] == []
