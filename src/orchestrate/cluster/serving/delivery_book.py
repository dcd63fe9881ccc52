"""What other systems are still to be told, as the workflow keeps it. Pure; times are handed in.

Of each channel (an integration of a playbook) the first that waits is delivered next, the others
wait behind it. What workflows say may come twice, and one message may overtake another.
"""

from bisect import insort
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from orchestrate.cluster.auditing.actions import Done, done
from orchestrate.cluster.payloads import Data
from orchestrate.errors import ConflictError
from orchestrate.launching.deliveries import (
    DELIVERED,
    FAILED,
    WAITING,
    Delivery,
    no_delivery,
    was_delivered,
)
from orchestrate.workflow.notifying import SUCCESS, kind_for

_DROPPED = "dropped"
_MOST_AT_ONCE = 50
"""Deliveries under way, each of another channel."""
_MOST_FAILED, _MOST_SETTLED = 1000, 500
"""Of those that were refused or given up, and of all others that are over: how many are kept."""
_MOST_WORKFLOWS, _MOST_SAID = 10_000, 200
"""Workflows, and events of one of them, that are known to have been said."""
_MOST_MEMORIES = 10_000
"""What services remember: the last ones that were used."""
_MOST_ENDS = 10_000
"""Playbooks in an environment whose last end is known."""
_MISSED_FOR = 10.0
"""Seconds for which a message waits for the one before it."""
_AFTER_A_LOSS = 5.0
"""Seconds until what a worker that was lost was about to deliver is tried again."""


class Entry(NamedTuple):
    """A delivery, and what its notice needs that its workflow's journal does not say."""

    delivery: Delivery
    project: str
    environment: str


class Errand(NamedTuple):
    """What a worker is given to deliver."""

    entry: Entry
    memories: Mapping[str, Data]
    """What the service remembered, by scope."""


class DeliveryBook:
    """All deliveries of a namespace that are remembered, by number, in the order of arrival."""

    def __init__(self, state: Data | None = None) -> None:
        """`state` is what `state()` gave."""
        self._last = 0
        self._entries: dict[int, Entry] = {}
        self._waiting: dict[str, list[int]] = {}
        """Numbers by channel, in order."""
        self._over: dict[bool, deque[int]] = {True: deque(), False: deque()}
        """Numbers of those that are over, in the order of their ends: failed ones, and others."""
        self._under_way: dict[str, int] = {}
        self._said: dict[str, list[int]] = {}
        """Events by workflow."""
        self._early: dict[str, list[tuple[float, Data]]] = {}
        """By workflow: what overtook another message, and until when that is waited for."""
        self._ended_badly: dict[str, bool] = {}
        """How a playbook ended last in an environment."""
        self._memories: dict[tuple[str, str], Data] = {}
        self.ended: dict[str, dict[str, int]] = {}
        """How many came to which end, by integration, since there are deliveries here."""
        self.done: list[Done] = []
        """What people did since somebody emptied this list."""
        if state is not None:
            self._restore(state)

    # What workflows say

    def hear(self, said: Data, now: float) -> None:
        """Of one event: `workflow`, `seq` and `at`; `kind`, as in `notifying`; `previous`, the
        event of which it spoke before in the same run, else 0; `told`, the integrations of the
        workflow with what they want to hear of; `playbook`, `environment` and `project`; `ended`:
        succeeded, failed or needs_attention, if it did.
        """
        self._early.setdefault(said["workflow"], []).append((now + _MISSED_FOR, said))
        self._take_in(said["workflow"], now)

    def _take_in(self, workflow: str, now: float) -> None:
        early = sorted(self._early.pop(workflow, ()), key=lambda one: int(one[1]["seq"]))
        for until, said in early:
            previous = said["previous"]
            if previous and not self._is_known(workflow, previous) and now < until:
                self._early.setdefault(workflow, []).append((until, said))
            elif not self._is_known(workflow, said["seq"]):
                self._know(workflow, said["seq"])
                self._enqueue(said)

    def _is_known(self, workflow: str, seq: int) -> bool:
        known = self._said.get(workflow, ())
        return seq in known or (len(known) == _MOST_SAID and seq < known[0])

    def _know(self, workflow: str, seq: int) -> None:
        known = self._said.pop(workflow, [])
        insort(known, seq)
        self._said[workflow] = known[-_MOST_SAID:]
        _trim(self._said, _MOST_WORKFLOWS)

    def _enqueue(self, said: Data) -> None:
        where = f"{said['playbook']}/{said['environment']}"
        recovered = said["kind"] == SUCCESS and self._ended_badly.get(where, False)
        for integration, wanted in said["told"].items():
            kind = kind_for(said["kind"], tuple(wanted), recovered=recovered)
            if kind is not None:
                self._add(said, integration, kind, recovered=recovered)
        if said["ended"] is not None:
            self._ended_badly.pop(where, None)
            self._ended_badly[where] = said["ended"] != "succeeded"
            _trim(self._ended_badly, _MOST_ENDS)

    def _add(self, said: Data, integration: str, kind: str, *, recovered: bool) -> None:
        self._last += 1
        at, channel = float(said["at"]), f"{said['playbook']}/{integration}"
        delivery = Delivery(
            self._last, said["workflow"], said["seq"], integration, channel, kind, recovered,
            at, at, WAITING, 0, at, "", (), None, said["playbook"],
        )  # fmt: skip
        self._entries[self._last] = Entry(delivery, said["project"], said["environment"])
        self._line_up(self._entries[self._last].delivery)

    def _line_up(self, delivery: Delivery) -> None:
        """In the order in which things happened, which is not always that of hearing of them."""
        line = self._waiting.setdefault(delivery.channel, [])
        insort(line, delivery.number, key=lambda number: (self._at(number), number))

    def _at(self, number: int) -> float:
        return self._entries[number].delivery.at

    # What is next

    def due(self, now: float) -> list[Errand]:
        """Those that are delivered from now on; each has to be settled, lost or put back."""
        for workflow in list(self._early):
            self._take_in(workflow, now)
        room = _MOST_AT_ONCE - len(self._under_way)
        found = sorted(head for head in self._heads() if head[0] <= now)[: max(0, room)]
        for _, number in found:
            self._under_way[self._entries[number].delivery.channel] = number
        return [self._errand(number) for _, number in found]

    def next_due(self) -> float | None:
        """When the next one is to be delivered."""
        times = [until for early in self._early.values() for until, _ in early]
        if len(self._under_way) < _MOST_AT_ONCE:
            times += [at for at, _ in self._heads()]
        return min(times, default=None)

    def _heads(self) -> Iterable[tuple[float, int]]:
        for channel, numbers in self._waiting.items():
            if channel not in self._under_way:
                yield self._entries[numbers[0]].delivery.next_at, numbers[0]

    def _errand(self, number: int) -> Errand:
        entry = self._entries[number]
        delivery = entry.delivery
        # What a service remembers it does for a workflow, or for a playbook in an environment.
        scopes = delivery.workflow, f"{entry.project}/{delivery.playbook}/{entry.environment}"
        keys = ((delivery.channel, scope) for scope in scopes)
        return Errand(entry, {key[1]: self._memories[key] for key in keys if key in self._memories})

    # What became of it

    def settle(self, number: int, outcome: Data, now: float) -> None:
        """An attempt has ended: `state`, `error`, `wait` in seconds, `held`, and `remember`, a
        scope and what is remembered in it, or None. It says nothing of what was dropped meanwhile.
        """
        channel = self._land(number)
        if channel is not None and outcome["remember"] is not None:
            scope, body = outcome["remember"]
            self._memories.pop((channel, scope), None)
            self._memories[channel, scope] = body
            _trim(self._memories, _MOST_MEMORIES)
        entry = self._entries.get(number)
        if entry is None or entry.delivery.state != WAITING:
            return
        delivery = entry.delivery
        if outcome["state"] != DELIVERED:
            delivery = delivery._replace(attempts=delivery.attempts + 1, error=outcome["error"])
        else:
            delivery = delivery._replace(error="")
        delivery = delivery._replace(held=tuple(outcome["held"]))
        if outcome["state"] == WAITING:
            self._put(delivery._replace(next_at=now + outcome["wait"]))
        else:
            self._end(delivery, outcome["state"], now)

    def lost(self, number: int, error: str, now: float) -> None:
        """Nobody knows whether it was delivered: it is tried again."""
        outcome = {"state": WAITING, "error": error, "wait": _AFTER_A_LOSS, "held": (),
                   "remember": None}  # fmt: skip
        self.settle(number, outcome, now)

    def put_back(self, number: int) -> None:
        """Nobody has begun with it."""
        self._land(number)

    def _land(self, number: int) -> str | None:
        for channel, flying in self._under_way.items():
            if flying == number:
                del self._under_way[channel]
                return channel
        return None

    def _put(self, delivery: Delivery) -> None:
        number = delivery.number
        self._entries[number] = self._entries[number]._replace(delivery=delivery)

    def _end(self, delivery: Delivery, state: str, now: float) -> None:
        self._put(delivery._replace(state=state, settled_at=now, held=()))
        if state != _DROPPED:
            ends = self.ended.setdefault(delivery.integration, {})
            ends[state] = ends.get(state, 0) + 1
        numbers = self._waiting.get(delivery.channel, [])
        if delivery.number in numbers:
            numbers.remove(delivery.number)
        if not numbers:
            self._waiting.pop(delivery.channel, None)
        has_failed = state in FAILED
        over = self._over[has_failed]
        over.append(delivery.number)
        while len(over) > (_MOST_FAILED if has_failed else _MOST_SETTLED):
            self._entries.pop(over.popleft(), None)

    # What people ask

    def perform(self, verb: str, arguments: Data, now: float) -> Any:
        """Raises an OrchestrateError."""
        match verb:
            case "retry":
                return self._asked("delivery_retried", arguments, self._retry, now)
            case "drop":
                return self._asked("delivery_dropped", arguments, self._drop, now)
            case "release":
                return self._release(frozenset(arguments["variables"]), now)
            case _:
                raise ConflictError(
                    f"the worker that keeps the deliveries does not know `{verb}`",
                    hint="It is an older program: start workers of this version.",
                )

    def _asked(
        self, action: str, arguments: Data, do: Callable[[str | None, float], int], now: float
    ) -> int:
        """Do it, and have the audit say so."""
        key = arguments["key"]
        before: Data = {} if key is None else {"state": self._open(key).state}
        count = do(key, now)
        if count:
            author = arguments.get("author")
            self.done.append(done(now, action, author, key or "all", before=before))
        return count

    def _retry(self, key: str | None, now: float) -> int:
        if key is None:
            again = self._which(lambda one: one.state == WAITING or one.state in FAILED)
        else:
            again = [self._open(key)]
        for delivery in again:
            if delivery.state != WAITING:
                for over in self._over.values():
                    if delivery.number in over:
                        over.remove(delivery.number)
                self._line_up(delivery)
            self._put(delivery._replace(state=WAITING, next_at=now, since=now, settled_at=None))
        return len(again)

    def _drop(self, key: str | None, now: float) -> int:
        found = self._open(str(key))
        for over in self._over.values():
            if found.number in over:
                over.remove(found.number)
        self._end(found, _DROPPED, now)
        return 1

    def _release(self, variables: frozenset[str], now: float) -> int:
        """What waits for variables that some worker has is due."""
        held = self._which(lambda one: one.state == WAITING and variables.issuperset(one.held))
        released = [one for one in held if one.held]
        for delivery in released:
            self._put(delivery._replace(next_at=now))
        return len(released)

    def _which(self, wanted: Callable[[Delivery], bool]) -> list[Delivery]:
        return [entry.delivery for entry in self._entries.values() if wanted(entry.delivery)]

    def _open(self, key: str) -> Delivery:
        for delivery in self._which(lambda one: one.key == key):
            if delivery.state == DELIVERED:
                raise was_delivered(key)
            return delivery
        raise no_delivery(key)

    # What is seen and kept

    def deliveries(self) -> Iterable[Delivery]:
        """All that are remembered, in order."""
        return (entry.delivery for entry in self._entries.values())

    def state(self) -> Data:
        """Everything, as JSON. What is under way is as if nobody had begun with it."""
        return {
            "last": self._last,
            "entries": [
                [list(e.delivery), e.project, e.environment] for e in self._entries.values()
            ],
            "over": [[failed, list(numbers)] for failed, numbers in self._over.items()],
            "said": list(self._said.items()),
            "early": [[until, said] for early in self._early.values() for until, said in early],
            "ends": list(self._ended_badly.items()),
            "memories": [[*key, body] for key, body in self._memories.items()],
            "ended": self.ended,
        }

    def _restore(self, state: Data) -> None:
        self._last = state["last"]
        for row, project, environment in state["entries"]:
            delivery = delivery_of(row)
            self._entries[delivery.number] = Entry(delivery, project, environment)
            if delivery.state == WAITING:
                self._line_up(delivery)
        self._over = {failed: deque(numbers) for failed, numbers in state["over"]}
        self._said = {workflow: list(seqs) for workflow, seqs in state["said"]}
        for until, said in state["early"]:
            self._early.setdefault(said["workflow"], []).append((until, said))
        self._ended_badly = dict(state["ends"])
        self.ended = state.get("ended", {})
        self._memories = {(channel, scope): body for channel, scope, body in state["memories"]}


def delivery_of(row: list[Any]) -> Delivery:
    """A delivery that was JSON."""
    found = Delivery(*row)
    return found._replace(held=tuple(found.held))


def _trim(kept: dict[Any, Any], most: int) -> None:
    while len(kept) > most:
        del kept[next(iter(kept))]
