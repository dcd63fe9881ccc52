"""What a wrong key or value can only have been meant to be, and the edit that makes it that.

Where two answers are possible there is none: a text with a comma may be one item or several.
"""

import re
from collections.abc import Iterable, Sequence

from orchestrate.errors import Place
from orchestrate.playbook.document.kinds import CALL_KEYS
from orchestrate.playbook.durations import parse_duration
from orchestrate.playbook.edits import NONE, Edit, Fix, replacement, respelled, spelled
from orchestrate.playbook.nodes import Entry, MapNode, Node, Scalar
from orchestrate.playbook.spelling import unmistakable

_UNITS = {
    "ms": ("ms", "msec", "msecs", "millisecond", "milliseconds"),
    "s": ("s", "sec", "secs", "second", "seconds"),
    "m": ("m", "min", "mins", "minute", "minutes"),
    "h": ("h", "hr", "hrs", "hour", "hours"),
    "d": ("d", "day", "days"),
    "w": ("w", "week", "weeks"),
}
_UNIT_OF = {word: unit for unit, words in _UNITS.items() for word in words}
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z]+)")
_BETWEEN = re.compile(r"\s+and\s+|,")
_ISO = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_LONGEST = 100

_TRUTHS = {
    "true": "true",
    "yes": "true",
    "on": "true",
    "false": "false",
    "no": "false",
    "off": "false",
}
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
_ONE_WORD = re.compile(r"[\w.-]+")
_MISSING_SPACE = re.compile(r"([a-z_]+):(\S.*)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")

PARAMETER_TYPES = {
    "str": "string",
    "text": "string",
    "int": "integer",
    "float": "number",
    "double": "number",
    "bool": "boolean",
    "array": "list",
    "dict": "map",
    "object": "map",
    "mapping": "map",
}
"""What other tools call the types of values."""
_KEYS = {
    "sh": "shell",
    "run": "command",
    "cmd": "command",
    "exec": "command",
    "desc": "description",
    "title": "description",
    "if": "when",
    "cwd": "workdir",
    "chdir": "workdir",
    "working_directory": "workdir",
    "depends_on": "needs",
    "retries": "retry",
    "ignore_errors": "continue_on_error",
    "allow_failure": "continue_on_error",
    "on_error": "on_failure",
    "rescue": "on_failure",
    "always": "finally",
    "ensure": "finally",
    "register": "name",
    "with_items": "items",
    "loop": "items",
    "loop_var": "as",
    "tasks": "steps",
    "jobs": "steps",
    "params": "parameters",
    "inputs": "parameters",
    "vars": "variables",
}
"""What other tools call a key."""
_MAY_MEAN_MORE = frozenset(("title", "register", "loop", "jobs", "inputs"))
"""Keys that are suggested, but not put right: elsewhere their values have another form."""
_SHELL = re.compile(r"[|&;<>$`\n*?]")
LIST = "[]"
"""As what is meant: the value, as the only item of a list."""


def key_elsewhere(entry: Entry) -> str | None:
    """The key that other tools spell so. What they `run` is a shell's text, if it needs one."""
    found = _KEYS.get(entry.key.text.replace("-", "_"))
    if entry.key.text == "run" and isinstance(entry.value, Scalar):
        text = re.sub(r"\$\{[^}]*\}", "", entry.value.text)
        return "shell" if _SHELL.search(text) else found
    return found


def key_fix(key: Scalar, meant: str, known: Iterable[str]) -> Fix:
    """The edit for a key, if `meant` is the only one of the `known` keys that it can be."""
    elsewhere = key.text.replace("-", "_")
    if _KEYS.get(elsewhere) is not None and elsewhere not in _MAY_MEAN_MORE:
        return replacement(key, meant)
    return replacement(key, meant) if unmistakable(key.text, known) == meant else NONE


def duration(value: object) -> str | None:
    """A duration that was written in other ways (`5 min`, `1 hour 30 minutes`, `5M`, `PT5M`)."""
    text = value.strip().rstrip(".") if isinstance(value, str) else ""
    if not text or len(text) > _LONGEST:
        return None
    parts = _amounts(text)
    written = "".join(
        f"{7 * int(number)}d" if unit == "w" and number.isdigit() else f"{number}{unit}"
        for number, unit in parts
    )
    try:
        parse_duration(written)
    except ValueError:
        return None
    return written if parts and all(unit for _, unit in parts) else None


def _amounts(text: str) -> list[tuple[str, str]]:
    iso = _ISO.fullmatch(text)
    if iso is not None:
        return [(number, unit) for number, unit in zip(iso.groups(), "dhms", strict=True) if number]
    if _BETWEEN.sub(" ", _AMOUNT.sub("", text)).strip():
        return []
    return [(number, _UNIT_OF.get(word.lower(), "")) for number, word in _AMOUNT.findall(text)]


def truth(value: object) -> str | None:
    """`true` or `false` in another word, or in quotes."""
    return _TRUTHS.get(value.lower()) if isinstance(value, str) else None


def number(value: object) -> str | None:
    """A number in quotes."""
    return value if isinstance(value, str) and _NUMBER.fullmatch(value) else None


def whole_number(value: object) -> str | None:
    """A whole number in quotes."""
    return value if isinstance(value, str) and value.isdecimal() and value.isascii() else None


def fix_of(meant: str, node: Node | None, lines: Sequence[str]) -> Fix:
    """`meant` is what the value should be, as YAML; text stays in the quotes that it has."""
    if not meant or not isinstance(node, Scalar):
        return NONE
    if meant == LIST:
        return one_as_list(node, lines)
    if node.quoted and isinstance(node.value, str) and _is_duration(meant):
        return replacement(node, meant)
    return respelled(node, lines, meant)


def _is_duration(meant: str) -> bool:
    return meant[:1].isdigit() and not meant[-1:].isdigit()


def one_as_list(node: Node | None, lines: Sequence[str]) -> Fix:
    """A single word or number where a list is meant."""
    if not isinstance(node, Scalar) or not _ONE_WORD.fullmatch(node.text):
        return NONE
    written = spelled(node, lines)
    return NONE if written is None else (Edit(node.place, written, f"[{written}]"),)


def item_as_mapping(holder: str, node: Node | None, lines: Sequence[str]) -> Fix:
    """An item that should be a mapping: `- command:make`, or a parameter's name alone."""
    if not isinstance(node, Scalar) or node.quoted or "\n" in node.text:
        return NONE
    unspaced = _MISSING_SPACE.fullmatch(node.text)
    if unspaced is not None:
        return replacement(node, f"{unspaced[1]}: {unspaced[2]}")
    if holder != "parameters" or not _NAME.fullmatch(node.text):
        return NONE
    before = lines[node.place.line - 1][: node.place.column - 1] if lines else ""
    block = not before.strip(" -")
    return replacement(node, f"name: {node.text}" if block else f"{{name: {node.text}}}")


def mapping_as_item(holder: str, node: MapNode, lines: Sequence[str]) -> Fix:
    """A mapping where a list of mappings is meant becomes its only item, if it looks like one."""
    written = {entry.key.text for entry in node.entries}
    if not written.intersection(_TELLING.get(holder, _OF_STEPS)):
        return NONE
    place = node.place
    line = lines[place.line - 1]
    head, rest = line[: place.column - 1], line[place.column - 1 :].rstrip()
    if rest.startswith("{"):
        whole = rest.endswith("}") and " #" not in rest and rest.count("{") == rest.count("}")
        return (Edit(place, rest, f"[{rest}]"),) if whole else NONE
    if head.strip(" ") or node.entries[0].key.place != place:
        return NONE
    inside = _lines_of(place, lines)
    return (
        Edit(place, "", "- "),
        *(Edit(Place(place.file, number, 1), "", "  ") for number in inside[1:]),
    )


_TELLING = {"parameters": ("name",), "secrets": ("name",), "branches": ("steps",)}
_OF_STEPS = (*CALL_KEYS, "type")


def _lines_of(place: Place, lines: Sequence[str]) -> list[int]:
    """The numbers of the lines of the block that begins at `place`, empty ones left out."""
    numbers: list[int] = []
    for number in range(place.line, len(lines) + 1):
        line = lines[number - 1]
        if not line.strip():
            continue
        if len(line) - len(line.lstrip(" ")) < place.column - 1:
            break
        numbers.append(number)
    return numbers
