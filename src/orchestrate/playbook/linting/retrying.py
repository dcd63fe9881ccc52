"""Rules about doing something more than once."""

from collections.abc import Iterator

from orchestrate.playbook.linting.model import WARNING, Finding, Rule, Subject
from orchestrate.playbook.plan import Assert, Command, Script, Set, Shell


def _retry_not_idempotent(subject: Subject) -> Iterator[Finding]:
    for located in subject.steps:
        step = located.step
        if not isinstance(step.action, Command | Shell | Script) or step.idempotent is True:
            continue
        retry = step.retry
        if retry.attempts == 1 or retry.on_exit_codes is not None or subject.reads_only(step):
            continue
        yield subject.at_key(
            step,
            "retry",
            "the step is tried again, but nothing says that it may run twice",
            "add `idempotent: true` if it may; else limit `retry` with `on_exit_codes`",
        )


def _pointless_retry(subject: Subject) -> Iterator[Finding]:
    for located in subject.steps:
        step = located.step
        if isinstance(step.action, Assert | Set) and step.retry.attempts != 1:
            yield subject.at_key(
                step,
                "retry",
                "trying again cannot change anything: its values stay the same",
                "use `type: wait` with `until:` for what becomes true later",
            )


RETRY_NOT_IDEMPOTENT = Rule(
    "retry-not-idempotent",
    WARNING,
    "a step is retried and is not idempotent",
    "A failed attempt may have done half of its work, or all of it before its answer was lost. "
    "Trying again is safe only if running twice does no harm. Say so with `idempotent: true`, or "
    "name under `on_exit_codes:` the failures after which nothing was done. Steps labelled "
    "`validation` or `test` and built-in commands that only read are idempotent already.",
    _retry_not_idempotent,
)
POINTLESS_RETRY = Rule(
    "pointless-retry",
    WARNING,
    "a step without a process is retried",
    "`assert` and `set` compute from values that are recorded, so every attempt has the same "
    "result. To wait until something becomes true, use `type: wait` with `until:`.",
    _pointless_retry,
)
