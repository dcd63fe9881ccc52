"""What can be seen from where a step stands: the names of expressions, looked up inside out.

A `Frame` is one link of a chain: the steps of a sequence, a loop variable, the `error` of a
handler. Variables that `set` steps write live beside it in `Variables`: parallel branches get a
layer of their own, which is merged at the join in written order.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from orchestrate.playbook.plan import Json, Plan
from orchestrate.workflow.program import Argument
from orchestrate.workflow.results import Result, Shown, expose

if TYPE_CHECKING:
    from orchestrate.workflow.run import Run
    from orchestrate.workflow.scope import Scope
    from orchestrate.workflow.undo_log import UndoLog


def normalise(name: str) -> str:
    """The name as expressions know it: dashes become underscores."""
    return name.replace("-", "_")


class Variables:
    """Variables with their present values; a layer over those of the fork."""

    __slots__ = ("_frozen", "_parent", "_values")

    def __init__(self, parent: "Variables | None" = None) -> None:
        self._parent = parent
        self._values: dict[str, Json] = {}
        self._frozen: Variables | None = None
        """What `snapshot` gave last, if nothing was set since."""

    def find(self, name: str) -> Json:
        """Its value; raises KeyError."""
        layer: Variables | None = self
        while layer is not None:
            if name in layer._values:
                return layer._values[name]
            layer = layer._parent
        raise KeyError(name)

    def assign(self, values: Mapping[str, Json]) -> None:
        """Set in this layer."""
        self._frozen = None
        for name, value in values.items():
            self._values[normalise(name)] = value

    def layer(self) -> "Variables":
        """What a branch works on."""
        return Variables(self)

    def merge(self, branch: "Variables | None") -> None:
        """Take over what a branch set."""
        if branch is not None:
            self._frozen = None
            self._values.update(branch._values)

    def snapshot(self) -> "Variables":
        """The present values, whatever is set later. Shared until something is."""
        parent = self._parent.snapshot() if self._parent is not None else None
        frozen = self._frozen
        if frozen is None or frozen._parent is not parent:
            frozen = self._frozen = Variables(parent)
            frozen._values = dict(self._values)
            frozen._frozen = frozen
        return frozen

    @property
    def touched(self) -> bool:
        """Whether anything was set in this layer."""
        return bool(self._values)


class PlaybookFrame:
    """What all steps of one playbook (the workflow's, or an included one) share."""

    __slots__ = (
        "built_ins",
        "handlers_prefix",
        "parameters",
        "plan",
        "prefix",
        "secret_parameters",
        "secrets",
    )

    def __init__(
        self,
        plan: Plan,
        prefix: str,
        handlers_prefix: str,
        parameters: Mapping[str, Json],
        built_ins: Mapping[str, Json],
        secrets: Mapping[str, Argument] | None = None,
    ) -> None:
        self.plan = plan
        self.secrets = secrets or {}
        """What the secret parameters of an included playbook stand for outside."""
        self.secret_parameters = tuple(p.name for p in plan.parameters if p.secret)
        self.prefix = prefix
        """The path prefix of its steps."""
        self.handlers_prefix = handlers_prefix
        self.parameters = parameters
        self.built_ins = {
            **built_ins,
            "playbook": {
                "name": plan.name,
                "description": plan.description,
                "version": plan.version,
                "digest": plan.digest,
            },
            **{normalise(name): value for name, value in parameters.items()},
        }


class Frame:
    """Where a step stands: the run, the scope that may cancel it, and the names it sees."""

    __slots__ = ("_names", "_parent", "playbook", "run", "scope", "undo", "variables")

    def __init__(
        self,
        run: "Run",
        scope: "Scope",
        playbook: PlaybookFrame,
        variables: Variables,
        parent: "Frame | None" = None,
        names: dict[str, Shown] | None = None,
        undo: "UndoLog | None" = None,
    ) -> None:
        self.run = run
        self.scope = scope
        self.undo = undo
        """Of the innermost transaction around it, None outside."""
        self.playbook = playbook
        self.variables = variables
        self._parent = parent
        self._names = names

    def nested(
        self,
        *,
        scope: "Scope | None" = None,
        variables: Variables | None = None,
        names: dict[str, Shown] | None = None,
    ) -> "Frame":
        """A frame inside this one."""
        return Frame(
            self.run,
            scope or self.scope,
            self.playbook,
            variables or self.variables,
            self,
            names,
            self.undo,
        )

    def apart(self) -> "Frame":
        """The same place, but no part of a transaction: what happens there is not undone."""
        if self.undo is None:
            return self
        inside = self.nested()
        inside.undo = None
        return inside

    def lookup(self, name: str) -> Json:
        """The value of a root name; raises KeyError if there is none."""
        frame: Frame | None = self
        while frame is not None:
            if frame._names is not None and name in frame._names:
                return expose(frame._names[name])
            frame = frame._parent
        try:
            return self.variables.find(name)
        except KeyError:
            return self.playbook.built_ins[name]

    def show(self, name: str | None, result: Result) -> None:
        """Let what comes after in the sequence see a step's result."""
        if name is not None:
            if self._names is None:
                self._names = {}
            self._names[normalise(name)] = result

    @property
    def shown(self) -> Mapping[str, Shown]:
        """The results of the sequence's named steps so far."""
        return self._names or {}
