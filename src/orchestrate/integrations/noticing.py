"""Builds notices from the journal, which holds no secret."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, cast

from orchestrate.integrations.message import ApprovalAsked, FailedStep, Metrics, Notice, StepTime
from orchestrate.playbook.plan import Json, Plan
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.state import WorkflowView
from orchestrate.workflow.views import StepView

_MOST_OUTPUT = 2048
"""Bytes of a failed step's output that are told."""
_MOST_STEPS = 20
_HIDDEN = "***"
_COLOURS = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
"""What terminals take for colours and the like."""


class Told(NamedTuple):
    """Which event is told of, as what, to whom."""

    workflow: str
    sequence: int
    kind: str
    integration: str
    recovered: bool


class Surroundings(NamedTuple):
    """What the journal does not say."""

    project: str
    link: str | None
    """With `{id}` in it."""
    output: Callable[[str, int], bytes]
    """The end of what an attempt of a workflow wrote, masked."""


def build_notice(told: Told, plan: Plan, events: Iterable[Event], around: Surroundings) -> Notice:
    """What is to be told of the event `told.sequence`; later events count for nothing."""
    story = _Story(told.workflow)
    for event in events:
        if event.seq > told.sequence:
            break
        story.apply(event)
    view = story.view
    over = view.finished_at is not None
    until = view.finished_at if view.finished_at is not None else story.at
    started = view.started_at
    return Notice(
        kind=told.kind,
        key=f"{told.workflow}/{told.sequence}/{told.integration}",
        sequence=told.sequence,
        at=story.at,
        integration=told.integration,
        project=around.project,
        workflow=told.workflow,
        playbook=view.playbook,
        version=plan.version or "",
        category=plan.category or "",
        labels=plan.tags,
        environment=view.environment,
        actor=view.actor,
        state=str(view.state),
        started_at=started,
        finished_at=view.finished_at,
        duration=None if started is None else max(0.0, until - started),
        reason=_reason(story),
        failed=_failed(story, around) if over and view.error else None,
        approval=_approval(story),
        parameters={**view.parameters, **dict.fromkeys(story.secret_parameters, _HIDDEN)},
        link=around.link.replace("{id}", told.workflow) if around.link else None,
        dedup_key=f"{around.project}/{view.playbook}/{view.environment}",
        recovered=told.recovered,
        metrics=_metrics(story),
    )


class _Story:
    """What happened up to the event that is told of."""

    def __init__(self, workflow: str) -> None:
        self.view = WorkflowView(workflow)
        self.at = 0.0
        self.last: Event | None = None
        self.secret_parameters: tuple[str, ...] = ()
        self.newest_attempt: dict[str, int] = {}
        self.attempts = 0
        self.retries = 0
        self.lock_wait = 0.0

    def apply(self, event: Event) -> None:
        """Take the next event."""
        self.view.apply(event)
        self.at, self.last, data = event.at, event, event.data
        match event.type:
            case EventType.WORKFLOW_CREATED:
                names = data.get("secret_parameters")
                self.secret_parameters = tuple(map(str, names)) if isinstance(names, list) else ()
            case EventType.ATTEMPT_STARTED:
                self.newest_attempt[event.path] = _number(data.get("id"))
                self.attempts += 1
                self.retries += _number(data.get("number")) > 1
            case EventType.CLAIMED:
                waited = data.get("waited")
                self.lock_wait += waited if isinstance(waited, int | float) else 0.0
            case _:
                pass


def _reason(story: _Story) -> str:
    last = story.last
    if last is not None and last.type is EventType.PARKED:
        where = f"{last.path}: " if last.path else ""
        return f"{where}{last.data.get('message', '')}"
    return story.view.reason


def _failed(story: _Story, around: Surroundings) -> FailedStep:
    error = story.view.error or {}
    step = error.get("step")
    path = step if isinstance(step, str) else ""
    code = error.get("exit_code")
    view, attempt = story.view.steps.get(path), story.newest_attempt.get(path)
    output = b"" if attempt is None else around.output(story.view.id, attempt)
    return FailedStep(
        path=path,
        attempt=0 if view is None else view.attempts,
        exit_code=code if isinstance(code, int) else None,
        message=str(error.get("message") or ""),
        output=_last_lines(output),
    )


def _last_lines(output: bytes) -> str:
    """The end of the output, from the beginning of a line if there is one."""
    if len(output) > _MOST_OUTPUT:
        output = output[-_MOST_OUTPUT:]
        _, newline, rest = output.partition(b"\n")
        output = rest if newline and rest else output
    text = _COLOURS.sub("", output.decode("utf-8", "replace")).strip("\n")
    return "".join(c for c in text if c in "\n\t" or c.isprintable())


def _approval(story: _Story) -> ApprovalAsked | None:
    last = story.last
    if last is None or last.type is not EventType.APPROVAL_REQUESTED:
        return None
    asked = story.view.approvals.get(last.path)
    if asked is None:
        return None
    timeout = last.data.get("timeout")
    deadline = last.at + timeout if isinstance(timeout, int | float) else asked.deadline
    return ApprovalAsked(
        path=last.path,
        message=asked.request.message,
        approvers=tuple(asked.request.approvers or ()),
        deadline=deadline,
        command=f"orchestrate approve {story.view.id} --step {last.path}",
    )


def _metrics(story: _Story) -> Metrics:
    counts: dict[str, int] = {}
    top: list[StepTime] = []
    for step in story.view.steps.values():
        counts[step.state] = counts.get(step.state, 0) + 1
        if step.finished and not step.parent and step.duration is not None:
            top.append(_time_of(step, step.duration))
    slowest = sorted(top, key=lambda step: (-step.duration, step.path))[:_MOST_STEPS]
    return Metrics(counts, story.attempts, story.retries, story.lock_wait, tuple(slowest))


def _time_of(step: StepView, duration: float) -> StepTime:
    return StepTime(step.path, step.label or step.kind, step.state, duration)


def _number(value: Json) -> int:
    return value if isinstance(value, int) else 0


def masked(notice: Notice, mask: Callable[[str], str]) -> Notice:
    """The notice with each text put through `mask`: a second look, where the values of the
    integration's own secrets are known.
    """
    kept = {name: getattr(notice, name) for name in ("kind", "key", "workflow", "integration")}
    return cast("Notice", _masked(notice, mask))._replace(**kept)


def _masked(value: object, mask: Callable[[str], str]) -> object:
    match value:
        case str():
            return mask(value)
        case Mapping():
            whole = cast("Mapping[str, object]", value)
            return {key: _masked(part, mask) for key, part in whole.items()}
        case list():
            return [_masked(part, mask) for part in cast("list[object]", value)]
        case tuple():
            parts = [_masked(part, mask) for part in cast("tuple[object, ...]", value)]
            of = cast("Callable[..., object]", type(cast("object", value)))
            return of(*parts) if hasattr(of, "_fields") else tuple(parts)
        case _:
            return value
