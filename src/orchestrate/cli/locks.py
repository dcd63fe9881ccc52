"""`orchestrate locks`: who holds which lock since when, who waits; taking one away."""

import json
from typing import Any

import click

from orchestrate.app import open_app
from orchestrate.cli.console import out
from orchestrate.cli.options import json_option
from orchestrate.cli.table import write_table
from orchestrate.errors import UsageError
from orchestrate.launching.identity import current_actor


@click.command()
@click.option("--release", metavar="NAME", help="Take this lock away from whoever holds it.")
@click.option("--reason", metavar="TEXT", default="", help="Why; recorded with the workflow.")
@json_option
def locks(*, release: str | None, reason: str, as_json: bool) -> int:
    """Show who holds which lock and how much capacity since when, and who waits for it.

    With --release the lock is taken away from the workflow that holds it, which keeps running: only
    what it calls can refuse its old token.
    """
    with open_app().open_coordination() as shared:
        if release is None:
            _show(shared.locks(), as_json=as_json)
            return 0
        if not reason.strip():
            raise UsageError(
                "--release needs --reason", hint="Say why: it is recorded with the workflow."
            )
        holders = shared.release_lock(release, actor=current_actor(), reason=reason)
        if as_json:
            out.line(json.dumps({"released": release, "held_by": holders}, indent=2))
            return 0
        for holder in holders:
            where = f"{holder['workflow']} {holder['step']}".strip()
            out.line(
                f"{release} was taken away from {where}, which held it since {holder['since']}"
            )
            if holder["state"] == "running":
                out.line(f"a step of {holder['workflow']} may still be running; it was not stopped")
    return 0


def _show(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        out.line(json.dumps(found, indent=2))
        return
    rows: list[list[str]] = []
    for lock in found["locks"]:
        for holder in lock["held_by"]:
            mode = "shared" if holder["shared"] else "held"
            rows.append([lock["name"], mode, *_who(holder), f"token {holder['token']}"])
        for waiter in lock["waiting"]:
            blockers = ", ".join(dict.fromkeys(str(b["workflow"]) for b in waiter["for"]))
            rows.append([lock["name"], "waits", *_who(waiter), f"for {blockers}"])
    for pool in found["capacity"]:
        for holder in pool["held_by"]:
            use = f"{holder['amount']} of {pool['capacity']}"
            rows.append([pool["name"], "takes", *_who(holder), use])
        rows += [
            [pool["name"], "waits", *_who(waiter), f"for {waiter['amount']}"]
            for waiter in pool["waiting"]
        ]
    if not rows:
        out.line("nobody holds a lock, and nobody waits for one")
        return
    write_table(out, ["LOCK", "STATE", "WORKFLOW", "STEP", "SINCE", ""], rows)


def _who(entry: dict[str, Any]) -> list[str]:
    lost = "" if entry["owner"] == "alive" else f" ({entry['state']}, nobody runs it)"
    return [f"{entry['workflow']}{lost}", str(entry["step"]), str(entry["since"])]
