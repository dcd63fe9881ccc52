"""What names stand for: types, results of steps, built-ins."""

from collections.abc import Mapping
from itertools import islice
from typing import NamedTuple

from orchestrate.errors import Place

ANY, TEXT, INTEGER, NUMBER, BOOLEAN, LIST, MAP, NULL = (
    "any",
    "text",
    "integer",
    "number",
    "boolean",
    "list",
    "map",
    "null",
)

INTERNAL_NAMES = frozenset(
    (
        "get_",
        "find_",
        "has_",
        "bool_",
        "same_",
        "order_",
        "contains_",
        "concat_",
        "slice_",
        "calculate_",
        "range_",
        "test_",
        "self",
    )
)
"""Names that compiled expressions use themselves: nothing else may have them."""

BUILT_INS = ("env", "secrets", "run", "playbook", "error", "environment", "timestamp")

RESULT_TYPES: Mapping[str, str] = {
    "success": BOOLEAN,
    "failed": BOOLEAN,
    "skipped": BOOLEAN,
    "status": TEXT,
    "exit_code": INTEGER,
    "stdout": TEXT,
    "stderr": TEXT,
    "output": ANY,
    "duration": NUMBER,
    "attempts": INTEGER,
}
"""What every step result has. For a step that was skipped `exit_code`, `output` and `duration` are
null, so evaluation looks at types once more."""

BUILT_IN_ATTRIBUTES: Mapping[str, Mapping[str, str]] = {
    "run": {"id": TEXT, "actor": TEXT, "environment": TEXT, "started_at": TEXT},
    "playbook": {"name": TEXT, "description": TEXT, "version": ANY, "digest": TEXT},
    "error": {"step": TEXT, "message": TEXT, "exit_code": ANY},
}


def normalise(name: str) -> str:
    """The name as expressions know it: dashes become underscores."""
    return name.replace("-", "_")


def is_env_name(name: str) -> bool:
    """Whether an unresolved name is an environment variable: UPPER_CASE, at least two letters."""
    return len(name) > 1 and name.isupper() and name.isidentifier()


class Known:
    """A step or branch that has been compiled. `reads` and `results_read` fill while later
    expressions are compiled; the compiler looks at them at the end.
    """

    __slots__ = ("children", "key", "kind", "name", "needs", "place", "reads", "results_read")

    def __init__(
        self,
        key: str,
        name: str | None,
        place: Place,
        kind: str,
        children: Mapping[str, "Known"],
        needs: tuple[str, ...] | None,
    ) -> None:
        self.key = key
        self.name = name
        self.place = place
        self.kind = kind
        self.children = {normalise(child): known for child, known in children.items()}
        self.needs = needs
        self.reads: set[str] = set()
        """Which of `stdout`, `stderr` some expression reads."""
        self.results_read = False
        """Of a foreach: some expression reads its `results`."""

    def read_everything(self) -> None:
        """Somebody reads the result as a whole: all that it has must be kept."""
        self.reads.update(("stdout", "stderr"))
        self.results_read = True
        for child in self.children.values():
            child.read_everything()


class Resolution(NamedTuple):
    """What a root name stands for. `kind`: loop step parameter variable built-in env implicit."""

    kind: str
    type: str = ANY
    known: Known | None = None
    secret: bool = False
    name: str = ""


class Needed:
    """The steps of one sequence that a step needs, directly or through others.

    Most steps name what they need, and few ask for more: how others lead further is found out when
    it is first asked for.
    """

    def __init__(self, needs: tuple[str, ...], steps: Mapping[str, Known]) -> None:
        self._direct = frozenset(needs)
        self._steps = steps
        self._before = len(steps)
        self._all: set[str] | None = None

    def __contains__(self, key: str) -> bool:
        if key in self._direct:
            return True
        if self._all is None:
            self._all = self._reached()
        return key in self._all

    def _reached(self) -> set[str]:
        """Everything; a step without `needs` comes after all that is written before it."""
        keys = list(islice(self._steps, self._before))
        positions = {key: position for position, key in enumerate(keys)}
        reached: set[str] = set()
        queue = [key for key in self._direct if key in positions]
        everything_before = 0
        while queue:
            key = queue.pop()
            if key in reached:
                continue
            reached.add(key)
            deeper = self._steps[key].needs
            if deeper is not None:
                queue += (entry for entry in deeper if entry in positions)
            elif positions[key] > everything_before:
                queue += keys[everything_before : positions[key]]
                everything_before = positions[key]
        return reached
