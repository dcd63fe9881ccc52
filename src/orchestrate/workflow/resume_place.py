"""Which step `--from-step` means."""

from orchestrate.errors import NotFoundError, UsageError
from orchestrate.playbook.diagnostics import nearest
from orchestrate.playbook.plan import Plan
from orchestrate.workflow import paths
from orchestrate.workflow.selection import static_paths
from orchestrate.workflow.state import WorkflowView
from orchestrate.workflow.structure import leaves_iteration_open, locate


def find_step(plan: Plan, view: WorkflowView, wanted: str) -> str:
    """The path that is meant by a path or a unique name. Raises UsageError or NotFoundError."""
    located = locate(plan, wanted)
    if located is not None and not leaves_iteration_open(located, wanted):
        return wanted
    recorded = list(view.steps)
    named = [path for path in recorded if paths.last(path) == wanted]
    named += [path for path in recorded if paths.static(path) == wanted and path not in named]
    if not named:
        named = [path for path in static_paths(plan.steps, "") if paths.last(path) == wanted]
    if len(named) == 1:
        return named[0]
    if named:
        raise UsageError(
            f"--from-step {wanted}: {len(named)} steps are meant by that",
            hint=f"give the path of one: {', '.join(named[:5])}",
        )
    known = recorded + list(static_paths(plan.steps, ""))
    near = nearest(wanted, known)
    raise NotFoundError(
        f"--from-step {wanted}: there is no such step",
        hint=f"did you mean `{near}`?" if near else "`status` lists the steps",
    )
