"""Checks beyond one look at one playbook: all of them, repairs, what is needed, scenarios."""

import time
from typing import Annotated

from fastapi import APIRouter, Query

from orchestrate.access.rights import Scope
from orchestrate.errors import NotFoundError
from orchestrate.library.checking import check, check_all
from orchestrate.library.dependencies.reporting import with_dependencies
from orchestrate.library.findings import report_json
from orchestrate.library.repairing import fix_and_check
from orchestrate.library.scenarios import collect
from orchestrate.library.testing.data import run_data
from orchestrate.library.testing.playing import covered, play
from orchestrate.library.testing.results import Results
from orchestrate.library.webhook_paths import with_shared_paths
from orchestrate.web.bodies import Needs, Scenarios, Where
from orchestrate.web.identity import Caller, CallerDep, demand
from orchestrate.web.parts import EnginesDep, Name, Object, page
from orchestrate.web.routes.playbooks import PlaybookName
from orchestrate.web.wishes import check_environment, check_name
from orchestrate.workflow.scenarios.selecting import selects

router = APIRouter(tags=["playbooks"])


@router.get("/findings")
def findings_of_all(caller: CallerDep, engines: EnginesDep, environment: Name = None) -> Object:
    """What `validate --all` finds."""
    check_environment(environment)
    app = engines.app
    found = with_shared_paths(list(check_all(app.project, app.registry_in, environment)))
    rights = caller.rights
    seen = [one for one in found if rights.reach(one.environment.name, one.name)]
    return page([report_json(one) for one in seen], None)


@router.post("/playbooks/{name:path}/repairs")
def repairs(name: PlaybookName, body: Where, caller: CallerDep, engines: EnginesDep) -> Object:
    """What `validate --fix` would repair, and what would remain; writes nothing."""
    check_environment(body.environment)
    app = engines.app
    (report,) = fix_and_check(
        app.project, app.registry_in, [check_name(name)], body.environment,
        elsewhere=body.environment is None, dry_run=True,
    )  # fmt: skip
    _see(caller, report.environment.name, report.name)
    return report_json(report)


@router.post("/playbooks/{name:path}/dependencies")
def dependencies(name: PlaybookName, body: Needs, caller: CallerDep, engines: EnginesDep) -> Object:
    """What it needs of the machine that serves; hosts are asked unless `offline`."""
    caller.rights.demand(Scope.RUN)
    check_environment(body.environment)
    app = engines.acting(caller)
    report = check(
        app.project, app.registry_in, check_name(name), body.environment,
        elsewhere=body.environment is None,
    )  # fmt: skip
    _see(caller, report.environment.name, report.name)
    patience = None if body.offline else body.network_timeout
    registry = app.registry_in(report.environment)
    return report_json(with_dependencies(report, registry, app.env, patience))


@router.get("/scenarios")
def scenarios(
    caller: CallerDep, engines: EnginesDep,
    playbook: Annotated[list[str] | None, Query(max_length=100)] = None,
) -> Object:  # fmt: skip
    """The scenarios of all playbooks, or of some; nothing is played."""
    try:
        found = collect(engines.app.project, [check_name(name) for name in playbook or ()])
    except NotFoundError:
        if playbook:
            raise
        return page([], None)  # nobody has written one yet
    return page(
        [
            {"id": one.id, "scenario": one.name, "file": one.file, "line": one.place.line,
             "playbook": one.playbook}
            for one in found.items
            if caller.rights.reach(None, one.playbook)
        ],
        None,
    )  # fmt: skip


@router.post("/scenarios/play")
def play_scenarios(body: Scenarios, caller: CallerDep, engines: EnginesDep) -> Object:
    """Play them on a virtual clock, as `test --json` does; nothing is executed."""
    project = engines.app.project
    collected = collect(project, [check_name(name) for name in body.playbooks])
    chosen = [
        one for one in collected.items
        if caller.rights.reach(None, one.playbook)
        and (body.pattern is None or selects(body.pattern, one.id))
    ]  # fmt: skip
    if not chosen:
        raise NotFoundError("no scenario fits", hint="`GET /scenarios` lists them.")
    begun = time.monotonic()
    results = play(chosen, lambda _: None, strict=body.strict, stop=body.stop_at_first)
    run = Results(
        results, time.monotonic() - begun, deselected=len(collected.items) - len(chosen),
        not_run=len(chosen) - len(results), coverage=None,
    )  # fmt: skip
    if body.coverage:
        demand(caller, Scope.VIEW)  # it names every playbook
        run = run._replace(coverage=covered(project, collected, results, lambda _: None))
    return run_data(run)


def _see(caller: Caller, environment: str, playbook: str) -> None:
    caller.rights.demand(Scope.VIEW, environment, playbook)
