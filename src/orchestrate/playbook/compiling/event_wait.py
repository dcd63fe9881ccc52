"""`wait` for an `event`: its type and source, the filter, and from when on events count."""

from typing import TYPE_CHECKING

from orchestrate.playbook.compiling.values import as_written, text_of
from orchestrate.playbook.names import ANY, Names
from orchestrate.playbook.nodes import Node, Scalar
from orchestrate.playbook.plan import EventWait, Expression, Template
from orchestrate.playbook.templates import compile_template

if TYPE_CHECKING:
    from orchestrate.playbook.compiling.actions import Given
    from orchestrate.playbook.compiling.steps import StepCompiler

EVENT = "event"
"""What a filter calls the event that arrived."""


def compile_event_wait(compiler: "StepCompiler", given: "Given") -> EventWait:
    """The action."""
    fields, names, diagnostics = given.fields, given.names, compiler.diagnostics
    on_timeout = text_of(fields.get("on_timeout"))
    if on_timeout == "reject":
        diagnostics.error(
            "unknown-value",
            "`on_timeout` of a wait cannot be `reject`",
            fields["on_timeout"].place,
            hint="it can be fail, continue",
            length=len(on_timeout),
        )

    def template(node: Node | None) -> Template:
        return None if node is None else compile_template(as_written(node), names, diagnostics)

    return EventWait(
        template(fields.get("event")),
        template(fields.get("source")),
        _filter(compiler, fields.get("filter"), names),
        text_of(fields.get("since")) or "step",
        on_timeout or "fail",
    )


def _filter(compiler: "StepCompiler", node: Node | None, names: Names) -> Expression | None:
    if not isinstance(node, Scalar):
        return None
    found = names.find(EVENT)
    if found is not None:
        compiler.diagnostics.error(
            "name-collision",
            f"in a filter `event` is what arrived, and there is a {found.kind} `event`",
            node.place,
            hint="give that another name",
            length=len(node.text),
        )
        return None
    condition = compiler.condition(node, names.loop(EVENT, node.place, ANY))
    if condition is not None and EVENT not in condition.names:
        compiler.diagnostics.error(
            "constant-condition",
            "the filter does not look at the event",
            node.place,
            hint="such as `${event.data.version} == ${version}`; `when` decides about the step",
            length=len(node.text),
        )
    return condition
