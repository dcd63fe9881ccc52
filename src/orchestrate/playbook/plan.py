"""The plan: a checked playbook, immutable.

Three different types stand for three different things: the document (`document/`, what the
author wrote), the plan (here, what was checked) and the events of a workflow (where a run stands).
A plan holds nothing that could still be wrong by itself: names are resolved, expressions compiled,
durations are seconds, sub-playbooks are inside.

The classes are named tuples because they are built by every start of the program: a frozen slotted
dataclass takes seven times as long to define (see docs/adr). `codec.py` turns a plan into JSON and
back without pydantic or YAML.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from orchestrate.errors import Place

if TYPE_CHECKING:
    from orchestrate.playbook.integrations import Integration
    from orchestrate.playbook.triggers import Trigger

Json: TypeAlias = bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"] | None
"""Plain data: what parameters, variables, outputs and events are made of."""


class Expression(NamedTuple):
    """One `${…}`, checked.

    `source` is what the author wrote between the braces; `code` is the minijinja expression that
    is evaluated (dashed step names and environment names rewritten); `names` are the root names
    that `code` reads, each resolvable in the scope where the expression stands.
    """

    source: str
    code: str
    names: tuple[str, ...]
    place: Place


class SecretRef(NamedTuple):
    """A whole `${secrets.NAME}` (or a secret parameter): the value is put in at the last moment,
    on the machine that runs the step, and never enters an event.
    """

    name: str


Part: TypeAlias = str | Expression | SecretRef


class Text(NamedTuple):
    """Text with holes; each part becomes text and they are joined."""

    parts: tuple[Part, ...]


Template: TypeAlias = (
    bool
    | int
    | float
    | str
    | Expression
    | SecretRef
    | Text
    | Sequence["Template"]
    | Mapping[str, "Template"]
    | None
)
"""A YAML value whose strings may hold expressions. A value that is one whole `${…}` is an
`Expression` (and keeps its type), one with more around it is a `Text`."""


class Retry(NamedTuple):
    """How often and when to try again. `attempts` is the total; delays are seconds."""

    attempts: "int | Expression" = 1
    delay: "float | Expression" = 0.0
    backoff: float = 1.0
    """Factor by which the delay grows after each attempt; 1 keeps it constant."""
    max_delay: float | None = None
    jitter: float = 0.0
    """Share of the delay, 0 to 1, that is drawn at random and added or taken away."""
    on_exit_codes: tuple[int, ...] | None = None
    """Only these exit codes are tried again; None means all (a timeout counts as failure)."""


class Lock(NamedTuple):
    """A lock that a step, or a whole playbook, holds while it runs."""

    name: "Template"
    shared: bool
    wait: "float | Expression | None"
    """Seconds to wait for it at most; None: as long as it takes."""
    on_conflict: str
    """`wait`, `fail` or `skip`: what happens if it is held, after `wait` if that is given."""
    place: Place


class Command(NamedTuple):
    """`command:` split into words first, interpolated after: a value is always one argument."""

    words: tuple["str | Expression | SecretRef | Text", ...]


class Shell(NamedTuple):
    """`shell:`, run by /bin/sh -c. Each `${…}` was replaced by a shell variable; `variables`
    maps that variable to the value's template.
    """

    text: str
    variables: Mapping[str, "Expression | SecretRef"]
    source: str
    """The text as the author wrote it: what people are shown."""


class Script(NamedTuple):
    """`script:`, text for an interpreter (argv, by default `("/bin/sh",)`). For the POSIX shells
    `text` is rewritten as for `Shell`; other interpreters get values by `env` only.
    """

    interpreter: tuple[str, ...]
    text: str
    variables: Mapping[str, "Expression | SecretRef"]
    source: str


class Branch(NamedTuple):
    """One branch of a `parallel` step; `key` is its segment in the step path."""

    key: str
    name: str | None
    when: Expression | None
    steps: tuple["Step", ...]
    place: Place


class Parallel(NamedTuple):
    """Branches that run at once."""

    branches: tuple[Branch, ...]
    max_parallel: "int | Expression | None"
    fail_fast: bool


class Conditional(NamedTuple):
    """`then` or `else`; the branch not taken is recorded as skipped."""

    condition: Expression
    then: tuple["Step", ...]
    otherwise: tuple["Step", ...]


class ForEach(NamedTuple):
    """`steps` once for each item. `keep_results`: some expression reads the loop's results, so
    they must stay in memory; otherwise they are dropped after each iteration.
    """

    items: Template
    variable: str
    steps: tuple["Step", ...]
    max_parallel: "int | Expression | None"
    fail_fast: bool
    keep_results: bool


class Transaction(NamedTuple):
    """`steps`, all or nothing: after a failure what the finished ones `compensate` is undone."""

    steps: tuple["Step", ...]


class SubPlaybook(NamedTuple):
    """Another playbook, its steps under this step's path."""

    plan: "Plan"
    parameters: Mapping[str, Template]


class Assert(NamedTuple):
    """Fails with `message` unless `condition` holds. Inline: no process."""

    condition: Expression
    message: Template


class Set(NamedTuple):
    """Sets variables for what comes after. Inline: no process."""

    variables: Mapping[str, Template]


class Wait(NamedTuple):
    """Waits for `duration` seconds, or until `until` yields true or a moment (RFC 3339) is over.

    `probe` is called before each evaluation of `until`; its result is visible under the step's own
    name. `interval` is the time between two evaluations, in seconds.
    """

    duration: "float | Expression | None"
    until: "Expression | str | None"
    probe: "Command | Shell | None"
    interval: "float | Expression"


class EventWait(NamedTuple):
    """Waits for an event that is given to the project. In `event` (its type) and `source` `*`
    stands for any characters; `filter` may speak of `event` and of everything that the step sees.

    `since`: `step`, events count that arrive after the wait began, or `workflow`. `on_timeout`,
    what comes of it if none arrives within the step's `timeout`, is fail or continue.
    """

    event: Template
    source: Template
    filter: Expression | None
    since: str
    on_timeout: str


GROUP = "group:"
"""Begins an approver that is a group."""


class Approval(NamedTuple):
    """Waits until `minimum` people approve what `message` says, or one rejects it.

    `approvers` yields names of users and `group:NAME`; None means everybody. `inputs` are declared
    like parameters. The step's `timeout` is the time for all that; `on_timeout`, what then comes of
    it, is fail, continue or reject.
    """

    message: Template
    approvers: Template
    inputs: "tuple[Parameter, ...]"
    on_timeout: str
    minimum: "int | Expression"


Action: TypeAlias = (
    Command
    | Shell
    | Script
    | Parallel
    | Conditional
    | ForEach
    | Transaction
    | SubPlaybook
    | Assert
    | Set
    | Wait
    | EventWait
    | Approval
)


class Step(NamedTuple):
    """One step: what it does (`action`) and the keys that every kind has."""

    key: str
    """Its segment in the step path: the name, or the position (`1`, `2`) if it has none."""
    name: str | None
    label: str | None
    """The `type` of a step that calls a command, such as `deployment`."""
    description: str
    place: Place
    digest: str
    """Of the definition, its own name, places and descriptions left out: two equal digests mean
    that the same is done."""
    action: Action
    when: Expression | None
    needs: tuple[str, ...] | None
    """Keys of earlier siblings to wait for; None means everything written before."""
    env: Mapping[str, Template]
    workdir: Template
    timeout: "float | Expression | None"
    """Seconds, per attempt for a call, over all for a step that contains steps or waits."""
    retry: Retry
    idempotent: bool | None
    """Whether it may run again when its outcome is unknown. Labels, inline kinds and the playbook's
    own default are applied already; None: no, unless the command that it resolves to says so."""
    checkpoint: bool | str
    """True, or the checkpoint's name: a checkpoint after this step."""
    continue_on_error: bool
    on_failure: tuple["Step", ...]
    on_success: tuple["Step", ...]
    always: tuple["Step", ...]
    """`finally`."""
    outputs: Mapping[str, Template]
    reads: tuple[str, ...]
    """Which of `stdout`, `stderr` some expression reads of this step's result; only these are kept
    in the journal (the output files hold everything)."""
    compensate: tuple["Step", ...] = ()
    """What undoes it, if the transaction that it stands in fails."""
    compensate_on_start: bool = False
    """Undone as soon as it has begun, however it ended; otherwise only after success."""
    locks: tuple[Lock, ...] = ()
    resources: "tuple[tuple[str, int | Expression], ...]" = ()
    """How much of which capacity it takes while it runs."""
    pool: Template = None
    """On which workers of a cluster its calls run; None: where all do that name none."""


class Parameter(NamedTuple):
    """A declared (or implicit) parameter. `type`: string integer number boolean list map."""

    name: str
    type: str
    description: str
    required: bool
    """True only if there is no default."""
    default: Json
    choices: tuple[Json, ...] | None
    pattern: str | None
    minimum: float | None
    maximum: float | None
    secret: bool
    implicit: bool
    """Not declared: a plain unresolved name in a playbook without a `parameters:` block."""
    place: Place


class Secret(NamedTuple):
    """Where a secret comes from. `options` are the keys of its source (`variable` for
    `environment`).
    """

    name: str
    source: str
    options: Mapping[str, str]
    place: Place


class SourceFile(NamedTuple):
    """A file that the plan was made from, and the SHA-256 (hex) of its bytes."""

    path: str
    digest: str


class Concurrency(NamedTuple):
    """Workflows that must not run at the same time: those of one `group`."""

    group: Template
    overlap: str
    """`allow`, `skip`, `queue` or `cancel_previous`: what happens if one of them is not over."""


class Plan(NamedTuple):
    """A checked playbook."""

    name: str
    description: str
    version: str | None
    category: str | None
    tags: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    variables: Mapping[str, Template]
    """In written order; a variable may use those before it, parameters, env and built-ins."""
    secrets: tuple[Secret, ...]
    environments: tuple[str, ...] | None
    """Where it may run; None means anywhere."""
    timeout: "float | Expression | None"
    cleanup_timeout: "float | Expression"
    checkpoint: bool
    steps: tuple[Step, ...]
    on_failure: tuple[Step, ...]
    on_success: tuple[Step, ...]
    always: tuple[Step, ...]
    outputs: Mapping[str, Template]
    env_names: tuple[str, ...]
    """Names of environment variables that expressions read (sub-playbooks' included)."""
    digest: str
    """SHA-256 (hex) over the digests of all `sources`."""
    sources: tuple[SourceFile, ...]
    """The playbook first, then the sub-playbooks it includes."""
    warnings: tuple[str, ...]
    """Rendered warnings of the check, to be shown at each run."""
    priority: str = "normal"
    """`critical`, `high`, `normal` or `low`; see `workflow/ranking.py`."""
    concurrency: Concurrency | None = None
    require_success_in: tuple[str, ...] = ()
    """Environments in which this digest must have succeeded before it runs elsewhere."""
    locks: tuple[Lock, ...] = ()
    """Held from the first step to the end."""
    resources: "tuple[tuple[str, int | Expression], ...]" = ()
    triggers: "tuple[Trigger, ...]" = ()
    """What starts it by itself."""
    integrations: "tuple[Integration, ...]" = ()
    """Which other systems are told of its workflows; those of sub-playbooks are not."""
