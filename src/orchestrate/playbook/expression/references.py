"""Chains such as `deploy.output.url`: what they refer to, and whether that can be."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from orchestrate.errors import Place
from orchestrate.playbook.diagnostics import Diagnostics, nearest
from orchestrate.playbook.edits import NONE, Edit
from orchestrate.playbook.expression.known import (
    ANY,
    BUILT_IN_ATTRIBUTES,
    LIST,
    MAP,
    RESULT_TYPES,
    Known,
    Resolution,
    normalise,
)
from orchestrate.playbook.expression.syntax import Attribute, Index, Name
from orchestrate.playbook.names import Names
from orchestrate.playbook.spelling import unmistakable

_SCALARS = frozenset(("text", "integer", "number", "boolean"))
_TYPE_NAMES = {"text": "text", "integer": "a number", "number": "a number", "boolean": "a boolean"}


class Reference(NamedTuple):
    """A resolved chain: the code of its root and of its keys, and the type of its value."""

    root: str
    keys: Sequence[str]
    type: str

    def path(self) -> str | None:
        """`a.b.c`, if it is that simple; such a chain is evaluated without minijinja."""
        names = [json.loads(key) if key.startswith('"') else "" for key in self.keys]
        if not self.root.isidentifier() or not all(name.isidentifier() for name in names):
            return None
        return ".".join([self.root, *names])

    def code(self, function: str, *, bare: str | None = None) -> str:
        """A call that follows the chain, or `bare` (by default the root itself) without keys."""
        if not self.keys:
            return self.root if bare is None else bare
        return f"{function}({', '.join([self.root, *self.keys])})"


_NOTHING = Reference("none", (), ANY)


class References:
    """Resolves the chains of one expression and collects the root names in `roots`."""

    def __init__(
        self, names: Names, diagnostics: Diagnostics, place_of: Callable[[int], Place]
    ) -> None:
        self._names = names
        self._diagnostics = diagnostics
        self._place_of = place_of
        self.roots: dict[str, None] = {}

    def resolve(
        self,
        root: Name,
        keys: Sequence[Attribute | Index],
        codes: Sequence[str],
        *,
        lenient: bool,
    ) -> Reference:
        """The chain from `root` along `keys`, whose code is `codes`. With `lenient` a `default`
        follows: the root must exist all the same.
        """
        plain = not keys and not lenient and "-" not in root.word
        found = self._names.resolve(root.word, self._place_of(root.start), plain=plain)
        if found is None:
            return _NOTHING
        if found.secret:
            return self._secret(root)
        match found.kind:
            case "env":
                return self._of("env", [json.dumps(found.name), *codes], found.type, keys)
            case "step" if found.known is not None:
                return self._step(root, found.known, keys, codes)
            case "built-in":
                return self._built_in(root, found, keys, codes)
            case _:
                return self._of(normalise(root.word), codes, found.type, keys)

    def _of(
        self, root: str, codes: Sequence[str], kind: str, keys: Sequence[Attribute | Index]
    ) -> Reference:
        """A value of a known type, and what is taken out of it."""
        self.roots.setdefault(root)
        if not keys:
            return Reference(root, codes, kind)
        if kind in _SCALARS:
            self._no_attributes(keys[0], _TYPE_NAMES[kind])
        elif kind == LIST and isinstance(keys[0], Attribute):
            self._no_attributes(keys[0], "a list", "an item is `[0]`; its size `| length`")
        return Reference(root, codes, ANY)

    def _no_attributes(
        self, key: Attribute | Index, what: str, hint: str = "it is a value as it stands"
    ) -> None:
        name = f"`{key.name}`" if isinstance(key, Attribute) else "items"
        self._error("unknown-attribute", f"this is {what}, it has no {name}", key, hint)

    def _error(
        self,
        rule: str,
        message: str,
        key: Attribute | Index,
        hint: str = "",
        meant: str | None = None,
    ) -> None:
        start = key.name_start if isinstance(key, Attribute) else key.key.start
        length = len(key.name) if isinstance(key, Attribute) else key.key.end - key.key.start
        place = self._place_of(start)
        fix = NONE
        if meant is not None and isinstance(key, Attribute):
            fix = (Edit(place, key.name, meant),)
        self._diagnostics.error(rule, message, place, hint=hint, length=length, fix=fix)

    def _secret(self, root: Name, keys: Sequence[Attribute | Index] = ()) -> Reference:
        shown = root.word
        if keys and isinstance(keys[0], Attribute):
            shown += f".{keys[0].name}"
        self._diagnostics.error(
            "secret-in-expression",
            f"`{shown}` is secret; it cannot be part of a larger expression",
            self._place_of(root.start),
            hint="pass it whole, as `${secrets.NAME}`, to the command that needs it",
            length=len(shown),
        )
        return _NOTHING

    def _built_in(
        self,
        root: Name,
        found: Resolution,
        keys: Sequence[Attribute | Index],
        codes: Sequence[str],
    ) -> Reference:
        name = normalise(root.word)
        if name == "secrets":
            return self._secret(root, keys)
        if name == "env":
            return self._environment(root, keys, codes)
        known = BUILT_IN_ATTRIBUTES.get(name)
        if known is None or not keys:
            return self._of(name, codes, found.type, keys)
        first = keys[0]
        kind = ANY
        if isinstance(first, Attribute):
            kind = known.get(first.name, ANY)
            if first.name not in known:
                self._unknown(first, f"`{name}`", known)
        self._of(name, codes, MAP, ())
        if len(keys) > 1 and kind in _SCALARS:
            self._no_attributes(keys[1], _TYPE_NAMES[kind])
        return Reference(name, codes, kind if len(keys) == 1 else ANY)

    def _environment(
        self, root: Name, keys: Sequence[Attribute | Index], codes: Sequence[str]
    ) -> Reference:
        first = keys[0] if keys else None
        if not isinstance(first, Attribute):
            self._diagnostics.error(
                "unknown-attribute",
                "an environment variable is named literally",
                self._place_of(root.start),
                hint="write `env.NAME`: which variables a playbook reads is known before it runs",
                length=root.end - root.start,
            )
            return _NOTHING
        self._names.record_env(first.name)
        self.roots.setdefault("env")
        if len(keys) > 1:
            self._no_attributes(keys[1], "text")
        return Reference("env", codes, "text")

    def _unknown(self, key: Attribute, owner: str, known: Iterable[str]) -> None:
        near = nearest(normalise(key.name), known)
        listing = ", ".join(known)
        hint = f"did you mean `{near}`?" if near else f"there are: {listing}"
        meant = unmistakable(normalise(key.name), known)
        self._error("unknown-attribute", f"{owner} has no `{key.name}`", key, hint, meant)

    def _step(
        self,
        root: Name,
        known: Known,
        keys: Sequence[Attribute | Index],
        codes: Sequence[str],
    ) -> Reference:
        name = normalise(root.word)
        self.roots.setdefault(name)
        path = list(codes)
        position = 0
        owner = f"the result of `{root.word}`"
        while position < len(keys):
            key = keys[position]
            if isinstance(key, Index):
                known.read_everything()
                return Reference(name, path, ANY)
            child = known.children.get(normalise(key.name)) if known.kind != "foreach" else None
            if child is not None:
                path[position] = json.dumps(normalise(key.name))
                known, owner = child, f"the result of `{key.name}`"
                position += 1
                continue
            if known.kind == "foreach" and key.name == "results":
                return self._results(name, known, keys, path, position)
            return self._attribute(name, known, owner, keys, path, position)
        known.read_everything()
        return Reference(name, path, MAP)

    def _attribute(
        self,
        name: str,
        known: Known,
        owner: str,
        keys: Sequence[Attribute | Index],
        path: Sequence[str],
        position: int,
    ) -> Reference:
        """An attribute of a result, and what is taken out of it."""
        key = keys[position]
        assert isinstance(key, Attribute)
        kind = RESULT_TYPES.get(key.name)
        if kind is None:
            inner = ["results"] if known.kind == "foreach" else list(known.children)
            self._unknown(key, owner, [*RESULT_TYPES, *inner])
            return _NOTHING
        if key.name in ("stdout", "stderr"):
            known.reads.add(key.name)
        if position + 1 < len(keys):
            if kind in _SCALARS:
                self._no_attributes(keys[position + 1], _TYPE_NAMES[kind])
            kind = ANY
        return Reference(name, path, kind)

    def _results(
        self,
        name: str,
        known: Known,
        keys: Sequence[Attribute | Index],
        path: list[str],
        position: int,
    ) -> Reference:
        """`loop.results`, `loop.results[0]`, `loop.results[0].step…`."""
        known.results_read = True
        inner = position + 2
        following = keys[position + 1] if len(keys) > position + 1 else None
        if isinstance(following, Attribute):
            hint = "one iteration is `results[0]`, all of them: `| map(attribute=…)`"
            self._no_attributes(following, "a list", hint)
            return _NOTHING
        if len(keys) <= inner:
            for child in known.children.values():
                child.read_everything()
            return Reference(name, path, LIST if len(keys) == position + 1 else MAP)
        key = keys[inner]
        iteration = Known(known.key, known.name, known.place, "iteration", known.children, None)
        if isinstance(key, Index):
            iteration.read_everything()
            return Reference(name, path, ANY)
        rest = self._step(Name(name, key.start, key.end), iteration, keys[inner:], path[inner:])
        return Reference(name, [*path[:inner], *rest.keys], rest.type)
