"""What is done to workflows: start, pause, resume, cancel, complete, rerun, approve."""

import grp
import os
import pwd
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Response

from orchestrate.access.credentials import Kind
from orchestrate.access.rights import Scope
from orchestrate.app import App
from orchestrate.errors import ConflictError, NotFoundError, UsageError
from orchestrate.intake import Request, edited_plan, values_to_resume
from orchestrate.web.bodies import Because, Complete, Decision, Pause, Rerun, Resume, Run
from orchestrate.web.engines import Engines
from orchestrate.web.identity import Caller, CallerDep
from orchestrate.web.parts import EnginesDep, Id, Object, StandingsDep, allowed
from orchestrate.web.repeating import Asked, repeated
from orchestrate.web.routes.workflows import workflow_json
from orchestrate.web.standings import Standings
from orchestrate.web.wishes import (
    Begun,
    admitted,
    begin,
    check_confirmed,
    environment_of,
    request_for,
)
from orchestrate.workflow.approvals import Answer, Approver
from orchestrate.workflow.engine import Engine, ResumeOptions, ResumePlan
from orchestrate.workflow.standing import options_of
from orchestrate.workflow.transitions import FINAL

router = APIRouter(tags=["workflows"])
Key = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200)]


@router.post("/workflows", status_code=201)
def run(
    body: Run, response: Response, caller: CallerDep, engines: EnginesDep,
    standings: StandingsDep, key: Key = None,
) -> Object:  # fmt: skip
    """Start a workflow; with `Idempotency-Key` at most one for that key."""
    asked = Asked(body.playbook, environment_of(body), body.parameters)
    if (earlier := repeated(engines, caller, key, asked)) is not None:
        return _begun(engines, standings, caller, Begun(earlier, fresh=False), response)
    request = request_for(engines.app, caller, body.playbook, body)
    return _begin(engines, standings, caller, request, response, key)


@router.post("/workflows/{id}/rerun", status_code=201)
def rerun(
    identity: Id, body: Rerun, response: Response, caller: CallerDep, engines: EnginesDep,
    standings: StandingsDep, key: Key = None,
) -> Object:  # fmt: skip
    """Start one like an earlier one, with the playbook as its file is now."""
    app = engines.app
    with engines.looking() as engine:
        which = allowed(caller, engine, identity, Scope.RUN)
        source, options = engine.plan(identity).sources[0], options_of(engine, identity)
    earlier = {name: value for name, value in which.parameters.items() if name != "environment"}
    values = {**earlier, **body.parameters}
    asked = Asked(source.path, which.environment, values)
    if (made := repeated(engines, caller, key, asked)) is not None:
        return _begun(engines, standings, caller, Begun(made, fresh=False), response)
    file = app.project.root / source.path
    if not file.is_file():
        raise NotFoundError(
            f"the playbook of {identity} is gone: {source.path}",
            hint="Restore the file, or run another playbook.",
        )
    check_confirmed(app, which.environment, which.playbook, yes=body.yes)
    request = Request(
        str(Path(file)), (), which.environment, options, body.yes,
        earlier=values, rerun_of=identity,
    )  # fmt: skip
    request = admitted(request, caller, body)
    return _begin(engines, standings, caller, request, response, key)


class Target:
    """A workflow that something is to be done to, and who wants it."""

    def __init__(
        self, identity: Id, caller: CallerDep, engines: EnginesDep, standings: StandingsDep
    ) -> None:
        self.identity = identity
        self.caller = caller
        self.engines = engines
        self._standings = standings

    def acting(self, scope: Scope) -> App:
        """The project on behalf of whoever asks, if that may do this to the workflow."""
        with self.engines.looking() as engine:
            allowed(self.caller, engine, self.identity, scope)
        return self.engines.acting(self.caller)

    def now(self) -> Object:
        """The workflow as it stands."""
        return _now(self.engines, self._standings, self.caller, self.identity)

    def let(self, scope: Scope, do: Callable[[Engine, str], object]) -> Object:
        """Have something done by an engine on behalf of whoever asks: `do` gets it, and the actor.
        The workflow as it then stands.
        """
        app = self.acting(scope)
        with app.open_workflows() as engine:
            do(engine, app.author.actor)
        return self.now()


TargetDep = Annotated[Target, Depends()]


@router.post("/workflows/{id}/pause", status_code=202)
def pause(body: Pause, target: TargetDep) -> Object:
    """Start no more steps; those that run finish, or are stopped (`now`)."""
    app = target.acting(Scope.RUN)
    with app.open_workflows() as engine:
        taken = engine.pause(
            target.identity, actor=app.author.actor, reason=body.reason, now=body.now,
            checkpoint=body.checkpoint, resume_after=body.timeout,
        )  # fmt: skip
    return {**target.now(), "checkpoint": taken}


@router.post("/workflows/{id}/cancel", status_code=202)
def cancel(body: Because, target: TargetDep) -> Object:
    """Stop it: compensations and `finally` still run; a second time these are stopped, too."""

    def do(engine: Engine, actor: str) -> None:
        engine.cancel(target.identity, actor=actor, reason=body.reason)

    return target.let(Scope.RUN, do)


@router.post("/workflows/{id}/complete", status_code=202)
def complete(body: Complete, target: TargetDep) -> Object:
    """End it by decision."""

    def do(engine: Engine, actor: str) -> None:
        engine.complete(target.identity, actor=actor, force=body.force, reason=body.reason)

    return target.let(Scope.ADMIN, do)


@router.post("/workflows/{id}/resume-plan")
def resume_plan(body: Resume, target: TargetDep) -> Object:
    """What a resume would do; changes nothing."""
    planned = _planned(target.acting(Scope.RUN), target, body)[0]
    return {
        **planned._asdict(),
        "lines": [line._asdict() for line in planned.lines],
        "warnings": list(planned.warnings),
    }


@router.post("/workflows/{id}/resume", status_code=202)
def resume(body: Resume, target: TargetDep) -> Object:
    """Continue it."""
    app = target.acting(Scope.RUN)
    planned, options = _planned(app, target, body)
    if planned.needs_yes and not options.jump:
        raise ConflictError(
            "steps that never ran would be jumped over",
            hint="Confirm it with `yes: true`, or choose an earlier step.",
        )
    target.engines.desk.resume(app, target.identity, options)
    return target.now()


@router.post("/workflows/{id}/approvals", status_code=202)
def answer(body: Decision, target: TargetDep) -> Object:
    """Approve or reject what a step asks."""
    rejects = body.decision == "reject"
    if rejects and (body.inputs or body.comment):
        raise UsageError("a rejection has no inputs and no comment", hint="Say why in `reason`.")
    if body.reason and not rejects:
        raise UsageError("a reason belongs to a rejection", hint="Write it as `comment`.")
    given = Answer(body.inputs, body.reason if rejects else body.comment, rejects)

    def do(engine: Engine, _: str) -> None:
        if all(one.path != body.path for one in engine.approvals(target.identity)):
            raise NotFoundError(
                f"{target.identity} has asked for no approval at {body.path}",
                hint="`GET /approvals` lists what waits.",
            )
        engine.answer(target.identity, body.path, given, _approver(target.caller))

    return target.let(Scope.APPROVE, do)


def _begin(
    engines: Engines, standings: Standings, caller: Caller, request: Request, response: Response,
    key: str | None,
) -> Object:  # fmt: skip
    begun = begin(engines, caller, request, key)
    with engines.looking() as engine:
        allowed(caller, engine, begun.workflow)
    return _begun(engines, standings, caller, begun, response)


def _begun(
    engines: Engines, standings: Standings, caller: Caller, begun: Begun, response: Response
) -> Object:
    response.headers["Location"] = f"/api/v1/workflows/{begun.workflow}"
    if not begun.fresh:
        response.status_code = 200
    return _now(engines, standings, caller, begun.workflow)


def _now(engines: Engines, standings: Standings, caller: Caller, identity: str) -> Object:
    with engines.looking() as engine:
        return workflow_json(engine, standings, identity, caller.rights)


def _planned(app: App, target: Target, body: Resume) -> tuple[ResumePlan, ResumeOptions]:
    with target.engines.looking() as engine:
        options = _options(app, engine, target.identity, body)
        return engine.plan_resume(target.identity, options), options


def _options(app: App, engine: Engine, identity: str, body: Resume) -> ResumeOptions:
    plan, which = engine.plan(identity), engine.get(identity)
    changed = None
    if body.playbook_changes == "use":
        changed = edited_plan(app, plan, which.environment)
    typed, secrets = values_to_resume(app, changed or plan, which, body.parameters, None)
    return ResumeOptions(
        from_step=body.from_step, checkpoint=body.checkpoint, skip_failed=body.skip_failed,
        parameters=typed, secret_values=secrets, unknown=body.unknown,
        compensation=body.compensation, changed_plan=changed, jump=body.yes,
        unless_ended=which.state not in FINAL, actor=app.author.actor,
    )  # fmt: skip


def _approver(caller: Caller) -> Approver:
    """Whoever answers. Groups are those of the user who signed in with a link of their own."""
    credential = caller.credential
    groups: set[str] = set()
    if credential.kind is Kind.SESSION and credential.parent is None:
        with suppress(KeyError):
            user = pwd.getpwnam(credential.name)
            for number in os.getgrouplist(user.pw_name, user.pw_gid):
                with suppress(KeyError):  # it has no name
                    groups.add(grp.getgrgid(number).gr_name)
    return Approver(credential.name, frozenset(groups))
