"""What is needed to interpret a plan: the plan and everything fixed when the workflow was made."""

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

from orchestrate.playbook.patterns import fits
from orchestrate.playbook.plan import Json, Plan, SecretRef


class RunOptions(NamedTuple):
    """What the one who starts a workflow may choose. Recorded with it."""

    parallel: bool = False
    """`--parallel`: steps run at once where `needs` allows it."""
    max_parallel: int = 8
    """How many attempts run at once in this workflow."""
    checkpoint_each: bool = False
    """`--checkpoint`: a checkpoint after every top-level step."""
    timeout: float | None = None
    """`--timeout`, in seconds; overrides the playbook's."""
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    step_by_step: bool = False


class Program(NamedTuple):
    """A plan with its values. Nothing in it changes while the workflow lives."""

    workflow: str
    """The id, `WF-2026-001`."""
    plan: Plan
    parameters: Mapping[str, Json]
    """Typed and complete; secret parameters left out."""
    environment: str
    variables: Mapping[str, Json]
    """The environment file's `variables`, which override the playbook's."""
    env: Mapping[str, str]
    """The environment variables that the plan's expressions read, as they were at creation."""
    actor: str
    options: RunOptions


Argument: TypeAlias = str | tuple[str | SecretRef, ...]
"""One argument or variable, rendered; secrets stand in it as references."""


class Call(NamedTuple):
    """What one attempt is to run, rendered. `words` is the argv for `command` (its first word may
    be a slash command) and the interpreter for `shell` and `script`; `text` is their text.
    """

    kind: str
    words: tuple[Argument, ...]
    text: str | None
    shown: str | None
    """The text as its author wrote it, for people."""
    env: Mapping[str, Argument]
    workdir: str | None


class LockWanted(NamedTuple):
    """A lock of a claim. `on_conflict`: wait, fail or skip; `wait`: seconds, None for ever."""

    name: str
    shared: bool
    on_conflict: str
    wait: float | None

    @property
    def at_once(self) -> bool:
        """Whether it is not waited for."""
        return self.wait == 0 or (self.wait is None and self.on_conflict != "wait")


class Claim(NamedTuple):
    """What a step, or the playbook, wants before it begins: all of it or nothing."""

    path: str
    """Of the step; "" is the workflow, `sub/playbook` an included playbook."""
    locks: tuple[LockWanted, ...]
    resources: Mapping[str, int]
    tokens: Mapping[str, int]
    """Of locks that it held already, according to the journal."""


class Awaited(NamedTuple):
    """An event that the step at `path` waits for. In `event`, its type, and `source` `*` stands for
    any characters; `source` None: from anywhere.
    """

    path: str
    event: str
    source: str | None
    since: str
    """From when on events count: `step`, since this wait began, or `workflow`, since that was
    made."""
    again: bool = False
    """The wait had begun before, under another engine: what arrived meanwhile counts."""

    def fits(self, event: Mapping[str, Json]) -> bool:
        """Whether type and source are what is waited for."""
        return fits(self.event, str(event["type"])) and fits(self.source, str(event["source"]))

    def to_data(self) -> dict[str, Json]:
        """The data of `event_awaited`."""
        data: dict[str, Json] = {"event": self.event, "since": self.since}
        if self.source is not None:
            data["source"] = self.source
        return data

    @classmethod
    def of(cls, path: str, data: Json) -> "Awaited":
        """What an `event_awaited` says."""
        assert isinstance(data, Mapping)
        source = data.get("source")
        return cls(
            path,
            str(data["event"]),
            source if isinstance(source, str) else None,
            str(data["since"]),
        )


class Attempt(NamedTuple):
    """What the interpreter asks of its host. `id` is unique in the workflow and never reused: the
    journal position of its `attempt_started`.
    """

    id: int
    path: str
    number: int
    call: Call
    timeout: float | None
    """Seconds from the start of the process."""
    label: str | None
    parameters: Mapping[str, Json]
    """For PARAM_NAME: those of the playbook that the step stands in, secret ones left out."""
    secret_parameters: tuple[str, ...]
    reads: tuple[str, ...]
    """`stdout`, `stderr`: which tails the outcome must carry."""
    tokens: tuple[tuple[str, int], ...] = ()
    """Fencing tokens of the locks that are held around it, the innermost first."""
    pool: str | None = None
    """Which workers may perform it; None: any. One machine is every pool."""
