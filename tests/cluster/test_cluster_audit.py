"""The audit of a cluster: digests, exports and signatures, and what they find."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from cluster.conftest import Server
from cluster.test_cluster_verbs import Verbs
from polling import eventually
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.common import WorkflowIDReusePolicy
from temporalio.service import RPCError

from orchestrate.cluster import names
from orchestrate.cluster.auditing.checkpoints import Checkpoint, Head, read
from orchestrate.cluster.auditing.journals import Journals, digests
from orchestrate.cluster.connection import Address, Connection
from orchestrate.cluster.errors import is_missing
from orchestrate.cluster.looking.reading import Reader
from orchestrate.cluster.storing.pages import pack_journal
from orchestrate.launching.signing import PrivateKey, PublicKey, make_key
from orchestrate.workflow.events import Event, EventType

TWO = """
name: two
parameters: [{name: version, type: string}]
steps: [{name: say, shell: "echo ${version}; test -e PLACE/repaired"}]
"""


class Audited(Verbs):
    """A project of which somebody else may get at the cluster."""

    def __init__(self, server: Server, root: Any) -> None:
        super().__init__(server, root)
        (root / "playbooks" / "two.yaml").write_text(TWO.replace("PLACE", str(root)))
        settings = root / "orchestrate.toml"
        told = dict(line.split(" = ") for line in settings.read_text().splitlines()[1:])
        self.connection = Connection(
            Address(json.loads(told["address"]), json.loads(told["namespace"]))
        )

    def audit(self, *words: str, fails: int = 0) -> Any:
        return json.loads(self("audit", "verify", "--json", *words, fails=fails).stdout)

    def close(self) -> None:
        super().close()
        self.connection.close()


@pytest.fixture
def site(server: Server, tmp_path) -> Iterator[Audited]:
    made = Audited(server, tmp_path)
    made.worker()
    yield made
    made.close()


def run(site: Audited) -> str:
    """A workflow that failed, is resumed, and so has two runs."""
    done = site("run", "--playbook", "two", "--parameters", "version=7", "--json", fails=1)
    workflow = json.loads(done.stdout)["id"]
    (site.root / "repaired").touch()
    site("resume", "--workflow", workflow, "--yes")
    eventually(lambda: workflow in Journals(site.connection).runs(), "visibility")
    return workflow


def test_an_export_and_a_signature_fit_as_long_as_nothing_is_changed(site: Audited):
    workflow = run(site)
    clean = site("audit", "verify").stdout
    assert "1 workflow, 0 actions: all as it was recorded" in clean
    site("audit", "export", "--output", "exported.jsonl")
    lines = [json.loads(line) for line in (site.root / "exported.jsonl").read_text().splitlines()]
    assert [one["number"] for one in lines] == list(range(1, len(lines) + 1))
    assert {(one["workflow"], one["chain"], len(one["hash"])) for one in lines} == {
        (workflow, "journal", 64)
    }
    listed = json.loads(site("audit", "--json").stdout)
    assert [one["action"] for one in listed] == ["resumed", "workflow_created"]
    assert listed[1]["hash"] == lines[0]["hash"]
    assert (listed[0]["before"], listed[0]["after"]) == ({"state": "failed"}, {"state": "running"})
    assert listed[0]["from"]["host"] == listed[1]["from"]["host"]
    assert "|workflow_created|" in site("audit", "export", "--format", "cef").stdout
    site("audit", "key", "audit.pem")
    assert "there is no key to sign with" in site("audit", "sign", fails=2).stderr
    settings = site.root / "orchestrate.toml"
    settings.write_text(settings.read_text() + '[audit]\nkey = "audit.pem"\n')
    signed = json.loads(site("audit", "sign").stdout)
    assert signed["heads"][workflow][:2] == [len(lines), lines[-1]["hash"]]
    assert json.loads(site("audit", "sign").stdout)["heads"] == {}
    found = site.audit("--exported", "exported.jsonl")
    assert (found["sound"], found["workflows"], found["checkpoints"]) == (True, 1, 2)


def forge(site: Audited, workflow: str) -> None:
    """What somebody may do who may write to the namespace: another run, with another journal."""

    async def forged() -> None:
        client = site.connection.client
        reader = Reader(client)
        found = await reader.find(workflow)
        events = await reader.events(found)
        about, plan = await reader._given(found)
        first = events[0]._replace(data={**events[0].data, "actor": "somebody-else"})
        handle = await client.start_workflow(
            names.PLAYBOOK,
            args=[about, plan, pack_journal([first, *events[1:]], {})],
            id=workflow,
            task_queue=names.playbook_queue(),
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            memo={names.SUMMARY: found.summary._asdict()},
        )
        await handle.result()

    site.connection.wait(forged())


def test_a_journal_that_was_written_anew_is_found(site: Audited):
    workflow = run(site)
    site("audit", "export", "--output", "exported.jsonl")
    forge(site, workflow)
    found = site.audit("--exported", "exported.jsonl", fails=1)["findings"]
    assert {(one["kind"], one["workflow"]) for one in found} == {
        ("changed", workflow),
        ("replaced", workflow),
    }
    assert "its list entry does not agree with its journal: actor" in found[0]["message"]
    assert any("another one than what was exported" in one["message"] for one in found)


def test_a_workflow_that_was_deleted_is_found_by_what_was_signed(site: Audited):
    workflow = run(site)
    make_key(site.root / "audit.pem")
    settings = site.root / "orchestrate.toml"
    settings.write_text(settings.read_text() + '[audit]\nkey = "audit.pem"\n')
    site("audit", "sign")

    async def is_deleted() -> bool:
        client = site.connection.client
        execution = WorkflowExecution(workflow_id=workflow)
        request = DeleteWorkflowExecutionRequest(
            namespace=client.namespace, workflow_execution=execution
        )
        try:
            await client.workflow_service.delete_workflow_execution(request)
        except RPCError as error:
            return is_missing(error)
        return False

    eventually(lambda: site.connection.wait(is_deleted()), "its end")
    (found,) = site.audit(fails=1)["findings"]
    assert (found["kind"], found["workflow"]) == ("removed", workflow)
    assert "it is gone, though Temporal keeps workflows for" in found["message"]


def test_lines_of_a_file_cannot_be_changed_or_taken_out(tmp_path):
    make_key(tmp_path / "key.pem")
    key, file = PrivateKey(tmp_path / "key.pem"), tmp_path / "checkpoints.jsonl"
    public = PublicKey.read(tmp_path / "key.pem.pub")
    lines: list[str] = []
    before = ""
    for number in (1, 2, 3):
        heads = {f"WF-2026-00{number}": Head(number, "aa", 5.0)}
        made = Checkpoint("2026-11-22T10:00:00Z", "shop", before, heads, key.name, "")
        made = made._replace(signature=key.sign(made.text))
        before = made.digest
        lines.append(json.dumps(made._asdict()))
    store = '{"number": 3, "hash": "ab", "at": "", "key": "", "signature": ""}'
    file.write_text("\n".join([store, *lines]) + "\n")
    sound = read(file, public, "shop")
    assert (sound.amount, sound.findings, sound.last) == (3, (), before)
    assert sound.heads["WF-2026-002"] == [(Head(2, "aa", 5.0), "2026-11-22T10:00:00Z")]
    assert read(file, public, "elsewhere").amount == 0
    file.write_text("\n".join([lines[0], lines[2]]) + "\n")
    assert [one.kind for one in read(file, public, "shop").findings] == ["removed"]
    file.write_text("\n".join([lines[0], lines[1].replace('"aa"', '"bb"'), "rubbish"]) + "\n")
    assert [one.kind for one in read(file, public, "shop").findings] == ["unsigned", "unsigned"]


def test_digests_tell_workflows_and_every_part_of_an_event_apart():
    first = Event(1, 5.0, EventType.WORKFLOW_CREATED, "", {"actor": "ada"})
    (known,) = digests("WF-2026-001", [first])
    others = [
        digests("WF-2026-002", [first]),
        digests("WF-2026-001", [first._replace(at=5.5)]),
        digests("WF-2026-001", [first._replace(seq=2)]),
        digests("WF-2026-001", [first._replace(path="a")]),
        digests("WF-2026-001", [first._replace(data={"actor": "bob"})]),
    ]
    assert len({known, *(next(other) for other in others)}) == 6
    assert next(digests("WF-2026-001", [first])) == known
