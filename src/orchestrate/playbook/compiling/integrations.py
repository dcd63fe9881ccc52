"""`integrations`: which other systems are told of workflows.

Their options may use what a workflow is made with: parameters, variables and `environment`. A name
in UPPER_CASE that stands for nothing else is an environment variable, and secret here.
"""

from collections.abc import Iterator, Mapping, Sequence

from orchestrate.playbook.compiling.values import text_of, texts_of
from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.document.kinds import INTEGRATION_COMMON_KEYS
from orchestrate.playbook.expression.holes import Hole, pieces
from orchestrate.playbook.expression.known import is_env_name, normalise
from orchestrate.playbook.integrations import (
    COUNTED,
    DEFAULT_EVENTS,
    EVENTS,
    Integration,
    told_of,
)
from orchestrate.playbook.names import Names
from orchestrate.playbook.nodes import ListNode, MapNode, Node, Scalar
from orchestrate.playbook.plan import (
    Expression,
    Parameter,
    Plan,
    Secret,
    SecretRef,
    Template,
    Text,
)
from orchestrate.playbook.spelling import nearest
from orchestrate.playbook.templates import compile_template

_TOO_LATE = frozenset(("run", "timestamp", "error"))
"""Built-ins that tell of a workflow under way."""


def compile_integrations(
    node: Node | None, plan: Plan, given: Sequence[str], diagnostics: Diagnostics
) -> tuple[tuple[Integration, ...], tuple[str, ...]]:
    """The integrations of a playbook, and which environment variables they read openly.

    `plan` has its parameters, variables and secrets already; `given` are the variables of the
    environment's file.
    """
    found: dict[str, Integration] = {}
    read: dict[str, None] = {}
    for item in node.items if isinstance(node, ListNode) else ():
        if not isinstance(item, MapNode):
            continue
        compiler = _Compiler(item, plan, given, diagnostics)
        integration = compiler.compile()
        if integration is None:
            continue
        if integration.name in found:
            diagnostics.error(
                "name-collision",
                f"another integration is named `{integration.name}`",
                item.place,
                hint="give each a `name:` of its own; without one it is its type",
            )
        found[integration.name] = integration
        read.update(dict.fromkeys(compiler.env_names()))
    return tuple(found.values()), tuple(read)


class _Compiler:
    """Compiles one integration."""

    def __init__(
        self, node: MapNode, plan: Plan, given: Sequence[str], diagnostics: Diagnostics
    ) -> None:
        self._node = node
        self._fields = {entry.key.text: entry.value for entry in node.entries}
        self._plan = plan
        self._diagnostics = diagnostics
        openly = [p.name for p in plan.parameters if not p.secret]
        hidden = [p for p in plan.parameters if p.secret]
        known = {normalise(name) for name in (*openly, *given, *plan.variables)}
        known |= {normalise(parameter.name) for parameter in hidden}
        self._hidden = {parameter.name for parameter in hidden}
        self._variables = [
            word
            for word in dict.fromkeys(_words(node))
            if is_env_name(word) and normalise(word) not in known
        ]
        self._names = Names.playbook(
            diagnostics,
            [*hidden, *(_secret(word, node) for word in self._variables)],
            [*openly, *given, *plan.variables],
            [secret.name for secret in plan.secrets],
            implicit=False,
        )

    def compile(self) -> Integration | None:
        """The integration; None if its type is none, which was reported."""
        kind = text_of(self._fields.get("type")) or ""
        if kind not in DEFAULT_EVENTS:
            return None
        common = {*INTEGRATION_COMMON_KEYS} - ({"events"} if kind in COUNTED else set[str]())
        own = {key: value for key, value in self._fields.items() if key not in common}
        options = {
            key: compile_template(value, self._names, self._diagnostics)
            for key, value in own.items()
        }
        for part in (part for option in options.values() for part in _parts(option)):
            self._check(part)
        environments = (
            texts_of(self._fields["environments"]) if "environments" in self._fields else None
        )
        return Integration(
            name=text_of(self._fields.get("name")) or kind,
            type=kind,
            place=self._node.place,
            events=told_of(kind, self._events(kind)),
            environments=environments,
            options=options,
            secrets=self._secrets(options),
        )

    def env_names(self) -> list[str]:
        """What is read as `env.NAME`."""
        return self._names.env_names()

    def _events(self, kind: str) -> tuple[str, ...]:
        node = self._fields.get("events")
        if node is None:
            return DEFAULT_EVENTS[kind]
        items = node.items if isinstance(node, ListNode) else (node,)
        for item in items:
            if isinstance(item, Scalar) and item.text not in EVENTS:
                near = nearest(item.text, EVENTS)
                listed = f"they are: {', '.join(EVENTS)}"
                self._diagnostics.error(
                    "unknown-value",
                    f"`{item.text}` is no event that an integration can be told of",
                    item.place,
                    hint=f"did you mean `{near}`?" if near else listed,
                    length=len(item.text),
                )
        return tuple(dict.fromkeys(texts_of(node)))

    def _secrets(self, options: Mapping[str, Template]) -> tuple[Secret, ...]:
        declared = {secret.name: secret for secret in self._plan.secrets}
        found: dict[str, Secret] = {}
        for part in (part for option in options.values() for part in _parts(option)):
            if not isinstance(part, SecretRef) or part.name in self._hidden:
                continue
            own = Secret(part.name, "environment", {"variable": part.name}, self._node.place)
            found[part.name] = declared.get(part.name, own)
        return tuple(found.values())

    def _check(self, part: Template) -> None:
        if isinstance(part, SecretRef) and part.name in self._hidden:
            self._diagnostics.error(
                "secret-in-expression",
                f"the secret parameter `{part.name}` is not known where deliveries are made",
                self._node.place,
                hint="take it from `secrets:`, or from an environment variable: `${NAME}`",
            )
        elif isinstance(part, Expression) and _TOO_LATE & set(part.names):
            self._diagnostics.error(
                "undefined-name",
                f"`{part.source}` is not known to an integration",
                part.place,
                hint="use parameters, variables or `environment`",
                length=len(part.source),
            )


def _secret(word: str, node: MapNode) -> Parameter:
    """An environment variable as what names take for a secret value."""
    return Parameter(
        name=word, type="string", description="", required=False, default=None, choices=None,
        pattern=None, minimum=None, maximum=None, secret=True, implicit=True, place=node.place,
    )  # fmt: skip


def _words(node: Node) -> Iterator[str]:
    """What stands alone in a `${…}`."""
    match node:
        case Scalar() if isinstance(node.value, str):
            for piece in pieces(node.text):
                if isinstance(piece, Hole):
                    yield piece.source.strip()
        case ListNode():
            for item in node.items:
                yield from _words(item)
        case MapNode():
            for entry in node.entries:
                yield from _words(entry.value)
        case _:
            return


def _parts(template: Template) -> Iterator[Template]:
    match template:
        case Text(parts):
            yield from parts
        case Expression() | SecretRef():
            yield template
        case Mapping():
            for value in template.values():
                yield from _parts(value)
        case str():
            return
        case Sequence():
            for value in template:
                yield from _parts(value)
        case _:
            return
