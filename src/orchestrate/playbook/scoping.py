"""The names that expressions may use at each place of a playbook, as the compiler saw them, for
whoever completes them: an editor, the console.

Names are told in frames. Each frame adds some to those of its parent and hides those of the same
name, so that a playbook of a thousand steps has a thousand small frames, not a thousand long lists.
"""

from collections.abc import Iterable, Iterator, Mapping

from orchestrate.errors import Place
from orchestrate.playbook.compiling.scopes import Scope, Scopes
from orchestrate.playbook.expression.globals import Globals
from orchestrate.playbook.expression.known import (
    ANY,
    BUILT_IN_ATTRIBUTES,
    BUILT_INS,
    LIST,
    MAP,
    RESULT_TYPES,
    TEXT,
    Known,
)
from orchestrate.playbook.expression.signatures import FILTERS, TESTS, Signature
from orchestrate.playbook.names import Names, Seen
from orchestrate.playbook.plan import Approval, EventWait, Json, Step, SubPlaybook, Transaction
from orchestrate.playbook.pointing import Path, Paths

_EVENT_FIELDS = ("id", "source", "type", "subject", "time", "data", "received")
_APPROVAL_FIELDS = ("approver", "at", "comment", "approvers")
_TRANSACTION_FIELDS = ("rolled_back", "undone", "not_undone")
_FUNCTIONS = {"range": "range(start, stop, step): whole numbers, the stop left out"}


def scopes_json(scopes: Scopes, paths: Paths) -> dict[str, Json]:
    """`frames`, the frame of each place, and the words of the language."""
    frames = _Frames(scopes.steps)
    places: list[Json] = [
        {"path": [], "frame": frames.of(scopes.before)},
        {"path": ["outputs"], "frame": frames.of(scopes.after)},
    ]
    for scope in scopes.steps:
        path = paths.of_map(scope.place)
        if path is None:
            continue
        places.append({"path": list(path), "frame": frames.of(scope.seen)})
        own = frames.with_own(scope)
        # Its own result is known to its outputs, and to the condition that a wait looks at.
        places += [{"path": [*path, key], "frame": own} for key in _own_keys(scope)]
    return {
        "frames": frames.made,
        "places": places,
        "filters": [
            {"name": name, "signature": _filter(name, found)} for name, found in FILTERS.items()
        ],
        "tests": [
            {"name": name, "signature": f"{name}(…)" if most else name}
            for name, (_, most) in TESTS.items()
        ],
        "functions": [{"name": name, "signature": text} for name, text in _FUNCTIONS.items()],
    }


def _own_keys(scope: Scope) -> tuple[str, ...]:
    return ("outputs", "until") if scope.known.kind == "wait" else ("outputs",)


def _filter(name: str, found: Signature) -> str:
    takes = " or ".join(found.takes) or "anything"
    needed = "(…)" if found.arguments[1] or found.keywords else ""
    return f"{takes} | {name}{needed} → {found.gives}"


class _Frames:
    """Frames that were made, each once."""

    def __init__(self, scopes: Iterable[Scope]) -> None:
        self.made: list[Json] = []
        self._steps = {id(scope.known): scope.step for scope in scopes}
        self._known: dict[tuple[int, int, int, int | None], int] = {}
        self._latest: dict[int, tuple[Seen, int]] = {}

    def of(self, seen: Seen, needed_by: Names | None = None) -> int:
        """The frame of what is seen at a place."""
        names = seen.names
        if names.has_needs and seen.outer is not None:
            return self.of(seen.outer, names)
        key = (id(names), seen.steps, seen.variables, id(needed_by) if needed_by else None)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._new(seen, needed_by)
        return found

    def with_own(self, scope: Scope) -> int:
        """The same with the step's own result."""
        frame = self.of(scope.seen)
        return frame if scope.known.name is None else self._add(frame, [self._step(scope.known)])

    def _new(self, seen: Seen, needed_by: Names | None) -> int:
        names = seen.names
        before = self._latest.get(id(names)) if needed_by is None else None
        if before is not None and before[0].steps <= seen.steps:
            steps, variables, parent = before[0].steps, before[0].variables, before[1]
            found = []
        else:
            steps, variables = 0, 0
            parent = None if seen.outer is None else self.of(seen.outer)
            found = list(self._surroundings(seen))
        known = names.steps_seen(seen.steps, needed_by)
        fresh = set(map(id, names.steps_seen(steps)))
        found += [self._step(one) for one in known if id(one) not in fresh]
        found += [
            _name(one, "variable") for one in names.variables_seen(seen.variables)[variables:]
        ]
        made = parent if parent is not None and not found else self._add(parent, found)
        if needed_by is None:
            self._latest[id(names)] = (seen, made)
        return made

    def _add(self, parent: int | None, names: list[Json]) -> int:
        self.made.append({"parent": parent, "names": names})
        return len(self.made) - 1

    def _surroundings(self, seen: Seen) -> Iterator[Json]:
        """What a frame has from the beginning."""
        names = seen.names
        if seen.outer is None:
            yield from _globals(names.globals)
        if names.loop_variable is not None:
            yield _name(names.loop_variable[0], "loop variable", names.loop_variable[1])
        if names.sees_error and (seen.outer is None or not seen.outer.names.sees_error):
            yield _built_in("error")

    def _step(self, known: Known) -> Json:
        return _name(known.name or known.key, "step", MAP, self._result(known))

    def _result(self, known: Known) -> list[Json]:
        """What the result of a step or branch has."""
        inner = [_name(one.name or name, "step", MAP, self._result(one))
                 for name, one in known.children.items()]  # fmt: skip
        if known.kind == "branch":
            return inner
        if known.kind == "foreach":
            inner = [_name("results", "field", LIST, [_name("[]", "field", MAP, inner)])]
        output = self._output(self._steps.get(id(known)))
        results = [
            _name(name, "field", type_, output if name == "output" else [])
            for name, type_ in RESULT_TYPES.items()
        ]
        return [*inner, *results]

    def _output(self, step: Step | None) -> list[Json]:
        """What is known of a step's output before it ran."""
        if step is None:
            return []
        found: dict[str, str] = dict.fromkeys(step.outputs, ANY)
        match step.action:
            case Approval(inputs=inputs):
                found |= {one.name: Globals.type_of(one) for one in inputs}
                found |= dict.fromkeys(_APPROVAL_FIELDS, ANY)
            case EventWait():
                found |= dict.fromkeys(_EVENT_FIELDS, ANY)
            case SubPlaybook(plan=plan):
                found |= dict.fromkeys(plan.outputs, ANY)
            case Transaction():
                found |= dict.fromkeys(_TRANSACTION_FIELDS, ANY)
            case _:
                pass
        return [_name(name, "field", type_) for name, type_ in found.items()]


def _globals(root: Globals) -> Iterator[Json]:
    for parameter in root.parameters.values():
        yield _name(parameter.name, "parameter", Globals.type_of(parameter),
                    description=parameter.description)  # fmt: skip
    for name in root.implicit:
        yield _name(name, "parameter", TEXT)
    for name in root.variables.values():
        yield _name(name, "variable")
    for name in BUILT_INS:
        if name == "secrets":
            secrets = [_name(one, "secret", TEXT) for one in root.secrets.values()]
            yield _name(name, "built-in", MAP, secrets)
        elif name != "error":
            yield _built_in(name)


def _built_in(name: str) -> Json:
    fields: Mapping[str, str] = BUILT_IN_ATTRIBUTES.get(name, {})
    type_ = TEXT if name in ("environment", "timestamp") else MAP
    return _name(name, "built-in", type_, [_name(one, "field", of) for one, of in fields.items()])


def _name(
    name: str, kind: str, type_: str = ANY, fields: list[Json] | None = None, description: str = ""
) -> Json:
    found: dict[str, Json] = {"name": name, "kind": kind, "type": type_}
    if description:
        found["description"] = description
    if fields:
        found["fields"] = fields
    return found


def path_json(paths: Paths | None, place: Place) -> list[str | int] | None:
    """The path of what a finding is about."""
    found: Path | None = None if paths is None else paths.around(place)
    return None if found is None else list(found)
