"""Values of parameters: what was supplied, converted to the declared types and checked.

Loaded by every run; imports little.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence

from orchestrate.errors import UsageError
from orchestrate.playbook.plan import Json, Parameter, Plan

UNDECIDED = "\ufffe"
"""Begins what stands, in a rehearsal, for a value of any type (see `undecided.py`)."""
ENVIRONMENT = "environment"
"""A declared parameter of this name is the environment."""
_TRUTHS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_NAME = r"[A-Za-z_][A-Za-z0-9_-]*"
_OPTION = re.compile(rf"({_NAME})=(.*)", re.DOTALL)
_NEXT_OPTION = re.compile(rf"(?<!\\),(?=\s*{_NAME}=)")
_LONGEST_MATCHED = 10_000
"""Characters of a value that is compared with a pattern: the time may grow with their square."""
_INTEGER = re.compile(r"[-+]?[0-9]{1,300}")
_NUMBER = re.compile(r"[-+]?([0-9]{1,300}(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")


def convert(parameter: Parameter, value: Json) -> Json:
    """The value as the parameter's type. Text is converted; anything else must be of the type.

    Raises ValueError with a sentence that goes on after the parameter's name.
    """
    if isinstance(value, str) and UNDECIDED in value:
        return value
    converted = _of_type(parameter.type, value)
    if parameter.choices is not None and converted not in parameter.choices:
        listed = ", ".join(_shown(choice) for choice in parameter.choices)
        raise ValueError(f"cannot be {_shown(converted)}; it can be {listed}")
    if parameter.pattern is not None:
        text = str(converted)
        if len(text) > _LONGEST_MATCHED:
            raise ValueError(
                f"has {len(text):,} characters; one that must match a pattern has at most "
                f"{_LONGEST_MATCHED:,}"
            )
        if not re.fullmatch(parameter.pattern, text):
            raise ValueError(f"cannot be {_shown(converted)}: it must match {parameter.pattern}")
    _check_bounds(parameter, converted)
    return converted


def _of_type(kind: str, value: Json) -> Json:
    match kind:
        case "integer":
            return _integer(value)
        case "number":
            return _number(value)
        case "boolean":
            return _truth(value)
        case "list":
            return _list(value)
        case "map":
            return _map(value)
        case _:
            if not isinstance(value, str):
                raise ValueError(f"must be text, not {_shown(value)}; put it in quotes")  # noqa: TRY004
            return value


def _integer(value: Json) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
        return int(value)
    raise ValueError(f"must be a whole number, not {_shown(value)}")


def _number(value: Json) -> float:
    number = value
    if isinstance(value, str) and _NUMBER.fullmatch(text := value.strip()):
        number = int(text) if _INTEGER.fullmatch(text) else float(text)
    if isinstance(number, int) and not isinstance(number, bool):
        return number
    if isinstance(number, float) and math.isfinite(number):  # others cannot be recorded
        return number
    raise ValueError(f"must be a number, not {_shown(value)}")


def _truth(value: Json) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in _TRUTHS:
        return _TRUTHS[value.strip().lower()]
    raise ValueError(f"must be true or false, not {_shown(value)}")


def _list(value: Json) -> Json:
    if isinstance(value, str):
        text = value.strip()
        if text.startswith("["):
            value = _json(text, '["a", "b"]')
        else:
            return [part.strip() for part in text.split(",")] if text else []
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ValueError(f"must be a list, not {_shown(value)}")  # noqa: TRY004
    return list(value)


def _map(value: Json) -> Json:
    if isinstance(value, str):
        value = _json(value, '{"key": "value"}')
    if not isinstance(value, Mapping):
        hint = "write it as JSON or use @file"
        raise ValueError(f"must be a mapping, not {_shown(value)}; {hint}")  # noqa: TRY004
    return dict(value)


def _json(text: str, example: str) -> Json:
    from orchestrate.playbook.json_text import read_json

    try:
        return read_json(text)
    except ValueError as error:
        raise ValueError(f"is not JSON such as `{example}`: {error}") from None


def _check_bounds(parameter: Parameter, value: Json) -> None:
    if parameter.minimum is None and parameter.maximum is None:
        return
    if isinstance(value, (str, Mapping, Sequence)):
        size, what = float(len(value)), "its length"
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        size, what = value, "it"
    else:
        return
    if parameter.minimum is not None and size < parameter.minimum:
        raise ValueError(f"cannot be {_shown(value)}: {what} must be {parameter.minimum:g} or more")
    if parameter.maximum is not None and size > parameter.maximum:
        raise ValueError(f"cannot be {_shown(value)}: {what} must be {parameter.maximum:g} or less")


def _shown(value: Json) -> str:
    import json

    text = f"`{value}`" if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:79]}…"


def missing(plan: Plan, supplied: Mapping[str, Json]) -> tuple[Parameter, ...]:
    """The required parameters that have no value yet."""
    return tuple(p for p in plan.parameters if p.required and p.name not in supplied)


def check_supplied(values: Mapping[str, Json]) -> None:
    """Raise UsageError for a text that would pass for a value that is not known yet, and so for one
    of any type. Those stand in rehearsals; nobody has one to give.
    """
    for name, value in values.items():
        if isinstance(value, str) and UNDECIDED in value:
            raise UsageError(
                f"`{name}` holds U+FFFE, which is no character", hint="Leave it out of the value."
            )


def bind(plan: Plan, supplied: Mapping[str, Json], environment: str) -> dict[str, Json]:
    """All parameters with their values, by type. A value of `supplied` that is text is converted.

    `environment` is the environment of the run: the value of a parameter of that name. Secret
    parameters without a value are left out. Raises UsageError naming everything that is wrong.
    """
    declared = {parameter.name: parameter for parameter in plan.parameters}
    problems = [_unknown(plan, name) for name in supplied if name not in declared]
    values: dict[str, Json] = {}
    for name, parameter in declared.items():
        if name == ENVIRONMENT and not parameter.implicit:
            if supplied.get(name, environment) != environment:
                told = _shown(supplied[name])
                problems.append(f"`environment` cannot be {told}: the run is in {environment}")
            values[name] = environment
            _check(parameter, environment, problems)
        elif name in supplied:
            values[name] = _check(parameter, supplied[name], problems)
        elif parameter.required:
            problems.append(f"`{name}` is missing{_described(parameter)}")
        elif not parameter.secret or parameter.default is not None:
            values[name] = parameter.default
    if problems:
        raise UsageError("\n".join(problems), hint=_hint(plan))
    return values


def _check(parameter: Parameter, value: Json, problems: list[str]) -> Json:
    try:
        return convert(parameter, value)
    except ValueError as error:
        shown = "has a value that does not fit" if parameter.secret else str(error)
        problems.append(f"`{parameter.name}` {shown}")
        return None


def _described(parameter: Parameter) -> str:
    return f": {parameter.description}" if parameter.description else ""


def _unknown(plan: Plan, name: str) -> str:
    from orchestrate.playbook.spelling import nearest

    near = nearest(name, [parameter.name for parameter in plan.parameters])
    suggestion = f"; did you mean `{near}`?" if near else ""
    return f"{plan.name} has no parameter `{name}`{suggestion}"


def _hint(plan: Plan) -> str:
    if not plan.parameters:
        return "Leave `--parameters` out: this playbook takes none."
    names = ", ".join(parameter.name for parameter in plan.parameters)
    return f"Give values with --parameters name=value. {plan.name} takes: {names}."


def parse_options(
    options: Sequence[str], plan: Plan, read_file: Callable[[str], Json]
) -> dict[str, Json]:
    r"""What `--parameters` says, the later option winning; every name is one of the plan's.

    An option is `name=value`, several of them with commas between (a comma splits only before
    `name=`; `\,` is a comma of the value), or `@file` with a mapping. Raises UsageError.
    """
    values: dict[str, Json] = {}
    for option in options:
        if option.startswith("@"):
            content = read_file(option[1:])
            if not isinstance(content, Mapping):
                raise UsageError(
                    f"{option[1:]} does not hold a mapping of parameters",
                    hint="Write `name: value` lines in it.",
                )
            values.update(content)
            continue
        for part in _NEXT_OPTION.split(option):
            found = _OPTION.fullmatch(part.strip() if "=" not in part else part.lstrip())
            if found is None:
                raise UsageError(
                    f"`{part}` is not name=value",
                    hint='Write --parameters "version=1.2.0,region=eu-west-1", or @file.yaml.',
                )
            values[found[1]] = found[2].replace("\\,", ",")
    declared = {parameter.name for parameter in plan.parameters}
    problems = [_unknown(plan, name) for name in values if name not in declared]
    if problems:
        hint = f"{_hint(plan)} A comma inside a value is written `\\,`."
        raise UsageError("\n".join(problems), hint=hint)
    return values
