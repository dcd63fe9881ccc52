"""Plans to what JSON can say; `codec.py` tells the form."""

from collections.abc import Mapping, Sequence
from typing import Any

from orchestrate.errors import Place
from orchestrate.playbook.plan import (
    Action,
    Approval,
    Assert,
    Branch,
    Command,
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
    SecretRef,
    Set,
    Shell,
    Step,
    SubPlaybook,
    Template,
    Text,
    Transaction,
    Wait,
)

_ONCE = Retry()


class Encoder:
    """Encodes one plan; gathers the files of its places."""

    def __init__(self) -> None:
        self.files: dict[str, int] = {}

    def plan(self, plan: Plan) -> Any:
        """The plan as what JSON can say."""
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
        if plan.integrations:
            from orchestrate.playbook.integration_codec import dump_integration

            fields["integrations"] = [
                dump_integration(each, self._place, self._template) for each in plan.integrations
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
        for key in ("workdir", "timeout", "pool"):
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
            case EventWait(event, source, condition, since, on_timeout):
                shown = None if condition is None else self._expression(condition)
                where = self._template(source)
                return ["event", self._template(event), where, shown, since, on_timeout]
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
