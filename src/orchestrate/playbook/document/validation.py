"""Checks a repaired document against the model; brings what pydantic finds to its place."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from orchestrate.errors import Place
from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.document import meant
from orchestrate.playbook.document.kinds import STEP_LISTS
from orchestrate.playbook.document.models import PlaybookModel
from orchestrate.playbook.document.types import kind_of
from orchestrate.playbook.edits import NONE, Fix, replacement
from orchestrate.playbook.nodes import ListNode, MapNode, Node, Scalar, plain
from orchestrate.playbook.spelling import nearest, unmistakable

TAG = "\0"
"""With this the tags of unions may begin, so that none is taken for a key of free names."""
_WANTED = {
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
}
_HOLDERS: Mapping[str, str] = {
    **dict.fromkeys(STEP_LISTS, "the step"),
    "branches": "the branch",
    "parameters": "the parameter",
    "inputs": "the input",
    "secrets": "the secret",
    "locks": "the lock",
    "triggers": "the trigger",
    "integrations": "the integration",
    "signals": "the signal",
}
"""Keys whose items are mappings, and what one of these is called."""
_EXAMPLES = {
    "branches": "such as `- name: left`, with `steps:` under it",
    "parameters": "such as `- name: version`",
    "inputs": "such as `- name: window`",
    "locks": "such as `- deploy`, or `- name: deploy` with `wait: 5m` under it",
    "secrets": "such as `- name: token`, with `source: environment` and `variable: TOKEN` under it",
    "triggers": "such as `- type: schedule`, with `cron:` under it",
    "integrations": "such as `- type: slack`, with `webhook:` under it",
    "signals": "such as `- at: 5`, with `pause: true` under it",
}
_UNSPACED = re.compile(r"[a-z_]+:\S")
_LIST_HINT = "begin each item in a line of its own with `- `"


def validate(
    document: MapNode,
    diagnostics: Diagnostics,
    model: type[BaseModel] = PlaybookModel,
    whole: str = "the playbook",
) -> None:
    """Record every value that is not of its key's type. `whole` is what the document is called."""
    try:
        model.model_validate(plain(document))
    except ValidationError as error:
        for found in error.errors(include_url=False):
            _record(found, document, diagnostics, whole)


def _record(found: Any, document: MapNode, diagnostics: Diagnostics, whole: str) -> None:
    location: tuple[str | int, ...] = tuple(
        part for part in found["loc"] if not (isinstance(part, str) and part.startswith(TAG))
    )
    if found["type"] == "extra_forbidden":
        return  # reported already, with the nearest name
    if found["type"] == "missing":
        _, key, owner = _locate(document, location[:-1])
        message = f"`{location[-1]}` is missing in {_owner(location[:-1], key, whole)}"
        hint = f"add `{location[-1]}:`"
        diagnostics.error("missing-key", message, owner.place, hint=hint)
        return
    node, key, owner = _locate(document, location)
    match found["type"]:
        case "literal_error":
            rule, message, hint = _choice(found, key, node)
        case "too_short":
            rule, message, hint = "empty-value", f"`{key}` is empty", "remove the key, or fill it"
        case kind if kind in _WANTED:
            rule, message, hint = _type(_WANTED[kind], found["input"], key, node, location)
        case rule:
            context: dict[str, str] = found.get("ctx") or {}
            message = f"`{key}` {context.get('text', found['msg'])}"
            hint = context.get("hint", "")
            node = _inside(node, context.get("inside"))
    fix = _fix(found, key, node, diagnostics)
    place = _shown(node, owner)
    diagnostics.error(rule, message, place, hint=hint, length=_length(node), fix=fix)


def _fix(found: Any, key: str | int | None, node: Node | None, diagnostics: Diagnostics) -> Fix:
    """What puts the value right, if only one thing can be meant."""
    if node is None:
        return NONE
    lines = diagnostics.texts.get(node.place.file, [])
    context: dict[str, str] = found.get("ctx") or {}
    holders = [part for part in found["loc"] if isinstance(part, str)]
    match found["type"]:
        case "literal_error" if isinstance(node, Scalar):
            names = _choices(found)
            near = meant.PARAMETER_TYPES.get(node.text) if key == "type" else None
            near = near if near in names else unmistakable(node.text, names)
            return NONE if near is None else replacement(node, near)
        case "list_type" if isinstance(node, MapNode):
            return meant.mapping_as_item(str(key), node, lines) if key in _HOLDERS else NONE
        case "list_type" if key not in _HOLDERS:
            return meant.one_as_list(node, lines)
        case "dict_type" | "model_type" if isinstance(found["loc"][-1], int) and holders:
            return meant.item_as_mapping(holders[-1], node, lines)
        case _:
            return meant.fix_of(context.get("meant") or "", node, lines)


def _inside(node: Node | None, name: str | None) -> Node | None:
    """The key `name` of a mapping of free names, where the mistake is there."""
    entries = node.entries if name and isinstance(node, MapNode) else ()
    return next((entry.key for entry in entries if entry.key.text == name), node)


def _type(
    wanted: str,
    value: object,
    key: object,
    node: Node | None,
    location: tuple[str | int, ...],
) -> tuple[str, str, str]:
    """Rule, message and hint for a value of the wrong type."""
    given = kind_of(value)
    if isinstance(key, int):
        holder = next(part for part in reversed(location) if isinstance(part, str))
        hint = _EXAMPLES.get(holder, "such as `- command: /bin/true`")
        if isinstance(node, Scalar) and _UNSPACED.match(node.text):
            name, _, rest = node.text.partition(":")
            hint = f"a space is missing: `- {name}: {rest.strip()}`"
        return "wrong-type", f"{_HOLDERS[holder]} must be {wanted}, not {given}", hint
    hint = _LIST_HINT if wanted == "a list" else ""
    return "wrong-type", f"`{key}` must be {wanted}, not {given}", hint


def _choice(found: Any, key: object, node: Node | None) -> tuple[str, str, str]:
    names = _choices(found)
    written = node.text if isinstance(node, Scalar) else kind_of(found["input"])
    near = nearest(written, names) if isinstance(node, Scalar) else None
    hint = f"did you mean `{near}`?" if near else f"it can be {', '.join(names)}"
    return "unknown-value", f"`{key}` cannot be `{written}`", hint


def _choices(found: Any) -> list[str]:
    expected: str = found["ctx"]["expected"]
    return [word.strip("' ") for word in expected.replace(" or ", ",").split(",")]


def _locate(
    document: MapNode, location: tuple[str | int, ...]
) -> tuple[Node | None, str | int | None, Node]:
    """The node that a location leads to, its key, and the last node on the way that exists.

    A tag of a union in the location is no key; it is passed over.
    """
    node: Node | None = document
    owner: Node = document
    key: str | int | None = None
    for part in location:
        inner: Node | None = None
        if isinstance(part, int) and isinstance(node, ListNode):
            inner = node.items[part]
        elif isinstance(part, str) and isinstance(node, MapNode):
            inner = node.get(part)
        if inner is not None:
            node, owner, key = inner, inner, part
    return node, _name(location, key), owner


def _name(location: tuple[str | int, ...], key: str | int | None) -> str | int | None:
    """What to call the value: its key, or that of the list in which it stands."""
    if isinstance(key, str) or key is None:
        return key
    holders = [part for part in location if isinstance(part, str)]
    return key if holders and holders[-1] in _HOLDERS else (holders[-1] if holders else key)


def _owner(location: tuple[str | int, ...], key: str | int | None, whole: str) -> str:
    if not location:
        return whole
    holder = next(part for part in reversed(location) if isinstance(part, str))
    return _HOLDERS.get(holder, f"`{key}`")


def _shown(node: Node | None, owner: Node) -> Place:
    return (node or owner).place


def _length(node: Node | None) -> int:
    return len(node.text.split("\n")[0]) if isinstance(node, Scalar) else 1
