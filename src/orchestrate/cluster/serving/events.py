"""The port `launching.inbox.Inbox` over the workflow that keeps events."""

from collections.abc import Sequence

from orchestrate.cluster import names
from orchestrate.cluster.connection import Connection
from orchestrate.cluster.payloads import Data
from orchestrate.cluster.serving.eventing import UNMATCHED
from orchestrate.cluster.standing import Standing
from orchestrate.launching.inbox import Arrived, Kept, Waiter
from orchestrate.playbook.linting.walk import walk
from orchestrate.playbook.plan import EventWait, Plan
from orchestrate.triggers.cloud_events import CloudEvent
from orchestrate.workflow.audit import Author


class ClusterInbox:
    """The events of a namespace."""

    def __init__(self, connection: Connection) -> None:
        self._standing = Standing(connection, names.EVENTS)

    def put(self, events: Sequence[CloudEvent], now: float, author: Author) -> list[Kept]:
        """See the port."""
        asked: Data = {
            "events": [list(event) for event in events], "at": now, "author": author._asdict(),
        }  # fmt: skip
        kept: list[Data] = self._standing.ask("put", asked)
        return [
            Kept(one["fresh"], tuple(Waiter(workflow, path) for workflow, path in one["waiters"]))
            for one in kept
        ]

    def unmatched(self, limit: int) -> list[Arrived]:
        """See the port. Reading takes no worker."""
        found: list[Data] = self._standing.memo().get(UNMATCHED) or []
        return [
            Arrived(one["number"], one["at"], CloudEvent(*one["event"]), one["state"],
                    one["reason"], ())
            for one in found[:limit]
        ]  # fmt: skip

    def try_again(self, author: Author, now: float) -> int:
        """See the port."""
        return int(self._standing.ask("try_again", {"at": now, "author": author._asdict()}))


def expect_events(connection: Connection, plan: Plan) -> None:
    """Have somebody there who hears what steps of a plan wait for."""
    if any(isinstance(located.step.action, EventWait) for located in walk(plan)):
        Standing(connection, names.EVENTS).start()
