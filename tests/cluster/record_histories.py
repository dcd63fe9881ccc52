"""Records the histories that tests replay: in tests/, `python -m cluster.record_histories`.

A recorded history is never replaced: a change of the program that cannot replay it breaks workflows
that are open when workers are updated. New ones get new names.
"""

import json
import tempfile
import threading
from pathlib import Path

from cluster.conftest import Cluster, server
from polling import eventually

from orchestrate.cluster import names
from orchestrate.cluster.engine import ClusterEngine

FOLDER = Path(__file__).parent / "histories"
PLAYBOOKS = {
    "kinds": """
name: kinds
variables: {greeting: hello}
steps:
  - {name: first, shell: "echo ${greeting}"}
  - name: both
    type: parallel
    branches:
      - {name: left, steps: [{name: one, command: echo one}]}
      - {name: right, steps: [{name: two, shell: exit 3, continue_on_error: true}]}
  - {name: pick, type: conditional, condition: "${first.success}",
     then: [{name: yes-of-course, command: echo yes}], else: [{name: no-way, command: echo no}]}
  - name: each
    type: foreach
    items: [a, b, c]
    as: item
    max_parallel: 2
    steps: [{name: say, command: "echo ${item}"}]
  - {name: again, shell: "exit 1", retry: {attempts: 2, delay: 0.1}, continue_on_error: true}
  - {name: moment, type: wait, duration: 0.1}
  - {name: keep, type: set, variables: {kept: "${first.stdout}"}}
  - {name: sure, type: assert, condition: "${first.success}"}
  - name: all-or-nothing
    type: transaction
    continue_on_error: true
    steps:
      - {name: do, command: echo done, compensate: [{name: undo, command: echo undone}]}
      - {name: fails, shell: exit 1}
finally:
  - {name: tidy, command: echo tidy}
""",
    "loop": """
name: loop
steps:
  - name: each
    type: foreach
    items: ${range(2500)}
    as: n
    steps: [{name: check, type: assert, condition: "${n} >= 0"}]
  - {name: after, command: echo over}
""",
    "shared": """
name: shared
locks: [{name: all, shared: true}]
steps:
  - {name: one, locks: [x], command: echo one}
  - name: both
    type: parallel
    branches:
      - {name: left, steps: [{name: two, locks: [y], command: sleep 0.3}]}
      - {name: right, steps: [{name: three, locks: [{name: y, on_conflict: skip}], command: echo}]}
      - {name: more, steps: [{name: four, locks: [{name: y, wait: 30}], command: echo four}]}
""",
    "cancelled": """
name: cancelled
steps:
  - {name: endless, shell: "touch $ROOT/begun; exec sleep 60"}
finally:
  - {name: tidy, command: echo tidy}
""",
}


def record(cluster: Cluster, name: str) -> None:
    """Run a playbook and keep its history."""
    cluster.worker()
    engine = cluster.engine()
    workflow, _ = engine.create(cluster.new(PLAYBOOKS[name]))
    if name == "cancelled":
        attending = cluster.engine()
        thread = threading.Thread(target=lambda: attending.run(workflow), daemon=True)
        thread.start()
        eventually(cluster.path("begun").exists)
        engine.pause(workflow, actor="somebody", reason="lunch")
        engine.cancel(workflow, actor="somebody", reason="enough")
        thread.join()
    else:
        engine.run(workflow)
    keep(engine, workflow, name)
    if name == "shared":
        keep(engine, names.COORDINATOR, "coordinator")


def keep(engine: ClusterEngine, workflow: str, name: str) -> None:
    """Keep the history of a workflow."""
    handle = engine.connection.client.get_workflow_handle(workflow)
    history = engine.connection.wait(handle.fetch_history())
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.json").write_text(json.dumps(without_traces(history.to_json_dict())))


def without_traces(value: object) -> object:
    """Stack traces tell where somebody's files lie; a replay does not look at them."""
    if isinstance(value, dict):
        return {key: without_traces(v) for key, v in value.items() if key != "stackTrace"}
    return [without_traces(entry) for entry in value] if isinstance(value, list) else value


def main() -> None:
    made = server.__wrapped__(Folders())
    running = next(made)
    try:
        for name in PLAYBOOKS:
            if not (FOLDER / f"{name}.json").exists():
                with tempfile.TemporaryDirectory() as root:
                    cluster = Cluster(running, Path(root))
                    record(cluster, name)
                    cluster.close()
    finally:
        next(made, None)


class Folders:
    """What the fixture of the server asks of pytest."""

    def mktemp(self, name: str) -> Path:
        return Path(tempfile.mkdtemp(prefix=name))


if __name__ == "__main__":
    main()
