"""What somebody who resumes should know: what is reused may not be as it was."""

from collections.abc import Container, Iterator, Mapping

from orchestrate.playbook.plan import Json
from orchestrate.workflow import paths
from orchestrate.workflow.program import Program
from orchestrate.workflow.resume_changes import readers_of
from orchestrate.workflow.state import WorkflowView


def rollback_warnings(view: WorkflowView, forgotten: Container[str]) -> Iterator[str]:
    """What ran as `on_failure` of something larger may have undone what is reused inside."""
    owners = dict.fromkeys(
        path[: -len(paths.ON_FAILURE)].rstrip("/")
        for step in view.steps
        for path in paths.ancestors(step)
        if paths.last(path) == paths.ON_FAILURE
    )
    for owner in owners:
        if owner in forgotten:
            continue
        if owner:
            yield (
                f"{owner}/on_failure ran and may have undone steps that are reused; "
                f"--from-step {owner} runs all of it again"
            )
        else:
            yield (
                "the playbook's on_failure ran and may have undone steps that are reused; "
                "--from-step or `rerun` run them again"
            )


def reader_warnings(
    program: Program, view: WorkflowView, parameters: Mapping[str, Json]
) -> Iterator[tuple[str, str]]:
    """Recorded steps that had read a value that is changed now: path and warning."""
    before = program.parameters
    changed = [name for name, value in parameters.items() if before.get(name) != value]
    readers = readers_of(program.plan, changed)
    for path, step in view.steps.items():
        names = readers.get(paths.static(path))
        if names and step.finished:
            yield path, f"{path} was run with the old value of {', '.join(names)}"
