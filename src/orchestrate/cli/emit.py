"""`orchestrate emit`: give events to the project; `orchestrate serve` looks at them."""

import time

import click

from orchestrate.app import App, open_app
from orchestrate.cli.console import err, out
from orchestrate.cli.formats import dump, moment, rfc3339
from orchestrate.cli.options import json_option
from orchestrate.errors import UsageError
from orchestrate.intake import read_values
from orchestrate.launching.identity import current_author
from orchestrate.launching.inbox import Arrived
from orchestrate.playbook.plan import Json
from orchestrate.triggers.cloud_events import CloudEvent

_LISTED = 100
_LARGEST = 1 << 20


@click.command()
@click.option("--source", metavar="SOURCE", help="Where it comes from, such as monitoring.")
@click.option("--event", "--type", "kind", metavar="TYPE", help="What happened.")
@click.option("--data", "data", metavar="JSON|@FILE|KEY=VALUE", multiple=True,
              help="Its data: JSON, a file, or pairs (several times).")  # fmt: skip
@click.option("--subject", metavar="TEXT", help="What it is about.")
@click.option("--id", "identity", metavar="ID",
              help="Tells it from others of its source; the same again is ignored.")  # fmt: skip
@click.option("--list-unmatched", is_flag=True, help="List events that started nothing.")
@click.option("--retry-unmatched", is_flag=True,
              help="Have those events looked at once more.")  # fmt: skip
@json_option
def emit(
    *,
    source: str | None,
    kind: str | None,
    data: tuple[str, ...],
    subject: str | None,
    identity: str | None,
    list_unmatched: bool,
    retry_unmatched: bool,
    as_json: bool,
) -> int:
    """Give an event to this project. Steps that wait for it get it; it is kept until a daemon looks
    at it, and starts the playbooks whose triggers wait for it.
    """
    app = open_app()
    if list_unmatched or retry_unmatched:
        if source or kind or data or (list_unmatched and retry_unmatched):
            raise UsageError(
                "that asks for several things at once",
                hint="--list-unmatched and --retry-unmatched go alone.",
            )
        return _list(app, as_json=as_json) if list_unmatched else _retry(app, as_json=as_json)
    if not source or not kind:
        raise UsageError(
            "an event needs --source and --event",
            hint="Such as `orchestrate emit --source monitoring --event critical-alert`.",
        )
    event = _event(source, kind, data, subject, identity)
    with app.open_inbox() as inbox:
        (kept,) = inbox.put([event], time.time(), current_author())
    if as_json:
        waiting: list[Json] = [{"workflow": one.workflow, "path": one.path} for one in kept.waiters]
        out.line(dump({**event.to_json(), "accepted": kept.fresh, "offered_to": waiting}))
    elif kept.fresh:
        out.line(f"{event.type} from {event.source} is accepted (id {event.id})")
        for one in kept.waiters:
            out.line(f"  offered to {one.workflow} {one.path}, which waits for such an event")
    else:
        out.line(f"{event.id} from {event.source} was there already; nothing happens twice")
    if not (kept.waiters or app.is_served()):
        err.line("No daemon runs on this project, so no trigger sees it yet: `orchestrate serve`"
                 " does. No step waits for it either.")  # fmt: skip
    return 0


def _event(
    source: str, kind: str, data: tuple[str, ...], subject: str | None, identity: str | None
) -> CloudEvent:
    from uuid import uuid4

    if source.startswith("file:"):
        raise UsageError("a source does not begin with `file:`", hint="Choose another --source.")
    attributes: dict[str, Json] = {"time": rfc3339(time.time())}
    if subject is not None:
        attributes["subject"] = subject
    event = CloudEvent(identity or str(uuid4()), source, kind, _data(data), attributes)
    for name, value in (("--source", source), ("--event", kind), ("--id", event.id)):
        if len(value) > 1000 or not value.isprintable():
            raise UsageError(f"{name} is no short text", hint="At most 1,000 characters.")
    if len(dump(event.to_json())) > _LARGEST:
        raise UsageError(
            "the event is larger than 1 MiB", hint="Write the data to a file and send its path."
        )
    return event


def _data(given: tuple[str, ...]) -> Json:
    if not given:
        return None
    if len(given) == 1 and given[0].startswith("@"):
        return read_values(given[0][1:])
    if len(given) == 1 and given[0].lstrip()[:1] in ("{", "[", '"'):
        from orchestrate.playbook.json_text import read_json

        try:
            return read_json(given[0])
        except ValueError as error:
            raise UsageError(f"--data is not JSON: {error}", hint="Put it in quotes.") from error
    pairs: dict[str, Json] = {}
    for pair in given:
        key, found, value = pair.partition("=")
        if not found or not key:
            raise UsageError(
                f"--data {pair} is neither JSON nor key=value",
                hint="Such as `--data host=web1 --data severity=high`.",
            )
        pairs[key] = value
    return pairs


def _list(app: App, *, as_json: bool) -> int:
    with app.open_inbox() as inbox:
        found = inbox.unmatched(_LISTED)
    if as_json:
        out.line(dump([_json(arrived) for arrived in found]))
        return 0
    if not found:
        out.line("every event was wanted, or is still to be looked at")
        return 0
    from orchestrate.cli.table import write_table

    rows = [
        (moment(one.at), one.event.source, one.event.type, one.event.id, one.reason)
        for one in found
    ]
    write_table(out, ("AT", "SOURCE", "EVENT", "ID", "REASON"), rows)
    return 0


def _json(arrived: Arrived) -> dict[str, Json]:
    return {
        "at": rfc3339(arrived.at),
        "event": arrived.event.to_json(),
        "state": arrived.state,
        "reason": arrived.reason,
    }


def _retry(app: App, *, as_json: bool) -> int:
    with app.open_inbox() as inbox:
        count = inbox.try_again(current_author(), time.time())
    if as_json:
        out.line(dump({"looked_at_again": count}))
    else:
        out.line(f"events that are looked at again: {count}")
    return 0
