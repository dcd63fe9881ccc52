"""Texts of playbooks: reading, saving, checking one that is not saved; schemas and commands."""

import hashlib
import json
import os
from pathlib import Path as File
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query
from starlette.requests import Request
from starlette.responses import Response

from orchestrate.access.rights import Scope
from orchestrate.app import App
from orchestrate.errors import ConflictError, NotFoundError
from orchestrate.library.catalogue import FOLDER, declared_name, find_playbook
from orchestrate.library.checking import Report, check
from orchestrate.library.details import parameter_json
from orchestrate.library.findings import finding_json, report_json
from orchestrate.library.plans import FALLBACK_ENVIRONMENT
from orchestrate.library.schemas import schema_text
from orchestrate.library.shipped import is_shipped
from orchestrate.library.writing import Writing
from orchestrate.playbook.plan import Json
from orchestrate.playbook.pointing import Paths
from orchestrate.playbook.scoping import path_json, scopes_json
from orchestrate.rehearsing.failures import find_failures
from orchestrate.rehearsing.simulating import simulate
from orchestrate.web.bodies import Text
from orchestrate.web.identity import Caller, CallerDep
from orchestrate.web.noting import held, note_saved
from orchestrate.web.parts import EnginesDep, Name, Object, page
from orchestrate.web.problems import RefusedError, problem
from orchestrate.web.routes.playbooks import PlaybookName
from orchestrate.web.routes.workflows import graph_json
from orchestrate.web.wishes import check_environment, check_name

router = APIRouter(tags=["playbooks"])
Tag = Annotated[str | None, Header(max_length=200)]


@router.get("/playbooks/{name:path}/source", response_class=Response)
def source(name: PlaybookName, caller: CallerDep, engines: EnginesDep) -> Response:
    """The text of its file, with an ETag."""
    file = find_playbook(engines.app.project, check_name(name))
    caller.rights.demand(Scope.VIEW, None, declared_name(file) or file.stem)
    data = file.read_bytes()
    return Response(data, media_type="text/yaml; charset=utf-8", headers={"ETag": _tag(data)})


@router.put("/playbooks/{name:path}/source", response_class=Response)
async def save(
    request: Request, name: PlaybookName, caller: CallerDep, engines: EnginesDep,
    if_match: Tag = None, if_none_match: Tag = None,
    invalid: Annotated[Literal["refuse", "accept"], Query()] = "refuse",
) -> Response:  # fmt: skip
    """Save it, if nobody changed the file meanwhile. What is invalid takes `invalid=accept`."""
    from starlette.concurrency import run_in_threadpool

    data = await request.body()

    def alone() -> Response:
        with engines.saving:  # of two who edited the same text one is refused
            return _save(
                engines.acting(caller), caller, name, data, if_match, if_none_match,
                invalid == "accept",
            )  # fmt: skip

    return await run_in_threadpool(alone)


@router.post("/check")
def check_text(body: Text, caller: CallerDep, engines: EnginesDep) -> Object:
    """What `validate` finds in a text that is not saved, each with the `path` of its node; its
    graph and parameters; and the names that expressions may use at each place.
    """
    report = _of_text(engines.app, caller, body)
    plan, paths = report.plan, _paths(report)
    scopes = report.compilation.scopes.get(report.file)
    return {
        **_report_json(report),
        "graph": None if plan is None else graph_json(plan),
        "parameters": None if plan is None else [parameter_json(one) for one in plan.parameters],
        "scopes": None if scopes is None or paths is None else scopes_json(scopes, paths),
    }


@router.post("/check/simulation")
def simulate_text(body: Text, caller: CallerDep, engines: EnginesDep) -> Object:
    """Every way through a text that is not saved, and what goes wrong on one of them."""
    return _report_json(simulate(engines.app, _of_text(engines.app, caller, body)))


@router.post("/check/failures")
def fail_text(body: Text, caller: CallerDep, engines: EnginesDep) -> Object:
    """What comes of each failure, crash and cancel in a text that is not saved."""
    report = _of_text(engines.app, caller, body)
    return _report_json(find_failures(engines.app, report, (), shown=True))


@router.get("/schemas/{kind}")
def schema(
    kind: Literal["playbook", "environment", "scenario", "settings"], _: CallerDep
) -> Object:
    """The JSON Schema of that kind of file."""
    return json.loads(schema_text(kind))


@router.get("/commands")
def commands(caller: CallerDep, engines: EnginesDep, environment: Name = None) -> Object:
    """Slash commands that can be called, and where each comes from."""
    caller.rights.demand(Scope.VIEW, environment)
    check_environment(environment)
    registry = engines.app.registry(environment or FALLBACK_ENVIRONMENT)
    found: list[Json] = []
    for word in registry.names():
        resolved = registry.resolve((f"/{word}",))
        found.append(
            {"name": f"/{word}", "origin": resolved.origin, "read_only": resolved.read_only}
        )
    return page(found, None)


def _of_text(app: App, caller: Caller, body: Text) -> Report:
    demand_text(caller)
    return _report(app, body.name or "unsaved", body.text.encode(), body.environment)


def _paths(report: Report) -> Paths | None:
    document = report.compilation.documents.get(report.file)
    return None if document is None else Paths(document)


def _report_json(report: Report) -> dict[str, Json]:
    """The report, each finding with the path of its node."""
    paths = _paths(report)
    findings: list[Json] = [
        {**finding_json(one), "path": path_json(paths, one.place)} for one in report.findings
    ]
    return {**report_json(report), "findings": findings}


def demand_text(caller: Caller) -> None:
    """A text may name other files, which are then read: whoever may save one may do that."""
    caller.rights.demand_everywhere(Scope.ADMIN)


def _save(
    app: App, caller: Caller, name: str, data: bytes, if_match: str | None,
    if_none_match: str | None, accept: bool,  # noqa: FBT001 - told once
) -> Response:  # fmt: skip
    demand_text(caller)
    read, file = _files(app, name)
    before, edited = held(file), held(read)
    _check_tags(before if if_match is None else edited, if_match, if_none_match)
    try:
        data.decode()
    except UnicodeDecodeError:
        raise RefusedError(422, "usage", "this is not UTF-8 text") from None
    report = _report(app, name, data, None)
    errors = [one for one in report.findings if one.severity == "error"]
    if errors and not accept:
        return problem(
            422, "invalid-playbook", f"{len(errors)} errors: {errors[0].message}",
            "Mend them, or save it all the same with `invalid=accept`.",
            {"problems": [finding_json(one) for one in report.findings]},
        )  # fmt: skip
    if held(read) != edited:  # in an editor, while the text was checked
        raise _changed()
    try:
        with Writing(app.project.root) as writing:
            writing.prepare(file.relative_to(app.project.root), data, replace=before is not None)
    except FileExistsError:
        raise _changed() from None
    except OSError as error:
        raise ConflictError(
            f"{file.name} cannot be written: {error.strerror}", hint="Look at its owner and mode."
        ) from error
    note_saved(app, str(file.relative_to(app.project.root)), before, data)
    return Response(
        json.dumps({"findings": [finding_json(one) for one in report.findings]}),
        200 if before is not None else 201, {"ETag": _tag(data)}, "application/json",
    )  # fmt: skip


def _check_tags(before: bytes | None, if_match: str | None, if_none_match: str | None) -> None:
    if if_match is None and if_none_match != "*":
        raise RefusedError(
            428, "no-precondition", "this takes `If-Match` with the ETag of what was edited",
            "For a new playbook: `If-None-Match: *`.",
        )  # fmt: skip
    if if_none_match == "*" and before is not None:
        raise _changed("there is a playbook of that name already")
    if if_match is not None and (before is None or if_match != _tag(before)):
        raise _changed()


def _changed(said: str = "the file was changed meanwhile") -> RefusedError:
    return RefusedError(412, "changed", said, "Read it anew, and look at what is different.")


def _files(app: App, name: str) -> tuple[File, File]:
    """What a playbook's text is read from, and where it is saved: they differ for one that comes
    with the program, of which the project gets its own.
    """
    own = app.project.root / FOLDER / f"{check_name(name)}.yaml"
    try:
        read = find_playbook(app.project, name)
    except NotFoundError:
        read = own
    file = own if is_shipped(read) else read
    inside = (app.project.root / FOLDER).resolve()
    if inside not in File(os.path.realpath(file)).parents:
        raise ConflictError(f"{name} lies outside of {FOLDER}/", hint="Edit it where it is.")
    return read, file


def _report(app: App, name: str, data: bytes, environment: str | None) -> Report:
    check_environment(environment)
    return check(
        app.project,
        app.registry_in,
        str(_files(app, name)[1]),
        environment,
        elsewhere=environment is None,
        text=data,
    )


def _tag(data: bytes) -> str:
    return f'"{hashlib.sha256(data).hexdigest()}"'
