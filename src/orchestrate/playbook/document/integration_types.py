"""Types of values that only integrations have."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, WithJsonSchema

from orchestrate.playbook.document.types import Needs, Text, wrong

_MENTION = r"^@?(here|channel|everyone|[UWS][A-Z0-9]{2,})$|\$\{"
_SITE = r"^(?!app\.|api\.)[a-z0-9-]+(\.[a-z0-9-]+)+$|\$\{"


def _mentions(value: Any) -> Any:
    for name in value if isinstance(value, list) else [value]:  # pyright: ignore[reportUnknownVariableType]
        if not re.search(_MENTION, str(name)):  # pyright: ignore[reportUnknownArgumentType]
            raise wrong(
                f"names `{name}`, whom Slack would not find",
                "write here, channel or everyone, or an id: U… of a person, S… of a group",
                "unknown-value",
            )
    return value  # pyright: ignore[reportUnknownVariableType]


def _site(value: Any) -> Any:
    if not re.search(_SITE, str(value)):
        raise wrong(
            f"is `{value}`, which is no site of Datadog",
            "one such as datadoghq.com, us5.datadoghq.com or datadoghq.eu",
            "unknown-value",
        )
    return value


_ONE = {
    "type": "string",
    "pattern": _MENTION,
    "patternErrorMessage": "here, channel, everyone, or an id: U… of a person, S… of a group",
}

Mentions = Annotated[
    Needs,
    AfterValidator(_mentions),
    WithJsonSchema({"anyOf": [_ONE, {"type": "array", "items": _ONE}]}),
]
Site = Annotated[
    Text,
    AfterValidator(_site),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": _SITE,
            "patternErrorMessage": "a site such as datadoghq.com or datadoghq.eu",
        }
    ),
]
