"""The syntax tree of an expression. `start` and `end` are offsets in its source."""

from typing import NamedTuple, TypeAlias

from orchestrate.playbook.diagnostics import TextFaultError


class ExpressionSyntaxError(TextFaultError):
    """The source is no expression."""

    rule = "expression-syntax"


class Literal(NamedTuple):
    """Text, a number, true, false or null."""

    value: str | int | float | bool | None
    start: int
    end: int


class Name(NamedTuple):
    """A root name, as written."""

    word: str
    start: int
    end: int


class Attribute(NamedTuple):
    """`target.name`, or `target["name"]`: a constant key of text."""

    target: "Tree"
    name: str
    start: int
    end: int
    name_start: int


class Index(NamedTuple):
    """`target[key]`."""

    target: "Tree"
    key: "Tree"
    start: int
    end: int


class Slice(NamedTuple):
    """`target[from:to:step]`."""

    target: "Tree"
    bounds: tuple["Tree | None", "Tree | None", "Tree | None"]
    start: int
    end: int


class ListDisplay(NamedTuple):
    """`[a, b]`."""

    items: tuple["Tree", ...]
    start: int
    end: int


class MapDisplay(NamedTuple):
    """`{"a": b}`."""

    pairs: tuple[tuple["Tree", "Tree"], ...]
    start: int
    end: int


class Unary(NamedTuple):
    """`not x` or `-x`."""

    operator: str
    operand: "Tree"
    start: int
    end: int


class Binary(NamedTuple):
    """`left operator right`."""

    operator: str
    left: "Tree"
    right: "Tree"
    start: int
    end: int


class Ternary(NamedTuple):
    """`value if condition else otherwise`."""

    value: "Tree"
    condition: "Tree"
    otherwise: "Tree"
    start: int
    end: int


class Filter(NamedTuple):
    """`target | name(arguments)`."""

    target: "Tree"
    name: str
    arguments: tuple["Tree", ...]
    keywords: tuple[tuple[str, "Tree"], ...]
    start: int
    end: int
    name_start: int


class Test(NamedTuple):
    """`target is name(arguments)`, or `is not`."""

    target: "Tree"
    name: str
    arguments: tuple["Tree", ...]
    negated: bool
    start: int
    end: int
    name_start: int


class Call(NamedTuple):
    """`name(arguments)`."""

    target: "Tree"
    arguments: tuple["Tree", ...]
    start: int
    end: int


Tree: TypeAlias = (
    Literal
    | Name
    | Attribute
    | Index
    | Slice
    | ListDisplay
    | MapDisplay
    | Unary
    | Binary
    | Ternary
    | Filter
    | Test
    | Call
)
