"""The JSON Schema of playbooks, for editors: made from the document model and the table of kinds.

Draft 7, the newest that the language servers for YAML and TOML both know. One schema for each kind
of step, chosen by `type` with if/then, so that an editor offers the keys of that kind and says one
thing about a mistake instead of trying all kinds. What only the compiler can know (names, needs,
types of expressions) is no part of it.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias, cast

from pydantic import BaseModel

from orchestrate.playbook.document.kinds import (
    CALL,
    CALL_KEYS,
    COMMON_KEYS,
    KINDS,
)
from orchestrate.playbook.document.models import PlaybookModel, StepModel
from orchestrate.playbook.document.typed import INTEGRATION, TRIGGER, Family

Schema: TypeAlias = dict[str, Any]

DIALECT = "http://json-schema.org/draft-07/schema#"
SUMMARIES: Mapping[str, str] = {
    CALL: "Calls a command: `command`, `shell` or `script`. Any other `type` is a label.",
    "parallel": "Branches that run at once.",
    "conditional": "Steps that run if a condition holds, and others if it does not.",
    "foreach": "Steps that run for each item of a list.",
    "transaction": "All or nothing: after a failure the finished steps are undone.",
    "playbook": "Runs another playbook.",
    "assert": "Fails unless a condition holds.",
    "set": "Gives variables values.",
    "approval": "Waits until somebody approves.",
    "wait": "Waits for a time, a moment, a condition or an event.",
}
"""What each kind of step does, in a line."""

_RULES: Mapping[str, Schema] = {
    "approval": {"dependencies": {"on_timeout": ["timeout"]}},
    CALL: {"oneOf": [{"required": [key]} for key in CALL_KEYS]},
    "wait": {
        "dependencies": {
            "on_timeout": ["timeout", "event"],
            **{key: ["event"] for key in ("source", "filter", "since")},
        },
        "not": {
            "required": ["on_timeout"],
            "properties": {"on_timeout": {"const": "reject"}},
        },
        "oneOf": [
            {
                "required": [key],
                "not": {"anyOf": [{"required": [key]} for key in ("command", "shell", "interval")]},
            }
            for key in ("duration", "event")
        ]
        + [{"required": ["until"], "not": {"required": ["command", "shell"]}}],
    },
}
"""What the keys of a kind have to do with each other."""


def playbook_schema() -> Schema:
    """The schema of a playbook file."""
    made = schema_of(PlaybookModel)
    step = made["definitions"].pop("step")
    common = {"properties": {key: step["properties"][key] for key in COMMON_KEYS}}
    kinds = {_kind_name(kind): _of_kind(kind, step) for kind in KINDS}
    made["definitions"] |= {"step": _any_step(step), "common": common, **kinds}
    for family in (TRIGGER, INTEGRATION):
        made["definitions"][family.of]["allOf"] = [_of_type(name, family) for name in family.types]
    return made


def _of_type(name: str, family: Family) -> Schema:
    """Which keys a trigger or integration of this type has, and which it needs."""
    kind = family.types[name]
    keys = {"enum": [*family.common, *kind.keys]}
    return {
        "if": _typed({"const": name}),
        "then": {"required": list(kind.required), "propertyNames": keys},
    }


def schema_of(model: type[BaseModel]) -> Schema:
    """The schema of a document that a model describes; its parts are in `definitions`."""
    made = _tidied(model.model_json_schema(ref_template="{model}"))
    parts: dict[str, Schema] = made.pop("$defs")
    named = {_definition(name): schema for name, schema in parts.items()}
    return {"$schema": DIALECT, **made, "definitions": named}


def _definition(model: str) -> str:
    """`branch` for `BranchModel`."""
    return model.removesuffix("Model").lower()


def _kind_name(kind: str) -> str:
    return f"{kind}-step"


def _any_step(step: Schema) -> Schema:
    """A step of whatever kind its `type` says."""
    kinds = [kind for kind in KINDS if kind != CALL]
    chosen = {kind: _typed({"const": kind}) for kind in kinds}
    label = {"type": ["string", "number"], "description": SUMMARIES[CALL]}
    given = step["properties"]["type"]
    rest = {"type": "object", "not": _typed({"enum": kinds})}
    return {
        "type": "object",
        "description": step["description"],
        "properties": {
            "type": {
                "description": given["description"],
                "anyOf": [
                    *({"const": kind, "description": SUMMARIES[kind]} for kind in kinds),
                    label,
                ],
            }
        },
        "allOf": [
            *({"if": chosen[kind], "then": _reference(_kind_name(kind))} for kind in kinds),
            {"if": rest, "then": _reference(_kind_name(CALL))},
        ],
    }


def _typed(value: Schema) -> Schema:
    return {"type": "object", "required": ["type"], "properties": {"type": value}}


def _of_kind(kind: str, step: Schema) -> Schema:
    """A step of one kind: its own keys and those that every step has."""
    own = KINDS[kind].keys
    properties = {
        **{key: _described(step["properties"][key], kind) for key in own},
        **{key: _reference(f"common/properties/{key}") for key in COMMON_KEYS},
    }
    required = {"required": list(KINDS[kind].required)} if KINDS[kind].required else {}
    return {
        "type": "object",
        "description": SUMMARIES[kind],
        "properties": properties,
        **required,
        "additionalProperties": False,
        **_RULES.get(kind, {}),
    }


def _described(key: Schema, kind: str) -> Schema:
    """A key whose description may speak of several kinds: what it says of this one."""
    text: str = key["description"]
    for part in text.rstrip(".").split("; "):
        kinds, _, meaning = part.partition(": ")
        if meaning and kind in kinds.split(", "):
            return {**key, "description": f"{meaning[0].upper()}{meaning[1:]}."}
    return key


def _reference(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


def _tidied(schema: Schema) -> Schema:
    """Without pydantic's titles and defaults of absent keys, and with names of our own."""
    tidy: Schema = {}
    for key, value in schema.items():
        if key == "title" or (key == "default" and value is None):
            continue
        if key in ("properties", "$defs", "patternProperties"):
            tidy[key] = {name: _tidied(inner) for name, inner in value.items()}
        elif key == "$ref":
            tidy |= _reference(_definition(value))
        else:
            tidy[key] = _tidied_value(value)
    return tidy


def _tidied_value(value: Any) -> Any:
    if isinstance(value, dict):
        return _tidied(cast("Schema", value))
    if isinstance(value, list):
        return [_tidied_value(item) for item in cast("list[Any]", value)]
    return value


def key_meaning(kind: str, key: str) -> str:
    """What a key of a step means, in the words that editors show."""
    field = next(
        field for name, field in StepModel.model_fields.items() if key in (name, field.alias)
    )
    return cast("str", _described({"description": field.description}, kind)["description"])
