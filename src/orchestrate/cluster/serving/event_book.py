"""Events that were sent to a project, and the steps that wait for some, as the workflow keeps them.
Pure; times are handed in.

An event is offered to every wait that it fits. The step takes it, or its filter keeps it back, and
its workflow says which. What it says may come twice, and an offer may: both change nothing then.
"""

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from orchestrate.cluster.auditing.actions import Done, done
from orchestrate.cluster.payloads import Data
from orchestrate.errors import ConflictError
from orchestrate.launching.inbox import Settled
from orchestrate.playbook.patterns import fits
from orchestrate.triggers.cloud_events import FILES, CloudEvent

TAKEN, UNMATCHED, PENDING = "taken", "unmatched", "pending"
_NOBODY = "no trigger waits for it, and no step any more"
_MOST_KEYS = 10_000
"""Events that are known by their names, the last ones."""
_MOST_KEPT = 1 << 20
"""Bytes of events that are remembered after they were looked at."""
_SHOWN, _MOST_SHOWN = 100, 1 << 16
"""Of those that started nothing: how many are shown, and bytes of all of them."""
_PAGE, _LARGEST_PAGE = 100, 1 << 20


class _Kept:
    """An event. `size`: bytes of its JSON."""

    __slots__ = ("at", "event", "reason", "size", "state", "workflows")

    def __init__(self, at: float, event: CloudEvent) -> None:
        self.at = at
        self.event = event
        self.size = len(json.dumps(event))
        self.state = PENDING
        self.reason = ""
        self.workflows: list[str] = []


class Offer(NamedTuple):
    """An event that may be what a step waits for."""

    workflow: str
    path: str
    number: int
    event: Data
    """As expressions see it."""


class EventBook:
    """All events of a namespace that are remembered, by number, in the order of arrival."""

    def __init__(self, state: Data | None = None) -> None:
        """`state` is what `state()` gave."""
        self._last = 0
        self._keys: dict[str, None] = {}
        self._events: dict[int, _Kept] = {}
        self._waits: dict[tuple[str, str], tuple[str, str | None]] = {}
        self._offers: dict[tuple[str, str], dict[int, None]] = {}
        self.outbox: list[Offer] = []
        """What is still to be told to workflows."""
        self.done: list[Done] = []
        """What people did since somebody emptied this list."""
        if state is not None:
            self._restore(state)

    # What people ask

    def perform(self, verb: str, arguments: Data, now: float) -> Any:
        """Raises an OrchestrateError."""
        match verb:
            case "put":
                return [self._put(CloudEvent(*one), now) for one in arguments["events"]]
            case "try_again":
                again = self._of_state(UNMATCHED, "refused")
                for number in again:
                    self._events[number].state, self._events[number].reason = PENDING, ""
                if again:
                    author, count = arguments.get("author"), len(again)
                    self.done.append(done(now, "events_retried", author, "", count=count))
                return len(again)
            case _:
                raise ConflictError(
                    f"the worker that keeps the events does not know `{verb}`",
                    hint="It is an older program: start workers of this version.",
                )

    def _put(self, event: CloudEvent, now: float) -> Data:
        key = sha256(f"{event.source}\0{event.id}".encode(errors="replace")).hexdigest()[:24]
        if key in self._keys:
            return {"fresh": False, "waiters": []}
        self._keys[key] = None
        while len(self._keys) > _MOST_KEYS:
            del self._keys[next(iter(self._keys))]
        self._last += 1
        self._events[self._last] = _Kept(now, event)
        waiters = [
            list(who) for who, wanted in self._waits.items() if self._offer(who, wanted, self._last)
        ]
        return {"fresh": True, "waiters": waiters}

    # What workflows say

    def hear(self, workflow: str, said: Sequence[Sequence[Any]]) -> None:
        """`await`, `forget`, `taken` and `kept_back`, each with the path of a step."""
        for kind, path, *rest in said:
            who = workflow, str(path)
            match kind:
                case "await":
                    event, source, since = rest
                    self._waits[who] = event, source
                    self._offers.setdefault(who, {})
                    for number, kept in self._events.items():
                        if kept.at >= since:
                            self._offer(who, (event, source), number)
                case "forget":
                    self._forget(who)
                case "taken":
                    self._take(rest[0], [workflow])
                case _:
                    self._withdraw(who, rest[0])

    def lost(self, workflow: str) -> None:
        """It has ended, or is not there: if it goes on some day it says what it waits for."""
        for who in [who for who in self._waits if who[0] == workflow]:
            self._forget(who)

    def _offer(self, who: tuple[str, str], wanted: tuple[str, str | None], number: int) -> bool:
        event = self._events[number].event
        kind, source = wanted
        if event.source.startswith(FILES):
            return False
        if not (fits(kind, event.type) and fits(source, event.source)):
            return False
        self._offers[who][number] = None
        self.outbox.append(Offer(*who, number, event.to_json()))
        return True

    def _forget(self, who: tuple[str, str]) -> None:
        self._waits.pop(who, None)
        for number in self._offers.pop(who, {}):
            self._nobody(number)

    def _withdraw(self, who: tuple[str, str], number: int) -> None:
        if self._offers.get(who, {}).pop(number, number) is None:
            self._nobody(number)

    def _nobody(self, number: int) -> None:
        """One less may want it in the end."""
        kept = self._events.get(number)
        if kept is None or kept.state != TAKEN or kept.workflows or self._is_offered(number):
            return
        kept.state, kept.reason = UNMATCHED, _NOBODY

    def _take(self, number: int, workflows: Sequence[str]) -> None:
        kept = self._events.get(number)
        if kept is None:
            return
        kept.workflows = list(dict.fromkeys([*kept.workflows, *workflows]))
        if kept.workflows and kept.state == UNMATCHED:
            kept.state, kept.reason = TAKEN, ""

    def _is_offered(self, number: int) -> bool:
        return any(number in offered for offered in self._offers.values())

    # What triggers make of it

    def pending(self) -> list[Data]:
        """The next ones that nobody has looked at."""
        page: list[Data] = []
        size = 0
        for number in self._of_state(PENDING)[:_PAGE]:
            kept = self._events[number]
            size += kept.size
            if page and size > _LARGEST_PAGE:
                break
            page.append({"number": number, "event": list(kept.event)})
        return page

    def settle(self, number: int, came: Settled) -> None:
        """What became of one that triggers looked at, as far as is known: one that started nothing
        is no unmatched one if a step that waits took it, or may still do so.
        """
        kept = self._events[number]
        self._take(number, came.workflows)
        kept.state, kept.reason = came.state, came.reason
        if came.state == UNMATCHED and (kept.workflows or self._is_offered(number)):
            kept.state, kept.reason = TAKEN, ""
        self._trim()

    def _trim(self) -> None:
        size = sum(kept.size for kept in self._events.values())
        for number in list(self._events):
            if size <= _MOST_KEPT and len(self._events) <= _MOST_KEYS:
                return
            kept = self._events[number]
            if kept.state != PENDING and not self._is_offered(number):
                size -= kept.size
                del self._events[number]

    def _of_state(self, *states: str) -> list[int]:
        return [number for number, kept in self._events.items() if kept.state in states]

    # What is seen and kept

    def unmatched(self) -> list[Data]:
        """Those that started nothing, newest first, as others see them."""
        shown: list[Data] = []
        size = 0
        for number in reversed(self._of_state(UNMATCHED, "refused")):
            kept = self._events[number]
            size += kept.size
            if len(shown) == _SHOWN or (shown and size > _MOST_SHOWN):
                break
            shown.append(
                {"number": number, "at": kept.at, "event": list(kept.event), "state": kept.state,
                 "reason": kept.reason}
            )  # fmt: skip
        return shown

    def state(self) -> Data:
        """Everything, as JSON."""
        return {
            "last": self._last,
            "keys": list(self._keys),
            "events": [
                [number, one.at, list(one.event), one.state, one.reason, one.workflows]
                for number, one in self._events.items()
            ],
            "waits": [[*who, *wanted] for who, wanted in self._waits.items()],
            "offers": [[*who, list(numbers)] for who, numbers in self._offers.items()],
        }

    def _restore(self, state: Data) -> None:
        self._last = state["last"]
        self._keys = dict.fromkeys(state["keys"])
        for number, at, event, known, reason, workflows in state["events"]:
            kept = self._events[number] = _Kept(at, CloudEvent(*event))
            kept.state, kept.reason, kept.workflows = known, reason, workflows
        for workflow, path, event, source in state["waits"]:
            self._waits[workflow, path] = event, source
        for workflow, path, numbers in state["offers"]:
            self._offers[workflow, path] = dict.fromkeys(numbers)
            for number in numbers:
                event = self._events[number].event
                self.outbox.append(Offer(workflow, path, number, event.to_json()))
