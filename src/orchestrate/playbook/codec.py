"""Plans to JSON and back, for the cache and the store.

Loaded by every start, so it imports neither YAML nor pydantic, and reads fast: values stand by
position, a step's keys with their usual value are left out, and files of places are numbered.

    template    null, true, 1, "text" as they are; [template, …]; {"m": {name: template}};
                {"e": expression}; {"s": secret name}; {"t": [part, …]}
    place       [file number, line, column]
    expression  [source, code, [name, …], place]
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from orchestrate.errors import Place
from orchestrate.playbook.compiling.collection import without_collection
from orchestrate.playbook.plan import (
    Action,
    Approval,
    Assert,
    Branch,
    Command,
    Concurrency,
    Conditional,
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

FORMAT = 1
"""Changes when plans of an older form can no longer be read."""


def dump_plan(plan: Plan) -> str:
    """The plan as JSON text."""
    encoder = _Encoder()
    body = encoder.plan(plan)
    whole = {"format": FORMAT, "files": list(encoder.files), "plan": body}
    return json.dumps(whole, separators=(",", ":"), ensure_ascii=False)


def load_plan(text: str) -> Plan:
    """The plan of `dump_plan`'s text. Raises ValueError for anything else."""
    try:
        with without_collection():
            whole = json.loads(text)
            if whole["format"] != FORMAT:
                raise ValueError(f"a plan of format {whole['format']}, not {FORMAT}")
            return _Decoder(whole["files"]).plan(whole["plan"])
    except (KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"not a plan: {error!r}") from error


class _Encoder:
    """Encodes one plan; gathers the files of its places."""

    def __init__(self) -> None:
        self.files: dict[str, int] = {}

    def plan(self, plan: Plan) -> Any:
        fields = plan._asdict()
        fields["parameters"] = [self._parameter(parameter) for parameter in plan.parameters]
        fields["variables"] = self._templates(plan.variables)
        fields["secrets"] = [
            [secret.name, secret.source, secret.options, self._place(secret.place)]
            for secret in plan.secrets
        ]
        fields["timeout"] = self._template(plan.timeout)
        fields["cleanup_timeout"] = self._template(plan.cleanup_timeout)
        for key in ("steps", "on_failure", "on_success", "always"):
            fields[key] = self._steps(fields[key])
        fields["outputs"] = self._templates(plan.outputs)
        if plan.concurrency is not None:
            group, overlap = plan.concurrency
            fields["concurrency"] = [self._template(group), overlap]
        fields["locks"] = [self._lock(lock) for lock in plan.locks]
        fields["resources"] = self._amounts(plan.resources)
        if plan.triggers:
            from orchestrate.playbook.trigger_codec import dump_trigger

            fields["triggers"] = [
                dump_trigger(trigger, self._place, self._template) for trigger in plan.triggers
            ]
        return fields

    def _parameter(self, parameter: Parameter) -> Any:
        return [*parameter[:-1], self._place(parameter.place)]

    def _steps(self, steps: Sequence[Step]) -> list[Any]:
        return [self._step(step) for step in steps]

    def _step(self, step: Step) -> Any:
        seldom: dict[str, Any] = {}
        for key in ("name", "label", "description", "idempotent", "checkpoint"):
            if getattr(step, key) not in (None, "", False) or key == "idempotent":
                seldom[key] = getattr(step, key)
        if step.idempotent is None:
            del seldom["idempotent"]
        if step.when is not None:
            seldom["when"] = self._expression(step.when)
        if step.needs is not None:
            seldom["needs"] = step.needs
        for key in ("env", "outputs"):
            if getattr(step, key):
                seldom[key] = self._templates(getattr(step, key))
        for key in ("workdir", "timeout"):
            if getattr(step, key) is not None:
                seldom[key] = self._template(getattr(step, key))
        if step.retry != _ONCE:
            seldom["retry"] = self._retry(step.retry)
        if step.continue_on_error:
            seldom["continue_on_error"] = True
        for key in ("on_failure", "on_success", "always", "compensate"):
            if getattr(step, key):
                seldom[key] = self._steps(getattr(step, key))
        if step.compensate_on_start:
            seldom["compensate_on_start"] = True
        if step.locks:
            seldom["locks"] = [self._lock(lock) for lock in step.locks]
        if step.resources:
            seldom["resources"] = self._amounts(step.resources)
        if step.reads:
            seldom["reads"] = step.reads
        where = self._place(step.place)
        return [step.key, step.digest, where, self._action(step.action), seldom]

    def _amounts(self, amounts: Sequence[tuple[str, int | Expression]]) -> Any:
        return [[name, self._template(amount)] for name, amount in amounts]

    def _lock(self, lock: Lock) -> Any:
        name, shared, wait, on_conflict, place = lock
        waits = self._template(wait)
        return [self._template(name), shared, waits, on_conflict, self._place(place)]

    def _retry(self, retry: Retry) -> Any:
        return [self._template(retry.attempts), self._template(retry.delay), *retry[2:]]

    def _action(self, action: Action) -> Any:
        match action:
            case Command(words):
                return ["command", [self._template(word) for word in words]]
            case Shell(text, variables, source):
                return ["shell", text, self._templates(variables), source]
            case Script(interpreter, text, variables, source):
                return ["script", interpreter, text, self._templates(variables), source]
            case Parallel(branches, most, fail_fast):
                inside = [self._branch(branch) for branch in branches]
                return ["parallel", inside, self._template(most), fail_fast]
            case Conditional(condition, then, otherwise):
                shown = self._expression(condition)
                return ["conditional", shown, self._steps(then), self._steps(otherwise)]
            case ForEach():
                return [
                    "foreach",
                    self._template(action.items),
                    action.variable,
                    self._steps(action.steps),
                    self._template(action.max_parallel),
                    action.fail_fast,
                    action.keep_results,
                ]
            case Transaction(steps):
                return ["transaction", self._steps(steps)]
            case SubPlaybook(plan, parameters):
                return ["playbook", self.plan(plan), self._templates(parameters)]
            case Assert(condition, message):
                return ["assert", self._expression(condition), self._template(message)]
            case Set(variables):
                return ["set", self._templates(variables)]
            case Wait():
                return self._wait(action)
            case Approval(message, approvers, inputs, on_timeout, minimum):
                return [
                    "approval",
                    self._template(message),
                    self._template(approvers),
                    [self._parameter(declared) for declared in inputs],
                    on_timeout,
                    self._template(minimum),
                ]

    def _wait(self, wait: Wait) -> Any:
        return [
            "wait",
            self._template(wait.duration),
            self._template(wait.until),
            None if wait.probe is None else self._action(wait.probe),
            self._template(wait.interval),
        ]

    def _branch(self, branch: Branch) -> Any:
        when = None if branch.when is None else self._expression(branch.when)
        place = self._place(branch.place)
        return [branch.key, branch.name, when, self._steps(branch.steps), place]

    def _templates(self, templates: Mapping[str, Template]) -> dict[str, Any]:
        return {name: self._template(template) for name, template in templates.items()}

    def _template(self, template: Template) -> Any:
        match template:
            case str() | None:
                return template
            case Expression():
                return {"e": self._expression(template)}
            case SecretRef(name):
                return {"s": name}
            case Text(parts):
                return {"t": [self._template(part) for part in parts]}
            case Mapping():
                return {"m": self._templates(template)}
            case Sequence():
                return [self._template(item) for item in template]
            case _:
                return template

    def _expression(self, expression: Expression) -> Any:
        source, code, names, place = expression
        return [source, code, names, self._place(place)]

    def _place(self, place: Place) -> Any:
        return [self.files.setdefault(place.file, len(self.files)), place.line, place.column]


class _Decoder:
    """Decodes one plan."""

    def __init__(self, files: list[str]) -> None:
        self._files = files

    def plan(self, fields: Any) -> Plan:
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
            }
        )

    def _triggers(self, fields: list[Any] | None) -> tuple[Any, ...]:
        if not fields:
            return ()
        from orchestrate.playbook.trigger_codec import load_trigger

        return tuple(load_trigger(part, self._place, self._template) for part in fields)

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
            case "wait":
                return self._wait(fields)
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


_ONCE = Retry()
_NOTHING: Mapping[str, Any] = {}


def _tuple(values: Sequence[Any] | None) -> tuple[Any, ...] | None:
    return None if values is None else tuple(values)
