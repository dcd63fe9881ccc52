"""What `orchestrate doctor` looks at where workflows run on a cluster."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestrate.app import App
from orchestrate.errors import OrchestrateError

if TYPE_CHECKING:
    from orchestrate.cluster.health import Health
    from orchestrate.cluster.roster.fitting import Needs

Found = tuple[str, str, str, str]
"""Level, subject, message and hint: see `checkup.Finding`."""


def check_cluster(app: App) -> Iterator[Found]:
    """The server, and whether somebody works for it who fits the project."""
    configured = app.project.settings.cluster
    assert configured is not None
    try:
        from orchestrate.cluster.health import look

        health = look(app.project, configured, app.env, _needs(app))
    except OrchestrateError as error:
        yield "bad", "cluster", error.message, error.hint or ""
        return
    where = f"{configured.address}, namespace {configured.namespace}"
    yield "good", "cluster", f"Temporal {health.server} at {where}", ""
    yield from _who_works(health, configured.pool)
    for subject, warned in (
        ("server", health.shortcomings),
        ("fitness", health.misfits),
        ("versions", health.warnings),
        ("settings", health.differing),
    ):
        for message, hint in warned:
            yield "warn", subject, message, hint


def _who_works(health: "Health", pool: str) -> Iterator[Found]:
    for subject, workers, what in (
        ("workers", health.hosts, "workflows wait"),
        (f"pool {pool}", health.pool, "steps that name no pool wait"),
    ):
        if workers:
            yield "good", subject, ", ".join(workers), ""
        else:
            hint = "Start `orchestrate worker` on a machine that has this project."
            yield "warn", subject, f"nobody there: {what}", hint


def _needs(app: App) -> "Needs":
    """What the project's playbooks ask of workers; one that is wrong asks for nothing."""
    from orchestrate.cluster.roster.fitting import Needs
    from orchestrate.library.catalogue import playbook_files
    from orchestrate.library.plans import load_plan
    from orchestrate.playbook.linting.walk import walk

    pools: dict[str, str] = {}
    served = ""
    for file in playbook_files(app.project):
        try:
            plan = load_plan(app.project, None, str(file), use_cache=False).plan
        except OrchestrateError:
            continue  # `validate` says what is wrong
        for located in walk(plan):
            if isinstance(located.step.pool, str):
                pools.setdefault(located.step.pool, plan.name)
        if plan.triggers or plan.integrations:
            served = served or f"{'triggers' if plan.triggers else 'integrations'} of {plan.name}"
    return Needs(pools, served)
