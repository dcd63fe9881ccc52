"""Approvals: what is asked of people, whether an answer is one, and what the answers come to.

What was asked stands in the journal (`approval_requested`), so the process that runs a workflow and
one that finds it left waiting judge an answer alike.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from orchestrate.errors import ConflictError, Place, UsageError
from orchestrate.playbook.parameters import convert
from orchestrate.playbook.plan import GROUP, Json, Parameter
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.moments import rfc3339
from orchestrate.workflow.scope import Pending

FAIL, CONTINUE, REJECT = "fail", "continue", "reject"
_NOWHERE = Place("", 0, 0)


class Approver(NamedTuple):
    """Whoever answers: a user, and the groups that the system has for that user."""

    name: str
    groups: frozenset[str] = frozenset()


class Answer(NamedTuple):
    """What somebody says to an approval. `reason`: of a rejection; of an approval, a comment."""

    inputs: Mapping[str, Json] = {}
    reason: str = ""
    rejects: bool = False


class Request(NamedTuple):
    """What is asked. `approvers` is None if anybody may answer; `timeout`: seconds."""

    message: str
    approvers: tuple[str, ...] | None
    inputs: tuple[Parameter, ...]
    minimum: int = 1
    timeout: float | None = None
    on_timeout: str = FAIL

    def to_data(self) -> dict[str, Json]:
        """The data of `approval_requested`."""
        data: dict[str, Json] = {
            "message": self.message,
            "inputs": [_declared(one) for one in self.inputs],
            "minimum": self.minimum,
            "on_timeout": self.on_timeout,
        }
        if self.approvers is not None:
            data["approvers"] = list(self.approvers)
        if self.timeout is not None:
            data["timeout"] = self.timeout
        return data

    def admits(self, approver: Approver) -> bool:
        """Whether that person may answer."""
        if self.approvers is None:
            return True
        groups = {one.removeprefix(GROUP) for one in self.approvers if one.startswith(GROUP)}
        return approver.name in self.approvers or not groups.isdisjoint(approver.groups)

    def typed(self, given: Mapping[str, Json]) -> dict[str, Json]:
        """The inputs as their types, those left out with their defaults. Raises UsageError."""
        problems = [self._unknown(name) for name in given if name not in self._names()]
        values: dict[str, Json] = {}
        for one in self.inputs:
            try:
                if one.name in given:
                    values[one.name] = convert(one, given[one.name])
                elif one.required:
                    raise ValueError(f"is missing{_described(one)}")  # noqa: TRY301
                else:
                    values[one.name] = one.default
            except ValueError as error:
                problems.append(f"the input `{one.name}` {error}")
        if problems:
            raise UsageError("\n".join(problems), hint=self._hint())
        return values

    def missing(self, given: Mapping[str, Json]) -> list[Parameter]:
        """The inputs that must still be given."""
        return [one for one in self.inputs if one.required and one.name not in given]

    def _names(self) -> list[str]:
        return [one.name for one in self.inputs]

    def _unknown(self, name: str) -> str:
        from orchestrate.playbook.spelling import nearest

        near = nearest(name, self._names())
        return f"there is no input `{name}`" + (f"; did you mean `{near}`?" if near else "")

    def _hint(self) -> str:
        if not self.inputs:
            return "Leave `--input` out: this approval takes none."
        return f"Give values with --input name=value. It takes: {', '.join(self._names())}."


def request_of(data: Mapping[str, Json]) -> Request:
    """What an `approval_requested` event asks."""
    approvers, inputs = data.get("approvers"), data.get("inputs")
    minimum, timeout = data.get("minimum"), data.get("timeout")
    return Request(
        str(data["message"]),
        tuple(map(str, approvers)) if isinstance(approvers, list | tuple) else None,
        tuple(_parameter(one) for one in _listed(inputs) if isinstance(one, Mapping)),
        minimum if isinstance(minimum, int) else 1,
        float(timeout) if isinstance(timeout, int | float) else None,
        str(data.get("on_timeout", FAIL)),
    )


class Given(NamedTuple):
    """An answer. `reason`: why it was rejected, or what was said when it was approved."""

    actor: str
    at: float
    inputs: Mapping[str, Json]
    reason: str
    rejected: bool


def given_of(event: Event) -> Given:
    """The answer that an event holds."""
    data = event.data
    rejected = event.type is EventType.APPROVAL_REJECTED
    inputs = data.get("inputs")
    return Given(
        str(data.get("actor", "")),
        event.at,
        inputs if isinstance(inputs, Mapping) else {},
        str(data.get("reason" if rejected else "comment") or ""),
        rejected,
    )


class Waiting:
    """An approval that waits: what was asked, and what was answered so far."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.given: list[Given] = []
        self.decided: Pending[None] = Pending()

    @property
    def enough(self) -> bool:
        """Whether it is decided."""
        return is_enough(self.request, self.given)


def is_enough(request: Request, given: Sequence[Given]) -> bool:
    """Whether these answers decide it: one rejection does, or as many approvals as are wanted."""
    return any(one.rejected for one in given) or len(given) >= request.minimum


class Approvals:
    """The approvals of one workflow, by path."""

    def __init__(self) -> None:
        self.open: dict[str, Waiting] = {}
        self.early: dict[str, list[Event]] = {}
        """Recorded answers to what the interpreter has not come to yet."""
        self.ended: dict[str, str] = {}
        """What has become of those that wait no more."""

    def asked(self, path: str, actor: str) -> Request:
        """What waits at `path` for that person. Raises ConflictError."""
        waiting = self.open.get(path)
        if waiting is None:
            raise no_longer_waits(path, self.ended.get(path, ""))
        check_first(path, waiting.given, actor)
        return waiting.request

    def take(self, event: Event) -> None:
        """Deliver an answer."""
        waiting = self.open.get(event.path)
        if waiting is None:
            self.early.setdefault(event.path, []).append(event)
            return
        waiting.given.append(given_of(event))
        if waiting.enough:
            del self.open[event.path]
            self.ended[event.path] = what_happened(waiting.given[-1])
            waiting.decided.resolve(None)


def what_happened(given: Given) -> str:
    """An answer in words."""
    verb = "rejected" if given.rejected else "approved"
    reason = f": {given.reason}" if given.rejected and given.reason else ""
    return f"{given.actor} {verb} it at {rfc3339(given.at)}{reason}"


def no_longer_waits(path: str, happened: str) -> ConflictError:
    """The error of whoever comes too late."""
    told = f": {happened}" if happened else ""
    return ConflictError(
        f"{path} does not wait for approval{' any more' if happened else ''}{told}",
        hint="`orchestrate approve --list` shows what waits.",
    )


def check_first(path: str, given: Sequence[Given], actor: str) -> None:
    """Raise ConflictError if that person has answered already."""
    for one in given:
        if one.actor == actor:
            raise ConflictError(
                f"{actor} has approved {path} already, at {rfc3339(one.at)}",
                hint="It waits for somebody else, too.",
            )


def _described(parameter: Parameter) -> str:
    return f": {parameter.description}" if parameter.description else ""


def _declared(parameter: Parameter) -> dict[str, Json]:
    plain = parameter._asdict()
    for key in ("secret", "implicit", "place"):
        del plain[key]
    return {key: value for key, value in plain.items() if value not in (None, "")}


def _parameter(data: Mapping[str, Json]) -> Parameter:
    choices, pattern = data.get("choices"), data.get("pattern")
    return Parameter(
        name=str(data["name"]),
        type=str(data.get("type", "string")),
        description=str(data.get("description", "")),
        required=bool(data.get("required")),
        default=data.get("default"),
        choices=tuple(choices) if isinstance(choices, list | tuple) else None,
        pattern=pattern if isinstance(pattern, str) else None,
        minimum=_bound(data.get("minimum")),
        maximum=_bound(data.get("maximum")),
        secret=False,
        implicit=False,
        place=_NOWHERE,
    )


def _bound(value: Json) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _listed(value: Json) -> Sequence[Json]:
    return value if isinstance(value, list | tuple) else ()
