"""Rules about steps that may last for ever."""

from collections.abc import Iterator

from orchestrate.playbook.linting.calls import network_call
from orchestrate.playbook.linting.model import WARNING, Finding, Rule, Subject
from orchestrate.playbook.linting.walk import Located
from orchestrate.playbook.plan import EventWait, Expression, Wait


def _bounded(subject: Subject, located: Located) -> bool:
    """Whether a timeout of the step, of what contains it or of the playbook ends it."""
    if subject.plan.timeout is not None:
        return True
    return any(each.step.timeout is not None for each in located.around())


def _network_without_timeout(subject: Subject) -> Iterator[Finding]:
    if subject.plan.timeout is not None:
        return
    for located in subject.steps:
        called = network_call(subject, located.step)
        if called is not None and not _bounded(subject, located):
            yield subject.at(
                located.step,
                f"`{called}` goes over the network and has no timeout",
                "add `timeout:` to the step, to what contains it, or to the playbook",
            )


def _wait_without_timeout(subject: Subject) -> Iterator[Finding]:
    for located in subject.steps:
        match located.step.action:
            case Wait(until=Expression()):
                key, message = "until", "if its condition never holds, this waits for ever"
            case EventWait():
                key, message = "event", "if the event never arrives, this waits for ever"
            case _:
                continue
        if not _bounded(subject, located):
            yield subject.at_key(located.step, key, message, "add `timeout:` to the step")


NETWORK_WITHOUT_TIMEOUT = Rule(
    "network-without-timeout",
    WARNING,
    "a step goes over the network and nothing limits its time",
    "A connection that is neither answered nor refused keeps a step, and the whole playbook, "
    "waiting for hours. The rule looks for `curl`, `wget`, `ssh`, `scp`, `sftp`, `rsync`, for URLs "
    "among the words of a command, and for commands that a mapping runs on another machine. A "
    "`timeout:` on the step, on a step around it or on the playbook satisfies it, and so does a "
    "limit of the program's own such as `--max-time`. The built-in commands limit themselves.",
    _network_without_timeout,
)
WAIT_WITHOUT_TIMEOUT = Rule(
    "wait-without-timeout",
    WARNING,
    "a wait for a condition or an event has no limit",
    "A `wait` step with a condition under `until:` looks again and again until the condition "
    "holds, one with `event:` waits until it arrives. Without a `timeout:` on it or around it, a "
    "condition that never holds, or an event that is never sent, leaves the workflow running for "
    "ever, with everything after it undone.",
    _wait_without_timeout,
)
