"""Compares what came of a scenario with what it expects; says where the two part."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from orchestrate.errors import OrchestrateError, Place
from orchestrate.playbook.durations import parse_duration
from orchestrate.playbook.nodes import MapNode, Node, Scalar
from orchestrate.playbook.plan import Json
from orchestrate.workflow import paths
from orchestrate.workflow.scenarios.begun import Begun, EndOf, attempts, begun, ends
from orchestrate.workflow.scenarios.nodes import data_of, items_of
from orchestrate.workflow.scenarios.outcomes import matches
from orchestrate.workflow.scenarios.playing import Played, standing
from orchestrate.workflow.scenarios.reading import Scenario


class Mismatch(NamedTuple):
    """One expectation that did not hold. `place` is where it stands in the scenario file; `path`
    the step that it is about, or ""; `seq` the event near which it happened, or 0.
    """

    key: str
    message: str
    place: Place
    length: int = 1
    path: str = ""
    seq: int = 0
    subject: str = ""
    """With `expected` and `was`: what the message says, in parts, so that they can be shown one
    below the other."""
    expected: str = ""
    was: str = ""


def mismatches(scenario: Scenario, result: Played) -> list[Mismatch]:
    """How `result` differs from what the scenario expects; empty if it does not."""
    if scenario.expected.get("refused") is not None:
        node = scenario.expected.get("refused")
        message = f"expected that it is refused, but it ran and {standing(result.state)}"
        return [_at(node, "refused", message)]
    compare = _Comparison(result)
    found: list[Mismatch] = []
    for entry in scenario.expected.entries:
        found += compare.of(entry.key.text, entry.value)
    return found


def refusal_mismatches(scenario: Scenario, refusal: OrchestrateError) -> list[Mismatch]:
    """How a refusal differs from what the scenario expects."""
    node = scenario.expected.get("refused")
    told = refusal.message
    if isinstance(node, Scalar):
        if matches(node.text, told):
            return []
        return [_at(node, "refused", f"expected the reason `{node.text}`, was: {told}")]
    first = scenario.expected.entries[0] if scenario.expected.entries else None
    place = first.key if first else scenario.expected
    return [_at(place, "refused", f"it was refused before any step: {told}")]


def _at(node: Node | None, key: str, message: str, path: str = "", seq: int = 0) -> Mismatch:
    assert node is not None
    length = len(node.text.split("\n")[0]) if isinstance(node, Scalar) else 1
    return Mismatch(key, message, node.place, max(1, length), path, seq)


def _other(item: Scalar, key: str, subject: str, was: str, it: Begun) -> Mismatch:
    """Something else came."""
    message = f"{subject}: expected `{item.text}`, was `{was}`"
    found = _at(item, key, message, it.path, it.seq)
    return found._replace(subject=subject, expected=item.text, was=was)


class _Comparison:
    def __init__(self, result: Played) -> None:
        self._result = result
        self._begun = begun(result.events)
        self._calls = [it for it in begun(result.events, all_attempts=True) if it.call is not None]
        self._ends = ends(result.events)
        self._by_key: Mapping[str, Callable[[str, Node], Iterator[Mismatch]]] = {
            "state": self._state,
            "error": self._error,
            "steps": self._steps,
            "order": self._order,
            "outcomes": self._outcomes,
            "attempts": self._attempts,
            "calls": self._exact_calls,
            "calls_include": self._included,
            "calls_exclude": self._excluded,
            "outputs": self._outputs,
            "duration": self._duration,
            "idle": self._idle,
            "trace": self._trace,
        }

    def of(self, key: str, node: Node) -> Iterator[Mismatch]:
        return self._by_key[key](key, node)

    def _state(self, key: str, node: Node) -> Iterator[Mismatch]:
        expected, actual = data_of(node), self._result.state
        if expected == actual:
            return
        message = f"expected {expected}, was {actual}"
        failed = self._first_failure()
        if failed is None:
            yield _at(node, key, message, seq=self._last)
            return
        reason = f": {failed.message}" if failed.message else ""
        yield _at(node, key, f"{message}; {failed.path} {failed.status}{reason}", failed.path,
                  failed.seq)  # fmt: skip

    @property
    def _last(self) -> int:
        return self._result.events[-1].seq

    def _first_failure(self) -> EndOf | None:
        error = self._result.error
        step = error.get("step") if isinstance(error, Mapping) else None
        if isinstance(step, str) and step in self._ends:
            return self._ends[step]
        bad = (end for end in self._ends.values() if end.status in ("failed", "timed_out"))
        return next(bad, None)

    def _error(self, key: str, node: Node) -> Iterator[Mismatch]:
        error = self._result.error
        actual: Mapping[str, Json] = error if isinstance(error, Mapping) else {}
        step = str(actual.get("step") or "")
        seq = self._ends[step].seq if step in self._ends else self._last
        if not actual:
            yield _at(
                node,
                key,
                f"expected an error, but it {standing(self._result.state)}",
                seq=self._last,
            )
            return
        expected = node.entries if isinstance(node, MapNode) else ()
        parts = [(entry.key.text, entry.value) for entry in expected] or [("message", node)]
        for name, value in parts:
            wanted, was = data_of(value), actual.get(name)
            fits = wanted == was
            if name == "message" and isinstance(value, Scalar):
                fits = matches(value.text, str(was))
            if not fits:
                message = f"{name}: expected {_shown(wanted)}, was {_shown(was)}"
                yield _at(value, key, message, step, seq)

    def _steps(self, key: str, node: Node) -> Iterator[Mismatch]:
        listed = [it for it in self._begun if not it.contains]
        yield from self._sequence(key, node, listed, lambda it: it.path, "step")

    def _exact_calls(self, key: str, node: Node) -> Iterator[Mismatch]:
        yield from self._sequence(key, node, self._calls, lambda it: it.call or "", "call")

    def _sequence(
        self,
        key: str,
        node: Node,
        actual: Sequence[Begun],
        text_of: Callable[[Begun], str],
        what: str,
    ) -> Iterator[Mismatch]:
        """The first place where two sequences part."""
        expected = items_of(node)
        for index, item in enumerate(expected):
            if index >= len(actual):
                after = f"{len(actual)} {what}{'' if len(actual) == 1 else 's'}"
                message = f"{what} {index + 1}: expected `{item.text}`, but there were only {after}"
                message += f"; the workflow {standing(self._result.state)}"
                failed = self._first_failure()
                path, seq = (failed.path, failed.seq) if failed else ("", self._last)
                yield _at(item, key, message, path, seq)
                return
            it = actual[index]
            if not matches(item.text, text_of(it)):
                yield _other(item, key, f"{what} {index + 1}", text_of(it), it)
                return
        if len(actual) > len(expected):
            it = actual[len(expected)]
            message = f"{what} {len(expected) + 1} was not expected: `{text_of(it)}`"
            yield _at(expected[-1] if expected else node, key, message, it.path, it.seq)

    def _order(self, key: str, node: Node) -> Iterator[Mismatch]:
        position, before = 0, ""
        for item in items_of(node):
            found = next(
                (
                    index
                    for index, it in enumerate(self._begun[position:], position)
                    if item.text in (it.path, paths.static(it.path))
                ),
                None,
            )
            if found is None:
                yield self._out_of_order(key, item, before)
                return
            position, before = found + 1, item.text

    def _out_of_order(self, key: str, item: Scalar, before: str) -> Mismatch:
        others = [it for it in self._begun if item.text in (it.path, paths.static(it.path))]
        if not others:
            return _at(item, key, f"`{item.text}` never began", item.text, self._last)
        message = f"`{item.text}` began before `{before}`, expected after it"
        return _at(item, key, message, others[0].path, others[0].seq)

    def _outcomes(self, key: str, node: Node) -> Iterator[Mismatch]:
        for entry in node.entries if isinstance(node, MapNode) else ():
            path, wanted = entry.key.text, data_of(entry.value)
            matching = self._ends_at(path)
            other = next((end for end in matching if end.status != wanted), None)
            if other is not None:
                reason = f": {other.message}" if other.message else ""
                message = f"{other.path}: expected {wanted}, was {other.status}{reason}"
                yield _at(entry.value, key, message, other.path, other.seq)
            elif not matching:
                message = f"{path}: expected {wanted}, but it was never reached"
                yield _at(entry.value, key, message, path, self._last)

    def _ends_at(self, path: str) -> list[EndOf]:
        if path in self._ends:
            return [self._ends[path]]
        return [end for end in self._ends.values() if paths.static(end.path) == path]

    def _attempts(self, key: str, node: Node) -> Iterator[Mismatch]:
        counted = attempts(self._result.events)
        for entry in node.entries if isinstance(node, MapNode) else ():
            path, wanted = entry.key.text, data_of(entry.value)
            was = counted.get(path, 0)
            if was != wanted:
                end = self._ends.get(path)
                seq = end.seq if end else self._last
                message = f"{path}: expected {wanted} attempts, were {was}"
                yield _at(entry.value, key, message, path, seq)

    def _included(self, key: str, node: Node) -> Iterator[Mismatch]:
        for item in items_of(node):
            if not any(matches(item.text, it.call or "") for it in self._calls):
                near = _nearest_call(item.text, [it.call or "" for it in self._calls])
                hint = f"; the nearest is `{near}`" if near else ""
                it = next((it for it in self._calls if it.call == near), None)
                path, seq = (it.path, it.seq) if it else ("", self._last)
                yield _at(item, key, f"no call is `{item.text}`{hint}", path, seq)

    def _excluded(self, key: str, node: Node) -> Iterator[Mismatch]:
        for item in items_of(node):
            it = next((it for it in self._calls if matches(item.text, it.call or "")), None)
            if it is not None:
                yield _at(item, key, f"`{it.call}` was called by {it.path}", it.path, it.seq)

    def _outputs(self, key: str, node: Node) -> Iterator[Mismatch]:
        actual = self._result.outputs
        outputs: Mapping[str, Json] = actual if isinstance(actual, Mapping) else {}
        entries = node.entries if isinstance(node, MapNode) else ()
        for entry in entries:
            name, wanted = entry.key.text, data_of(entry.value)
            if name not in outputs:
                yield _at(entry.key, key, f"there is no output `{name}`", seq=self._last)
            elif outputs[name] != wanted:
                message = f"{name}: expected {_shown(wanted)}, was {_shown(outputs[name])}"
                yield _at(entry.value, key, message, seq=self._last)
        more = [name for name in outputs if name not in {entry.key.text for entry in entries}]
        if more:
            message = f"output `{more[0]}` was not expected: {_shown(outputs[more[0]])}"
            yield _at(node, key, message, seq=self._last)

    def _duration(self, key: str, node: Node) -> Iterator[Mismatch]:
        was = self._result.duration
        if isinstance(node, MapNode):
            least, most = node.get("min"), node.get("max")
            if least is not None and was < parse_duration(data_of(least)):
                message = f"expected at least {data_of(least)}, was {was:g} s"
                yield _at(least, key, message, seq=self._last)
            if most is not None and was > parse_duration(data_of(most)):
                message = f"expected at most {data_of(most)}, was {was:g} s"
                yield _at(most, key, message, seq=self._last)
        elif abs(parse_duration(data_of(node)) - was) > 1e-6:
            message = f"expected {data_of(node)}, was {was:g} s"
            yield _at(node, key, message, seq=self._last)

    def _idle(self, key: str, node: Node) -> Iterator[Mismatch]:
        if data_of(node) != self._result.idle:
            words = "nothing could move" if self._result.idle else "something could still move"
            yield _at(node, key, f"expected {_shown(data_of(node))}, but {words}", seq=self._last)

    def _trace(self, key: str, node: Node) -> Iterator[Mismatch]:
        lines = [(item.text, item) for item in items_of(node)]
        if isinstance(node, Scalar):
            lines = [(line, node) for line in node.text.splitlines() if line.strip()]
        expected = [line for line, _ in lines]
        actual = list(self._result.trace)
        if expected == actual:
            return
        both = zip(expected, actual, strict=False)
        index = next(
            (i for i, (a, b) in enumerate(both) if a != b), min(map(len, (expected, actual)))
        )
        wanted = f"`{expected[index]}`" if index < len(expected) else "no more"
        was = f"`{actual[index]}`" if index < len(actual) else "no more"
        at = lines[index][1] if index < len(lines) else node
        yield _at(at, key, f"line {index + 1}: expected {wanted}, was {was}", seq=self._last)


def _shown(value: Json) -> str:
    import json

    text = f"`{value}`" if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else f"{text[:119]}…"


def _nearest_call(pattern: str, calls: Sequence[str]) -> str | None:
    """The call that shares most with the pattern."""
    import difflib

    found = difflib.get_close_matches(pattern, calls, n=1, cutoff=0.5)
    return found[0] if found else None
