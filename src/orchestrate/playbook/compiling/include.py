"""`playbook`: a sub-playbook, compiled in, and the values of its parameters."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from orchestrate.playbook.compiling.secrets import is_argument
from orchestrate.playbook.compiling.values import as_written, data_of
from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.edits import NONE, replacement
from orchestrate.playbook.nodes import Entry, MapNode, Node, Scalar
from orchestrate.playbook.parameters import ENVIRONMENT, convert
from orchestrate.playbook.plan import (
    Command,
    Expression,
    Parameter,
    Plan,
    SecretRef,
    SubPlaybook,
    Template,
    Text,
)
from orchestrate.playbook.spelling import nearest, unmistakable
from orchestrate.playbook.templates import compile_template

if TYPE_CHECKING:
    from orchestrate.playbook.compiling.actions import Given
    from orchestrate.playbook.compiling.steps import Context


def compile_include(context: "Context", given: "Given") -> SubPlaybook | Command:
    """The included plan with its parameters; an empty command after an error."""
    node = given.fields.get("playbook")
    plan = None
    if isinstance(node, Scalar) and node.value is not None:
        plan = context.include(node, given.depth)
    values = given.fields.get("parameters")
    entries = values.entries if isinstance(values, MapNode) else ()
    if plan is None:
        for entry in entries:
            compile_template(entry.value, given.names, context.diagnostics)
        return Command(())
    context.env_names.update(dict.fromkeys(plan.env_names))
    context.sources.update(dict.fromkeys(plan.sources))
    _include_secrets(context, plan, given.node)
    declared = {parameter.name: parameter for parameter in plan.parameters}
    compiled = {entry.key.text: _value(context, given, plan, entry, declared) for entry in entries}
    absent = [
        parameter.name
        for parameter in plan.parameters
        if parameter.required
        and parameter.name not in compiled
        and (parameter.name != ENVIRONMENT or parameter.implicit)
    ]
    if absent:
        names = ", ".join(f"`{name}`" for name in absent)
        context.diagnostics.error(
            "missing-parameter",
            f"{plan.name} needs {names}",
            (values or node or given.node).place,
            hint=f"add `parameters: {{{absent[0]}: …}}` to the step",
        )
    return SubPlaybook(plan, compiled)


def _value(
    context: "Context",
    given: "Given",
    plan: Plan,
    entry: Entry,
    declared: Mapping[str, Parameter],
) -> Template:
    """The value of one parameter; a literal is checked now."""
    name, diagnostics = entry.key.text, context.diagnostics
    parameter = declared.get(name)
    if parameter is None:
        near = nearest(name, declared)
        listed = ", ".join(declared) or "none"
        meant = unmistakable(name, declared.keys() - _names(given.fields.get("parameters")))
        diagnostics.error(
            "unknown-parameter",
            f"{plan.name} has no parameter `{name}`",
            entry.key.place,
            hint=f"did you mean `{near}`?" if near else f"it takes: {listed}",
            length=len(name),
            fix=NONE if meant is None else replacement(entry.key, meant),
        )
        return compile_template(entry.value, given.names, diagnostics)
    node: Node = as_written(entry.value) if parameter.type == "string" else entry.value
    compiled = compile_template(node, given.names, diagnostics)
    if isinstance(compiled, SecretRef) and not given.names.may_be_argument(compiled.name):
        _check_hidden(plan, name, compiled, entry, diagnostics)
    if _is_literal(compiled):
        try:
            converted = convert(parameter, data_of(node))
            return converted if isinstance(node, Scalar) else compiled
        except ValueError as error:
            diagnostics.error(
                "bad-value",
                f"`{name}` {error}",
                entry.value.place,
                hint=f"{plan.name} declares it as {parameter.type}",
            )
    return compiled


def _check_hidden(
    plan: Plan, parameter: str, secret: SecretRef, entry: Entry, diagnostics: Diagnostics
) -> None:
    """What may not be an argument here may not become one by way of another playbook."""
    if is_argument(plan, parameter):
        diagnostics.error(
            "secret-in-arguments",
            f"{plan.name} makes its `{parameter}` an argument of a command, which the secret "
            f"`{secret.name}` may not be",
            entry.value.place,
            hint="say `allow_in_arguments: true` where the secret is declared, if everybody on "
            f"the machine may see it; or have {plan.name} hand it over by `env:`",
        )


def _names(node: Node | None) -> set[str]:
    return {entry.key.text for entry in node.entries} if isinstance(node, MapNode) else set()


def _is_literal(template: Template) -> bool:
    match template:
        case Expression() | SecretRef() | Text():
            return False
        case str():
            return True
        case Mapping():
            return all(_is_literal(value) for value in template.values())
        case Sequence():
            return all(_is_literal(value) for value in template)
        case _:
            return True


def _include_secrets(context: "Context", plan: Plan, node: Node) -> None:
    """The secrets of an included playbook are looked up with the workflow's own, by name."""
    for secret in plan.secrets:
        known = context.secrets.setdefault(secret.name, secret)
        if (known.source, known.options) != (secret.source, secret.options):
            context.diagnostics.error(
                "name-collision",
                f"{plan.name} declares the secret `{secret.name}` differently ({secret.place})",
                node.place,
                hint="give one of the two another name",
            )
