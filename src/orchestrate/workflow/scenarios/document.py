"""What a scenario file may hold, as pydantic models; the JSON Schema for editors is made from them.

A file is a list of scenarios, or a mapping whose `scenarios` share what stands beside them.
"""

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    RootModel,
    Tag,
    WithJsonSchema,
)

from orchestrate.playbook.document.models import Model
from orchestrate.playbook.document.types import (
    EnvironmentValues,
    Needs,
    Text,
    Texts,
    Truth,
    Values,
    kind_of,
    wrong,
)
from orchestrate.playbook.document.validation import TAG
from orchestrate.playbook.durations import parse_duration
from orchestrate.playbook.spelling import nearest

FOR_EVER = "for_ever"
STATUSES = ("succeeded", "failed", "timed_out", "cancelled", "unknown")
ENDS = ("succeeded", "failed", "timed_out", "cancelled", "skipped")
_WORDS = f"^({'|'.join(STATUSES)}|{FOR_EVER}|failed [0-9]+)$"
_OUTCOME_HINT = f"such as `succeeded`, `failed`, `failed 3`, `timed_out`, `unknown`, `{FOR_EVER}`"


MAPPING, LIST, VALUE = f"{TAG}mapping", f"{TAG}list", f"{TAG}value"


def _shape(value: Any) -> str:
    return LIST if isinstance(value, list) else _mapping_or_value(value)


def _mapping_or_value(value: Any) -> str:
    return MAPPING if isinstance(value, dict) else VALUE


def _key(description: str, alias: str | None = None) -> Any:
    return Field(default=None, description=description, alias=alias)


def _outcome_word(value: Any) -> Any:
    words = value.split() if isinstance(value, str) else []
    status, *code = words or [""]
    known = status in STATUSES or status == FOR_EVER
    if not known or (code and not (status == "failed" and len(code) == 1 and code[0].isdigit())):
        shown = f"`{value}`" if isinstance(value, str) else kind_of(value)
        near = nearest(status, (*STATUSES, FOR_EVER)) if not known else None
        hint = f"did you mean `{near}`?" if near else _OUTCOME_HINT
        raise wrong(f"cannot be {shown}", hint, "unknown-value")
    return value


def _seconds(value: Any) -> Any:
    try:
        parse_duration(value)
    except ValueError as error:
        hint = "write seconds, or units such as `90s`, `5m`, `1h30m`"
        raise wrong(f"is not a duration: {error}", hint) from None
    return value


def _takes(value: Any) -> Any:
    return value if value == FOR_EVER else _seconds(value)


def _count(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise wrong(f"must be a whole number of at least 1, not {kind_of(value)}", "write 2, say")
    return value


def _written(value: Any) -> Any:
    given = kind_of(value)
    if isinstance(value, bool | list | dict) or value is None:
        raise wrong(f"must be text, not {given}", "put it in quotes")
    return value


def _only_true(value: Any) -> Any:
    if value is not True:
        raise wrong(f"must be true or a mapping, not {kind_of(value)}", "write `true`")
    return value


def _ends(value: Any) -> Any:
    if not isinstance(value, dict):
        raise wrong(f"must be a mapping, not {kind_of(value)}", "write `step: succeeded` lines")
    for path, end in value.items():  # pyright: ignore[reportUnknownVariableType]
        if end not in ENDS:
            hint = f"it can be {', '.join(ENDS)}"
            message = f"cannot give `{path}` the outcome `{end}`"
            raise wrong(message, hint, "unknown-value", inside=str(path))  # pyright: ignore[reportUnknownArgumentType]
    return value  # pyright: ignore[reportUnknownVariableType]


def _counts(value: Any) -> Any:
    if not isinstance(value, dict):
        raise wrong(f"must be a mapping, not {kind_of(value)}", "write `step: 3` lines")
    for path, count in value.items():  # pyright: ignore[reportUnknownVariableType]
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            message = "must be whole numbers"
            raise wrong(message, "write how often the step was tried", inside=str(path))  # pyright: ignore[reportUnknownArgumentType]
    return value  # pyright: ignore[reportUnknownVariableType]


_DURATION_SCHEMA: dict[str, Any] = {"type": ["number", "string"]}
Duration = Annotated[Any, AfterValidator(_seconds), WithJsonSchema(_DURATION_SCHEMA)]
Takes = Annotated[Any, AfterValidator(_takes), WithJsonSchema(_DURATION_SCHEMA)]
Count = Annotated[Any, AfterValidator(_count), WithJsonSchema({"type": "integer", "minimum": 1})]
Written = Annotated[Any, AfterValidator(_written), WithJsonSchema({"type": ["string", "number"]})]
Word = Annotated[
    Any,
    AfterValidator(_outcome_word),
    WithJsonSchema({"type": "string", "pattern": _WORDS}),
]
Yes = Annotated[Any, AfterValidator(_only_true), WithJsonSchema({"const": True})]
Ends = Annotated[
    Any,
    AfterValidator(_ends),
    WithJsonSchema({"type": "object", "additionalProperties": {"enum": list(ENDS)}}),
]
Counts = Annotated[
    Any,
    AfterValidator(_counts),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}}),
]


class OutcomeModel(Model):
    """How an attempt ends. What is left out is as for a call that succeeds after a second."""

    status: Literal["succeeded", "failed", "timed_out", "cancelled", "unknown"] = _key(
        "Default: succeeded. unknown: the machine died, and nobody can say."
    )
    exit_code: int = _key("Default: 0 after success, 1 after failure.")
    output: Any = _key("What the call hands over as its `output`.")
    stdout: Written = _key("What it writes to stdout.")
    stderr: Written = _key("What it writes to stderr.")
    message: Written = _key("The reason, for people. Default: `exit code N` after a failure.")
    takes: Takes = _key("Virtual seconds until it ends, or for_ever. Default: 1.")
    stops_in: Duration = _key("Virtual seconds from a stop until it is gone. Default: 0.")
    survivors: Texts = _key("Processes that a stop leaves, such as `4711 stuck`.")
    read_only: Truth = _key("With unknown: the call only reads, so it may be made again.")


One = Annotated[
    Annotated[OutcomeModel, Tag(MAPPING)] | Annotated[Word, Tag(VALUE)],
    Discriminator(_mapping_or_value),
]
Script = Annotated[
    Annotated[OutcomeModel, Tag(MAPPING)]
    | Annotated[Word, Tag(VALUE)]
    | Annotated[Annotated[list[One], Field(min_length=1)], Tag(LIST)],
    Discriminator(_shape),
]


class MomentModel(Model):
    """An event at which a signal is given: the first of its kind."""

    step: Text = Field(description="The path of the step.")
    is_: Literal[
        "started", "finished", "succeeded", "failed", "timed_out", "cancelled", "skipped", "parked",
        "asked", "listening",
    ] = Field(
        alias="is",
        description="What becomes of it. parked: somebody must decide; asked: to approve; "
        "listening: for an event.",
    )  # fmt: skip
    attempt: Count = _key("started: this attempt. Default: the first.")
    after: Duration = _key("Virtual seconds later. Default: 0.")


class PauseModel(Model):
    """Nothing more starts; what runs ends."""

    reason: Text = _key("Kept with the pause.")
    now: Truth = _key("What runs is stopped, and runs again afterwards.")
    checkpoint: Truth = _key("A checkpoint is taken.")
    for_: Duration = _key("It ends by itself after that many virtual seconds.", alias="for")


class ReasonModel(Model):
    """A cancellation, or an end by decision."""

    reason: Text = _key("Kept with the workflow.")


class ResolveModel(Model):
    """A decision about something that waits for one."""

    path: Text = _key("The path of the step. Left out: the workflow itself.")
    choice: Text = Field(description="One of the choices, such as rerun, skip, fail.")


class ApproveModel(Model):
    """Somebody approves."""

    step: Text = Field(description="The path of the step.")
    by: Text = _key("Who. Default: tester.")
    inputs: Values = _key("Values of the inputs.")
    comment: Text = _key("Kept with the approval.")


class RejectModel(Model):
    """Somebody rejects."""

    step: Text = Field(description="The path of the step.")
    by: Text = _key("Who. Default: tester.")
    reason: Text = _key("Kept with the rejection.")


class EventModel(Model):
    """An event is given to the project, as with `orchestrate emit`."""

    type: Text = Field(description="What happened.")
    source: Text = _key("Where it comes from. Default: tester.")
    id: Text = _key("What tells it from others. Default: event-1, event-2 and so on.")
    subject: Text = _key("What it is about.")
    data: Any = _key("Its data.")


class CrashModel(Model):
    """The engine dies and is resumed from its journal."""

    supervisor: Truth = _key("The machine dies: what ran has an unknown outcome.")
    for_: Duration = _key("Virtual seconds until it is resumed. Default: 0.", alias="for")


Pause = Annotated[
    Annotated[PauseModel, Tag(MAPPING)] | Annotated[Yes, Tag(VALUE)],
    Discriminator(_mapping_or_value),
]
Reason = Annotated[
    Annotated[ReasonModel, Tag(MAPPING)] | Annotated[Yes, Tag(VALUE)],
    Discriminator(_mapping_or_value),
]
Crash = Annotated[
    Annotated[CrashModel, Tag(MAPPING)] | Annotated[Yes, Tag(VALUE)],
    Discriminator(_mapping_or_value),
]


class SignalModel(Model):
    """Something that a person does, or that happens to the engine: `at` or `when`, and one verb."""

    at: Duration = _key("Virtual seconds after the beginning.")
    when: MomentModel = _key("At an event, instead of a time.")
    pause: Pause = _key("Pause the workflow.")
    resume: Yes = _key("End the pause.")
    cancel: Reason = _key("Cancel the workflow; a second one stops `finally` too.")
    complete: Reason = _key("End the workflow by decision.")
    resolve: ResolveModel = _key("Decide about something parked.")
    approve: ApproveModel = _key("Approve what an approval step asks.")
    reject: RejectModel = _key("Reject what an approval step asks.")
    event: EventModel = _key("An event arrives, for steps that wait for one.")
    crash: Crash = _key("The engine dies and is resumed.")


class OptionsModel(Model):
    """Options of `orchestrate run`."""

    parallel: Truth = _key("--parallel")
    max_parallel: Count = _key("--max-parallel. Default: 8.")
    checkpoint: Truth = _key("--checkpoint")
    timeout: Duration = _key("--timeout, but in seconds or with units.")
    only: Texts = _key("--only: paths of steps.")
    skip: Texts = _key("--skip: paths of steps.")
    step_by_step: Truth = _key("--step-by-step: answered with `resolve` signals.")


class ErrorModel(Model):
    """The error of a workflow that did not succeed; only the keys given are compared."""

    step: Written = _key("The path of the step that failed first.")
    message: Written = _key("The reason; `*` and `?` are wildcards.")
    exit_code: int | None = _key("Its exit code, or null.")
    timed_out: Truth = _key("Whether the workflow's own time was over.")


class SpanModel(Model):
    """From, to, or both."""

    min: Duration = _key("At least.")
    max: Duration = _key("At most.")


Error = Annotated[
    Annotated[ErrorModel, Tag(MAPPING)] | Annotated[Written, Tag(VALUE)],
    Discriminator(_mapping_or_value),
]
Span = Annotated[
    Annotated[SpanModel, Tag(MAPPING)] | Annotated[Duration, Tag(VALUE)],
    Discriminator(_mapping_or_value),
]


class ExpectModel(Model):
    """What must come of it. Every key is compared by itself."""

    state: Literal[
        "running", "paused", "waiting", "succeeded", "failed", "cancelled", "completed",
        "needs_attention",
    ] = _key("The workflow's state when nothing moves any more.")  # fmt: skip
    refused: Written = _key("It is not even started, for this reason; `*` and `?` are wildcards.")
    error: Error = _key("The error of the workflow, or its message.")
    steps: Texts = _key("Exactly the steps that did something, in the order of their beginnings.")
    order: Texts = _key("Steps that begin in this order; others may come between.")
    outcomes: Ends = _key("What becomes of steps: path and outcome.")
    attempts: Counts = _key("How often steps were tried: path and number.")
    calls: Texts = _key("Exactly the calls, in order; `*` and `?` are wildcards.")
    calls_include: Needs = _key("Calls that are made, among others.")
    calls_exclude: Needs = _key("Calls that are never made.")
    outputs: Values = _key("The playbook's outputs.")
    duration: Span = _key("Virtual seconds from the beginning to the last event.")
    idle: Truth = _key("Whether only somebody's request could move it.")
    trace: Needs = _key("Exactly the lines of the trace.")


class SharedModel(Model):
    """What scenarios of a file may share."""

    playbook: Text = _key(
        "A playbook's name or path, or its text. Default: that of the file's name."
    )
    playbooks: Values = _key("Texts that stand in for sub-playbooks, by name.")
    environment: Text = _key("Default: as for `run`.")
    parameters: Values = _key("Values of parameters.")
    locks_held: dict[str, Takes] = _key(
        "Locks that something else holds at the beginning, and for how long: name and seconds."
    )
    capacity: Counts = _key("How much there is of each resource. Default: any amount.")
    env: EnvironmentValues = _key("Environment variables that expressions and secrets read.")
    options: OptionsModel = _key("Options of the run.")
    outcomes: dict[str, Script] = _key(
        "How attempts end, by step path or by call (`*` and `?` are wildcards); a list has one "
        "outcome for each attempt, the last one stays."
    )


class ScenarioModel(SharedModel):
    """One scenario."""

    scenario: Text = Field(description="Its name: what is proven, in a sentence.")
    description: Text = _key("For people.")
    signals: list[SignalModel] = _key("What people do and what happens to the engine meanwhile.")
    expect: ExpectModel = Field(description="What must come of it.")


class ScenariosModel(SharedModel):
    """Scenarios that share what stands beside them; their own keys win."""

    description: Text = _key("For people.")
    scenarios: Annotated[list[ScenarioModel], Field(min_length=1)] = Field(
        description="The scenarios."
    )


class ScenarioFile(
    RootModel[Annotated[list[ScenarioModel], Field(min_length=1)] | ScenariosModel | ScenarioModel]
):
    """A scenario file, `playbooks/tests/*.yaml`: a list, scenarios that share something, or one."""
