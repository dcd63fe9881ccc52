"""Rules about what happens when a change fails."""

from collections.abc import Iterator, Sequence

from orchestrate.playbook.linting.calls import changes, checks, deploys
from orchestrate.playbook.linting.model import WARNING, Finding, Rule, Subject
from orchestrate.playbook.linting.reading import names_read
from orchestrate.playbook.linting.walk import Located, descend
from orchestrate.playbook.names import normalise
from orchestrate.playbook.parameters import ENVIRONMENT
from orchestrate.playbook.plan import Step


def _may_run_protected(subject: Subject) -> bool:
    allowed: Sequence[object] | None = subject.plan.environments
    if allowed is None:
        parameters = subject.plan.parameters
        allowed = next((each.choices for each in parameters if each.name == ENVIRONMENT), None)
    return allowed is None or not subject.facts.protected.isdisjoint(map(str, allowed))


def _change_without_on_failure(subject: Subject) -> Iterator[Finding]:
    if subject.plan.on_failure or not _may_run_protected(subject):
        return
    bare = [
        located.step
        for located in subject.steps
        if changes(subject, located.step) and not located.handles and not _handled(located)
    ]
    if bare:
        others = f" ({len(bare)} such steps in all)" if len(bare) > 1 else ""
        yield subject.at(
            bare[0],
            f"this changes something, and nothing runs if it fails{others}",
            "add `on_failure:` to the step or to the playbook: roll back, or tell somebody",
        )


def _handled(located: Located) -> bool:
    return any(each.step.on_failure or each.step.compensate for each in located.around())


def _no_check_after_deployment(subject: Subject) -> Iterator[Finding]:
    for located in subject.steps:
        if deploys(located.step) and not located.handles and not _checked(subject, located):
            yield subject.at(
                located.step,
                "nothing looks whether things are well after this deployment",
                "add a step such as `/monitor health` or `/test run --suite smoke` after it",
            )
            return


def _checked(subject: Subject, located: Located) -> bool:
    later: list[tuple[Step, ...]] = [subject.plan.on_success, subject.plan.always]
    for each in located.around():
        later += [each.following, each.step.on_success, each.step.always]
    return any(checks(step) for steps in later for step in descend(steps))


def _tolerated_change(subject: Subject) -> Iterator[Finding]:
    read: frozenset[str] | None = None
    for located in subject.steps:
        step = located.step
        tolerated = step.continue_on_error and changes(subject, step)
        if not tolerated or located.handles or not located.following:
            continue
        read = names_read(subject.plan) if read is None else read
        if step.name is None or normalise(step.name) not in read:
            yield subject.at_key(
                step,
                "continue_on_error",
                "this change may fail, and everything after it runs all the same",
                "let a `when:` or `condition:` after it read its `success`, or let it fail",
            )


CHANGE_WITHOUT_ON_FAILURE = Rule(
    "change-without-on-failure",
    WARNING,
    "a change in production has no `on_failure`",
    "A playbook that may run in production (its `environments:` do not exclude it) changes "
    "something, and if that fails nothing is rolled back and nobody is told. Changes are steps "
    "with a label such as `deployment` or `migration`, and commands whose verb says so: `deploy`, "
    "`scale`, `switch`, `restart`, `restore` and the like. `on_failure:` on the step, on a step "
    "around it or on the playbook satisfies the rule, and so does a `compensate:`.",
    _change_without_on_failure,
)
NO_CHECK_AFTER_DEPLOYMENT = Rule(
    "no-check-after-deployment",
    WARNING,
    "nothing is checked after a deployment",
    "A deployment command that ends with 0 has only said that it did its work, not that the new "
    "version answers. Some later step should look: one labelled `validation` or `test`, "
    "`/monitor`, `/test`, an `assert`, a `wait` for a condition, or a command that is about health "
    "by its words. Steps of sub-playbooks, `on_success:` and `finally:` count.",
    _no_check_after_deployment,
)
TOLERATED_CHANGE = Rule(
    "tolerated-change",
    WARNING,
    "a change may fail and nothing takes notice",
    "`continue_on_error: true` on a change lets the playbook go on after its failure. That is "
    "right where a later step reads the result (`when: ${deploy.success}`); without one the rest "
    "runs on top of a change that did not happen.",
    _tolerated_change,
)
