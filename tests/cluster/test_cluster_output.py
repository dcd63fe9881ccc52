from cluster.conftest import Cluster

from orchestrate.workflow.outcomes import State

MUCH = """
name: much
steps:
  - {name: before, command: echo before}
  - {name: large, shell: "yes 0123456789 | head -c 1500000"}
  - {name: silent, command: /bin/true}
  - {name: after, command: echo after}
"""


def test_output_comes_whole_whatever_one_answer_holds(cluster: Cluster):
    cluster.worker()
    engine = cluster.engine()
    workflow, _ = engine.create(cluster.new(MUCH))
    assert engine.run(workflow).state is State.SUCCEEDED
    written: dict[str, bytes] = {}
    for piece in engine.output(workflow):
        written[piece.path] = written.get(piece.path, b"") + piece.data
    assert list(written) == ["before", "large", "after"]
    assert written["large"] == (b"0123456789\n" * 140_000)[:1_500_000]
    last = b"".join(piece.data for piece in engine.output(workflow, "large", tail=2))
    assert last == b"0123456789\n0123456"
    followed = b"".join(piece.data for piece in engine.follow_output(workflow, "large"))
    assert len(followed) == 1_500_000
