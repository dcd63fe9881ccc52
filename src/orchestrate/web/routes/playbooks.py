"""Playbooks that are there: what they are, their graph, their run form, what they would do."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from orchestrate.access.rights import Scope
from orchestrate.app import App
from orchestrate.intake import compose
from orchestrate.library.checking import Report, check
from orchestrate.library.details import details_json, entry_json, known_of, parameter_json
from orchestrate.library.findings import report_json
from orchestrate.library.listing import list_library, of_category
from orchestrate.library.plans import FALLBACK_ENVIRONMENT
from orchestrate.library.search import search
from orchestrate.playbook.plan import Json, Parameter
from orchestrate.processes.supervising.masking import Masker
from orchestrate.rehearsing.document import to_json as dry_run_json
from orchestrate.rehearsing.failures import find_failures
from orchestrate.rehearsing.simulating import simulate
from orchestrate.rehearsing.workflows import rehearse_workflow
from orchestrate.web.bodies import Require, Where, Wish
from orchestrate.web.identity import Caller, CallerDep
from orchestrate.web.parts import EnginesDep, Name, Object, page
from orchestrate.web.routes.workflows import graph_json
from orchestrate.web.wishes import check_environment, check_name, loaded_for, request_for

router = APIRouter(tags=["playbooks"])
PlaybookName = Annotated[str, Path(max_length=200, description="`/` in it is written `%2F`.")]
_JSON_TYPES = {
    "string": "string",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "list": "array",
    "map": "object",
}


@router.get("/playbooks")
def playbooks(
    caller: CallerDep, engines: EnginesDep, category: Name = None,
    pattern: Annotated[str | None, Query(alias="search", max_length=200)] = None,
) -> Object:  # fmt: skip
    """Every playbook, or those of a category, or those that a search finds."""
    entries = list_library(engines.app.project)
    if category is not None:
        entries = of_category(entries, category)
    entries = [one for one in entries if caller.rights.reach(None, one.name)]
    if pattern is None:
        return page([entry_json(one) for one in entries], None)
    found = search(entries, pattern)
    return page([{**entry_json(one.entry), "score": one.score} for one in found], None)


@router.get("/playbooks/{name:path}/graph")
def graph(
    name: PlaybookName, caller: CallerDep, engines: EnginesDep, environment: Name = None
) -> Object:
    """What follows on what."""
    return graph_json(loaded_for(engines.app, caller, Scope.VIEW, name, environment).plan)


@router.get("/playbooks/{name:path}/form")
def form(
    name: PlaybookName, caller: CallerDep, engines: EnginesDep, environment: Name = None
) -> Object:
    """What a run takes: its parameters, and what the environment gives."""
    loaded = loaded_for(engines.app, caller, Scope.VIEW, name, environment)
    plan, place = loaded.plan, loaded.environment
    declared = {one.name: one for one in plan.parameters}
    secret = {one.name for one in plan.parameters if one.secret}
    given = {n: v for n, v in place.parameters.items() if n in declared and n not in secret}
    return {
        "playbook": plan.name,
        "environment": place.name,
        "protected": place.protected,
        "environments": None if plan.environments is None else list(plan.environments),
        "parameters": [parameter_json(one) for one in plan.parameters],
        "given": given,
        "schema": {
            "type": "object",
            "properties": {one.name: parameter_schema(one) for one in plan.parameters},
            "required": [
                one.name for one in plan.parameters
                if one.required and one.name not in place.parameters
                and one.name != "environment"
            ],
            "additionalProperties": False,
        },
    }  # fmt: skip


@router.post("/playbooks/{name:path}/dry-run")
def dry_run(name: PlaybookName, body: Wish, caller: CallerDep, engines: EnginesDep) -> Object:
    """What a run would do. Nothing is executed, and no workflow is made."""
    app = engines.app
    request = request_for(app, caller, name, body.model_copy(update={"yes": True}))
    new = compose(app, request)
    masker = Masker([secret for secret in new.secret_values.values() if secret])
    shown = dry_run_json(rehearse_workflow(app, new))
    return {name: _masked(value, masker) for name, value in shown.items()}


@router.post("/playbooks/{name:path}/simulation")
def simulation(name: PlaybookName, body: Where, caller: CallerDep, engines: EnginesDep) -> Object:
    """Every way through it, and what goes wrong on one of them."""
    app = engines.app
    return report_json(simulate(app, _checked(app, caller, name, body.environment)))


@router.post("/playbooks/{name:path}/failures")
def failures(name: PlaybookName, body: Require, caller: CallerDep, engines: EnginesDep) -> Object:
    """What comes of each failure, crash and cancel."""
    app = engines.app
    report = _checked(app, caller, name, body.environment)
    return report_json(find_failures(app, report, tuple(body.require), shown=True))


@router.get("/playbooks/{name:path}/findings")
def findings(
    name: PlaybookName, caller: CallerDep, engines: EnginesDep, environment: Name = None
) -> Object:
    """What `validate` finds."""
    return report_json(_checked(engines.app, caller, name, environment))


@router.get("/playbooks/{name:path}")
def playbook(name: PlaybookName, caller: CallerDep, engines: EnginesDep) -> Object:
    """One playbook: what it takes, what it does, what ran, which versions there are."""
    app = engines.app
    with engines.looking() as engine:
        known = known_of(app.project, app.registry(FALLBACK_ENVIRONMENT), engine, check_name(name))
    caller.rights.demand(Scope.VIEW, None, known.entry.name)
    known = known._replace(
        workflows=[
            one for one in known.workflows if caller.rights.reach(one.environment, one.playbook)
        ]
    )
    return details_json(known)


def parameter_schema(parameter: Parameter) -> dict[str, Json]:
    """What a value has to be, as JSON Schema."""
    found: dict[str, Json] = {"type": _JSON_TYPES[parameter.type]}
    if parameter.description:
        found["description"] = parameter.description
    if parameter.choices is not None:
        found["enum"] = list(parameter.choices)
    if parameter.pattern is not None:
        found["pattern"] = f"^(?:{parameter.pattern})$"
    bounds = {"minimum": parameter.minimum, "maximum": parameter.maximum}
    found.update({key: bound for key, bound in bounds.items() if bound is not None})
    if parameter.secret:
        found["writeOnly"] = True
    elif parameter.default is not None:
        found["default"] = parameter.default
    return found


def _checked(app: App, caller: Caller, name: str, environment: str | None) -> Report:
    check_environment(environment)
    report = check(
        app.project, app.registry_in, check_name(name), environment, elsewhere=environment is None
    )
    caller.rights.demand(Scope.VIEW, report.environment.name, report.name)
    return report


def _masked(value: Json, masker: Masker) -> Json:
    """Without secrets, wherever these stand in it."""
    match value:
        case str():
            return masker.mask(value)
        case dict():
            return {name: _masked(inner, masker) for name, inner in value.items()}
        case list() | tuple():
            return [_masked(inner, masker) for inner in value]
        case _:
            return value
