"""Steps: sequences with their names and needs, and the keys that every kind has."""

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeGuard

from orchestrate.errors import Place
from orchestrate.playbook.compiling import actions
from orchestrate.playbook.compiling.claims import compile_locks, compile_resources
from orchestrate.playbook.compiling.digests import digest_step
from orchestrate.playbook.compiling.retry import compile_retry
from orchestrate.playbook.compiling.scopes import Scope
from orchestrate.playbook.compiling.values import (
    as_written,
    duration_of,
    scalars_of,
    templates_of,
    text_of,
    truth_of,
)
from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.document.kinds import (
    CALL,
    CALL_KEYS,
    HANDLER_LISTS,
    IDEMPOTENT_LABELS,
    INLINE_KINDS,
    KINDS,
)
from orchestrate.playbook.edits import NONE, replacement
from orchestrate.playbook.names import Known, Names, normalise
from orchestrate.playbook.nodes import ListNode, MapNode, Node, Scalar
from orchestrate.playbook.plan import Command, Expression, Plan, Secret, SourceFile, Step, Template
from orchestrate.playbook.reading.scalars import typed
from orchestrate.playbook.spelling import nearest, unmistakable
from orchestrate.playbook.templates import compile_condition, compile_template

DEEPEST = 50
"""Steps inside steps, at most, those of sub-playbooks included."""
LONGEST_NAME = 100


class Context:
    """What all steps of one playbook are compiled with, and what is gathered on the way."""

    def __init__(
        self,
        diagnostics: Diagnostics,
        include: Callable[[Scalar, int], Plan | None],
        idempotent: bool | None,  # noqa: FBT001 - the playbook's default, a value
    ) -> None:
        self.diagnostics = diagnostics
        self.include = include
        self.idempotent = idempotent
        self.knowns: dict[int, Known] = {}
        """By the identity of the step: what is read of its result."""
        self.scopes: list[Scope] = []
        """Of every step, in the order in which they were finished."""
        self.env_names: dict[str, None] = {}
        self.sources: dict[SourceFile, None] = {}
        self.secrets: dict[str, Secret] = {}
        """Those of the playbook itself and of all that it includes."""
        self.called = 0
        """Characters of what all steps call."""


class Sequence(NamedTuple):
    """A compiled sequence: its steps, what is known of the named ones, and the names after it."""

    steps: tuple[Step, ...]
    known: Mapping[str, Known]
    names: Names


class _Position(NamedTuple):
    """Where a step stands among its siblings."""

    key: str
    name: str | None
    place: Place
    needs: tuple[str, ...] | None


class StepCompiler:
    """Compiles the steps of one playbook."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.diagnostics = context.diagnostics

    def sequence(
        self,
        node: Node | None,
        names: Names,
        depth: int,
        concurrent: Mapping[str, str] | None = None,
    ) -> Sequence:
        """A list of steps in a frame of its own inside `names`."""
        if node is None:
            return Sequence((), {}, names)
        items = [item for item in node.items if isinstance(item, MapNode)] if _is_list(node) else []
        later = [name for item in items if (name := text_of(item.get("name"))) is not None]
        frame = names.sequence(later, concurrent)
        if depth > DEEPEST and items:
            self.diagnostics.error(
                "nesting-too-deep",
                f"steps are nested more than {DEEPEST} deep",
                items[0].place,
                hint="make the inner steps a playbook of their own, or flatten them",
            )
            return Sequence((), {}, frame)
        steps: list[Step] = []
        known: dict[str, Known] = {}
        siblings: dict[str, str] = {}
        for position, item in enumerate(items, 1):
            name = self.name_of(item.get("name"))
            key = name or str(position)
            place = item.get("name").place if name else item.place  # type: ignore[union-attr]
            needs = self._needs(item.get("needs"), key, siblings, later)
            step, seen = self._step(item, _Position(key, name, place, needs), frame, depth)
            steps.append(step)
            if name is not None:
                known[name] = seen
                siblings[normalise(name)] = key
        return Sequence(tuple(steps), known, frame)

    def _step(self, node: MapNode, at: _Position, frame: Names, depth: int) -> tuple[Step, Known]:
        """One step. Its own name becomes visible when its action is compiled: to its outputs and
        handlers, to what comes after, and to the condition that a wait looks at.
        """
        fields = {entry.key.text: entry.value for entry in node.entries}
        kind, _ = kind_and_label(fields)
        scope = frame.visible_for(at.needs)
        seen = scope.seen()
        known: list[Known] = []

        def announce(children: Mapping[str, Known]) -> Names:
            known.append(frame.add_step(at.key, at.name, at.place, kind, children, at.needs))
            return frame.visible_for(None if at.needs is None else (*at.needs, at.key))

        step = self._common(node, at, fields, scope)
        action, after = actions.compile_action(
            self, actions.Given(kind, fields, scope, frame, node, at.name, depth, announce)
        )
        handlers = {
            key: self.sequence(fields[key], _handler_names(key, after), depth + 1).steps
            if key in fields
            else ()
            for key in HANDLER_LISTS
        }
        step = step._replace(
            action=action,
            on_failure=handlers["on_failure"],
            on_success=handlers["on_success"],
            always=handlers["finally"],
            outputs=templates_of(fields.get("outputs"), after, self.diagnostics),
            compensate=handlers["compensate"],
            compensate_on_start=text_of(fields.get("compensate_on")) == "start",
        )
        step = step._replace(digest=digest_step(node, step))
        self.context.knowns[id(step)] = known[0]
        self.context.scopes.append(Scope(node.place, seen, known[0], step))
        return step, known[0]

    def _common(
        self, node: MapNode, at: _Position, fields: Mapping[str, Node], scope: Names
    ) -> Step:
        """What steps of every kind have; the step does nothing yet."""
        kind, label = kind_and_label(fields)
        return Step(
            key=at.key,
            name=at.name,
            label=label,
            description=text_of(fields.get("description")) or "",
            place=node.place,
            digest="",
            action=Command(()),
            when=self.condition(fields.get("when"), scope),
            needs=at.needs,
            env=templates_of(fields.get("env"), scope, self.diagnostics, texts=True),
            workdir=self._template(fields.get("workdir"), scope),
            timeout=duration_of(fields.get("timeout"), scope, self.diagnostics),
            retry=compile_retry(fields.get("retry"), scope, self.diagnostics),
            idempotent=self._idempotent(fields, kind, label),
            checkpoint=_checkpoint(fields.get("checkpoint")),
            continue_on_error=truth_of(fields.get("continue_on_error"), default=False),
            on_failure=(),
            on_success=(),
            always=(),
            outputs={},
            reads=(),
            locks=compile_locks(fields.get("locks"), scope, self.diagnostics),
            resources=compile_resources(fields.get("resources"), scope, self.diagnostics),
            pool=self._template(fields.get("pool"), scope),
        )

    def name_of(self, node: Node | None) -> str | None:
        """A step's or branch's name, if it has a possible one; what is wrong is reported."""
        text = text_of(node)
        if text is None or not isinstance(node, Scalar) or not text.strip():
            return None
        hint = "letters, digits, `-` and `_` make a good name"
        if "${" in text:
            message = "a name is fixed text; it cannot hold an expression"
            hint = "paths and references need it before anything runs"
        elif not isinstance(typed(text), str):
            message = f"`{text}` cannot be a name: it would be taken for a position or a value"
        elif any(letter in "/[]" for letter in text):
            message = f"the name `{text}` holds one of `/[]`, which separate the parts of a path"
        elif text != text.strip() or not text.isprintable() or text in (".", ".."):
            message = "a name is one line of visible letters"
        elif text in HANDLER_LISTS:
            message = f"`{text}` is a word of the language"
        elif len(text) > LONGEST_NAME:
            message = f"the name has {len(text)} letters; {LONGEST_NAME} are allowed"
        else:
            return text
        length = len(text.split("\n")[0])
        self.diagnostics.error("bad-name", message, node.place, hint=hint, length=length)
        return None

    def condition(self, node: Node | None, names: Names) -> Expression | None:
        """A condition, or None if there is none (or an error was reported)."""
        if not isinstance(node, Scalar) or node.value is None:
            return None
        return compile_condition(node, names, self.diagnostics)

    def _template(self, node: Node | None, names: Names) -> Template:
        return None if node is None else compile_template(as_written(node), names, self.diagnostics)

    def _idempotent(self, fields: Mapping[str, Node], kind: str, label: str | None) -> bool | None:
        node = fields.get("idempotent")
        waits = kind == "wait" and not fields.keys() & set(CALL_KEYS)
        if node is not None:
            return truth_of(node, default=False)
        if label in IDEMPOTENT_LABELS or kind in INLINE_KINDS or waits:
            return True
        return self.context.idempotent

    def _needs(
        self, node: Node | None, own: str, siblings: Mapping[str, str], later: list[str]
    ) -> tuple[str, ...] | None:
        """The keys of the needed siblings; names that are none are reported."""
        if node is None:
            return None
        keys: dict[str, None] = {}
        for item in scalars_of(node):
            name = item.text
            key = siblings.get(normalise(name))
            if key is not None:
                keys[key] = None
                continue
            fix = NONE
            if normalise(name) == normalise(own):
                message, hint = f"`{name}` needs itself", "remove it from `needs`"
            elif normalise(name) in map(normalise, later):
                message = f"`{name}` comes later; `needs` names earlier steps"
                hint = f"move `{name}` above this step"
            else:
                near = nearest(name, siblings.values())
                message = f"no earlier step of this list is named `{name}`"
                hint = f"did you mean `{near}`?" if near else "name the step that is meant"
                meant = unmistakable(name, siblings.values())
                fix = NONE if meant is None else replacement(item, meant)
            self.diagnostics.error(
                "bad-needs", message, item.place, hint=hint, length=len(name), fix=fix
            )
        return tuple(keys)


def kind_and_label(fields: Mapping[str, Node]) -> tuple[str, str | None]:
    """A step's kind, and its label if it calls a command."""
    written = text_of(fields.get("type"))
    if written is not None and written in KINDS:
        return written, None
    return CALL, written


def _is_list(node: Node | None) -> TypeGuard[ListNode]:
    return isinstance(node, ListNode)


def _handler_names(handler: str, names: Names) -> Names:
    """What a handler sees; `error` exists where something may have failed."""
    return names if handler == "on_success" else names.with_error()


def _checkpoint(node: Node | None) -> bool | str:
    if isinstance(node, Scalar) and isinstance(node.value, bool):
        return node.value
    return text_of(node) or False
