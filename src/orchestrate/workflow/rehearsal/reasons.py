"""Why something is decided as it is: the expression, and the values in it."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from orchestrate.playbook.expressions import ExpressionError, evaluate
from orchestrate.playbook.plan import Expression, Json
from orchestrate.workflow.events import Event, EventType
from orchestrate.workflow.rehearsal.suppositions import Suppositions

Lookup = Callable[[str], Json]

_TEXT = r'"(?:[^"\\]|\\.)*"'
_READING = re.compile(
    rf"{_TEXT}|\b(?:get_|find_|has_)\((?P<root>\w+)(?P<keys>(?:, (?:{_TEXT}|\d+))*)\)"
    r"|(?<![\w.|])(?P<path>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)(?!\w*\()"
)
_BRACES = re.compile(r"\$\{([^{}]*)\}")
_KEY = re.compile(rf"{_TEXT}|\d+")
_DECISIONS = frozenset(("when", "condition", "items"))


class Reason(NamedTuple):
    """Why a step runs, is skipped, or takes a branch. `key` is the key that says so (`when`,
    `condition`, `until`); `values` are those of the names in the expression; `undecided`: what of
    them nobody knows yet, then `holds` is what was supposed.
    """

    key: str
    expression: str
    holds: bool
    values: Mapping[str, Json]
    undecided: tuple[str, ...]


def values_in(expression: Expression, lookup: Lookup) -> dict[str, Json]:
    """The values that the expression reads, by what it calls them; what is not there is not in."""
    found: dict[str, Json] = {}
    for name, code, root in _readings(expression):
        if name in found:
            continue
        try:
            found[name] = evaluate(Expression(name, code, (root,), expression.place), lookup)
        except ExpressionError:
            continue
    return found


def _readings(expression: Expression) -> Iterator[tuple[str, str, str]]:
    """(as people write it, code, root name) of everything that the expression reads."""
    for match in _READING.finditer(expression.code):
        root, path = match["root"], match["path"]
        if root is not None:
            keys = [key.strip('"') for key in _KEY.findall(match["keys"])]
            shown = root + "".join(f"[{key}]" if key.isdigit() else f".{key}" for key in keys)
            yield shown, f"get_({root}{match['keys']})" if keys else root, root
        elif path is not None and path.split(".")[0] in expression.names:
            yield path, path, path.split(".")[0]


class Explaining(Suppositions):
    """Supposes as usual, and remembers the reason of each decision: by path and subject."""

    def __init__(self, given: Mapping[str, int] | None = None) -> None:
        super().__init__(given)
        self.reasons: dict[tuple[str, str], Reason] = {}
        self._last: tuple[Expression, Lookup, Json] | None = None
        self._doubts: list[str] = []
        self._busy = False

    def evaluated(self, expression: Expression, lookup: Lookup, value: Json) -> None:
        """Remember it: if it was a condition, the next event says what for."""
        if not self._busy:
            self._last = expression, lookup, value

    def suppose(self, kind: str, about: str, equal: tuple[str, Json] | None = None) -> Json:
        """Remember what was in doubt."""
        self._doubts.append(about)
        return super().suppose(kind, about, equal)

    def noted(self, event: Event) -> None:
        """An event was made: what was evaluated just before belongs to it."""
        last, self._last = self._last, None
        doubts, self._doubts = tuple(dict.fromkeys(self._doubts)), []
        if last is None:
            return
        expression, lookup, _ = last
        if event.type is EventType.DECIDED:
            subject = str(event.data["subject"])
            if subject in _DECISIONS or subject.startswith("until-"):
                holds = event.data["value"] is not False
                self._remember(event.path, subject, expression, lookup, doubts, holds=holds)
        elif event.type is EventType.STEP_FINISHED and event.data.get("kind") == "assert":
            holds = event.data["status"] == "succeeded"
            self._remember(event.path, "condition", expression, lookup, doubts, holds=holds)

    def _remember(
        self,
        path: str,
        subject: str,
        expression: Expression,
        lookup: Lookup,
        doubts: tuple[str, ...],
        *,
        holds: bool,
    ) -> None:
        self._busy = True
        try:
            values = values_in(expression, lookup)
        finally:
            self._busy = False
        key = subject.partition("-")[0]
        self.reasons[path, key] = Reason(key, source_of(expression), holds, values, doubts)


def source_of(expression: Expression) -> str:
    """The expression without the braces."""
    return _BRACES.sub(lambda match: match[1].strip(), expression.source)
