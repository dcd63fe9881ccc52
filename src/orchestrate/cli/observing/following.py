"""Watching workflows from any terminal: one step by step, or all that run as a table."""

import shutil
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from orchestrate.app import App
from orchestrate.cli.console import out
from orchestrate.cli.formats import dump, duration, visible
from orchestrate.cli.style import can_redraw, style_of
from orchestrate.cli.table import write_table
from orchestrate.cli.wrapping import rows_more
from orchestrate.observe.history import Usual, earlier, read_events, usual_durations
from orchestrate.workflow import paths
from orchestrate.workflow.engine import Engine, Filter, Summary
from orchestrate.workflow.events import Event
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.standing import OPEN, event_json, summary_json, usual_duration
from orchestrate.workflow.state import WorkflowView

if TYPE_CHECKING:
    from orchestrate.cli.watching import Display

_LAST = 10
_MANY = 100


def follow_one(app: App, engine: Engine, workflow: str, *, as_json: bool) -> int:
    """Show a workflow until it is over or nobody runs it; with `as_json` a line for each event."""
    if as_json:
        for event in engine.follow(workflow):
            out.line(dump(event_json(event)))
        return 0
    which = engine.get(workflow)
    style = style_of(out)
    out.line(f"{style.strong(workflow)} {which.playbook} in {which.environment}")
    display, after = _display(app, engine, which)
    try:
        for event in engine.follow(workflow, after):
            display.event(event)
    finally:
        display.close()
    now = engine.get(workflow)
    lost = " (owner: lost)" if now.owner_lost else ""
    reason = f": {visible(now.reason)}" if now.reason else ""
    out.line(f"{style.mark(now.state)} {workflow} {style.state(str(now.state))}{lost}{reason}")
    return 0


def _display(app: App, engine: Engine, which: Summary) -> "tuple[Display, int]":
    """The tree on a terminal, lines elsewhere, and up to where they have been shown."""
    if not can_redraw(out):
        from orchestrate.cli.plain import Plain

        return Plain(out, style_of(out)), 0
    from orchestrate.cli.live import Live
    from orchestrate.cli.observing.telling import usually

    known = Known(engine)

    def usual(path: str) -> str:
        found = known.steps(which).get(paths.static(path))
        return "" if found is None else usually(found)

    planned = [step.key for step in engine.plan(which.id).steps]
    live = Live(engine, which.id, out, planned, app.end_of_output, usual)
    return live, live.last_seq


class Known:
    """How long steps and whole workflows took before, looked up once for each playbook."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._steps: dict[str, dict[str, Usual]] = {}
        self._whole: dict[str, float | None] = {}

    def steps(self, which: Summary) -> dict[str, Usual]:
        """What is usual for the steps of its playbook."""
        found = self._steps.get(which.playbook)
        if found is None:
            before = earlier(self._engine, which.playbook, which.id, _LAST)
            found = self._steps[which.playbook] = dict(usual_durations(before))
        return found

    def whole(self, playbook: str) -> float | None:
        """The median of its last successful workflows."""
        if playbook not in self._whole:
            wanted = Filter(states=(State.SUCCEEDED,), playbook=playbook, limit=_LAST)
            self._whole[playbook] = usual_duration(self._engine.find(wanted))
        return self._whole[playbook]


class Watched:
    """One workflow of the table: read on from where it was read before."""

    def __init__(self, workflow: str, total: int) -> None:
        self.view = WorkflowView(workflow)
        self._total = total

    def catch_up(self, engine: Engine) -> list[Event]:
        """What happened since the last time."""
        fresh = list(read_events(engine, self.view.id, after=self.view.last_seq))
        for event in fresh:
            self.view.apply(event)
        return fresh

    def row(self, which: Summary, known: Known, now: float) -> tuple[str, ...]:
        """Its line of the table."""
        steps = self.view.steps
        running = list(dict.fromkeys(self.view.running.values()))
        names = ", ".join(running[:3]) + (f" and {len(running) - 3} more" if running[3:] else "")
        done = sum(step.finished for step in steps.values() if not step.parent)
        took = left = ""
        if which.started_at is not None:
            elapsed = now - which.started_at
            took = duration(elapsed)
            usual = known.whole(which.playbook)
            left = f"about {duration(usual - elapsed)}" if usual and usual > elapsed else ""
        state = f"{which.state} (owner: lost)" if which.owner_lost else str(which.state)
        return (
            which.id, state, which.playbook, which.environment, f"{done}/{self._total}", took, left,
            names,
        )  # fmt: skip


_HEADINGS = ("ID", "STATE", "PLAYBOOK", "ENVIRONMENT", "STEPS", "TOOK", "LEFT", "RUNNING")


def follow_many(engine: Engine, wanted: Filter, *, as_json: bool) -> int:
    """Show what is open until it is interrupted: a table that is redrawn, or a line for each
    workflow that begins, changes its state or ends.
    """
    wanted = wanted._replace(states=wanted.states or OPEN, limit=_MANY)
    known, watched = Known(engine), dict[str, Watched]()
    told: dict[str, str] = {}
    drawn: list[int] = []
    table = can_redraw(out) and not as_json
    for _ in engine.changes():
        found = engine.find(wanted)
        if table:
            drawn = _draw(engine, found, watched, known, drawn)
        else:
            _tell(engine, found, told, as_json=as_json)
        if not out.alive:
            return 0
    return 0


def _draw(
    engine: Engine,
    found: Sequence[Summary],
    watched: dict[str, Watched],
    known: Known,
    drawn: Sequence[int],
) -> list[int]:
    """Draw the table over the last one; `drawn`, and what is returned: how wide its lines are."""
    now = time.time()
    rows: list[tuple[str, ...]] = []
    size = shutil.get_terminal_size()
    height = max(2, size.lines - 3)
    for which in found[:height]:
        if which.id not in watched:
            watched[which.id] = Watched(which.id, len(engine.plan(which.id).steps))
        watched[which.id].catch_up(engine)
        rows.append(watched[which.id].row(which, known, now))
    for gone in watched.keys() - {which.id for which in found}:
        del watched[gone]
    if drawn:
        out.write(f"\x1b[{len(drawn) + rows_more(drawn, size.columns)}A\x1b[J")
    if not rows:
        return [_write("no workflow runs")]
    widths = write_table(out, _HEADINGS, rows, state=1)
    if len(found) > height:
        widths.append(_write(f"… and {len(found) - height} more"))
    return widths


def _write(line: str) -> int:
    out.line(line)
    return len(line)


def _tell(engine: Engine, found: Sequence[Summary], told: dict[str, str], *, as_json: bool) -> None:
    """One line for everything that is new."""
    here = {which.id for which in found}
    ended = [engine.get(workflow) for workflow in told.keys() - here]
    for which in (*reversed(found), *ended):
        state = "owner lost" if which.owner_lost else str(which.state)
        if told.get(which.id) == state:
            continue
        told[which.id] = state
        if as_json:
            out.line(dump(summary_json(which)))
        else:
            reason = f"  {visible(which.reason)}" if which.reason else ""
            out.line(f"{which.id}  {state}  {which.playbook}  {which.environment}{reason}")
    for which in ended:
        del told[which.id]
