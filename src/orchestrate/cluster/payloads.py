"""What goes over the wire and rests in Temporal's histories: plain JSON, compressed where it is
large. Secrets are references in all of it.
"""

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, cast

from orchestrate.errors import Place
from orchestrate.playbook import codec
from orchestrate.playbook.plan import Json, Plan, Secret, SecretRef
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.outcomes import Outcome, State, Status
from orchestrate.workflow.program import Argument, Attempt, Call

Data = dict[str, Any]
"""One JSON object, as Temporal's converter gives it."""

# ASCII only: what a process wrote may hold lone surrogates, which are not UTF-8.
_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
_TYPES = {str(kind): kind for kind in EventType}


def event_row(event: Event) -> list[Any]:
    """An event as JSON."""
    return [event.seq, event.at, event.type, event.path, event.data]


def events_of(rows: Iterable[list[Any]]) -> list[Event]:
    """What `event_row` wrote. Types that this program does not know raise KeyError."""
    return [Event(seq, at, _TYPES[kind], path, data) for seq, at, kind, path, data in rows]


def pack_plan(plan: Plan) -> bytes:
    """A plan, compressed."""
    return zlib.compress(codec.dump_plan(plan).encode(errors="surrogatepass"), 6)


def unpack_plan(body: bytes) -> Plan:
    """The plan of `pack_plan`."""
    return codec.load_plan(zlib.decompress(body).decode(errors="surrogatepass"))


class StepRequest(NamedTuple):
    """What a worker needs to execute an attempt, or to find it again."""

    workflow: str
    created_at: float
    traceparent: str
    """Of whoever asked for the workflow; "" if nobody said."""
    environment: str
    secrets: tuple[Secret, ...]
    """What the plan declares: values are found by the worker."""
    withheld: tuple[str, ...]
    """Variables of the worker that no step inherits."""
    lease: float
    """Seconds that a worker which lost touch goes on with it before it ends its process tree."""
    attempt: Attempt
    files: tuple[str, int] | None = None
    """The project's files to run from, by digest and size; None: those that the worker has."""
    safe: str | None = None
    """Where the values of secret parameters are; None: there are none."""

    @property
    def key(self) -> str:
        """Names the attempt, for ever: `WF-2026-001/17`."""
        return f"{self.workflow}/{self.attempt.id}"

    def to_data(self) -> Data:
        """As JSON."""
        return {
            **without_none(self._asdict(), "safe"),
            "secrets": [secret._asdict() for secret in self.secrets],
            "attempt": _attempt_data(self.attempt),
        }

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "StepRequest":
        """What `to_data` wrote."""
        return cls(**data)._replace(
            secrets=tuple(_secret(entry) for entry in data["secrets"]),
            withheld=tuple(data["withheld"]),
            attempt=_attempt(data["attempt"]),
        )


def _secret(data: Data) -> Secret:
    return Secret(data["name"], data["source"], data["options"], Place(*data["place"]))


def _attempt_data(attempt: Attempt) -> Data:
    call = attempt.call
    return {
        **attempt._asdict(),
        "call": {
            **call._asdict(),
            "words": [_argument_data(word) for word in call.words],
            "env": {name: _argument_data(value) for name, value in call.env.items()},
        },
    }


def _attempt(data: Data) -> Attempt:
    call = Call(**data["call"])
    return Attempt(**data)._replace(
        call=call._replace(
            words=tuple(_argument(word) for word in call.words),
            env={name: _argument(value) for name, value in call.env.items()},
        ),
        secret_parameters=tuple(data["secret_parameters"]),
        reads=tuple(data["reads"]),
        tokens=tuple((name, token) for name, token in data["tokens"]),
    )


def _argument_data(argument: Argument) -> Any:
    if isinstance(argument, str):
        return argument
    return [part if isinstance(part, str) else {"secret": part.name} for part in argument]


def _argument(data: Any) -> Argument:
    if isinstance(data, str):
        return data
    return tuple(part if isinstance(part, str) else SecretRef(part["secret"]) for part in data)


def outcome_data(outcome: Outcome) -> Data:
    """An outcome as JSON, without what has its usual value."""
    usual = Outcome(outcome.status)._asdict()
    return {
        name: value
        for name, value in outcome._asdict().items()
        if name == "status" or value != usual[name]
    }


def outcome_of(data: Mapping[str, Json]) -> Outcome:
    """What `outcome_data` wrote."""
    found = Outcome(**cast("Data", dict(data)))
    return found._replace(
        status=Status(found.status),
        left_running=tuple(found.left_running),
        survivors=tuple(found.survivors),
    )


def without_none(data: Data, field: str) -> Data:
    """Without a field that is None: programs from before there was one go on with what they get."""
    return {name: value for name, value in data.items() if name != field or value is not None}


_PAGE_SIZE = 1 << 20
"""Bytes of JSON after which a page of events is full: Temporal takes 2 MB, compressed."""


class Page(NamedTuple):
    """Some events, and where their workflow stood when they were asked for."""

    events: list[Event]
    state: State
    stuck: bool
    """Only somebody's decision can move it."""
    more: bool
    """There were more events than the page holds."""


def pack_page(events: Sequence[Event], state: State, *, stuck: bool) -> bytes:
    """As many of the events as fit into one answer, at least one."""
    rows: list[str] = []
    size = 0
    for event in events:
        if size > _PAGE_SIZE:
            break
        rows.append(_encode(event_row(event)))
        size += len(rows[-1])
    more = len(rows) < len(events)
    text = f"[[{','.join(rows)}],{_encode([state, stuck, more])}]"
    return zlib.compress(text.encode(), 6)


def unpack_page(body: bytes) -> Page:
    """What `pack_page` wrote."""
    rows, (state, stuck, more) = json.loads(zlib.decompress(body))
    return Page(events_of(rows), State(state), stuck, more)
