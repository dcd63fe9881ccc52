"""What was done beside journals, in one chain for the namespace: each digest is made of the action
and of the digest before. Pure: whoever reads the history of its workflow comes to the same.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from orchestrate.cluster.payloads import Data
from orchestrate.playbook.plan import Json
from orchestrate.workflow import chain
from orchestrate.workflow.audit import Author, Entry, entry_of_action

SUBJECT = "actions"
"""Stands for the chain where others name a workflow: in checkpoints, and in findings."""
_MOST, _KEPT = 4000, 2000
"""With more actions than that a run begins with so many: the newest ones."""
_encode = json.JSONEncoder(separators=(",", ":"), sort_keys=True).encode


class Done(NamedTuple):
    """Something that was done, as it travels."""

    at: float
    action: str
    actor: str
    subject: str
    """What it was done to: a schedule, a delivery, a lock."""
    data: Mapping[str, Json]
    """`from`, `reason`, `before` and `after`, where they mean something; and more."""


def done(
    at: float, action: str, author: Mapping[str, Any] | None, subject: str, **data: Json
) -> Done:
    """`author`: as an `Author` travels; an older program may have named none."""
    who = Author(**(author or {"actor": ""}))
    told = {key: value for key, value in data.items() if value not in (None, "", {})}
    origin = {"from": who.origin} if who.origin else {}
    return Done(at, action, who.actor, subject, {**origin, **told})


class Head(NamedTuple):
    """The last of a chain; number 0 before the first. The digest in hex."""

    number: int
    hash: str


NONE = Head(0, chain.ACTIONS.hex())


class ActionBook:
    """The chain, as far as it is kept."""

    def __init__(self, state: Data | None = None) -> None:
        """`state` is what `state()` gave."""
        kept: Data = state or {"before": list(NONE), "rows": []}
        self.before = Head(*kept["before"])
        """What the first one follows."""
        self._rows = [Done(*row) for row in kept["rows"]]
        self._digests: list[str] = []
        for row in self._rows:
            self._link(row)

    def record(self, rows: Iterable[list[Any]]) -> None:
        """Add what was done."""
        for row in rows:
            self._rows.append(Done(*row))
            self._link(self._rows[-1])

    def _link(self, row: Done) -> None:
        number, before = self.head
        fields = row.action, row.actor, row.subject, _encode(row.data)
        encoded = (field.encode("utf-8", "surrogatepass") for field in fields)
        digest = chain.link(bytes.fromhex(before), number + 1, row.at, *encoded)
        self._digests.append(digest.hex())

    @property
    def head(self) -> Head:
        """Where it ends now."""
        if not self._digests:
            return self.before
        return Head(self.before.number + len(self._digests), self._digests[-1])

    def digest(self, number: int) -> str | None:
        """The digest with that number; None if it is not known, or not any more."""
        if number == self.before.number:
            return self.before.hash
        place = number - self.before.number - 1
        return self._digests[place] if 0 <= place < len(self._digests) else None

    def entries(self) -> list[Entry]:
        """All that are kept, the oldest first."""
        return [
            entry_of_action(
                number, row.at, (row.action, row.actor, row.subject), row.data, digest
            )
            for number, (row, digest) in enumerate(
                zip(self._rows, self._digests, strict=True), self.before.number + 1
            )
        ]  # fmt: skip

    def state(self) -> Data:
        """What the next run begins with."""
        rows, before = self._rows, self.before
        if len(rows) > _MOST:
            last = len(rows) - _KEPT
            before = Head(before.number + last, self._digests[last - 1])
            rows = rows[last:]
        return {"before": list(before), "rows": [list(row) for row in rows]}
