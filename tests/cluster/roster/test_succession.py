"""What schedules and triggers start is of the latest generation whose workers have the project."""

import time
from collections.abc import Mapping, Sequence

import pytest
from cluster.conftest import Cluster
from polling import eventually

from orchestrate.cluster import names
from orchestrate.cluster.payloads import Data
from orchestrate.cluster.roster import succession
from orchestrate.cluster.roster.looking import look
from orchestrate.cluster.roster.registration import Traits
from orchestrate.cluster.serving.events import ClusterInbox
from orchestrate.cluster.serving.schedule_book import Fired
from orchestrate.cluster.working.worker import Serving
from orchestrate.launching.deliveries import Delivery
from orchestrate.launching.inbox import Settled
from orchestrate.triggers.cloud_events import CloudEvent
from orchestrate.triggers.schedules import Decided, Schedule
from orchestrate.workflow.audit import Author

AUTHOR = Author("ada", {})


class Looker:
    """Looks at events, and notes at which. Implements `Starter` and `Carrier`."""

    def __init__(self) -> None:
        self.looked_at: list[str] = []

    def begin(self) -> None:
        pass

    def settle(self, events: Sequence[CloudEvent]) -> list[Settled]:
        self.looked_at += [event.id for event in events]
        return [Settled("ignored", (), "") for _ in events]

    def fire(self, schedule: Schedule, history: Sequence[Decided]) -> Fired:
        raise NotImplementedError

    def is_over(self, workflow: str) -> bool:
        raise NotImplementedError

    def deliver(self, delivery: Delivery, project: str, memories: Mapping[str, Data]) -> Data:
        raise NotImplementedError


def test_an_old_worker_leaves_what_is_due_to_the_workers_of_a_later_generation(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(succession, "_KNOWN_FOR", 0.0)
    old, new = Looker(), Looker()
    traits = Traits(serves=True)
    cluster.worker("old", serving=Serving(old, old), traits=traits)
    connection = cluster.engine().connection
    inbox = ClusterInbox(connection)

    def happens(name: str) -> None:
        inbox.put([CloudEvent(name, "tests", "happened", None)], time.time(), AUTHOR)
        eventually(lambda: name in old.looked_at + new.looked_at, "who looks at it")

    happens("before")
    assert old.looked_at == ["before"]
    with monkeypatch.context() as later:
        later.setattr(names, "GENERATION", 2)
        made = cluster.worker("new", serving=Serving(new, new), traits=traits)

    def there() -> list[str]:
        found = connection.wait(look(connection.client))
        return [one.registration.name for one in found if one.state == "working"]

    eventually(lambda: "new" in there(), "the new worker")
    for number in range(5):
        happens(str(number))
    assert new.looked_at == ["0", "1", "2", "3", "4"]
    made.stop()
    happens("after")
    assert old.looked_at == ["before", "after"]
