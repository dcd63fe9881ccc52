"""The filters and tests of expressions: what they take and what they give."""

from typing import NamedTuple

from orchestrate.playbook.expression.known import ANY, BOOLEAN, INTEGER, LIST, MAP, NUMBER, TEXT

NUMERIC = (INTEGER, NUMBER)


class Signature(NamedTuple):
    """`takes`: types of the value that is filtered (empty: any); `arguments`: how many at least
    and at most; `keywords`: names that may be given with `=`.
    """

    takes: tuple[str, ...]
    gives: str
    arguments: tuple[int, int] = (0, 0)
    keywords: tuple[str, ...] = ()


FILTERS: dict[str, Signature] = {
    "abs": Signature(NUMERIC, NUMBER),
    "b64decode": Signature((TEXT,), TEXT),
    "b64encode": Signature((TEXT,), TEXT),
    "basename": Signature((TEXT,), TEXT),
    "bool": Signature((), BOOLEAN),
    "capitalize": Signature((TEXT,), TEXT),
    "default": Signature((), ANY, (1, 2)),
    "dirname": Signature((TEXT,), TEXT),
    "first": Signature((LIST, TEXT), ANY),
    "float": Signature((), NUMBER),
    "fromjson": Signature((TEXT,), ANY),
    "int": Signature((), INTEGER),
    "items": Signature((MAP,), LIST),
    "join": Signature((LIST,), TEXT, (0, 1)),
    "keys": Signature((MAP,), LIST),
    "last": Signature((LIST, TEXT), ANY),
    "length": Signature((LIST, MAP, TEXT), INTEGER),
    "lines": Signature((TEXT,), LIST),
    "lower": Signature((TEXT,), TEXT),
    "map": Signature((LIST,), LIST, (0, 3), ("attribute",)),
    "max": Signature((LIST,), ANY),
    "min": Signature((LIST,), ANY),
    "reject": Signature((LIST,), LIST, (1, 2)),
    "rejectattr": Signature((LIST,), LIST, (1, 3)),
    "replace": Signature((TEXT,), TEXT, (2, 2)),
    "reverse": Signature((LIST, TEXT), ANY),
    "round": Signature(NUMERIC, NUMBER, (0, 1)),
    "select": Signature((LIST,), LIST, (1, 2)),
    "selectattr": Signature((LIST,), LIST, (1, 3)),
    "sha256": Signature((TEXT,), TEXT),
    "sort": Signature((LIST,), LIST, (0, 0), ("attribute", "reverse")),
    "split": Signature((TEXT,), LIST, (0, 1)),
    "string": Signature((), TEXT),
    "sum": Signature((LIST,), NUMBER),
    "tojson": Signature((), TEXT),
    "trim": Signature((TEXT,), TEXT, (0, 1)),
    "unique": Signature((LIST,), LIST),
    "upper": Signature((TEXT,), TEXT),
    "urlencode": Signature((TEXT,), TEXT),
    "values": Signature((MAP,), LIST),
}

LENIENT = ("first", "last", "min", "max")
"""Filters that have no value for an empty list; followed by `default` they give null there."""

TESTS: dict[str, tuple[int, int]] = {
    "boolean": (0, 0),
    "defined": (0, 0),
    "divisibleby": (1, 1),
    "empty": (0, 0),
    "endingwith": (1, 1),
    "even": (0, 0),
    "false": (0, 0),
    "integer": (0, 0),
    "list": (0, 0),
    "map": (0, 0),
    "none": (0, 0),
    "null": (0, 0),
    "number": (0, 0),
    "odd": (0, 0),
    "startingwith": (1, 1),
    "text": (0, 0),
    "true": (0, 0),
    "undefined": (0, 0),
}
"""Each with how many arguments it takes, at least and at most."""

COMMON_ALIASES = {
    "d": "default",
    "count": "length",
    "size": "length",
    "len": "length",
    "strip": "trim",
    "to_json": "tojson",
    "json": "tojson",
    "from_json": "fromjson",
    "b64dec": "b64decode",
    "b64enc": "b64encode",
    "base64": "b64encode",
    "str": "string",
    "toupper": "upper",
    "tolower": "lower",
    "filter": "select",
    "dictsort": "items",
    "boolean": "bool",
    "integer": "int",
    "number": "float",
}
"""Names that other tools give to these filters: they are suggested, not accepted."""

TEST_ALIASES = {
    "string": "text",
    "mapping": "map",
    "sequence": "list",
    "iterable": "list",
    "int": "integer",
    "bool": "boolean",
    "startswith": "startingwith",
    "endswith": "endingwith",
}
