"""`concurrency`: which workflows must not run at the same time."""

from collections.abc import Iterator, Mapping, Sequence

from orchestrate.playbook.compiling.values import as_written, text_of
from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.names import Names
from orchestrate.playbook.nodes import MapNode, Node
from orchestrate.playbook.plan import Concurrency, Expression, SecretRef, Template, Text
from orchestrate.playbook.templates import compile_template

_TOO_LATE = frozenset(("run", "timestamp"))
"""Names that have no value yet when a workflow is made."""


def compile_concurrency(
    node: Node | None, names: Names, diagnostics: Diagnostics
) -> Concurrency | None:
    """The group and what happens on overlap; a text alone is a group whose members queue."""
    options: Mapping[str, Node] = {}
    if isinstance(node, MapNode):
        options = {entry.key.text: entry.value for entry in node.entries}
    group = options.get("group") if isinstance(node, MapNode) else node
    if group is None or text_of(group) is None:
        return None
    template = compile_template(as_written(group), names, diagnostics)
    for part in _parts(template):
        if isinstance(part, SecretRef):
            diagnostics.error(
                "secret-in-expression",
                f"the group would show the secret `{part.name}`",
                group.place,
                hint="a group is a name that everybody may read",
            )
        elif isinstance(part, Expression) and _TOO_LATE & set(part.names):
            diagnostics.error(
                "undefined-name",
                f"`{part.source}` is not known yet when a workflow is made",
                group.place,
                hint="use parameters, variables or `environment`",
            )
    return Concurrency(template, text_of(options.get("overlap")) or "queue")


def _parts(template: Template) -> Iterator[Template]:
    match template:
        case Text(parts):
            yield from parts
        case str():
            return
        case Sequence():
            for item in template:
                yield from _parts(item)
        case _:
            yield template
