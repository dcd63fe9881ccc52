"""What kind a step is, as events and users name it."""

from orchestrate.playbook.plan import (
    Action,
    Approval,
    Assert,
    Command,
    Conditional,
    EventWait,
    ForEach,
    Parallel,
    Script,
    Set,
    Shell,
    Step,
    SubPlaybook,
    Transaction,
    Wait,
)

_KINDS: dict[type[Action], str] = {
    Command: "command",
    Shell: "shell",
    Script: "script",
    Parallel: "parallel",
    Conditional: "conditional",
    ForEach: "foreach",
    Transaction: "transaction",
    SubPlaybook: "playbook",
    Assert: "assert",
    Set: "set",
    Wait: "wait",
    EventWait: "wait",
    Approval: "approval",
}


def kind_of(step: Step) -> str:
    """Its kind."""
    return _KINDS[type(step.action)]


def is_plain(step: Step) -> bool:
    """Whether the step is over as soon as it has an outcome."""
    return not (step.on_failure or step.on_success or step.always or step.outputs)


def ends_with_success(step: Step) -> bool:
    """Whether the step is over as soon as what it does has succeeded."""
    return not (step.on_success or step.always or step.outputs)


def contains_steps(step: Step) -> bool:
    """Whether other steps run inside it."""
    return isinstance(step.action, Parallel | Conditional | ForEach | Transaction | SubPlaybook)
