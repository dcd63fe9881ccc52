"""An analysis in words and tables."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from orchestrate.cli.console import out
from orchestrate.cli.formats import counted, duration, visible
from orchestrate.cli.observing.chart import show_chart
from orchestrate.cli.style import Style, style_of
from orchestrate.cli.table import write_table
from orchestrate.observe.analysis import (
    Analysis,
    Difference,
    StepTime,
    by_weight,
    longest_pieces,
)
from orchestrate.observe.breakdown import RUNNING, WORDS
from orchestrate.observe.gantt import chart_of
from orchestrate.observe.history import Flakiness, Usual

if TYPE_CHECKING:
    from orchestrate.observe.timeline import Timeline

_ROWS = 40
_STEPS = 8
_SLOW = 1.5
"""How many times as long as usual is worth a word."""
_WORTH = 0.01
"""The share of the whole that a piece must be to be named."""
_LEAST = 0.05
"""Seconds that are worth a word."""


def tell(found: Analysis) -> None:
    """Everything about one workflow."""
    style = style_of(out)
    root = found.timeline.root
    out.line(
        f"{style.strong(found.timeline.workflow)} {root.name} {style.state(root.status)}"
        f" in {duration(found.timeline.duration)}"
    )
    for line in (*_where(style, found), *_at_once(found), *_critical(style, found)):
        out.line(line)
    for line in (*_slowest(style, found.steps, found.earlier), *_shorter(style, found)):
        out.line(line)
    out.line()
    show_chart(out, style, chart_of(found.timeline, found.critical, _ROWS))


def _where(style: Style, found: Analysis) -> Iterator[str]:
    yield f"\n{style.strong('Where the time went')}"
    whole = found.timeline.duration or 1.0
    for what, seconds in by_weight(found.breakdown.seconds):
        yield f"  {duration(seconds):>9}  {seconds / whole:4.0%}  {WORDS[what]}"


def _at_once(found: Analysis) -> Iterator[str]:
    breakdown = found.breakdown
    if not breakdown.attempts:
        return
    retries = ", 1 of them a retry" if breakdown.retries == 1 else ""
    if breakdown.retries > 1:
        retries = f", {breakdown.retries} of them retries"
    attempts = counted(breakdown.attempts, "attempt")
    yield f"  {attempts}{retries}, {duration(breakdown.busy)} together"
    if breakdown.peak > 1:
        share = breakdown.efficiency or 0.0
        yield (
            f"  at most {breakdown.peak} at once, {breakdown.at_once:.1f} on average: "
            f"{share:.0%} parallel efficiency"
        )


def _critical(style: Style, found: Analysis) -> Iterator[str]:
    pieces = [piece for piece in found.critical if piece.seconds > 0]
    yield f"\n{style.strong('Critical path')}"
    worth = found.timeline.duration * _WORTH
    shown = longest_pieces([piece for piece in pieces if piece.seconds >= worth])
    for piece in shown:
        what = "" if piece.what == RUNNING else WORDS[piece.what]
        name = visible(piece.path)
        words = f"{name}: {what}" if name and what else name or what
        yield f"  {duration(piece.seconds):>9}  {words}"
    if len(shown) < len(pieces):
        rest = sum(piece.seconds for piece in pieces) - sum(piece.seconds for piece in shown)
        yield f"  {duration(rest):>9}  {counted(len(pieces) - len(shown), 'shorter piece')}"


def _slowest(style: Style, steps: Sequence[StepTime], earlier: int) -> Iterator[str]:
    if not steps:
        return
    history = f"beside {counted(earlier, 'earlier workflow')}" if earlier else "no history yet"
    yield f"\n{style.strong('Slowest steps')} {style.dim(f'({history})')}"
    for step in steps[:_STEPS]:
        line = f"  {duration(step.seconds):>9}  {visible(step.span.path)}"
        if step.attempts > 1:
            line += f"  {step.attempts} attempts"
        if step.usual is not None:
            line += f"  {style.dim(usually(step.usual))}"
        slower = step.slower
        if slower is not None and slower >= _SLOW and step.seconds >= _LEAST:
            line += f"  {style.warn(f'{slower:.1f} times as long')}"
        yield line


def usually(usual: Usual) -> str:
    """How long something takes, in a few words."""
    low, high = duration(usual.low), duration(usual.high)
    spread = "" if low == high else f" ({low} to {high})"
    return f"usually {duration(usual.median)}{spread}"


def _shorter(style: Style, found: Analysis) -> Iterator[str]:
    worth = [saving for saving in found.savings if saving.saves > 0][:3]
    if not worth:
        return
    yield f"\n{style.strong('What would shorten it most')}"
    for saving in worth:
        yield (
            f"  {visible(saving.path)}: {duration(saving.seconds)} of the critical path; "
            f"without it {duration(saving.saves)} less"
        )


def tell_difference(before: "Timeline", after: "Timeline", found: Sequence[Difference]) -> None:
    """Two workflows, step by step, the greatest change first."""
    style = style_of(out)
    for timeline in (before, after):
        out.line(
            f"{style.strong(timeline.workflow)} {timeline.root.name} "
            f"{style.state(timeline.root.status)} in {duration(timeline.duration)}"
        )
    out.line()
    rows = [
        (
            step.path,
            "not run" if step.before is None else duration(step.before),
            "not run" if step.after is None else duration(step.after),
            _signed(step.change),
        )
        for step in found
    ]
    whole = after.duration - before.duration
    rows.append(("all", duration(before.duration), duration(after.duration), _signed(whole)))
    write_table(out, ("STEP", before.workflow, after.workflow, "CHANGE"), rows)


def _signed(seconds: float) -> str:
    shown = duration(abs(seconds))
    return shown if shown == "0.0 s" else f"{'+' if seconds > 0 else '-'}{shown}"


def tell_flaky(found: Sequence[Flakiness], workflows: int, playbook: str | None) -> None:
    """A table of flaky steps."""
    where = f"{counted(workflows, 'workflow')}{f' of {playbook}' if playbook else ''}"
    if not found:
        out.line(f"no flaky step in {where}")
        return
    rows = [
        (step.path, step.playbook, str(step.runs), str(step.failed), str(step.retried),
         f"{step.share:.0%}")
        for step in found
    ]  # fmt: skip
    write_table(out, ("STEP", "PLAYBOOK", "RUNS", "FAILED", "RETRIED", "SHARE"), rows)
    out.line(f"in {where}")
