"""From a step to what is really run: rendering, display, digest."""

import hashlib
from collections.abc import Mapping

from orchestrate.playbook.parameters import UNDECIDED
from orchestrate.playbook.plan import Command, Expression, Json, Script, SecretRef, Shell, Step
from orchestrate.playbook.templates import render, render_argument
from orchestrate.workflow.frames import Frame
from orchestrate.workflow.program import Argument, Call

_SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./-_")
_LONGEST_POOL = 200
_NO_ENV: Mapping[str, Argument] = {}
_SH = ("/bin/sh",)


def render_call(frame: Frame, step: Step, action: Command | Shell | Script) -> Call:
    """The call with its values put in; secrets stay references."""
    call = _render(frame, step, action)
    return _with_outer_secrets(call, frame.playbook.secrets) if frame.playbook.secrets else call


def _with_outer_secrets(call: Call, secrets: Mapping[str, Argument]) -> Call:
    """Secret parameters of an included playbook replaced by what they stand for outside."""

    def replaced(argument: Argument) -> Argument:
        if isinstance(argument, str):
            return argument
        parts: list[str | SecretRef] = []
        for part in argument:
            outer = secrets.get(part.name, (part,)) if isinstance(part, SecretRef) else part
            parts.extend((outer,) if isinstance(outer, str) else outer)
        return tuple(parts)

    env = {name: replaced(value) for name, value in call.env.items()}
    return call._replace(words=tuple(replaced(word) for word in call.words), env=env)


def _render(frame: Frame, step: Step, action: Command | Shell | Script) -> Call:
    lookup = frame.lookup
    env = _NO_ENV
    if step.env:
        env = {name: render_argument(value, lookup) for name, value in step.env.items()}
    workdir = None
    if step.workdir is not None:
        workdir = str(render(step.workdir, lookup))
    match action:
        case Command():
            words = tuple(
                word if type(word) is str else render_argument(word, lookup)
                for word in action.words
            )
            return Call("command", words, None, None, env, workdir)
        case Shell():
            merged = _with_variables(frame, env, action.variables)
            return Call("shell", _SH, action.text, action.source, merged, workdir)
        case Script():
            merged = _with_variables(frame, env, action.variables)
            return Call("script", action.interpreter, action.text, action.source, merged, workdir)


def _with_variables(
    frame: Frame, env: Mapping[str, Argument], variables: Mapping[str, Expression | SecretRef]
) -> Mapping[str, Argument]:
    if not variables:
        return env
    return {
        **env,
        **{name: render_argument(value, frame.lookup) for name, value in variables.items()},
    }


def render_pool(frame: Frame, step: Step) -> str | None:
    """Which workers may perform the step's calls. Raises ExpressionError for what is no name."""
    if step.pool is None:
        return None
    pool = str(render(step.pool, frame.lookup)).strip()
    if not pool or len(pool) > _LONGEST_POOL or not pool.isprintable():
        from orchestrate.playbook.expressions import ExpressionError

        raise ExpressionError(
            f"{pool[:50]!r} cannot be the name of a pool",
            hint=f"one line of 1 to {_LONGEST_POOL} visible letters",
            place=step.place,
        )
    return pool


def digest_call(call: Call) -> str:
    """Equal calls have equal digests; of secrets only the names count."""
    return hashlib.sha256(repr(call).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def display_call(call: Call) -> str:
    """The call as a person would type it, secrets as `***`."""
    if call.shown is not None:
        return call.shown.strip()
    return " ".join(_quoted(word) for word in call.words)


def secrets_in(call: Call) -> tuple[str, ...]:
    """The names of the secrets that the call is handed."""
    found: set[str] = set()
    for argument in (*call.words, *call.env.values()):
        if type(argument) is not str:
            found.update(part.name for part in argument if isinstance(part, SecretRef))
    return tuple(sorted(found)) if found else ()


def _quoted(word: Argument) -> str:
    if type(word) is str:
        if word and _SAFE.issuperset(word):
            return word
        if UNDECIDED in word:  # in a rehearsal: what is not known needs no quotes by itself
            from orchestrate.playbook.undecided import outside, plain

            if _SAFE.issuperset(outside(word)):
                return plain(word)
            word = plain(word)
        return "'" + word.replace("'", "'\\''") + "'"
    return "".join("***" if isinstance(part, SecretRef) else part for part in word)


def render_number(frame: Frame, template: "float | int | Expression", what: str) -> float:
    """The value of a numeric key that may be an expression, at least 0."""
    if not isinstance(template, Expression):
        return float(template)
    return number_of(render(template, frame.lookup), template, what)


def number_of(value: Json, template: Expression, what: str) -> float:
    """A number, or a duration as text; raises ExpressionError otherwise."""
    from orchestrate.playbook.durations import parse_duration
    from orchestrate.playbook.expressions import ExpressionError, supposed

    value = supposed(value, what)
    if not isinstance(value, bool) and isinstance(value, int | float | str):
        try:
            number = parse_duration(value)
        except ValueError:
            number = -1.0
        if number >= 0:
            return number
    raise ExpressionError(
        f"{what} must be a number of at least 0 or a duration such as 5m, "
        f"but ${{{template.source}}} is {value!r}",
        place=template.place,
        hint="give the parameter or variable that it reads such a value",
    )
