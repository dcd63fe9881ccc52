"""Looks at the keys of a document: unknown, misplaced; and at the kinds.

Returns the document with misspelt keys put right and impossible ones left out, so that each
mistake is reported once, at its own place, and all others are still found.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.document.kinds import (
    BRANCH_KEYS,
    CALL,
    CALL_KEYS,
    COMMON_KEYS,
    COMPENSATION_KEYS,
    CONCURRENCY_KEYS,
    HANDLER_LISTS,
    INPUT_KEYS,
    KINDS,
    LOCK_KEYS,
    PARAMETER_KEYS,
    PLAYBOOK_KEYS,
    RETRY_KEYS,
    SCRIPT_KEYS,
    SECRET_KEYS,
    STEP_LISTS,
    kinds_with,
)
from orchestrate.playbook.document.meant import key_elsewhere, key_fix
from orchestrate.playbook.document.typed import INTEGRATION, TRIGGER, Family, repaired_by_type
from orchestrate.playbook.document.waits import WITHOUT_TIMEOUT, misfit
from orchestrate.playbook.edits import NONE, Fix, added_entry, replacement
from orchestrate.playbook.nodes import Entry, ListNode, MapNode, Node, Scalar
from orchestrate.playbook.spelling import nearest, unmistakable

STEP_KEYS = (*COMMON_KEYS, *dict.fromkeys(key for kind in KINDS.values() for key in kind.keys))


class _Shape(NamedTuple):
    """What a mapping may hold. `of` names it in messages."""

    of: str
    keys: Sequence[str]
    wanted: Sequence[str] = ()
    """Keys that come first when a misspelt one could be several."""
    listed: Sequence[str] = ()
    """Keys to show when none is near; all of `keys` if empty."""


_PLAYBOOK = _Shape("a playbook", PLAYBOOK_KEYS, ("steps",))
_PARAMETER = _Shape("a parameter", PARAMETER_KEYS, ("name",))
_INPUT = _Shape("an input", INPUT_KEYS, ("name",))
_SECRET = _Shape("a secret", SECRET_KEYS, SECRET_KEYS)
_RETRY = _Shape("`retry`", RETRY_KEYS)
_CONCURRENCY = _Shape("`concurrency`", CONCURRENCY_KEYS, ("group",))
_SCRIPT = _Shape("`script`", SCRIPT_KEYS, ("text",))
_LOCK = _Shape("a lock", LOCK_KEYS, ("name",))
_BRANCH = _Shape("a branch", BRANCH_KEYS, ("steps",))


class Structure:
    """One pass over a document."""

    def __init__(self, diagnostics: Diagnostics) -> None:
        self._diagnostics = diagnostics
        self._in_transaction = False

    def playbook(self, node: MapNode) -> MapNode:
        """The repaired document."""
        parts: dict[str, Callable[[Node], Node]] = {
            "parameters": lambda value: self._each(value, _PARAMETER),
            "secrets": lambda value: self._each(value, _SECRET),
            "concurrency": lambda value: self._plain(value, _CONCURRENCY),
            "locks": lambda value: self._each(value, _LOCK),
            "triggers": lambda value: self._by_type(value, TRIGGER),
            "integrations": lambda value: self._by_type(value, INTEGRATION),
        }
        entries: list[Entry] = []
        for entry in self._known(node, _PLAYBOOK):
            key = entry.key.text
            value = entry.value
            if key in STEP_LISTS:
                value = self._steps(value)
            elif key in parts:
                value = parts[key](value)
            entries.append(Entry(entry.key, value))
        return MapNode(tuple(entries), node.place)

    def _each(self, value: Node, shape: _Shape) -> Node:
        if not isinstance(value, ListNode):
            return value
        return ListNode(tuple(self._plain(item, shape) for item in value.items), value.place)

    def _plain(self, value: Node, shape: _Shape) -> Node:
        if not isinstance(value, MapNode):
            return value
        return MapNode(tuple(self._known(value, shape)), value.place)

    def _by_type(self, value: Node, family: Family) -> Node:
        return repaired_by_type(value, family, self._known_keys, self._diagnostics)

    def _known_keys(
        self, node: MapNode, of: str, keys: Sequence[str], wanted: Sequence[str]
    ) -> list[Entry]:
        return self._known(node, _Shape(of, keys, wanted))

    def _steps(self, value: Node) -> Node:
        if not isinstance(value, ListNode):
            return value
        return ListNode(tuple(self._step(item) for item in value.items), value.place)

    def _step(self, node: Node) -> Node:
        if not isinstance(node, MapNode):
            return node
        written = frozenset(entry.key.text for entry in node.entries)
        kind, known = self._kind(node, written)
        own = KINDS[kind].keys
        wanted = () if kind == CALL else (*KINDS[kind].required, *own)
        keys, listed = (*COMMON_KEYS, *own, *STEP_KEYS), (*own, *COMMON_KEYS)
        shape = _Shape("a step", keys, wanted, listed)
        entries: list[Entry] = []
        for entry in self._known(node, shape):
            if entry.key.text in COMPENSATION_KEYS and not self._in_transaction:
                self._outside_transaction(entry.key)
            elif entry.key.text in own or entry.key.text in COMMON_KEYS:
                entries.append(Entry(entry.key, self._step_value(entry, kind)))
            elif known:
                self._misplaced(entry, kind)
        repaired = MapNode(tuple(entries), node.place)
        if known:
            self._missing(repaired, kind)
        return _with_type(repaired, kind)

    def _steps_of(self, key: str, value: Node, kind: str) -> Node:
        """A list inside a step. Handlers and compensations are no part of a transaction."""
        before = self._in_transaction
        if key in HANDLER_LISTS:
            self._in_transaction = False
        elif kind == "transaction":
            self._in_transaction = True
        inside = self._steps(value)
        self._in_transaction = before
        return inside

    def _step_value(self, entry: Entry, kind: str) -> Node:
        key, value = entry.key.text, entry.value
        if key in STEP_LISTS:
            return self._steps_of(key, value, kind)
        if key == "retry":
            return self._plain(value, _RETRY)
        if key == "locks":
            return self._each(value, _LOCK)
        if key == "script":
            return self._plain(value, _SCRIPT)
        if key == "inputs":
            return self._each(value, _INPUT)
        if key == "branches" and isinstance(value, ListNode):
            return ListNode(tuple(self._branch(item) for item in value.items), value.place)
        return value

    def _branch(self, node: Node) -> Node:
        if not isinstance(node, MapNode):
            return node
        entries: list[Entry] = []
        for entry in self._known(node, _BRANCH):
            steps = entry.key.text == "steps"
            entries.append(Entry(entry.key, self._steps(entry.value)) if steps else entry)
        return MapNode(tuple(entries), node.place)

    def _kind(self, node: MapNode, written: frozenset[str]) -> tuple[str, bool]:
        """The step's kind, and whether it is certain; what is wrong with `type` is reported."""
        given = self._type(node, written)
        if given is None or not isinstance(given.value, str) or not given.value.strip():
            return self._without_type(node, written), True
        name = given.value
        if name in KINDS and name != CALL:
            return name, True
        if written & set(CALL_KEYS) or name == CALL or self._meant(written, CALL_KEYS):
            return CALL, True
        near = nearest(name, [kind for kind in KINDS if kind != CALL])
        sure = near is not None and near == unmistakable(name, KINDS) and near in _kinds_of(written)
        near = near or next(iter(_kinds_of(written)), None)
        hint = f"did you mean `type: {near}`? " if near else ""
        self._diagnostics.error(
            "unknown-kind",
            f"`{name}` is no kind of step",
            given.place,
            hint=f"{hint}a step with a label of its own needs `command`, `shell` or `script`",
            length=len(given.text),
            fix=replacement(given, near) if sure and near else NONE,
        )
        return (near, True) if near else (CALL, False)

    def _type(self, node: MapNode, written: frozenset[str]) -> Scalar | None:
        """The value of `type`, also if the key is misspelt."""
        for entry in node.entries:
            key = entry.key.text
            if key == "type" or (
                "type" not in written and key not in STEP_KEYS and nearest(key, STEP_KEYS) == "type"
            ):
                return entry.value if isinstance(entry.value, Scalar) else None
        return None

    def _without_type(self, node: MapNode, written: frozenset[str]) -> str:
        """A step without `type` calls a command, unless its keys tell that something is missing."""
        kinds = _kinds_of(written)
        if not kinds or written & set(CALL_KEYS):
            return CALL
        self._diagnostics.error(
            "missing-key",
            "the step has no `type`",
            node.place,
            hint=f"with these keys it is a step of `type: {kinds[0]}`",
            fix=self._typed(node, written),
        )
        return kinds[0]

    def _typed(self, node: MapNode, written: frozenset[str]) -> Fix:
        """Adds `type`, if only one kind has all these keys and needs no others."""
        own = written - set(COMMON_KEYS)
        fits = [
            name
            for name, kind in KINDS.items()
            if name != CALL and own <= set(kind.keys) and own >= set(kind.required)
        ]
        first = next((entry.key for entry in node.entries if entry.key.text in own), None)
        if len(fits) != 1 or first is None:
            return NONE
        lines = self._diagnostics.texts.get(node.place.file, [])
        return added_entry(node, first, f"type: {fits[0]}", lines)

    @staticmethod
    def _meant(written: frozenset[str], keys: Iterable[str]) -> bool:
        """Whether a misspelt one of `keys` is there."""
        near = (nearest(key, STEP_KEYS) for key in written if key not in STEP_KEYS)
        return any(key is not None and key in keys for key in near)

    def _known(self, node: MapNode, shape: _Shape) -> list[Entry]:
        """The entries whose keys are known, misspelt ones put right; others are reported."""
        present = {entry.key.text for entry in node.entries}
        kept: list[Entry] = []
        for entry in node.entries:
            key = entry.key.text
            if key in shape.keys:
                kept.append(entry)
            elif key and "${" not in key:
                meant = self._unknown(entry, shape, present)
                if meant is not None:
                    present.add(meant)
                    kept.append(Entry(entry.key._replace(text=meant, value=meant), entry.value))
        return kept

    def _unknown(self, entry: Entry, shape: _Shape, present: set[str]) -> str | None:
        key = entry.key
        fix: Fix = NONE
        free = [name for name in (*shape.wanted, *shape.keys) if name not in present]
        meant = key_elsewhere(entry)
        if meant not in free:
            meant = nearest(key.text, free)
        if meant is None:
            twice = nearest(key.text, shape.keys)
            listed = ", ".join(shape.listed or shape.keys)
            hint = f"did you mean `{twice}`? it is given already" if twice else f"keys: {listed}"
            if shape is _BRANCH and key.text in STEP_KEYS:
                hint = "put it in the branch's `steps:` list"
            if shape is _PLAYBOOK and key.text in STEP_KEYS:
                hint = "it belongs to a step: indent it as far as the step's `name`"
        else:
            hint = f"did you mean `{meant}`?"
            fix = key_fix(key, meant, free)
        self._diagnostics.error(
            "unknown-key",
            f"{shape.of} has no key `{key.text}`",
            key.place,
            hint=hint,
            length=len(key.text),
            fix=fix,
        )
        return meant

    def _misplaced(self, entry: Entry, kind: str) -> None:
        key = entry.key.text
        owners = " or ".join(
            "a step that calls a command" if owner == CALL else f"`type: {owner}`"
            for owner in kinds_with(key)
        )
        this = "a step that calls a command" if kind == CALL else f"`type: {kind}`"
        self._diagnostics.error(
            "misplaced-key",
            f"`{key}` belongs to {owners}; this is {this}",
            entry.key.place,
            hint="change `type`, or remove the key",
            length=len(key),
        )

    def _outside_transaction(self, key: Scalar) -> None:
        self._diagnostics.error(
            "misplaced-key",
            f"`{key.text}` belongs to steps in a transaction; nothing would undo this one",
            key.place,
            hint="put the steps that belong together under `type: transaction`, `steps:`; "
            "handlers and compensations are not undone",
            length=len(key.text),
        )

    def _missing(self, node: MapNode, kind: str) -> None:
        keys = frozenset(entry.key.text for entry in node.entries)
        called = [key for key in CALL_KEYS if key in keys]
        message = hint = ""
        if kind == CALL and len(called) != 1:
            if called:
                message = f"the step has both `{called[0]}` and `{called[1]}`"
                hint = "make two steps of it"
            else:
                message = "the step does nothing: it has no `command`, `shell` or `script`"
                hint = "such as `command: /bin/true`; or give it the `type` of another kind"
        elif kind == "wait":
            message, hint = misfit(keys, called)
        elif "on_timeout" in keys and "timeout" not in keys:
            message, hint = WITHOUT_TIMEOUT
        missing = [key for key in KINDS[kind].required if key not in keys]
        if "compensate_on" in keys and "compensate" not in keys:
            message = "`compensate_on` says when `compensate` applies, and there is none"
            hint = "add `compensate:`, or remove the key"
        if missing:
            message = f"`type: {kind}` needs " + ", ".join(f"`{key}`" for key in missing)
            hint = f"add `{missing[0]}:`"
        if message:
            self._diagnostics.error("missing-key", message, node.place, hint=hint)


def _kinds_of(written: frozenset[str]) -> list[str]:
    """Kinds other than calls whose own keys are there, the best first."""
    fits = {
        name: len(written.intersection(kind.keys)) for name, kind in KINDS.items() if name != CALL
    }
    lacks = {name: len(set(KINDS[name].required) - written) for name in fits}
    named = (name for name, count in fits.items() if count)
    return sorted(named, key=lambda name: (-fits[name], lacks[name]))


def _with_type(node: MapNode, kind: str) -> MapNode:
    """The step with `type` telling its kind, whatever was written; labels of calls stay."""
    given = node.get("type")
    if kind == CALL or (isinstance(given, Scalar) and given.value == kind):
        return node
    place = given.place if given is not None else node.place
    key, value = (
        Scalar(text, text, quoted=False, place=place, lines=(place,)) for text in ("type", kind)
    )
    others = (other for other in node.entries if other.key.text != "type")
    return MapNode((*others, Entry(key, value)), node.place)
