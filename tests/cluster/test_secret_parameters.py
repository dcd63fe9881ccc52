"""Secret parameters on a cluster: sealed on their way, in no history, deleted at the end."""

import asyncio
import base64
import threading
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from cluster.conftest import Cluster, Server
from google.protobuf.message import Message
from polling import eventually
from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from orchestrate.cluster import names
from orchestrate.cluster.connection import Connection, connect
from orchestrate.cluster.errors import ClusterError
from orchestrate.cluster.storing.encryption import read_keys
from orchestrate.cluster.storing.safes import Safes
from orchestrate.cluster.storing.sealing import seal, unseal
from orchestrate.errors import UsageError
from orchestrate.workflow.engine import ResumeOptions
from orchestrate.workflow.outcomes import State

CANARY = "correct-horse-battery-staple"
LATER = "another-canary-that-sings"
KEYS = read_keys(base64.b64encode(b"1" * 32).decode(), "a test")
OTHER = read_keys(base64.b64encode(b"2" * 32).decode(), "a test")
USES = """
name: uses
parameters: [{name: token, type: string, secret: true, required: true}]
steps:
  - {name: use, shell: 'printf %s ${token} > "$ROOT/seen"; echo got ${token}'}
  - {name: gate, shell: 'until test -e "$ROOT/go"; do sleep 0.1; done'}
  - {name: broken, shell: 'printf %s ${token} > "$ROOT/again"; test -e "$ROOT/repaired"'}
"""


@pytest.fixture
def sealed(server: Server, tmp_path) -> Iterator[Cluster]:
    made = Cluster(server, tmp_path)
    made.address = made.address._replace(keys=KEYS)
    yield made
    made.close()


def payloads(message: Message) -> Iterator[Payload]:
    """All that a message holds."""
    if isinstance(message, Payload):
        yield message
        return
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if field.message_type.GetOptions().map_entry:
            inner = [one for one in value.values() if isinstance(one, Message)]
        else:
            inner = value if field.is_repeated else [value]
        for one in inner:
            yield from payloads(one)


async def everything(client: Client) -> list[bytes]:
    """Each history of the namespace: as it is stored, and as whoever has the keys may see it."""
    codec: Any = client.data_converter.payload_codec
    found: list[bytes] = []
    async for entry in client.list_workflows():
        handle = client.get_workflow_handle(entry.id, run_id=entry.run_id)
        history: list[Any] = []
        with suppress(RPCError):  # a safe that was deleted just now
            history = [event async for event in handle.fetch_history_events()]
        for event in history:
            found.append(event.SerializeToString())
            for payload in await codec.decode(list(payloads(event))):
                found.append(payload.data)
                found.append(opened(payload.data))
    return found


def opened(data: bytes) -> bytes:
    try:
        return zlib.decompress(data)
    except zlib.error:
        return b""


def traces(stored: list[bytes], secret: str) -> int:
    shapes = (secret.encode(), base64.b64encode(secret.encode()), secret.encode().hex().encode())
    return sum(shape in body for body in stored for shape in shapes)


def test_values_reach_steps_and_nothing_else(sealed: Cluster):
    sealed.worker()
    engine, connection = sealed.engine(), Connection(sealed.address)
    new = sealed.new(USES, secret_values={"token": CANARY})
    workflow, _ = engine.create(new)
    run = threading.Thread(target=lambda: sealed.engine().run(workflow), daemon=True)
    run.start()
    eventually(lambda: sealed.path("seen").exists() and sealed.path("seen").read_text(), "a step")
    assert sealed.path("seen").read_text() == CANARY
    stored = connection.wait(everything(connection.client))
    assert traces(stored, "uses") > 0  # it is looked at properly
    assert traces(stored, CANARY) == 0
    assert b"".join(one.data for one in engine.output(workflow, "use")) == b"got ***\n"
    sealed.path("go").touch()
    run.join(120)
    assert engine.get(workflow).state is State.FAILED
    eventually(lambda: safes(connection) == [], "the end of the safe")
    sealed.path("repaired").touch()
    sealed.path("again").unlink()
    engine.resume(workflow, ResumeOptions(from_step="broken", secret_values={"token": LATER}))
    assert sealed.path("again").read_text() == LATER
    eventually(lambda: safes(connection) == [], "the end of the second safe")
    stored = connection.wait(everything(connection.client))
    assert traces(stored, CANARY) == traces(stored, LATER) == 0
    assert not [file for file in sealed.root.glob("state/**/*") if holds(file, CANARY, LATER)]
    connection.close()


def holds(file: Any, *secrets: str) -> bool:
    return file.is_file() and any(one.encode() in file.read_bytes() for one in secrets)


def safes(connection: Connection) -> list[str]:
    """Those that the server still has."""

    async def there() -> list[str]:
        query = f"WorkflowType = '{names.SAFE}'"
        return [entry.id async for entry in connection.client.list_workflows(query)]

    return connection.wait(there())


def test_without_keys_they_are_refused_before_anything_is_made(cluster: Cluster):
    cluster.worker()
    engine = cluster.engine()
    with pytest.raises(UsageError) as caught:
        engine.create(cluster.new(USES, secret_values={"token": CANARY}))
    assert "uses takes secret parameters (token)" in caught.value.message
    assert "[engine.encryption]" in (caught.value.hint or "")


def test_a_safe_whose_workflow_never_came_is_found(sealed: Cluster):
    sealed.worker()
    connection = Connection(sealed.address)

    async def put() -> str:
        return await Safes(connection.client, 0.5).put({"token": CANARY}, "WF-2026-007")

    safe = connection.wait(put())
    eventually(lambda: is_gone(connection, safe), "its end")
    connection.close()


def is_gone(connection: Connection, workflow: str) -> bool:
    async def described() -> bool:
        try:
            await connection.client.get_workflow_handle(workflow).describe()
        except RPCError as error:
            return error.status is RPCStatusCode.NOT_FOUND
        return False

    return connection.wait(described())


def test_what_is_sealed_opens_for_its_workflow_and_with_its_key_alone():
    body = seal(KEYS, {"token": CANARY}, "WF-2026-001")
    assert CANARY.encode() not in body
    assert unseal((*OTHER, *KEYS), body, "WF-2026-001") == {"token": CANARY}
    for keys, workflow in ((OTHER, "WF-2026-001"), (KEYS, "WF-2026-002")):
        with pytest.raises(ClusterError, match="cannot be opened"):
            unseal(keys, body, workflow)


def test_what_is_not_there_any_more_says_what_to_do(sealed: Cluster):
    async def get() -> None:
        client = await connect(sealed.address)
        await Safes(client).get("orchestrate-safe-gone", "WF-2026-001")

    with pytest.raises(ClusterError) as caught:
        asyncio.run(get())
    assert "resume --workflow WF-2026-001 --parameters" in (caught.value.hint or "")
