"""The library: making playbooks, bringing them from place to place, comparing versions."""

import difflib
from pathlib import PurePosixPath
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from orchestrate.access.rights import Scope
from orchestrate.app import App
from orchestrate.errors import ConflictError, UsageError
from orchestrate.library import creating
from orchestrate.library.bundles import write_bundle
from orchestrate.library.bundling import make_bundle
from orchestrate.library.export import as_json
from orchestrate.library.importing import Import, carry_out, plan_import, plan_shipped
from orchestrate.library.listing import find_entry
from orchestrate.library.plans import FALLBACK_ENVIRONMENT, load_plan, read_source
from orchestrate.library.versions import compare, last_workflows, versions_of
from orchestrate.web.bodies import Force, NewPlaybook
from orchestrate.web.identity import CallerDep, demand
from orchestrate.web.noting import held, note_saved
from orchestrate.web.parts import EnginesDep, Object
from orchestrate.web.routes.playbooks import PlaybookName
from orchestrate.web.wishes import check_name

router = APIRouter(tags=["playbooks"])
Forced = Annotated[bool, Query(description="Whether files that are there are replaced.")]
_KINDS = {
    "yaml": "text/yaml; charset=utf-8",
    "json": "application/json",
    "tar.gz": "application/gzip",
    "zip": "application/zip",
}


@router.post("/playbooks", status_code=201)
def create(body: NewPlaybook, caller: CallerDep, engines: EnginesDep) -> Object:
    """Make a playbook from a template, with its scenarios."""
    demand(caller, Scope.ADMIN)
    app = engines.acting(caller)
    project, name = app.project, creating.check_name(body.name)
    creating.check_free(project, name, force=body.force)
    texts = [
        creating.template_text(body.template, name, body.description, test=test)
        for test in (False, True)
    ]
    made = creating.plan_creation(project, name, body.template, *texts)
    before = held(project.root / made.playbook)
    creating.write_creation(project, made, force=body.force)
    note_saved(app, made.playbook, before, made.files[made.playbook].encode())
    return {"name": name, "files": list(made.files), "added": list(made.added)}


@router.post("/playbooks/{name:path}/copy", status_code=201)
def copy(name: PlaybookName, body: Force, caller: CallerDep, engines: EnginesDep) -> Object:
    """Take a playbook that comes with the program into the project, to be changed there."""
    demand(caller, Scope.ADMIN)
    app = engines.acting(caller)
    return _taken(app, plan_shipped(app.project, check_name(name)), force=body.force)


@router.post("/library/import", status_code=201)
async def take_in(
    request: Request, caller: CallerDep, engines: EnginesDep,
    force: Forced = False,  # noqa: FBT002 - a query has names
) -> Object:  # fmt: skip
    """Take in a playbook or a bundle, the body, once it was found valid: all of it or nothing."""
    data = await request.body()

    def take() -> Object:
        demand(caller, Scope.ADMIN)
        app = engines.acting(caller)
        if not data:
            raise UsageError("there is no body", hint="Send a playbook's text, or a bundle.")
        return _taken(app, plan_import(app.project, "playbook.yaml", data), force=force)

    return await run_in_threadpool(take)


@router.get("/playbooks/{name:path}/export", response_class=Response)
def export(
    name: PlaybookName, caller: CallerDep, engines: EnginesDep,
    form: Annotated[Literal["yaml", "json", "tar.gz", "zip"], Query(alias="format")] = "yaml",
    include: Annotated[list[str] | None, Query(max_length=100)] = None,
) -> Response:  # fmt: skip
    """A playbook as it is, as JSON, or as a bundle with all that it needs (which takes admin)."""
    app = engines.acting(caller)
    entry = find_entry(app.project, check_name(name))
    caller.rights.demand(Scope.VIEW, None, entry.name)
    if form in ("yaml", "json"):
        if include:
            raise UsageError("`include` belongs to a bundle", hint="Ask for tar.gz or zip.")
        data = read_source(entry.file)
        data = as_json(entry.path, data).encode() if form == "json" else data
    else:
        demand(caller, Scope.ADMIN)  # it has scripts and other files of the project in it
        plan = load_plan(app.project, None, str(entry.file)).plan
        registry = app.registry(FALLBACK_ENVIRONMENT)
        data = write_bundle(make_bundle(app.project, registry, entry, plan, include or ()), form)
    file = f"{PurePosixPath(entry.file.name).stem}.{form}".encode("ascii", "replace").decode()
    named = f'attachment; filename="{file.translate(_UNQUOTED)}"'
    return Response(data, media_type=_KINDS[form], headers={"Content-Disposition": named})


@router.get("/playbooks/{name:path}/diff")
def diff(
    name: PlaybookName, caller: CallerDep, engines: EnginesDep,
    one: Annotated[str, Query(alias="a", min_length=1, max_length=200)],
    other: Annotated[str, Query(alias="b", min_length=1, max_length=200)] = "current",
) -> Object:  # fmt: skip
    """What is different between two versions: digests, git revisions, or `current`."""
    project = engines.app.project
    entry = find_entry(project, check_name(name))
    caller.rights.demand(Scope.VIEW, None, entry.name)
    with engines.looking() as engine:
        versions = versions_of(engine, entry, last_workflows(engine, entry))
        before, after, by_text = compare(engine, project, entry, versions, (one, other))
    lines = difflib.unified_diff(before.lines, after.lines, before.label, after.label, lineterm="")
    by = "text" if by_text else "steps"
    return {
        "name": entry.name, "a": before.label, "b": after.label, "by": by, "diff": list(lines)
    }  # fmt: skip


def _taken(app: App, wanted: Import, *, force: bool) -> Object:
    """Write it, unless that would replace what is there."""
    if wanted.conflicts and not force:
        raise ConflictError(
            f"these files are in the project already, and differ: {', '.join(wanted.conflicts)}",
            hint="Nothing was imported. `force` replaces what is there.",
        )
    main = wanted.files[-1]
    before = held(app.project.root / main.path)
    carry_out(app.project, wanted)
    note_saved(app, main.path, before, main.data)
    return wanted.to_json(wanted.warnings(app.registry(FALLBACK_ENVIRONMENT)))


_UNQUOTED = str.maketrans({'"': "_", "\\": "_", "\r": "_", "\n": "_"})
