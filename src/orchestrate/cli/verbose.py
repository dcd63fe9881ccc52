"""`run --verbose` and `--debug`: every decision with its reason, every call as it is made.

Lines about a step come with the event that they belong to. Expressions are evaluated and launches
prepared before their events are on disk, so they are kept until these are told.
"""

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from orchestrate.cli.console import Stream
from orchestrate.cli.formats import cut, dump, duration, value
from orchestrate.cli.plain import Plain
from orchestrate.cli.style import Style
from orchestrate.errors import Place
from orchestrate.playbook.plan import Expression, Json, Plan, Step
from orchestrate.processes.launch import Launch
from orchestrate.processes.supervising.masking import Masker
from orchestrate.workflow import paths
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.program import Attempt
from orchestrate.workflow.rehearsal.parts import parts_of
from orchestrate.workflow.rehearsal.reasons import source_of, values_in

_LONGEST = 400
"""Characters of one value that are shown."""
_INPUTS = frozenset((EventType.ATTEMPT_FINISHED, EventType.TIMER_FIRED))
"""What is evaluated because of them belongs to what comes after."""
_TAKES = {"condition": ("takes then", "takes else"), "when": ("it runs", "it is skipped")}


class Detail(NamedTuple):
    """What is shown: decisions and calls always, with `internals` also what is behind them."""

    internals: bool
    inherited: Mapping[str, str]
    """The environment that steps inherit."""
    secrets: tuple[str, ...]


class Verbose:
    """A display in lines, and whoever it needs to be told: it implements `watching.Display` and
    `expressions.Watcher`, and takes launches.
    """

    supposes = False

    def __init__(
        self, stream: Stream, style: Style, plan: Plan, detail: Detail, head: Sequence[str]
    ) -> None:
        """`head` is told before anything else."""
        self._head = head
        self._stream = stream
        self._style = style
        self._detail = detail
        self._plain = Plain(stream, style)
        self._secrets = {secret for secret in detail.secrets if secret}
        self._mask = Masker([*self._secrets]).mask
        self._owners = _expressions_of(plan)
        self._evaluated: dict[str, list[str]] = {}
        self._ended: dict[str, str] = {}
        """How the last attempt ended, of steps that may be tried again."""
        self._launches: dict[int, list[str]] = {}
        self._busy = False
        self._last = 0.0
        self.earlier: Callable[[int], Sequence[Event]] = lambda _: ()
        """The events before that number: the first ones are made before anybody looks on."""

    # What is told before its event.

    def evaluated(self, expression: Expression, lookup: Callable[[str], Json], value: Json) -> None:
        """Remember an expression with its value for the step that it belongs to."""
        if self._busy:
            return
        source = source_of(expression)
        values = ""
        if isinstance(value, bool):
            self._busy = True
            try:
                found = values_in(expression, lookup)
            finally:
                self._busy = False
            shown = [f"{name} = {_value(item)}" for name, item in found.items() if name != source]
            values = f" ({', '.join(shown)})" if shown else ""
        where = f"  {self._style.dim(str(expression.place))}" if self._detail.internals else ""
        owner = self._owners.get(expression.place, "")
        text = f"{source} = {_value(value)}{values}"
        self._evaluated.setdefault(owner, []).append(f"{text}{where}")

    def suppose(self, kind: str, about: str, equal: tuple[str, Json] | None = None) -> Json:
        """Nothing is supposed in a real run."""
        raise AssertionError(f"{kind} {about} {equal}")

    def launched(self, attempt: Attempt, launch: Launch, origin: str) -> None:
        """Remember how an attempt is started."""
        if set(launch.masks) - self._secrets:  # fetched since
            self._secrets |= set(launch.masks)
            self._mask = Masker([*self._secrets]).mask
        self._launches[attempt.id] = list(_call(attempt, launch, origin, self._detail, self._mask))

    # What happened.

    def event(self, event: Event) -> None:
        """Tell an event with what belongs to it."""
        self._begin(event)
        if self._detail.internals:
            self._internals(event)
        if event.type not in _INPUTS:
            for line in self._evaluated.pop(paths.static(event.path), ()):
                self._line(event.path, line)
        if event.type is EventType.DECIDED:
            self._line(event.path, _decision(event))
        self._plain.event(event)
        for line in self._about(event):
            self._line(event.path, line)

    def close(self) -> None:
        """Tell what no event came for."""
        for path, lines in self._evaluated.items():
            for line in lines:
                self._line(path, line)
        self._evaluated.clear()
        self._plain.close()

    def _begin(self, event: Event) -> None:
        """Before the first event: the head, and the internals of what was before it."""
        head, self._head = self._head, ()
        for line in head:
            self._line("", line)
        if self._detail.internals and not self._last:
            for before in self.earlier(event.seq):
                self._internals(before)

    def _about(self, event: Event) -> Iterator[str]:
        data = event.data
        match event.type:
            case EventType.ATTEMPT_STARTED:
                if ended := self._ended.pop(event.path, ""):
                    yield f"tried again, because attempt {ended}"
                yield from self._launches.pop(event.seq, ())
            case EventType.ATTEMPT_FINISHED if data["status"] != "succeeded" and not data["final"]:
                message = data.get("message") or f"exit code {data.get('exit_code')}"
                self._ended[event.path] = f"{data['number']} {data['status']}: {message}"
            case EventType.TIMER_SET:
                yield _timer(event)
            case EventType.TIMER_FIRED:
                yield f"over: {_subject(event)}"
            case EventType.STEP_FINISHED if data.get("handled"):
                yield "its on_failure ran to the end; it counts as failed all the same"
            case _:
                pass

    def _line(self, path: str, text: str) -> None:
        where = f"{path}: " if path else ""
        self._stream.line(self._style.dim(self._mask(f"           {where}{text}")))

    def _internals(self, event: Event) -> None:
        since = event.at - self._last if self._last else 0.0
        self._last = event.at
        data = cut(dump(event.data), _LONGEST)
        head = f"#{event.seq} +{since * 1000:.1f} ms {event.type} {event.path}".rstrip()
        self._stream.line(self._style.dim(self._mask(f"  {head} {data}")))


def _expressions_of(plan: Plan) -> dict[Place, str]:
    """To which step (by its path in the plan) the expression at a place belongs."""
    found: dict[Place, str] = {}
    for path, part in parts_of(plan, lambda _: False).items():
        for expression in _within(part.step):
            found.setdefault(expression.place, path)
    return found


def _within(part: object) -> Iterator[Expression]:
    """The expressions of a step itself, not of the steps inside it."""
    match part:
        case Expression():
            yield part
        case Mapping():
            for inner in part.values():  # pyright: ignore[reportUnknownVariableType]
                yield from _within(inner)  # pyright: ignore[reportUnknownArgumentType]
        case tuple() | list():
            for inner in part:  # pyright: ignore[reportUnknownVariableType]
                if not isinstance(inner, Step | Plan):
                    yield from _within(inner)  # pyright: ignore[reportUnknownArgumentType]
        case _:
            pass


def _decision(event: Event) -> str:
    subject, decided = str(event.data["subject"]), event.data["value"]
    if subject in _TAKES:
        return f"{subject} is {'true' if decided else 'false'}: {_TAKES[subject][not decided]}"
    if subject == "items" and isinstance(decided, list | tuple):
        return f"{len(decided)} items: {_value(decided)}"
    if subject.startswith("until-"):
        return f"look {subject.removeprefix('until-')}: {_value(decided)}"
    return f"{subject}: {_value(decided)}"


def _timer(event: Event) -> str:
    at, after = event.data.get("at"), event.data.get("after")
    if isinstance(at, int | float):
        return f"waits {duration(at - event.at)} ({_subject(event)})"
    seconds = float(after) if isinstance(after, int | float) else None
    held = ", standing still" if event.data.get("held") else ""
    return f"{_subject(event)}: {duration(seconds)} from now{held}"


def _subject(event: Event) -> str:
    subject = str(event.data["subject"])
    kind, _, number = subject.partition("-")
    if kind == "retry":
        return f"the pause before attempt {int(number) + 1}"
    return f"the pause before look {number}" if kind == "look" else subject


def _call(
    attempt: Attempt, launch: Launch, origin: str, detail: Detail, mask: Callable[[str], str]
) -> Iterator[str]:
    """How an attempt is started."""
    yield f"argv: {mask(shlex.join(launch.argv))}"
    if origin:
        yield f"found: {origin}"
    deadline = "none" if launch.deadline is None else duration(launch.deadline)
    yield f"in {launch.workdir}, deadline {deadline}"
    yield from _environment(detail.inherited, launch.env, mask)
    if detail.internals:
        yield f"attempt {launch.attempt}, epoch {launch.epoch}, output {launch.log}"
        reads = ", ".join(attempt.reads) or "nothing"
        yield f"grace {duration(launch.grace)}, keeps {launch.output_limit} bytes, reads {reads}"


def _environment(
    inherited: Mapping[str, str], env: Mapping[str, str], mask: Callable[[str], str]
) -> Iterator[str]:
    """How the environment of a step differs from what it inherits. Masked before it is cut: of half
    a secret nobody would know that it is one.
    """
    for name, text in env.items():
        if name not in inherited:
            yield f"env + {name}={cut(mask(shlex.quote(text)), _LONGEST)}"
        elif inherited[name] != text:
            yield f"env ~ {name}={cut(mask(shlex.quote(text)), _LONGEST)}"
    for name in inherited:
        if name not in env:
            yield f"env - {name}"


def _value(data: Json) -> str:
    return cut(value(data), _LONGEST)
