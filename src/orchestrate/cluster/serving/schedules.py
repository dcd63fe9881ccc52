"""The port `triggers.schedules.Schedules` over the workflow that keeps them."""

from collections.abc import Sequence

from orchestrate.cluster import names
from orchestrate.cluster.connection import Connection
from orchestrate.cluster.payloads import Data
from orchestrate.cluster.serving.scheduling import SHOWN
from orchestrate.cluster.standing import Standing
from orchestrate.triggers.schedules import Decided, Schedule, missing
from orchestrate.workflow.audit import Author


class ClusterSchedules:
    """The schedules of a namespace. Reading takes no worker. `author` is who changes them."""

    def __init__(self, connection: Connection, author: Author) -> None:
        self._standing = Standing(connection, names.SCHEDULES)
        self._author = author._asdict()

    def put(self, schedule: Schedule, *, replace: bool = False) -> bool:
        """See the port."""
        asked: Data = {"schedule": schedule._asdict(), "replace": replace, "author": self._author}
        return bool(self._standing.ask("put", asked))

    def get(self, name: str) -> Schedule:
        """See the port."""
        return Schedule.of(self._shown(name)["schedule"])

    def all(self) -> Sequence[Schedule]:
        """See the port."""
        return [Schedule.of(shown["schedule"]) for _, shown in sorted(self._all().items())]

    def enable(self, name: str, *, enabled: bool, now: float) -> None:
        """See the port."""
        asked: Data = {"name": name, "enabled": enabled, "now": now, "author": self._author}
        self._standing.ask("enable", asked)

    def remove(self, name: str) -> None:
        """See the port."""
        self._standing.ask("remove", {"name": name, "author": self._author})

    def history(self, name: str, limit: int) -> Sequence[Decided]:
        """See the port. At most 20 are shown."""
        shown = self._all().get(name)
        return [] if shown is None else [Decided(*one) for one in shown["history"][:limit]]

    def _shown(self, name: str) -> Data:
        found = self._all()
        if name not in found:
            raise missing(name, sorted(found))
        return found[name]

    def _all(self) -> dict[str, Data]:
        return {
            field.removeprefix(SHOWN): shown
            for field, shown in self._standing.memo().items()
            if field.startswith(SHOWN) and shown is not None
        }
