"""Making a schedule, checked as if it ran now; and starting what it would start."""

import time
from collections.abc import Sequence

from orchestrate.app import App
from orchestrate.cli.console import err, out
from orchestrate.cli.formats import dump
from orchestrate.cli.starting import asker, confirm
from orchestrate.errors import UsageError
from orchestrate.intake import Request, compose, load
from orchestrate.playbook.cron import parse_cron, zone_named
from orchestrate.playbook.plan import Json
from orchestrate.triggers.schedules import Schedule
from orchestrate.workflow.program import RunOptions


def create(
    app: App,
    made: Schedule,
    parameters: Sequence[str],
    *,
    replace: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Check everything that could stop a workflow from starting, then keep the schedule."""
    for option, given in (("--playbook", made.playbook), ("--cron", made.cron)):
        if not given:
            raise UsageError(
                f"a schedule needs {option}",
                hint='Such as `orchestrate schedule --playbook NAME --cron "0 2 * * *"`.',
            )
    parse_cron(made.cron)
    zone_named(made.zone)
    made = made._replace(parameters=_checked(app, made, parameters, yes=yes))
    with app.open_schedules() as schedules:
        fresh = schedules.put(made, replace=replace)
        kept = schedules.get(made.name)
        if not fresh and made.enabled and not kept.enabled:
            schedules.enable(made.name, enabled=True, now=made.decided_until)
            kept = schedules.get(made.name)
    _tell(app, kept, fresh=fresh, as_json=as_json)
    return 0


def _checked(app: App, made: Schedule, typed: Sequence[str], *, yes: bool) -> dict[str, Json]:
    """The values that were typed, after everything was looked at that a run looks at."""
    request = Request(made.playbook, typed, made.environment, RunOptions(), yes)
    new = compose(app, request, asker())
    _, values = load(app, request)
    secret = [p.name for p in new.plan.parameters if p.secret and p.name in values]
    if secret:
        raise UsageError(
            f"the parameter {secret[0]} is secret, and a schedule is kept on disk",
            hint="Let the playbook take it from `secrets:`.",
        )
    if app.environment(new.environment).protected and not yes:
        confirm(f"{new.environment} is protected. Have {new.plan.name} run there by itself?")
    return values


def _tell(app: App, kept: Schedule, *, fresh: bool, as_json: bool) -> None:
    from orchestrate.cli.formats import moment
    from orchestrate.outlook.schedules import schedule_json
    from orchestrate.triggers.schedules import coming

    if as_json:
        out.line(dump(schedule_json(kept, time.time())))
    else:
        what = "is scheduled" if fresh else "is scheduled like that already"
        out.line(f"{kept.name} {what}: {kept.playbook} at `{kept.cron}` ({kept.zone})")
        if kept.enabled:
            following = coming(kept, kept.decided_until, 1)
            out.line(f"next: {moment(following[0].at)}" if following else "it never comes again")
        else:
            out.line(f"It is disabled; `orchestrate schedule {kept.name} --enable` enables it.")
    if kept.enabled and not app.is_served():
        err.line("No daemon runs on this project, so nothing starts by itself yet:"
                 " `orchestrate serve` does that.")  # fmt: skip


def run_now(app: App, which: Schedule, *, yes: bool, as_json: bool) -> int:
    """Start what the schedule would start; its slots stay as they are."""
    from orchestrate.cli.run import start

    options = RunOptions(max_parallel=app.project.settings.max_parallel)
    request = Request(which.playbook, (), which.environment, options, yes)
    # The environment's file wins over a schedule, as it does when the clock starts it.
    request = request._replace(beneath=which.parameters)
    return start(app, request, detach=True, as_json=as_json)
