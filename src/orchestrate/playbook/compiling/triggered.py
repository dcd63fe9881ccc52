"""Expressions of triggers. They speak of what arrived, and of nothing else: nothing runs yet."""

from collections.abc import Iterator, Mapping, Sequence

from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.names import Names
from orchestrate.playbook.nodes import ListNode, MapNode, Node, Scalar
from orchestrate.playbook.plan import Expression, SecretRef, Template, Text
from orchestrate.playbook.templates import compile_condition, compile_template
from orchestrate.playbook.triggers import NAMES


class TriggerNames:
    """What the expressions of one trigger may speak of."""

    def __init__(self, kind: str, diagnostics: Diagnostics) -> None:
        self._allowed = NAMES.get(kind, ())
        self._diagnostics = diagnostics
        self._names = Names.playbook(diagnostics, (), self._allowed, (), implicit=False)

    def condition(self, node: Node | None) -> Expression | None:
        """A filter."""
        if not isinstance(node, Scalar):
            return None
        compiled = compile_condition(node, self._names, self._diagnostics)
        if compiled is not None:
            self._check(compiled)
        return compiled

    def template(self, node: Node) -> tuple[Template, bool]:
        """A value, and whether it is the same whatever arrives."""
        if "${" not in "".join(_texts(node)):
            return None, True
        compiled = compile_template(node, self._names, self._diagnostics)
        for expression in _holes(compiled):
            self._check(expression)
        return compiled, False

    def _check(self, found: Expression | SecretRef) -> None:
        if isinstance(found, SecretRef):
            return  # nothing declares one here: reported as undefined
        for name in found.names:
            if name in self._allowed:
                continue
            known = ", ".join(f"`{allowed}`" for allowed in self._allowed)
            self._diagnostics.error(
                "undefined-name",
                f"`{found.source}`: `{name}` is not known to a trigger",
                found.place,
                hint=f"there is only {known}" if known else "write the value itself",
                length=len(found.source),
            )


def _texts(node: Node) -> Iterator[str]:
    match node:
        case Scalar():
            yield node.text
        case ListNode():
            for item in node.items:
                yield from _texts(item)
        case MapNode():
            for entry in node.entries:
                yield from _texts(entry.value)


def _holes(template: Template) -> Iterator[Expression | SecretRef]:
    match template:
        case Expression() | SecretRef():
            yield template
        case Text(parts):
            yield from (part for part in parts if not isinstance(part, str))
        case Mapping():
            for value in template.values():
                yield from _holes(value)
        case str():
            return
        case Sequence():
            for value in template:
                yield from _holes(value)
        case _:
            return
