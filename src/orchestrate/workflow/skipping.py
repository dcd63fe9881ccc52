"""What a step that did not run looks like to expressions: skipped, and so is all inside it."""

from collections.abc import Sequence

from orchestrate.playbook.plan import Conditional, ForEach, Parallel, Step, Transaction
from orchestrate.workflow.frames import normalise
from orchestrate.workflow.results import SKIPPED, Result, Shown


def skipped(step: Step) -> Result:
    """The result of a step that was skipped or never reached."""
    match step.action:
        case Parallel(branches=branches):
            inside: dict[str, Shown] = {
                normalise(branch.name): SKIPPED._replace(children=skipped_names(branch.steps))
                for branch in branches
                if branch.name
            }
            return SKIPPED._replace(children=inside)
        case Conditional(then=then, otherwise=otherwise):
            return SKIPPED._replace(children=skipped_names((*then, *otherwise)))
        case Transaction(steps=steps):
            return SKIPPED._replace(children=skipped_names(steps))
        case ForEach():
            return SKIPPED._replace(children={"results": []})
        case _:
            return SKIPPED


def skipped_names(steps: Sequence[Step]) -> dict[str, Shown]:
    """The named ones of `steps`, all of which did not run."""
    return {normalise(step.name): skipped(step) for step in steps if step.name}
