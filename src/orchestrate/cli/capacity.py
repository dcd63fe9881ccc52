"""`orchestrate capacity`: what there is, who uses it, who waits, and what will collide."""

import click

from orchestrate.app import open_app
from orchestrate.cli.console import err, out
from orchestrate.cli.formats import dump, duration
from orchestrate.cli.options import json_option
from orchestrate.cli.table import write_table
from orchestrate.outlook.capacity import Outlook, look_ahead, said
from orchestrate.workflow.coordination import Rate

_UNITS = {1.0: "second", 60.0: "minute", 3600.0: "hour", 86_400.0: "day"}
"""Periods as `[rate_limits]` names them."""


@click.command()
@click.option("--hours", type=click.FloatRange(0, 24 * 31, min_open=True), default=24.0,
              show_default=True, metavar="N", help="How far the forecast looks ahead.")  # fmt: skip
@json_option
def capacity(*, hours: float, as_json: bool) -> int:
    """Show pools and their use, who waits for what, and what schedules will bring."""
    found = look_ahead(open_app(), hours)
    if as_json:
        out.line(dump(found.to_json()))
        return 0
    for warning in found.warnings:
        err.line(f"warning: {warning}")
    _show(found)
    scheduled, late = len(found.expected), len(found.collisions)
    ahead = (found.until - found.at) / 3600
    hint = f"in the next {ahead:.3g} hours: {scheduled} scheduled"
    out.line(f"{hint}, {late or 'none'} of them late" if scheduled else hint)
    if ahead < hours * 0.999:
        out.line("  looked no further ahead: more is scheduled than can be told")
    for collision in found.collisions:
        out.line(f"  {said(collision, found.at)}")
    for name in found.unknown:
        out.line(f"  {name} has not succeeded yet: nobody knows how long it takes")
    return 0


def _show(found: Outlook) -> None:
    rows = [
        (pool.name, str(pool.used), "no limit" if pool.there is None else str(pool.there))
        for pool in found.pools
    ]
    write_table(out, ("POOL", "USED", "OF"), rows)
    out.line()
    if found.rates:
        limits = [
            (
                one.name,
                f"{one.most}/{_UNITS.get(one.period) or duration(one.period)}",
                str(one.left),
                _next(found, one),
            )
            for one in found.rates
        ]
        write_table(out, ("RATE LIMIT", "OF", "LEFT", "NEXT"), limits)
        out.line()
    if not found.queue:
        out.line("nobody waits")
        return
    queue = [
        (one.workflow, one.playbook, one.priority, duration(found.at - one.since), one.reason)
        for one in found.queue
    ]
    write_table(out, ("ID", "PLAYBOOK", "PRIORITY", "WAITED", "FOR"), queue)


def _next(found: Outlook, rate: Rate) -> str:
    """When another call may begin, and how many wait for it."""
    if rate.next_at is None:
        return "now"
    waits = f", {rate.waiting} waiting" if rate.waiting else ""
    return f"in {duration(rate.next_at - found.at)}{waits}"
