"""Playbooks and workflows as pictures, to be kept or shown elsewhere."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from orchestrate.access.rights import Scope
from orchestrate.library.drawing.figure import Group, draw, held
from orchestrate.library.drawing.writing import written
from orchestrate.playbook.plan import Plan
from orchestrate.web.identity import CallerDep
from orchestrate.web.parts import EnginesDep, Id, Name, StandingsDep, allowed
from orchestrate.web.routes.playbooks import PlaybookName
from orchestrate.web.wishes import loaded_for

router = APIRouter(tags=["playbooks"])
Form = Annotated[Literal["svg", "mermaid", "dot", "terminal"], Query(alias="format")]
_KINDS = {"svg": "image/svg+xml", "mermaid": "text/plain", "dot": "text/vnd.graphviz"}
_ENDINGS = {"svg": "svg", "mermaid": "mmd", "dot": "dot"}


@router.get("/playbooks/{name:path}/picture", response_class=Response)
def of_playbook(
    name: PlaybookName, caller: CallerDep, engines: EnginesDep, environment: Name = None,
    form: Form = "svg",
) -> Response:  # fmt: skip
    """What follows on what, as `graph` draws it: a file."""
    plan = loaded_for(engines.app, caller, Scope.VIEW, name, environment).plan
    return _answer(form, "playbook", _title(plan), draw(plan))


@router.get("/workflows/{id}/picture", response_class=Response)
def of_workflow(
    identity: Id, caller: CallerDep, engines: EnginesDep, standings: StandingsDep,
    form: Form = "svg",
) -> Response:  # fmt: skip
    """The same with the state of each step, as it is now."""
    with engines.looking() as engine:
        allowed(caller, engine, identity)
        _, standing = standings.of(engine, identity)
        with standing.lock:
            plan, groups = standing.tree.plan, standing.tree.drawn()
    return _answer(form, identity, f"{identity} {_title(plan)}", groups)


def _title(plan: Plan) -> str:
    return f"{plan.name} {held(plan)}".rstrip()


def _answer(form: str, file: str, title: str, groups: tuple[Group, ...]) -> Response:
    """A file, never a page of this server: what is drawn was written by others."""
    name = f"{file}.{_ENDINGS.get(form, 'txt')}"
    return Response(
        written(form, title, groups),
        media_type=f"{_KINDS.get(form, 'text/plain')}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
