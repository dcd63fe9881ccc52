"""What JSON said back to plans; `codec.py` tells the form."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from orchestrate.errors import Place
from orchestrate.playbook.plan import (
    Action,
    Approval,
    Assert,
    Branch,
    Command,
    Concurrency,
    Conditional,
    EventWait,
    Expression,
    ForEach,
    Lock,
    Parallel,
    Parameter,
    Plan,
    Retry,
    Script,
    Secret,
    SecretRef,
    Set,
    Shell,
    SourceFile,
    Step,
    SubPlaybook,
    Template,
    Text,
    Transaction,
    Wait,
)

_ONCE = Retry()
_NOTHING: Mapping[str, Any] = {}


class Decoder:
    """Decodes one plan."""

    def __init__(self, files: list[str]) -> None:
        self._files = files

    def plan(self, fields: Any) -> Plan:
        """The plan of what an encoder made."""
        for key in ("steps", "on_failure", "on_success", "always"):
            fields[key] = self._steps(fields[key])
        concurrency = fields.get("concurrency")
        if concurrency is not None:
            group, overlap = concurrency
            concurrency = Concurrency(self._template(group), overlap)
        return Plan(
            **fields
            | {
                "tags": tuple(fields["tags"]),
                "parameters": tuple(self._parameter(part) for part in fields["parameters"]),
                "variables": self._templates(fields["variables"]),
                "secrets": tuple(
                    Secret(name, source, options, self._place(place))
                    for name, source, options, place in fields["secrets"]
                ),
                "environments": _tuple(fields["environments"]),
                "timeout": self._template(fields["timeout"]),
                "cleanup_timeout": self._template(fields["cleanup_timeout"]),
                "outputs": self._templates(fields["outputs"]),
                "env_names": tuple(fields["env_names"]),
                "sources": tuple(SourceFile(*source) for source in fields["sources"]),
                "warnings": tuple(fields["warnings"]),
                "concurrency": concurrency,
                "require_success_in": tuple(fields.get("require_success_in", ())),
                "locks": self._locks(fields.get("locks", ())),
                "resources": self._amounts(fields.get("resources", ())),
                "triggers": self._triggers(fields.get("triggers")),
                "integrations": self._integrations(fields.get("integrations")),
            }
        )

    def _triggers(self, fields: list[Any] | None) -> tuple[Any, ...]:
        if not fields:
            return ()
        from orchestrate.playbook.trigger_codec import load_trigger

        return tuple(load_trigger(part, self._place, self._template) for part in fields)

    def _integrations(self, fields: list[Any] | None) -> tuple[Any, ...]:
        if not fields:
            return ()
        from orchestrate.playbook.integration_codec import load_integration

        return tuple(load_integration(part, self._place, self._template) for part in fields)

    def _parameter(self, fields: list[Any]) -> Parameter:
        parameter = Parameter(*fields)
        place = self._place(fields[-1])
        return parameter._replace(choices=_tuple(parameter.choices), place=place)

    def _steps(self, steps: list[Any]) -> tuple[Step, ...]:
        return tuple([self._step(step) for step in steps])

    def _step(self, fields: list[Any]) -> Step:
        key, digest, place, action, seldom = fields
        get = seldom.get
        when, needs, retry, reads = get("when"), get("needs"), get("retry"), get("reads")
        return Step(
            key,
            get("name"),
            get("label"),
            get("description", ""),
            self._place(place),
            digest,
            self._action(action),
            None if when is None else self._expression(when),
            None if needs is None else tuple(needs),
            self._templates(get("env", _NOTHING)),
            self._template(get("workdir")),
            cast("Any", self._template(get("timeout"))),
            _ONCE if retry is None else self._retry(retry),
            get("idempotent"),
            get("checkpoint", False),
            get("continue_on_error", False),
            self._steps(get("on_failure", ())),
            self._steps(get("on_success", ())),
            self._steps(get("always", ())),
            self._templates(get("outputs", _NOTHING)),
            () if reads is None else tuple(reads),
            self._steps(get("compensate", ())),
            get("compensate_on_start", False),
            self._locks(get("locks", ())),
            self._amounts(get("resources", ())),
            self._template(get("pool")),
        )

    def _amounts(self, amounts: Sequence[Any]) -> tuple[tuple[str, Any], ...]:
        return tuple([(name, self._template(amount)) for name, amount in amounts])

    def _locks(self, locks: Sequence[Any]) -> tuple[Lock, ...]:
        return tuple(
            [
                Lock(
                    self._template(name),
                    shared,
                    cast("Any", self._template(wait)),
                    on_conflict,
                    self._place(place),
                )
                for name, shared, wait, on_conflict, place in locks
            ]
        )

    def _retry(self, fields: list[Any]) -> Retry:
        attempts, delay, backoff, longest, jitter, codes = fields
        return Retry(
            cast("Any", self._template(attempts)),
            cast("Any", self._template(delay)),
            backoff,
            longest,
            jitter,
            _tuple(codes),
        )

    def _action(self, fields: list[Any]) -> Action:
        match fields[0]:
            case "command":
                return Command(cast("Any", tuple([self._template(word) for word in fields[1]])))
            case "shell":
                return Shell(fields[1], cast("Any", self._templates(fields[2])), fields[3])
            case "script":
                variables = cast("Any", self._templates(fields[3]))
                return Script(tuple(fields[1]), fields[2], variables, fields[4])
            case "parallel":
                branches = tuple([self._branch(branch) for branch in fields[1]])
                return Parallel(branches, cast("Any", self._template(fields[2])), fields[3])
            case "conditional":
                _, condition, then, otherwise = fields
                return Conditional(
                    self._expression(condition), self._steps(then), self._steps(otherwise)
                )
            case "foreach":
                _, items, variable, steps, most, fail_fast, keep = fields
                return ForEach(
                    self._template(items),
                    variable,
                    self._steps(steps),
                    cast("Any", self._template(most)),
                    fail_fast,
                    keep,
                )
            case "transaction":
                return Transaction(self._steps(fields[1]))
            case "playbook":
                return SubPlaybook(self.plan(fields[1]), self._templates(fields[2]))
            case "assert":
                return Assert(self._expression(fields[1]), self._template(fields[2]))
            case "set":
                return Set(self._templates(fields[1]))
            case _:
                return self._pause(fields)

    def _pause(self, fields: list[Any]) -> Action:
        """An action that waits for something."""
        match fields[0]:
            case "wait":
                return self._wait(fields)
            case "event":
                _, event, source, condition, since, on_timeout = fields
                return EventWait(
                    self._template(event),
                    self._template(source),
                    None if condition is None else self._expression(condition),
                    since,
                    on_timeout,
                )
            case "approval":
                _, message, approvers, inputs, on_timeout, minimum = fields
                return Approval(
                    self._template(message),
                    self._template(approvers),
                    tuple([self._parameter(declared) for declared in inputs]),
                    on_timeout,
                    cast("Any", self._template(minimum)),
                )
            case other:
                raise ValueError(f"an action of kind {other}")

    def _wait(self, fields: list[Any]) -> Wait:
        _, duration, until, probe, interval = fields
        return Wait(
            cast("Any", self._template(duration)),
            cast("Any", self._template(until)),
            None if probe is None else cast("Any", self._action(probe)),
            cast("Any", self._template(interval)),
        )

    def _branch(self, fields: list[Any]) -> Branch:
        key, name, when, steps, place = fields
        condition = None if when is None else self._expression(when)
        return Branch(key, name, condition, self._steps(steps), self._place(place))

    def _templates(self, templates: Mapping[str, Any]) -> dict[str, Template]:
        return {name: self._template(template) for name, template in templates.items()}

    def _template(self, template: Any) -> Template:
        if isinstance(template, dict):
            ((kind, value),) = cast("dict[str, Any]", template).items()
            match kind:
                case "e":
                    return self._expression(value)
                case "s":
                    return SecretRef(value)
                case "t":
                    return Text(cast("Any", tuple([self._template(part) for part in value])))
                case _:
                    return self._templates(value)
        if isinstance(template, list):
            return tuple([self._template(item) for item in cast("list[Any]", template)])
        return template

    def _expression(self, fields: list[Any]) -> Expression:
        source, code, names, place = fields
        return Expression(source, code, tuple(names), self._place(place))

    def _place(self, place: list[int]) -> Place:
        file, line, column = place
        return Place(self._files[file], line, column)


def _tuple(values: Sequence[Any] | None) -> tuple[Any, ...] | None:
    return None if values is None else tuple(values)
