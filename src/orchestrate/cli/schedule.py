"""`orchestrate schedule`: playbooks that are started by the clock."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from orchestrate.app import App, open_app
from orchestrate.cli.console import out
from orchestrate.cli.formats import dump, moment
from orchestrate.cli.options import json_option, parameters_option, yes_option
from orchestrate.errors import UsageError
from orchestrate.launching.identity import current_actor
from orchestrate.outlook.schedules import decided_json, schedule_json, slot_json
from orchestrate.project.zone import local_zone
from orchestrate.triggers.schedules import CatchUp, Decided, Overlap, Schedule
from orchestrate.triggers.slots import Dst, Slot

if TYPE_CHECKING:
    from orchestrate.playbook.plan import Json

_HISTORY = 10
_CHANGES = ("enable", "disable", "remove", "run_now")


class _Seconds(click.ParamType[float]):
    name = "duration"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Seconds of `90`, `5m`, `1h`."""
        from orchestrate.playbook.durations import parse_duration

        try:
            return float(value) if isinstance(value, float | int) else parse_duration(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.command()
@click.argument("known", metavar="[NAME]", required=False)
@click.option("--playbook", metavar="NAME", help="The playbook to start.")
@click.option("--cron", metavar="EXPRESSION", help="When: five fields, in quotes, or `@daily`.")
@click.option("--name", metavar="NAME", help="The schedule's name; by default the playbook's.")
@parameters_option
@click.option("--environment", metavar="NAME", help="Where the playbook runs.")
@click.option("--enabled", is_flag=True, help="Enable it at once.")
@click.option("--time-zone", "zone", metavar="ZONE",
              help="Such as Europe/Berlin; by default that of this machine.")  # fmt: skip
@click.option("--dst", type=click.Choice([str(d) for d in Dst]), default=str(Dst.RUN_ONCE),
              show_default=True,
              help="For times that a change of the clock leaves out or brings twice.")  # fmt: skip
@click.option("--catch-up", type=click.Choice([str(c) for c in CatchUp]),
              default=str(CatchUp.LATEST), show_default=True,
              help="Which missed slots are made up for.")  # fmt: skip
@click.option("--overlap", type=click.Choice([str(o) for o in Overlap]),
              default=str(Overlap.SKIP), show_default=True,
              help="If the workflow before it is not over.")  # fmt: skip
@click.option("--jitter", type=_Seconds(), default=0.0, metavar="DURATION",
              help="Put each slot off by its own share of this time.")  # fmt: skip
@click.option("--replace", is_flag=True, help="Change the schedule of that name.")
@click.option("--list", "list_all", is_flag=True, help="List all schedules.")
@click.option("--enable", is_flag=True, help="Enable schedule NAME.")
@click.option("--disable", is_flag=True, help="Disable schedule NAME.")
@click.option("--remove", is_flag=True, help="Remove schedule NAME; its workflows stay.")
@click.option("--run-now", is_flag=True, help="Start what NAME would start, now, in between.")
@click.option("--preview", type=click.IntRange(1, 1000), metavar="N",
              help="Show the next N slots of NAME, or of --cron, and change nothing.")  # fmt: skip
@yes_option
@json_option
def schedule(
    *,
    known: str | None,
    playbook: str | None,
    cron: str | None,
    name: str | None,
    parameters: tuple[str, ...],
    environment: str | None,
    enabled: bool,
    zone: str | None,
    dst: str,
    catch_up: str,
    overlap: str,
    jitter: float,
    replace: bool,
    list_all: bool,
    enable: bool,
    disable: bool,
    remove: bool,
    run_now: bool,
    preview: int | None,
    yes: bool,
    as_json: bool,
) -> int:
    """Have a playbook started by the clock; without options: list what is.

    A schedule is created disabled unless you say --enabled. `orchestrate serve` starts what is due.
    """
    wanted = {"enable": enable, "disable": disable, "remove": remove, "run_now": run_now}
    named = _the_one(known, name)
    app = open_app()
    if playbook is None and cron is not None and preview is not None and named is None:
        return _preview_cron(cron, zone, Dst(dst), preview, as_json=as_json)
    if playbook is not None or cron is not None:
        if any(wanted.values()) or list_all:
            raise _several()
        made = Schedule(
            named or playbook or "", playbook or "", cron or "", zone or local_zone(),
            environment, {}, current_actor(), Dst(dst), CatchUp(catch_up), Overlap(overlap),
            jitter, enabled=enabled, decided_until=time.time(),
        )  # fmt: skip
        from orchestrate.cli.scheduling import create

        if preview is not None:
            return _preview(made, preview, as_json=as_json)
        return create(app, made, parameters, replace=replace, yes=yes, as_json=as_json)
    asked = [change for change in _CHANGES if wanted[change]]
    if len(asked) + list_all + (preview is not None) > 1:
        raise _several()
    change = asked[0] if asked else None
    return _look_or_change(app, named, change, preview, yes=yes, as_json=as_json)


def _look_or_change(
    app: App,
    named: str | None,
    change: str | None,
    preview: int | None,
    *,
    yes: bool,
    as_json: bool,
) -> int:
    """What is asked of schedules that there are."""
    if named is None and (change is not None or preview is not None):
        option = (change or "preview 5").replace("_", "-")
        raise UsageError(
            "name a schedule" if change else "name a schedule, or give --cron",
            hint=f"Such as `orchestrate schedule NAME --{option}`; --list lists.",
        )
    if named is None:
        return _list(app, as_json=as_json)
    if preview is not None:
        return _preview(_get(app, named), preview, as_json=as_json)
    if change is not None:
        return _change(app, named, change, yes=yes, as_json=as_json)
    return _show(app, named, as_json=as_json)


def _the_one(known: str | None, name: str | None) -> str | None:
    if known is not None and name is not None and known != name:
        raise UsageError(f"{known} and --name {name} are two names", hint="Give one of them.")
    return known or name


def _several() -> UsageError:
    return UsageError(
        "that asks for several things at once",
        hint="Create, --list, --enable, --disable, --remove, --run-now and --preview go alone.",
    )


def _get(app: App, name: str) -> Schedule:
    with app.open_schedules() as schedules:
        return schedules.get(name)


def _change(app: App, name: str, change: str, *, yes: bool, as_json: bool) -> int:
    if change == "run_now":
        from orchestrate.cli.scheduling import run_now

        return run_now(app, _get(app, name), yes=yes, as_json=as_json)
    with app.open_schedules() as schedules:
        if change == "remove":
            schedules.remove(name)
            shown = None
        else:
            schedules.enable(name, enabled=change == "enable", now=time.time())
            shown = schedules.get(name)
    if as_json:
        out.line(
            dump(
                {"name": name, "removed": True}
                if shown is None
                else schedule_json(shown, time.time())
            )
        )
    elif shown is None:
        out.line(f"{name} is removed; its workflows stay")
    elif shown.enabled:
        out.line(f"{name} is enabled; next: {_next(shown)}")
    else:
        out.line(f"{name} is disabled")
    return 0


def _list(app: App, *, as_json: bool) -> int:
    with app.open_schedules() as schedules:
        found = schedules.all()
        last = {which.name: schedules.history(which.name, 1) for which in found}
    if as_json:
        out.line(dump([schedule_json(which, time.time()) for which in found]))
        return 0
    if not found:
        out.line('nothing is scheduled; `orchestrate schedule --playbook NAME --cron "0 2 * * *"`')
        return 0
    from orchestrate.cli.table import write_table

    rows = [
        (
            which.name,
            "enabled" if which.enabled else "disabled",
            which.playbook,
            which.cron,
            which.zone,
            _next(which) if which.enabled else "-",
            _last(last[which.name]),
        )
        for which in found
    ]
    write_table(out, ("NAME", "STATE", "PLAYBOOK", "CRON", "ZONE", "NEXT", "LAST"), rows)
    return 0


def _next(which: Schedule) -> str:
    from orchestrate.triggers.schedules import coming

    found = coming(which, max(time.time(), which.decided_until), 1)
    return moment(found[0].at) if found else "never"


def _last(history: Sequence[Decided]) -> str:
    return (history[0].workflow or history[0].outcome) if history else "-"


def _show(app: App, name: str, *, as_json: bool) -> int:
    with app.open_schedules() as schedules:
        which = schedules.get(name)
        history = schedules.history(name, _HISTORY)
    if as_json:
        decided: list[Json] = [decided_json(entry) for entry in history]
        out.line(dump({**schedule_json(which, time.time()), "history": decided}))
        return 0
    out.line(f"{which.name}: {which.playbook} at `{which.cron}` ({which.zone}), "
             + ("enabled" if which.enabled else "disabled"))  # fmt: skip
    for label, value in (
        ("environment", which.environment),
        ("parameters", ", ".join(f"{k}={v}" for k, v in which.parameters.items())),
        ("next", _next(which) if which.enabled else None),
        ("policies", f"dst {which.dst}, catch-up {which.catch_up}, overlap {which.overlap}"),
        ("jitter", f"{which.jitter:g} s" if which.jitter else None),
        ("made by", which.declared_in or which.actor),
    ):
        if value:
            out.line(f"  {label:<12}{value}")
    for entry in history:
        reason = f" ({entry.reason})" if entry.reason else ""
        out.line(f"  {entry.slot}  {entry.outcome} {entry.workflow or ''}".rstrip() + reason)
    return 0


def _preview_cron(cron: str, zone: str | None, dst: Dst, count: int, *, as_json: bool) -> int:
    which = Schedule("", "", cron, zone or local_zone(), None, {}, "", dst)
    return _preview(which, count, as_json=as_json)


def _preview(which: Schedule, count: int, *, as_json: bool) -> int:
    from orchestrate.triggers.schedules import coming

    found = coming(which, time.time(), count)
    if as_json:
        out.line(dump([slot_json(slot) for slot in found]))
        return 0
    for slot in found:
        out.line(_line(slot, which.zone))
    return 0


def _line(slot: Slot, zone: str) -> str:
    from orchestrate.playbook.cron import zone_named

    local = datetime.fromtimestamp(slot.at, zone_named(zone))
    utc = datetime.fromtimestamp(slot.at, UTC)
    remark = f"  {slot.remark}" if slot.remark else ""
    return f"{local:%a %Y-%m-%d %H:%M %Z}  {utc:%H:%M} UTC{remark}"
