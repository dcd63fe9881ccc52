"""`approval`: what is asked, of whom, and what whoever approves gives."""

from typing import TYPE_CHECKING

from orchestrate.playbook.compiling.parameters import compile_parameters
from orchestrate.playbook.compiling.values import as_written, count_of, scalars_of, text_of
from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.nodes import Node
from orchestrate.playbook.plan import GROUP, Approval, Parameter
from orchestrate.playbook.templates import compile_template

if TYPE_CHECKING:
    from orchestrate.playbook.compiling.actions import Given
    from orchestrate.playbook.compiling.steps import StepCompiler

OUTPUT_KEYS = ("approver", "at", "comment", "approvers")
"""What the output of an approval holds besides its inputs."""


def compile_approval(compiler: "StepCompiler", given: "Given") -> Approval:
    """The action."""
    fields, names, diagnostics = given.fields, given.names, compiler.diagnostics
    message, approvers = fields.get("message"), fields.get("approvers")
    minimum = count_of(fields.get("minimum"), names, diagnostics)
    _check_approvers(approvers, minimum if isinstance(minimum, int) else 1, diagnostics)
    return Approval(
        "" if message is None else compile_template(as_written(message), names, diagnostics),
        None if approvers is None else compile_template(approvers, names, diagnostics),
        _inputs(fields.get("inputs"), diagnostics),
        text_of(fields.get("on_timeout")) or "fail",
        1 if minimum is None else minimum,
    )


def _inputs(node: Node | None, diagnostics: Diagnostics) -> tuple[Parameter, ...]:
    declared = compile_parameters(node, diagnostics) or ()
    seen: set[str] = set()
    for one in declared:
        if one.name in seen or one.name in OUTPUT_KEYS:
            what = "another input is named" if one.name in seen else "the output has its own"
            diagnostics.error(
                "name-collision",
                f"{what} `{one.name}`",
                one.place,
                hint="choose another name",
                length=len(one.name),
            )
        seen.add(one.name)
    return declared


def _check_approvers(node: Node | None, minimum: int, diagnostics: Diagnostics) -> None:
    """Names that nobody can have, and more approvals than there are people."""
    written = scalars_of(node)
    for one in written:
        name = one.text.removeprefix(GROUP)
        if "${" not in name and (not name.strip() or len(name.split()) > 1 or "," in name):
            diagnostics.error(
                "bad-name",
                f"`{one.text}` is neither a user nor a group",
                one.place,
                hint="write one name in each item, such as `- alice` or `- group:operators`",
                length=len(one.text),
            )
    people = [one.text for one in written if "${" not in one.text and GROUP not in one.text]
    if node is not None and len(people) == len(written) and minimum > len(set(people)):
        diagnostics.error(
            "bad-value",
            f"{minimum} people cannot approve: only {len(set(people))} may",
            node.place,
            hint="name more `approvers`, or lower `minimum`",
        )
