"""The call contract: what a command is given, and how its output is understood."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import ClassVar, cast

from orchestrate.errors import ExitCode, OrchestrateError
from orchestrate.playbook.plan import Json

LARGEST_VARIABLE = 100_000
"""Bytes. The kernel refuses to start a process with a variable of 128 KiB, so larger parameters
are left out of the environment; a step passes them on by reference in its own `env`."""

_OF_A_CALL = frozenset(
    f"ORCHESTRATE_{name}"
    for name in ("OUTPUT", "PROGRESS", "FORWARD", "COMMAND_OPTIONS", "PROTECTED")
)
_UNSAFE = re.compile(r"[^A-Z0-9_]")
_LINE = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_.-]*)=(.*)", re.DOTALL)


class CallError(OrchestrateError):
    """A value cannot be handed to a process."""

    code: ClassVar[str] = "call"
    exit_code: ClassVar[int] = ExitCode.USAGE


def call_environment(
    base: Mapping[str, str],
    *,
    workflow: str,
    path: str,
    attempt: int,
    idempotency_key: str,
    traceparent: str,
    parameters: Mapping[str, Json],
    withheld: Collection[str] = (),
    command: Mapping[str, str] | None = None,
    step: Mapping[str, str] | None = None,
    tokens: Sequence[tuple[str, int]] = (),
) -> dict[str, str]:
    """The whole environment of one attempt.

    `base` is what the workflow's starter had; `withheld` are variables of it that hold secrets
    which this step does not reference. `command` is `Resolved.env`. `step` is the step's own
    `env`, which wins over everything; `tokens` are those of the locks held around it, the innermost
    first. `traceparent` is the W3C context of this attempt; a
    `tracestate` of the starter goes along. `parameters` must not hold secret ones. Raises CallError
    for a value with a NUL character.
    """
    env = _inherited(base, withheld)
    for name, value in parameters.items():
        text = _as_text(value)
        if len(text.encode(errors="surrogateescape")) <= LARGEST_VARIABLE:
            env[parameter_variable(name)] = text
    env.update(command or {})
    env["ORCHESTRATE_WORKFLOW"] = workflow
    env["ORCHESTRATE_STEP"] = path
    env["ORCHESTRATE_ATTEMPT"] = str(attempt)
    env["ORCHESTRATE_IDEMPOTENCY_KEY"] = idempotency_key
    env["TRACEPARENT"] = traceparent
    for lock, token in reversed(tokens):
        env[f"ORCHESTRATE_LOCK_TOKEN_{_UNSAFE.sub('_', lock.upper())}"] = str(token)
        env["ORCHESTRATE_LOCK_TOKEN"] = str(token)
    if step:
        # Which variables the step itself asks for, so that they reach a remote host too.
        env["ORCHESTRATE_FORWARD"] = ",".join(step)
        env.update(step)
    _refuse_nul(env)
    return env


def _inherited(base: Mapping[str, str], withheld: Collection[str]) -> dict[str, str]:
    """What of the starter's environment is for this step."""
    env = {name: value for name, value in base.items() if name not in withheld}
    for name in [name for name in env if name.startswith("ORCHESTRATE_LOCK_TOKEN")]:
        del env[name]
    if "ORCHESTRATE_WORKFLOW" in base:
        # The starter is a step of another workflow: what it was called with is not ours.
        for name in [name for name in env if name.startswith("PARAM_") or name in _OF_A_CALL]:
            del env[name]
    return env


def _refuse_nul(env: Mapping[str, str]) -> None:
    for name, value in env.items():
        if "\0" in value:
            raise CallError(
                f"the environment variable {name} would hold a NUL character",
                hint="No process can be given one; encode the value, for example as base64.",
            )


def parameter_variable(name: str) -> str:
    """The variable of a parameter: `new-version` is PARAM_NEW_VERSION."""
    return "PARAM_" + _UNSAFE.sub("_", name.upper())


def read_output(
    text: str | None,
    json_stdout: str | None,
    warn: Callable[[str], None] | None = None,
) -> Json:
    """What a command said: the file ORCHESTRATE_OUTPUT if it wrote there, else a stdout that is
    one JSON object, else None.

    The file holds one JSON object, or lines: `key=value` (text) or JSON objects, the last value
    of a key wins. A line that is neither is left out and `warn` is told.
    """
    if text is not None and text.strip():
        return _read_file(text, warn or _ignore)
    if json_stdout is None:
        return None
    try:
        found = _json_object(json_stdout)
    except ValueError:
        return None
    return found


def _ignore(_message: str) -> None:
    """Warnings that nobody wants."""


def _read_file(text: str, warn: Callable[[str], None]) -> Json:
    try:
        whole = _json_object(text)
    except ValueError:
        whole = None
    if whole is not None:
        return whole
    found: dict[str, Json] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        line = line.removesuffix("\r")
        if line.strip():
            found.update(_read_line(number, line, warn))
    return found


def _read_line(number: int, line: str, warn: Callable[[str], None]) -> Mapping[str, Json]:
    if line.lstrip().startswith("{"):
        try:
            return _json_object(line) or {}
        except ValueError as error:
            warn(f"line {number} of ORCHESTRATE_OUTPUT is not valid JSON ({error}); left out")
            return {}
    pair = _LINE.fullmatch(line)
    if pair is None:
        shown = line if len(line) <= 60 else line[:57] + "..."
        warn(
            f"line {number} of ORCHESTRATE_OUTPUT is neither key=value nor JSON; left out: {shown}"
        )
        return {}
    return {pair[1]: pair[2]}


def _json_object(text: str) -> dict[str, Json] | None:
    """The JSON object that `text` is, None if it is none; ValueError if it is broken."""
    if not text.lstrip().startswith("{"):
        return None
    from orchestrate.playbook.json_text import read_json

    return cast("dict[str, Json]", read_json(text))


def _as_text(value: Json) -> str:
    match value:
        case str():
            return value
        case None:
            return ""
        case _:
            import json

            return json.dumps(value, ensure_ascii=False)
