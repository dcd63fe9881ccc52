"""`orchestrate approve`: answer what a workflow asks, or list what waits for an answer."""

from collections.abc import Mapping, Sequence

import click

from orchestrate.app import App, open_app
from orchestrate.cli.console import err, out
from orchestrate.cli.formats import dump, duration, moment
from orchestrate.cli.options import json_option, workflow_named
from orchestrate.cli.selection import CURRENT, known, open_workflows, select
from orchestrate.errors import ConflictError, NotFoundError, UsageError
from orchestrate.launching.identity import current_approver
from orchestrate.playbook.parameters import check_supplied
from orchestrate.playbook.plan import Json
from orchestrate.workflow import paths
from orchestrate.workflow.approval_views import ApprovalView
from orchestrate.workflow.approvals import Answer, no_longer_waits
from orchestrate.workflow.engine import Engine, Summary


@click.command()
@workflow_named(required=False)
@click.option("--step", metavar="STEP", help="Which approval, if several wait.")
@click.option("--input", "inputs", multiple=True, metavar="KEY=VALUE",
              help="The value of an input; repeatable.")  # fmt: skip
@click.option("--comment", default="", metavar="TEXT", help="Kept with the approval.")
@click.option("--reject", is_flag=True, help="Say no: the step fails.")
@click.option("--reason", default="", metavar="TEXT", help="Why it is rejected.")
@click.option("--run", "run_here", is_flag=True,
              help="If nobody runs the workflow, go on with it here.")  # fmt: skip
@click.option("--list", "list_only", is_flag=True, help="Only list what waits for approval.")
@json_option
def approve(
    *,
    workflow: str | None,
    step: str | None,
    inputs: tuple[str, ...],
    comment: str,
    reject: bool,
    reason: str,
    run_here: bool,
    list_only: bool,
    as_json: bool,
) -> int:
    """Approve what a workflow asks (without ID: the only one that asks)."""
    answer = Answer(_read(inputs), reason if reject else comment, reject)
    if list_only and (answer != Answer() or comment or reason or step or run_here):
        raise UsageError("--list answers nothing", hint="Leave the other options out.")
    _check(reject=reject, reason=reason, comment=comment, inputs=inputs)
    app = open_app()
    if run_here:
        app.stays = (err if as_json else out).is_terminal()
    with app.open_workflows() as engine:
        if list_only:
            _list(engine, workflow, as_json=as_json)
            return 0
        identity = select(engine, workflow or CURRENT, "approve", lambda w: _asks(engine, w))
        approval = _chosen(engine, identity, step)
        if not reject:
            answer = answer._replace(inputs=_complete(approval, answer.inputs))
        is_run = engine.answer(identity, approval.path, answer, current_approver())
        stream = err if as_json else out
        stream.line(f"{identity} {approval.path}: {approval.request.message}")
        stream.line(_said(engine, identity, approval.path))
        if not is_run and _is_decided(engine, identity, approval.path):
            if app.is_served():
                stream.line("the daemon goes on with it")
            elif run_here:
                return _run(app, engine, identity, as_json=as_json)
            else:
                stream.line(f"nobody runs it; go on: orchestrate resume --workflow {identity}")
        if as_json:
            from orchestrate.workflow.standing import workflow_json

            out.line(dump(workflow_json(engine, identity)))
    return 0


def _read(inputs: Sequence[str]) -> dict[str, Json]:
    values: dict[str, Json] = {}
    for text in inputs:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise UsageError(
                f"`{text}` is not name=value", hint='Write --input "window=night", once for each.'
            )
        values[name.strip()] = value
    check_supplied(values)
    return values


def _check(*, reject: bool, reason: str, comment: str, inputs: Sequence[str]) -> None:
    if reject and (inputs or comment):
        raise UsageError(
            "--reject says no: it has no inputs and no comment", hint="Say why with --reason."
        )
    if reason and not reject:
        raise UsageError(
            "--reason belongs to --reject", hint="Say something with an approval by --comment."
        )


def _asks(engine: Engine, which: Summary) -> bool:
    return any(approval.open for approval in engine.approvals(which.id))


def _chosen(engine: Engine, workflow: str, step: str | None) -> ApprovalView:
    """The approval that is meant."""
    every = engine.approvals(workflow)
    waiting = [approval for approval in every if approval.open]
    if step is not None:
        named = [a for a in every if step in (a.path, paths.static(a.path), paths.last(a.path))]
        exact = [a for a in named if a.path == step]
        found = exact or [a for a in named if a.open] or named[-1:]
        if not found:
            asked = ", ".join(a.path for a in waiting) or "nothing"
            raise NotFoundError(
                f"{workflow} has asked for no approval at {step}", hint=f"Waiting: {asked}."
            )
    elif waiting:
        found = waiting
    elif every:
        raise no_longer_waits(every[-1].path, every[-1].happened)
    else:
        raise ConflictError(
            f"{workflow} does not wait for approval",
            hint="`orchestrate approve --list` shows what waits.",
        )
    if len(found) > 1:
        lines = [f"  {a.path}: {a.request.message}" for a in found[:20]]
        raise ConflictError(
            f"{len(found)} approvals of {workflow} wait",
            hint="\n".join(["Name one of them with --step:", *lines]),
        )
    return found[0]


def _complete(approval: ApprovalView, given: Mapping[str, Json]) -> Mapping[str, Json]:
    """The inputs, those that are missing asked for if somebody can be."""
    from orchestrate.cli.starting import ask, can_ask

    if not approval.open or not can_ask():
        return given
    asked = {one.name: ask(one) for one in approval.request.missing(given)}
    return {**given, **asked}


def _find(engine: Engine, workflow: str, path: str) -> ApprovalView:
    return next(one for one in engine.approvals(workflow) if one.path == path)


def _is_decided(engine: Engine, workflow: str, path: str) -> bool:
    return not _find(engine, workflow, path).open


def _said(engine: Engine, workflow: str, path: str) -> str:
    approval = _find(engine, workflow, path)
    last = approval.given[-1]
    if last.rejected:
        return f"rejected by {last.actor}"
    count, wanted = len(approval.given), approval.request.minimum
    of = f" ({count} of {wanted})" if wanted > 1 else ""
    return f"approved by {last.actor}{of}"


def _run(app: App, engine: Engine, workflow: str, *, as_json: bool) -> int:
    from orchestrate.cli.resume import go_on
    from orchestrate.cli.starting import resume_values
    from orchestrate.launching.identity import current_actor
    from orchestrate.workflow.engine import ResumeOptions

    plan = engine.plan(workflow)
    _, secret_values = resume_values(app, plan, engine.get(workflow), ())
    options = ResumeOptions(secret_values=secret_values, unless_ended=True, actor=current_actor())
    return go_on(app, engine, workflow, options, plan, detach=False, as_json=as_json)


def _list(engine: Engine, workflow: str | None, *, as_json: bool) -> None:
    """What waits, oldest first."""
    which = open_workflows(engine)
    if workflow is not None and workflow != CURRENT:
        which = [engine.get(known(engine, workflow))]
    found = [
        (summary, approval)
        for summary in which
        for approval in engine.approvals(summary.id)
        if approval.open
    ]
    found.sort(key=lambda each: each[1].asked_at)
    if as_json:
        listed = [
            {
                "workflow": summary.id,
                "playbook": summary.playbook,
                "environment": summary.environment,
                **approval.to_json(),
            }
            for summary, approval in found
        ]
        out.line(dump(listed))
        return
    if not found:
        out.line("nothing waits for approval")
    for summary, approval in found:
        for line in _portrait(summary, approval):
            out.line(line)


def _portrait(summary: Summary, approval: ApprovalView) -> list[str]:
    request = approval.request
    head = f"{summary.id} {approval.path}  {summary.playbook} in {summary.environment}"
    facts = [f"asked {moment(approval.asked_at)}"]
    if approval.deadline is not None:
        facts.append(f"until {moment(approval.deadline)}, then {request.on_timeout}")
    elif approval.left is not None:
        facts.append(f"{duration(approval.left)} left, paused")
    if request.approvers is not None:
        facts.append(f"of {', '.join(request.approvers)}")
    if request.minimum > 1:
        facts.append(f"{len(approval.given)} of {request.minimum} approved")
    lines = [head, f"  {request.message}", f"  {'  '.join(facts)}"]
    for one in request.inputs:
        needed = "required" if one.required else f"default {dump(one.default)}"
        about = f": {one.description}" if one.description else ""
        lines.append(f"  input {one.name} ({one.type}, {needed}){about}")
    return lines
