"""Locks and capacity of all workflows: who has them, who waits. Pure.

`workflow.granting` decides.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from orchestrate.playbook.plan import Json
from orchestrate.workflow.granting import Blocker, Entry, Policy, Refused, inherited
from orchestrate.workflow.program import Claim
from orchestrate.workflow.ranking import rank

WAITING, HELD, SUSPENDED, AGAIN = "waiting", "held", "suspended", "again"
_MOST_TOKENS = 10_000
"""Locks whose last tokens are remembered one by one, the last ones used."""


class Name(NamedTuple):
    """Of one claim as its workflow makes it: the run, and the number of the message."""

    run: float
    message: int


class Answer(NamedTuple):
    """What became of a claim. `tokens` None: it waits, or was refused if there is a `reason`."""

    workflow: str
    path: str
    name: Name
    tokens: Mapping[str, int] | None
    reason: str
    blockers: Sequence[Mapping[str, Json]]

    def to_data(self) -> dict[str, Any]:
        """As JSON."""
        return {**self._asdict(), "name": list(self.name)}


class Row(NamedTuple):
    """A claim that is held or waits."""

    number: int
    workflow: str
    path: str
    state: str
    since: float
    priority: str
    locks: Mapping[str, bool]
    resources: Mapping[str, int]
    at_once: tuple[str, ...]
    tokens: Mapping[str, int]
    name: Name
    dormant: bool = False
    """Its workflow is paused: it waits for nothing."""

    @property
    def holds(self) -> bool:
        """Whether its locks are its own."""
        return self.state != WAITING

    @property
    def waits(self) -> bool:
        """Whether it wants something that it has not."""
        return self.state in (WAITING, AGAIN) and not self.dormant

    @property
    def names(self) -> set[str]:
        """What it wants or has. A lock and a resource may be called the same."""
        return {f"lock {name}" for name in self.locks} | {f"of {name}" for name in self.resources}

    def said(self, blocker: Blocker) -> dict[str, Json]:
        """The row as what keeps another one waiting."""
        found: dict[str, Json] = {
            "lock" if blocker.what in self.locks else "resource": blocker.what,
            "workflow": self.workflow,
            "step": self.path,
            "since": self.since,
        }
        if not self.holds:
            found["waits"] = True
        return found


class Claims:
    """Every claim. What changes is decided about by the next `decide`."""

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        """`data`: what `to_data` gave."""
        data = data or {"count": 0, "rows": [], "tokens": {}, "floor": 0}
        self._count: int = data["count"]
        self._rows: dict[int, Row] = {row[0]: row_of(row) for row in data["rows"]}
        self._tokens: dict[str, int] = dict(data["tokens"])
        self._floor: int = data["floor"]
        """No lock that is not remembered had a higher token."""
        self._touched: set[str] = set()
        self._fresh: set[int] = set()
        self._asked: set[int] = set()

    def to_data(self) -> dict[str, Any]:
        """As JSON, to be gone on with later."""
        return {
            "count": self._count,
            "rows": [[*row[:-2], list(row.name), row.dormant] for row in self._rows.values()],
            "tokens": self._tokens,
            "floor": self._floor,
        }

    @property
    def rows(self) -> list[Row]:
        """All of them, in the order in which they came."""
        return list(self._rows.values())

    # What workflows say

    def claim(self, workflow: str, claim: Claim, priority: str, name: Name, now: float) -> None:
        """It wants that, as a whole. If it has it already it hears so again."""
        for lock, token in claim.tokens.items():
            self._tokens[lock] = max(self._tokens.get(lock, 0), token)
        row = self._find(workflow, claim.path)
        # A lock that was taken away is claimed anew, with all the rest.
        if row is not None and set(row.locks) == {lock.name for lock in claim.locks}:
            state = AGAIN if row.state == SUSPENDED else row.state
            self._put(row._replace(state=state, name=name, dormant=False))
            self._asked.add(row.number)
            return
        if row is not None:
            self._drop(row)
        self._count += 1
        # A clock that was set back lets nobody in front of those who came before.
        last = max((other.since for other in self._rows.values() if not other.holds), default=0.0)
        at_once = tuple(lock.name for lock in claim.locks if lock.at_once and not claim.tokens)
        # Whoever had it last, and goes on, is no new holder.
        kept = {lock: token for lock, token in claim.tokens.items() if self._is_last(lock, token)}
        made = Row(
            self._count, workflow, claim.path, WAITING, max(now, last), priority,
            {lock.name: lock.shared for lock in claim.locks}, dict(claim.resources), at_once, kept,
            name,
        )  # fmt: skip
        self._put(made)
        self._asked.add(made.number)
        if at_once:
            self._fresh.add(made.number)

    def restore(self, workflow: str, claim: Claim, priority: str, name: Name, now: float) -> None:
        """It has that already, which was not known any more."""
        if self._find(workflow, claim.path) is None:
            self._count += 1
            locks = {lock.name: lock.shared for lock in claim.locks}
            made = Row(
                self._count, workflow, claim.path, HELD, now, priority, locks,
                dict(claim.resources), (), dict(claim.tokens), name,
            )  # fmt: skip
            self._put(made)

    def release(self, workflow: str, path: str) -> None:
        """It gives back what it has there, or waits no longer."""
        row = self._find(workflow, path)
        if row is not None:
            self._drop(row)

    def suspend(self, workflow: str) -> None:
        """It is paused: it gives back its capacity, not its locks, and waits for nothing."""
        for row in self._of(workflow):
            if row.state == HELD and row.resources:
                self._put(row._replace(state=SUSPENDED))
            elif row.waits:
                self._put(row._replace(dormant=True))

    def gone(self, workflow: str) -> None:
        """It is over."""
        for row in self._of(workflow):
            self._drop(row)

    def take_away(self, workflow: str, path: str, lock: str) -> None:
        """Somebody takes a lock away from it."""
        row = self._find(workflow, path)
        if row is None or not row.holds or lock not in row.locks:
            return
        self._put(row)
        self._next(lock)  # whoever comes next, this one too, gets another
        locks = {name: shared for name, shared in row.locks.items() if name != lock}
        tokens = {name: token for name, token in row.tokens.items() if name != lock}
        self._put(row._replace(locks=locks, tokens=tokens))

    def look_again(self) -> None:
        """There is more, or less, of what all claim."""
        for row in self._rows.values():
            self._touched |= row.names

    def raise_tokens(self, floor: int) -> None:
        """What was known of tokens is lost: no new one is as low as an earlier one may be."""
        self._floor = max(self._floor, floor)

    def _find(self, workflow: str, path: str) -> Row | None:
        return next((row for row in self._of(workflow) if row.path == path), None)

    def _of(self, workflow: str) -> list[Row]:
        return [row for row in self._rows.values() if row.workflow == workflow]

    def _put(self, row: Row) -> None:
        self._rows[row.number] = row
        self._touched |= row.names

    def _drop(self, row: Row) -> None:
        del self._rows[row.number]
        self._touched |= row.names
        self._fresh.discard(row.number)
        self._asked.discard(row.number)

    # Deciding

    def decide(self, capacity: Mapping[str, int], now: float) -> list[Answer]:
        """Grant what can be granted; what is new is answered in any case."""
        rows = self._concerned()
        self._touched.clear()
        numbers: dict[str, int] = {}
        held, waiting = entries(rows, numbers)
        policy = Policy(held, waiting, capacity)
        verdict = policy.decide(frozenset(self._fresh))
        by_number = {row.number: row for row in rows}
        asked, self._asked, self._fresh = self._asked, set(), set()
        answers = [
            self._granted(by_number, entry, numbers, now, asked) for entry in verdict.granted
        ]
        answers += [self._refused(by_number, found, asked) for found in verdict.refused]
        for number in sorted(asked):
            row = self._rows[number]
            if row.state == HELD:
                answers.append(Answer(row.workflow, row.path, row.name, row.tokens, "", ()))
            elif row.waits:
                entry = next(e for e in waiting if e.number == number)
                said = [by_number[b.entry.number].said(b) for b in policy.blockers(entry)]
                answers.append(Answer(row.workflow, row.path, row.name, None, "", said))
        return answers

    def _concerned(self) -> list[Row]:
        """Rows that what was touched can make a difference for: those with the same names, the
        other claims of their workflows, and so on.
        """
        names = set(self._touched)
        left = self._rows
        found: dict[int, Row] = {}
        while names:
            new = {number: row for number, row in left.items() if names & row.names}
            workflows = {row.workflow for row in new.values()}
            new |= {number: row for number, row in left.items() if row.workflow in workflows}
            left = {number: row for number, row in left.items() if number not in new}
            names = {name for row in new.values() for name in row.names} - names
            found |= new
        return [found[number] for number in sorted(found)]

    def _granted(
        self, rows: dict[int, Row], entry: Entry, numbers: dict[str, int], now: float,
        asked: set[int],
    ) -> Answer:  # fmt: skip
        row = rows[entry.number]
        tokens, since = dict(row.tokens), row.since
        if row.state == WAITING:
            around = [
                (_entry(other, numbers), other.tokens) for other in rows.values() if other.holds
            ]
            whole = _entry(row, numbers)
            tokens = {
                name: inherited(whole, around, name) or self._kept(row, name) or self._next(name)
                for name in row.locks
            }
            since = now
        row = row._replace(state=HELD, tokens=tokens, since=since)
        rows[row.number] = self._rows[row.number] = row
        asked.discard(row.number)
        return Answer(row.workflow, row.path, row.name, tokens, "", ())

    def _refused(self, rows: Mapping[int, Row], found: Refused, asked: set[int]) -> Answer:
        row = self._rows.pop(found.entry.number)
        asked.discard(row.number)
        said = [rows[b.entry.number].said(b) for b in found.blockers]
        return Answer(row.workflow, row.path, row.name, None, found.reason, said)

    def _kept(self, row: Row, lock: str) -> int | None:
        token = row.tokens.get(lock, 0)
        return token if self._is_last(lock, token) else None

    def _is_last(self, lock: str, token: int) -> bool:
        return token > self._floor and self._tokens.get(lock) == token

    def _next(self, lock: str) -> int:
        token = max(self._tokens.pop(lock, 0), self._floor) + 1
        self._tokens[lock] = token
        while len(self._tokens) > _MOST_TOKENS:
            self._floor = max(self._floor, self._tokens.pop(next(iter(self._tokens))))
        return token


def entries(
    rows: Iterable[Row], numbers: dict[str, int] | None = None
) -> tuple[list[Entry], list[Entry]]:
    """Held and waiting, for the policy. `numbers` are those of workflows."""
    numbers = {} if numbers is None else numbers
    held: list[Entry] = []
    waiting: list[Entry] = []
    for row in rows:
        entry = _entry(row, numbers)
        if row.holds:
            held.append(entry if row.state == HELD else entry._replace(resources={}))
        if row.waits:
            waiting.append(entry if row.state == WAITING else entry._replace(locks={}))
    return held, waiting


def _entry(row: Row, numbers: dict[str, int]) -> Entry:
    return Entry(
        row.number,
        numbers.setdefault(row.workflow, len(numbers)),
        row.path,
        row.locks,
        row.resources,
        row.at_once,
        rank(row.priority, row.since, row.number)[0],
    )


def row_of(data: Sequence[Any]) -> Row:
    """What `to_data` has of one."""
    row = Row(*data)
    return row._replace(at_once=tuple(row.at_once), name=Name(*row.name))
