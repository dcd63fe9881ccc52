"""Typed reading of tables: each key once, by type, every unknown key an error with its place.

`orchestrate.toml` and the environment files share it. A `Table` collects what is wrong instead of
stopping at the first error; whoever reads a file raises all of it at once.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple, TypeAlias, cast

from orchestrate.errors import ExitCode, OrchestrateError, Place
from orchestrate.playbook.plan import Json

KeyPath: TypeAlias = tuple[str, ...]
UNREADABLE = "Check who owns it, and whether this user may read it."
"""The hint about a file that is there and cannot be read."""


class Problem(NamedTuple):
    """One thing that is wrong in a file."""

    place: Place
    message: str
    hint: str


class SettingsError(OrchestrateError):
    """A settings or environment file has errors: all of them, each with its place."""

    code: ClassVar[str] = "settings"
    exit_code: ClassVar[int] = ExitCode.USAGE

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        if len(problems) == 1:
            (only,) = problems
            super().__init__(only.message, hint=only.hint, place=only.place)
            return
        lines: list[str] = []
        for problem in problems:
            lines.append(f"{problem.place}: {problem.message}")
            if problem.hint:
                lines.append(f"  = {problem.hint}")
        super().__init__("\n".join(lines))


class Source(NamedTuple):
    """A file that is being read: where its keys stand, and what was wrong so far."""

    locate: Callable[[KeyPath], Place]
    problems: list[Problem]

    def problem(self, path: KeyPath, message: str, hint: str = "") -> None:
        """Record that something at `path` is wrong."""
        self.problems.append(Problem(self.locate(path), message, hint))

    def raise_problems(self) -> None:
        """Raise SettingsError if anything was wrong."""
        if self.problems:
            raise SettingsError(sorted(self.problems, key=lambda problem: problem.place))


KINDS: dict[str, tuple[tuple[type, ...], str]] = {
    "text": ((str,), "text"),
    "flag": ((bool,), "true or false"),
    "integer": ((int,), "a whole number"),
    "number": ((int, float), "a number"),
    "duration": ((int, float, str), 'a duration such as 30, "90s" or "5m"'),
    "scalar": ((str, int, float, bool), "a single value"),
    "texts": ((list,), "a list of texts"),
    "integers": ((int, list), "a whole number or a list of them"),
    "tables": ((list,), "a list of tables"),
    "map": ((dict,), "a table"),
}
"""What a key may hold, by the name that schemas use: the Python types, and words for messages."""

ITEMS: dict[str, type] = {"texts": str, "integers": int, "tables": dict}
"""What the lists among these hold."""


class Table:
    """One table of a file. Read its keys, then call `finish`, which reports the unknown ones."""

    def __init__(self, data: Mapping[str, Any], path: KeyPath, source: Source) -> None:
        self.data = data
        self.path = path
        self.source = source
        self._known: list[str] = []

    def read(self, key: str, kind: str) -> Any:
        """The value of `key` if it is there and of that kind (a key of `KINDS`), else None."""
        self._known.append(key)
        if key not in self.data:
            return None
        value: Any = self.data[key]
        if not _is_of_kind(value, kind):
            words = KINDS[kind][1]
            self.problem(key, f"{self.name(key)} must be {words}, not {describe(value)}")
            return None
        return self._seconds(key, value) if kind == "duration" else value

    def integer(self, key: str, default: int, minimum: int) -> int:
        """A whole number of at least `minimum`."""
        value = self.read(key, "integer")
        if value is None:
            return default
        if value < minimum:
            self.problem(key, f"{self.name(key)} must be at least {minimum}, not {value}")
        return value

    def above_zero(self, key: str, default: float) -> float:
        """A number above 0; a whole one stays whole."""
        value = self.read(key, "number")
        if value is None:
            return default
        if not value > 0:  # nan is not, either
            self.problem(key, f"{self.name(key)} must be above 0, not {value}")
        return value

    def table(self, key: str) -> "Table":
        """The table under `key`, an empty one if it is not there."""
        return Table(self.read(key, "map") or {}, (*self.path, key), self.source)

    def tables(self) -> Iterable[tuple[str, "Table"]]:
        """Every key of this table as a table of its own: `[checks.NAME]`."""
        for key in self.data:
            if self.read(key, "map") is not None:
                yield key, Table(self.data[key], (*self.path, key), self.source)

    def values(self, schema: Mapping[str, str]) -> dict[str, Json]:
        """All keys of `schema` (name → kind) that are there; everything else is an error."""
        found = {key: self.read(key, kind) for key, kind in schema.items()}
        self.finish()
        return {key: value for key, value in found.items() if value is not None}

    def require(self, *keys: str) -> None:
        """Report which of `keys` are missing."""
        for key in keys:
            if key not in self.data:
                self.source.problem(
                    self.path,
                    f"[{'.'.join(self.path)}] has no `{key}`",
                    f"Add `{key} = …` to it.",
                )

    def problem(self, key: str, message: str, hint: str = "") -> None:
        """Record that the value of `key` is wrong."""
        self.source.problem((*self.path, key), message, hint)

    def name(self, key: str) -> str:
        """`engine.max_workflows`, for messages."""
        return ".".join((*self.path, key))

    def finish(self) -> None:
        """Report every key that nobody read, with the nearest one that exists."""
        for key in self.data:
            if key not in self._known:
                self.problem(key, f"unknown key `{self.name(key)}`", suggest(key, self._known))

    def _seconds(self, key: str, value: float | str) -> float | None:
        from orchestrate.playbook.durations import parse_duration

        try:
            return parse_duration(value)
        except ValueError as error:
            self.problem(key, f"{self.name(key)}: {error}")
            return None


def _is_of_kind(value: Any, kind: str) -> bool:
    types = KINDS[kind][0]
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        return False
    if isinstance(value, list):
        of = ITEMS[kind]
        return all(type(item) is of for item in cast("list[object]", value))
    return True


def suggest(name: str, known: Sequence[str]) -> str:
    """What was probably meant, else what there is."""
    from orchestrate.playbook.diagnostics import nearest

    near = nearest(name, known)
    if near is not None:
        return f"Did you mean `{near}`?"
    return f"Known here: {', '.join(sorted(known))}." if known else ""


def describe(value: Any) -> str:
    """A value in a message: short, and by kind if it is a collection."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{value}"' if len(value) <= 40 else "a long text"
        case list():
            return "a list"
        case dict():
            return "a table"
        case None:
            return "nothing"
        case _:
            return str(value)
