"""What a workflow's first event fixes, and the program that is read back from it."""

from collections.abc import Mapping
from typing import Any, cast

from orchestrate.playbook.plan import Json, Plan
from orchestrate.workflow.engine import NewWorkflow
from orchestrate.workflow.events import Event
from orchestrate.workflow.program import Program, RunOptions


def priority_of(new: NewWorkflow) -> str:
    """Its own priority, or that of its playbook."""
    return new.priority or new.plan.priority


def overlap_of(new: NewWorkflow) -> str | None:
    """What happens if another one of its group is not over."""
    return None if new.plan.concurrency is None else new.plan.concurrency.overlap


def created(new: NewWorkflow) -> Mapping[str, Json]:
    """The data of `workflow_created`: everything but secrets that fixes what will run."""
    data: dict[str, Json] = {
        "playbook": new.plan.name,
        "plan": new.plan.digest,
        "environment": new.environment,
        "parameters": new.parameters,
        "secret_parameters": sorted(p.name for p in new.plan.parameters if p.secret),
        "variables": new.variables,
        "env": new.env,
        "options": new.options._asdict(),
        "actor": new.actor,
    }
    optional: dict[str, Json] = {
        "version": new.plan.version,
        "idempotency_key": new.idempotency_key,
        "rerun_of": new.rerun_of,
        "traceparent": new.traceparent,
        "priority": priority_of(new),
        "overrides": new.overrides or None,
        "from": new.origin or None,
        "told": {one.integration: one.events for one in new.told} or None,
        "untold": new.untold or None,
    }
    if new.group is not None:
        optional["concurrency"] = {"group": new.group, "overlap": overlap_of(new)}
    if new.git_commit is not None:
        optional["git"] = {"commit": new.git_commit, "dirty": new.git_dirty}
    return data | {key: value for key, value in optional.items() if value is not None}


def program_of(workflow: str, plan: Plan, created: Event) -> Program:
    """The program that a workflow's first event fixed."""
    data = cast("dict[str, Any]", created.data)
    options = dict(data["options"])
    options["only"], options["skip"] = tuple(options["only"]), tuple(options["skip"])
    return Program(
        workflow=workflow,
        plan=plan,
        parameters=data["parameters"],
        environment=data["environment"],
        variables=data["variables"],
        env=data["env"],
        actor=data["actor"],
        options=RunOptions(**options),
    )
