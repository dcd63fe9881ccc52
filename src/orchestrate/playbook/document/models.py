"""The document: what an author may write, as pydantic models.

They say which keys there are, what each means and of what type its value is; the JSON Schema for
editors is made from them. `structure.py` looks at the keys first (and repairs misspelt ones, so
that one mistake is reported once), `validation.py` brings pydantic's findings back to their places,
and `compile.py` then walks the nodes themselves, which still know what was written where.

One model serves all step kinds: seventeen models would take longer to build than all the rest of
the program. Which keys belong to which kind is in `kinds.py`.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from orchestrate.playbook.document.integration_types import Mentions, Site
from orchestrate.playbook.document.kinds import SECRET_SOURCES
from orchestrate.playbook.document.types import (
    Amounts,
    Bound,
    Checkpoint,
    Condition,
    Count,
    Duration,
    EnvironmentValues,
    Factor,
    FixedDuration,
    FixedText,
    Identifier,
    Items,
    Needs,
    Rate,
    Retries,
    Share,
    Size,
    StepName,
    Text,
    Texts,
    Truth,
    Values,
    Variables,
)

PARAMETER_TYPES = ("string", "integer", "number", "boolean", "list", "map")


def _shape(value: Any) -> str:
    return "mapping" if isinstance(value, dict) else "value"


def _key(description: str, alias: str | None = None) -> Any:
    """A key that may be left out. Its absence is told from `null` by the nodes, not here."""
    return Field(default=None, description=description, alias=alias)


class Model(BaseModel):
    """What all parts of a document have in common."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=(), defer_build=True)


class InputModel(Model):
    """A value that whoever approves gives."""

    name: Identifier = Field(description="Its name in expressions.")
    type: Literal["string", "integer", "number", "boolean", "list", "map"] = _key(
        "Its type; text is converted to it. Default: string."
    )
    description: Text = _key("What it is for; shown when it is asked for.")
    required: Truth = _key("Whether it must be given; by default, unless it has a default.")
    default: Any = _key("Its value if none is given.")
    choices: Annotated[list[Any], Field(min_length=1)] = _key("The only values allowed.")
    pattern: Text = _key("A regular expression that the whole text must match.")
    min: Bound = _key("The least number, or the least length of a text or list.")
    max: Bound = _key("The greatest number, or the greatest length of a text or list.")


class ParameterModel(InputModel):
    """A value that whoever starts the playbook gives."""

    secret: Truth = _key("Never written down, masked in all output.")
    allow_in_arguments: Truth = _key(
        "Whether a secret one may be an argument, where other users of the machine see it."
    )


_SOURCE = "environment, file, vault, or a source that an installed package offers."


class SecretModel(Model):
    """Where a secret comes from."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                *(
                    {
                        "properties": {"source": {"enum": [name], "description": _SOURCE}},
                        "required": list(source.required),
                    }
                    for name, source in SECRET_SOURCES.items()
                ),
                {
                    "properties": {
                        "source": {"not": {"enum": [*SECRET_SOURCES]}, "description": _SOURCE}
                    }
                },
            ]
        }
    )

    name: Identifier = Field(description="Its name in expressions: `${secrets.NAME}`.")
    source: FixedText = Field(description=_SOURCE)
    variable: Text = _key("environment: the variable that holds it.")
    path: FixedText = _key(
        "vault: where it is, as for `vault kv get`, with `#field` at the end or without; "
        "file: the file, relative to the project's root, absolute, or from `~`."
    )
    field: FixedText = _key("vault: which of its fields; needed if it has several.")
    version: Count = _key("vault: which version of it; by default the newest.")
    strip: Truth = _key("file: whether a newline at its end is left out. Default: true.")
    options: Values = _key("Sources of installed packages: what they need to know.")
    allow_in_arguments: Truth = _key(
        "Whether it may be an argument of a command, where other users of the machine see it."
    )


class RetryModel(Model):
    """How often and when a failed attempt is tried again."""

    model_config = ConfigDict(json_schema_extra={"required": ["attempts"]})

    attempts: Count = _key("How many attempts in all.")
    delay: Duration = _key("Time before the second attempt. Default: 0.")
    backoff: Factor = _key("Factor by which the delay grows after each attempt. Default: 1.")
    max_delay: Duration = _key("The longest delay.")
    jitter: Share = _key("Share of the delay, 0 to 1, that is drawn at random.")
    on_exit_codes: Annotated[list[int], Field(min_length=1)] = _key(
        "Only these exit codes are tried again."
    )


class ConcurrencyModel(Model):
    """Workflows that must not run at the same time."""

    group: Text = Field(description="Its name; may hold parameters: `deploy-${environment}`.")
    overlap: Literal["allow", "skip", "queue", "cancel_previous"] = _key(
        "If one of the group is not over: run all the same, start nothing, wait (the default), or "
        "cancel that one and wait for its end."
    )


class ScriptModel(Model):
    """A script for an interpreter of its own."""

    interpreter: Needs = _key("A program, or a list of the program and its arguments.")
    text: Text = Field(description="The script.")


class LockModel(Model):
    """A lock that is held while a step, or the whole, runs."""

    name: Text = Field(description="Its name; may hold expressions.")
    shared: Truth = _key("Whether others may share it at the same time. Default: false.")
    wait: Duration = _key("The longest time to wait for it. By default there is no end to it.")
    on_conflict: Literal["wait", "fail", "skip"] = _key(
        "What happens if it is held: wait for it (the default), fail, or skip the step; with "
        "`wait`, only after that time."
    )


Retry = Annotated[
    Annotated[RetryModel, Tag("mapping")] | Annotated[Retries, Tag("value")],
    Discriminator(_shape),
]
Script = Annotated[
    Annotated[ScriptModel, Tag("mapping")] | Annotated[Text, Tag("value")], Discriminator(_shape)
]
Lock = Annotated[
    Annotated[LockModel, Tag("mapping")] | Annotated[Text, Tag("value")], Discriminator(_shape)
]
Locks = Annotated[list[Lock], Field(min_length=1)]
Steps = Annotated[list["StepModel"], Field(min_length=1)]
Concurrency = Annotated[
    Annotated[ConcurrencyModel, Tag("mapping")] | Annotated[Text, Tag("value")],
    Discriminator(_shape),
]


class BranchModel(Model):
    """One branch of a parallel step."""

    name: StepName = _key("Its name; by default its position.")
    description: Text = _key("For people.")
    when: Condition = _key("The branch is skipped unless this holds.")
    steps: Steps = Field(description="What it does.")


class StepModel(Model):
    """One step: the keys of all kinds."""

    name: StepName = _key("Unique among its siblings; by default its position.")
    type: Text = _key("Its kind, or any label on a step that calls a command.")
    description: Text = _key("For people.")
    when: Condition = _key("The step is skipped unless this holds.")
    needs: Needs = _key("Earlier siblings to wait for, instead of all that is written before.")
    env: EnvironmentValues = _key("Environment variables of the calls.")
    workdir: Text = _key("Where the calls run; relative to the project's root.")
    pool: Text = _key("On which workers of a cluster the calls run; one machine is every pool.")
    timeout: Duration = _key("For each attempt of a call; for all of a step that contains steps.")
    retry: Retry = _key("How many more attempts after a failure, or a mapping.")
    idempotent: Truth = _key("Whether it may run again if nobody knows whether it took effect.")
    checkpoint: Checkpoint = _key("A checkpoint after this step: true, or its name.")
    continue_on_error: Truth = _key("Go on after a failure.")
    on_failure: Steps = _key("Steps after the last attempt failed.")
    on_success: Steps = _key("Steps after it succeeded.")
    finally_: Steps = _key("Steps in any case, last.", alias="finally")
    outputs: Values = _key("Values for its `output`; its own result is visible by its name.")
    compensate: Steps = _key("In a transaction: steps that undo this one if the whole fails.")
    compensate_on: Literal["success", "start"] = _key(
        "When there is something to undo: after success (the default), or from its start."
    )

    locks: Locks = _key("Locks that it holds while it runs, by name, or as mappings.")
    resources: Amounts = _key("How much of which capacity it takes while it runs.")

    command: Text = _key("A command line: split into words, run without a shell.")
    shell: Text = _key("Text for /bin/sh; each expression reaches it as one value.")
    script: Script = _key("A longer text for /bin/sh, or for an interpreter.")

    branches: Annotated[list[BranchModel], Field(min_length=1)] = _key(
        "parallel: what runs at once."
    )
    max_parallel: Count = _key("parallel, foreach: how many at once, at most.")
    fail_fast: Truth = _key("parallel, foreach: a failure stops the others. Default: true.")

    condition: Condition = _key("conditional, assert: what must hold.")
    then: Steps = _key("conditional: steps if the condition holds.")
    else_: Steps = _key("conditional: steps if it does not.", alias="else")

    items: Items = _key("foreach: a list, or an expression that yields one.")
    as_: Identifier = _key("foreach: the name of the item.", alias="as")
    steps: Steps = _key("foreach: steps for each item; transaction: its steps.")

    playbook: FixedText = _key("playbook: the name or path of the playbook to run.")
    parameters: Values = _key("playbook: values of its parameters.")

    message: Text = _key(
        "assert: what to say if the condition does not hold; approval: what is to be approved."
    )
    approvers: Needs = _key(
        "approval: who may: names of users, and `group:NAME`. Default: whoever uses the project."
    )
    inputs: list[InputModel] = _key("approval: values that whoever approves gives.")
    on_timeout: Literal["fail", "continue", "reject"] = _key(
        "approval: what comes of it if nobody approves within `timeout`. Default: fail; "
        "wait: the same if no event arrives: fail or continue. Default: fail."
    )
    minimum: Count = _key("approval: how many must approve. Default: 1.")
    variables: Variables = _key("set: variables for what comes after.")

    duration: Duration = _key("wait: how long.")
    until: Condition = _key("wait: a moment (RFC 3339), or a condition.")
    interval: Duration = _key("wait: time between two looks at the condition. Default: 5 s.")
    event: Text = _key("wait: the type of an event to wait for; `*` stands for any characters.")
    source: Text = _key("wait: where the event comes from; `*` stands for any characters.")
    filter: Condition = _key("wait: only an event for which this holds counts.")
    since: Literal["step", "workflow"] = _key(
        "wait: from when on events count: since the step waits (the default), or since the "
        "workflow was made."
    )


class TriggerModel(Model):
    """What starts the playbook by itself, under `orchestrate serve`."""

    name: Identifier = _key("Its name; by default its position.")
    type: Literal["schedule", "event", "webhook", "file"] = Field(description="What it waits for.")
    description: Text = _key("For people.")
    enabled: Truth = _key("false: it stands here, and starts nothing.")
    environment: FixedText = _key("Where the playbook runs.")
    parameters: Values = _key(
        "Values of the playbook's parameters; expressions over `event`, over `body`, `headers` and "
        "`query`, or over `file`."
    )

    cron: FixedText = _key("schedule: five fields, or a word such as `@daily`.")
    time_zone: FixedText = _key("schedule: such as Europe/Berlin; by default that of the machine.")
    dst: Literal["run-once", "skip", "run-twice"] = _key(
        "schedule: for times that a change of the clock leaves out or brings twice. "
        "Default: run-once."
    )
    catch_up: Literal["skip", "latest", "all"] = _key(
        "schedule: which missed slots are made up for. Default: latest."
    )
    overlap: Literal["skip", "queue", "allow", "cancel_previous"] = _key(
        "schedule: if the workflow before it is not over. Default: skip."
    )
    jitter: FixedDuration = _key("schedule: put each slot off by its own share of this time.")

    source: FixedText = _key("event: where it comes from; `*` stands for any characters.")
    event: FixedText = _key("event: its type; `*` stands for any characters.")
    filter: Condition = _key("event, webhook, file: it starts something only if this holds.")

    url: FixedText = _key("webhook: its address; the path is what the daemon serves.")
    secret: Text = _key("webhook: the secret that signs it: `${secrets.NAME}`, or its name.")
    signature: Literal["orchestrate", "github", "stripe", "none"] = _key(
        "webhook: how deliveries are signed. Default: orchestrate."
    )
    methods: Texts = _key("webhook: HTTP methods that are taken. Default: POST.")
    max_body: Size = _key("webhook: the largest body, such as `64KiB`. Default: 1 MiB.")
    rate: Rate = _key("webhook: how many deliveries, such as `10/minute`. Default: 60/minute.")

    path: FixedText = _key("file: a pattern such as `incoming/*.csv`, relative to the project.")
    on: Needs = _key("file: `created`, `changed`, `removed`, or several. Default: created.")
    settle: FixedDuration = _key("file: how long it must stay as it is. Default: 1 s.")


class IntegrationModel(Model):
    """A system that is told of workflows of the playbook."""

    name: Identifier = _key("Its name; by default its type.")
    type: Literal["slack", "jira", "datadog", "webhook", "notify"] = Field(
        description="Which system."
    )
    description: Text = _key("For people.")
    events: Needs = _key(
        "What it is told: `start`, `success`, `failure`, `pause`, `approval`, `recovery`."
    )
    environments: Needs = _key("Where it is told. Default: everywhere.")

    webhook: Text = _key("slack: the address of an incoming webhook, such as `${SLACK_WEBHOOK}`.")
    token: Text = _key("slack: a bot token, with `channel`; jira: an API token.")
    channel: Text = _key("slack: where a bot posts.")
    mention: Mentions = _key(
        "slack: who is mentioned when something fails or waits: `here`, or ids (U…, S…)."
    )
    api_url: Text = _key("slack: where the Web API is. Default: https://slack.com/api/.")

    project: Text = _key("jira: the key of the project.")
    create_issue_on_failure: Truth = _key("jira: a failure makes an issue. Default: true.")
    issue_type: Text = _key("jira: of which type. Default: Task.")
    labels: Texts = _key("jira: labels of its own for the issue.")
    priority: Text = _key("jira: the issue's priority, such as High.")
    resolve_on_success: Truth = _key("jira: a success resolves it. Default: true.")
    transition: Text = _key("jira: by which transition. Default: one that ends in `Done`.")
    user: Text = _key("jira: whose token it is.")

    api_key: Text = _key("datadog: the key, such as `${DATADOG_API_KEY}`.")
    site: Site = _key("datadog: such as datadoghq.eu. Default: datadoghq.com.")
    track_metrics: Truth = _key("datadog: send metrics of each workflow. Default: true.")
    track_events: Truth = _key("datadog: send an event for what it is told. Default: true.")
    tags: Texts = _key("datadog: tags of everything that is sent.")

    url: Text = _key(
        "jira, webhook: the address; datadog: that of a relay, in place of `site`; notify: one as "
        "the library apprise has them."
    )
    secret: Text = _key("webhook: signs deliveries, as `orchestrate serve` checks them.")
    headers: EnvironmentValues = _key("webhook: headers that go along.")
    target: Text = _key("notify: the name of a `[notify.NAME]` in orchestrate.toml.")


class PlaybookModel(Model):
    """A playbook."""

    name: FixedText = _key("By default the file's name without its ending.")
    description: Text = _key("What it does.")
    version: Text = _key("For people.")
    category: Text = _key("For lists, such as deployment, maintenance, security, recovery.")
    tags: Texts = _key("For lists and searches.")
    parameters: list[ParameterModel] = _key("What whoever starts it gives.")
    variables: Variables = _key("Values with names; each may use those before it.")
    secrets: list[SecretModel] = _key("Secrets, and where they come from.")
    environments: Texts = _key("Where it may run; by default anywhere.")
    priority: Literal["critical", "high", "normal", "low"] = _key(
        "Who goes first of those that wait. Default: normal."
    )
    concurrency: Concurrency = _key("A group of workflows that do not run at the same time.")
    require_success_in: Needs = _key(
        "Environments in which this very playbook must have succeeded before it runs elsewhere."
    )
    triggers: Annotated[list[TriggerModel], Field(min_length=1)] = _key("What starts it by itself.")
    integrations: Annotated[list[IntegrationModel], Field(min_length=1)] = _key(
        "Which other systems are told of its workflows."
    )
    locks: Locks = _key("Locks that it holds from its first step to its end.")
    resources: Amounts = _key("How much of which capacity it takes while it runs.")
    timeout: Duration = _key("For the whole; queueing counts, pauses do not.")
    cleanup_timeout: Duration = _key(
        "For compensations and `finally` after a cancel or timeout. Default: 10m."
    )
    idempotent: Truth = _key("The default for its steps.")
    checkpoint: Truth = _key("A checkpoint after each top-level step.")
    steps: Steps = Field(description="What it does.")
    on_failure: Steps = _key("Steps after it failed.")
    on_success: Steps = _key("Steps after it succeeded.")
    finally_: Steps = _key("Steps in any case, last.", alias="finally")
    outputs: Values = _key("Its result.")
