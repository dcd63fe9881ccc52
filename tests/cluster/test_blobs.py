"""Large content in Temporal: found by its hash, read without a worker, gone after its holders."""

import asyncio
import hashlib
import random
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
from cluster.conftest import Cluster
from polling import eventually
from temporalio.client import Client, WorkflowExecutionStatus

from orchestrate.cluster.connection import ClusterError, Connection
from orchestrate.cluster.storing import blobs, keeping
from orchestrate.cluster.storing.blobs import PIECE, Blobs, Ref

Wait = Callable[[Coroutine[Any, Any, Any]], Any]
DIGEST_OF_HELLO = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"


@pytest.fixture
def connection(cluster: Cluster) -> Iterator[Connection]:
    made = Connection(cluster.address)
    yield made
    made.close()


def noise(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def status(connection: Connection, digest: str) -> WorkflowExecutionStatus | None:
    handle = connection.client.get_workflow_handle(f"orchestrate-blob-{digest}")
    return connection.wait(handle.describe()).status


def signals(connection: Connection, digest: str) -> int:
    handle = connection.client.get_workflow_handle(f"orchestrate-blob-{digest}")
    history = connection.wait(handle.fetch_history())
    return sum(
        event.HasField("workflow_execution_signaled_event_attributes") for event in history.events
    )


async def open_workflow(client: Client, identity: str) -> None:
    """Some workflow that stays open: nobody works for its queue."""
    await client.start_workflow("nothing", id=identity, task_queue="nobody")


def test_content_is_read_back_without_any_worker(connection: Connection):
    kept = Blobs(connection.client)
    ref = connection.wait(kept.put(b"hello", "WF-2026-001"))
    assert ref == Ref(DIGEST_OF_HELLO, 5)
    assert connection.wait(Blobs(connection.client).get(ref)) == b"hello"
    assert status(connection, DIGEST_OF_HELLO) is WorkflowExecutionStatus.RUNNING


def test_nothing_is_content_too(connection: Connection):
    kept = Blobs(connection.client)
    ref = connection.wait(kept.put(b"", "WF-2026-001"))
    assert connection.wait(kept.get(ref)) == b""


def test_large_content_rests_in_pieces_which_are_used_again(connection: Connection):
    first, second = noise(PIECE), noise(PIECE + 1)[:PIECE]
    kept = Blobs(connection.client)
    ref = connection.wait(kept.put(first + second + b"end", "WF-2026-001"))
    assert connection.wait(kept.get(ref)) == first + second + b"end"
    connection.wait(Blobs(connection.client).put(first + b"other", "WF-2026-002"))
    piece = hashlib.sha256(first).hexdigest()
    assert signals(connection, piece) == 2
    assert signals(connection, hashlib.sha256(second).hexdigest()) == 1


def test_who_holds_it_already_need_not_say_so_again(connection: Connection):
    kept = Blobs(connection.client)
    for _ in range(3):
        connection.wait(kept.put(b"hello", "WF-2026-001"))
    assert signals(connection, DIGEST_OF_HELLO) == 1
    connection.wait(kept.put(b"hello", "WF-2026-002"))
    assert signals(connection, DIGEST_OF_HELLO) == 2


def test_content_closes_after_the_last_of_its_holders(cluster: Cluster, connection: Connection):
    client = connection.client
    connection.wait(open_workflow(client, "WF-2026-001"))
    connection.wait(open_workflow(client, "WF-2026-002"))
    kept = Blobs(client, look_every=0.5)
    large = noise(PIECE) + b"end"
    ref = connection.wait(kept.put(large, "WF-2026-001"))
    connection.wait(kept.hold(ref, "WF-2026-002"))
    piece = hashlib.sha256(large[:PIECE]).hexdigest()
    cluster.worker()
    connection.wait(client.get_workflow_handle("WF-2026-001").terminate())
    looked = signals(connection, ref.digest)
    assert looked == 2
    eventually(lambda: looks(connection, ref.digest) > 2, "two looks at the holders")
    assert status(connection, ref.digest) is WorkflowExecutionStatus.RUNNING
    connection.wait(client.get_workflow_handle("WF-2026-002").terminate())
    closed = WorkflowExecutionStatus.COMPLETED
    eventually(lambda: status(connection, ref.digest) is closed, "the end of the index")
    eventually(lambda: status(connection, piece) is closed, "the end of its piece")
    assert connection.wait(Blobs(client).get(ref)) == large  # as long as Temporal retains it


def looks(connection: Connection, digest: str) -> int:
    handle = connection.client.get_workflow_handle(f"orchestrate-blob-{digest}")
    history = connection.wait(handle.fetch_history())
    return sum(
        event.HasField("activity_task_completed_event_attributes") for event in history.events
    )


def test_content_that_closed_can_be_held_again(cluster: Cluster, connection: Connection):
    client = connection.client
    ref = connection.wait(Blobs(client, look_every=0.1).put(b"hello", "WF-2026-001"))
    cluster.worker()
    closed = WorkflowExecutionStatus.COMPLETED
    eventually(lambda: status(connection, ref.digest) is closed, "the end: its holder never began")
    connection.wait(Blobs(client).hold(ref, "WF-2026-002"))
    assert status(connection, ref.digest) is WorkflowExecutionStatus.RUNNING
    assert connection.wait(Blobs(client).get(ref)) == b"hello"


def test_a_long_history_goes_on_in_a_new_run_that_has_the_content(
    cluster: Cluster, connection: Connection, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(keeping, "_LONGEST_RUN", 20)
    kept = Blobs(connection.client)
    ref = connection.wait(kept.put(b"hello", "WF-2026-001"))
    handle = connection.client.get_workflow_handle(f"orchestrate-blob-{ref.digest}")
    first = connection.wait(handle.describe()).run_id

    async def many() -> None:
        await asyncio.gather(*(handle.signal("hold", f"WF-{n}") for n in range(30)))

    connection.wait(many())
    cluster.worker()
    eventually(lambda: connection.wait(handle.describe()).run_id != first, "a new run")
    assert connection.wait(kept.get(ref)) == b"hello"


def test_content_that_is_gone_is_an_error_that_says_why(connection: Connection):
    with pytest.raises(ClusterError) as caught:
        connection.wait(Blobs(connection.client).get(Ref(DIGEST_OF_HELLO, 5)))
    assert caught.value.message == "content 2cf24dba5fb0 is not in Temporal any more"
    with pytest.raises(ClusterError):
        connection.wait(Blobs(connection.client).hold(Ref(DIGEST_OF_HELLO, 5), "WF-2026-001"))


def test_content_that_somebody_else_wrote_is_refused(connection: Connection):
    other = Ref("0" * 64, 5)
    connection.wait(
        connection.client.start_workflow(
            "orchestrate-blob",
            args=[[], blobs.zlib.compress(b"wrong"), {}, 1.0],
            id=f"orchestrate-blob-{other.digest}",
            task_queue="orchestrate-blobs",
        )
    )
    with pytest.raises(ClusterError) as caught:
        connection.wait(Blobs(connection.client).get(other))
    assert caught.value.message == "content 000000000000 in Temporal is not what was put there"
