"""`orchestrate trace`: a workflow as spans, on the terminal or as a file."""

import click

from orchestrate.app import open_app
from orchestrate.cli.console import out
from orchestrate.cli.formats import cut, dump, duration, visible
from orchestrate.cli.options import json_option, workflow_named
from orchestrate.cli.selection import select_any
from orchestrate.cli.style import Style, style_of
from orchestrate.cli.writing import write_file
from orchestrate.errors import UsageError
from orchestrate.observe.formats import FORMATS, chrome_json, folded_stacks, otlp_json
from orchestrate.observe.history import read_events
from orchestrate.observe.spans import Kind
from orchestrate.observe.timeline import Timeline, timeline_of
from orchestrate.observe.trace import TraceSpan, span_json, trace_spans

_ENDINGS = {"otlp": "trace.json", "chrome": "chrome.json", "folded": "folded.txt"}


@click.command()
@workflow_named()
@click.option("--export", is_flag=False, flag_value="", metavar="[FILE]",
              help="Write a file, by default WF-….trace.json here; `-` is stdout.")  # fmt: skip
@click.option("--format", "format_", type=click.Choice(FORMATS),
              help="OTLP JSON (default), events for Perfetto, folded stacks.")  # fmt: skip
@json_option
def trace(*, workflow: str, export: str | None, format_: str | None, as_json: bool) -> int:
    """Show the spans of a workflow: steps, attempts and waits; or export them."""
    if format_ is not None and export is None:
        raise UsageError("--format goes with --export", hint=f"Add `--export`, for {format_}.")
    if as_json and export is not None:
        raise UsageError(
            "--json prints the spans, --export writes a file",
            hint="Leave one of them out; `--export -` writes to stdout.",
        )
    with open_app().open_workflows() as engine:
        chosen = select_any(engine, workflow)
        timeline = timeline_of(chosen, read_events(engine, chosen))
    if export is not None:
        kind = format_ or "otlp"
        write_file(export or f"{chosen}.{_ENDINGS[kind]}", _exported(timeline, kind))
    elif as_json:
        out.line(dump([span_json(span) for span in trace_spans(timeline)]))
    else:
        _show(timeline)
    return 0


def _exported(timeline: Timeline, kind: str) -> str:
    match kind:
        case "chrome":
            return dump(chrome_json(timeline)) + "\n"
        case "folded":
            return folded_stacks(timeline)
        case _:
            return dump(otlp_json(timeline)) + "\n"


def _show(timeline: Timeline) -> None:
    style = style_of(out)
    depths: dict[str, int] = {}
    begin = 0
    for span in trace_spans(timeline):
        if not depths:
            begin = span.started_at
            out.line(f"{style.strong(timeline.workflow)} trace {span.trace_id}")
        depth = depths.get(span.parent_id, -1) + 1
        depths[span.span_id] = depth
        out.line(_line(style, span, depth, (span.started_at - begin) / 1e9))


def _line(style: Style, span: TraceSpan, depth: int, after: float) -> str:
    taken = duration((span.finished_at - span.started_at) / 1e9)
    figures = f"{'+' + duration(after):>11} {taken:>9}"
    state = str(span.attributes.get("orchestrate.outcome", ""))
    state = state or str(span.attributes.get("orchestrate.workflow.state", "waiting"))
    state = "succeeded" if span.kind is Kind.LOCK else state
    room = max(20, style.width - len(figures) - 2 * depth - 6) if style.width else 0
    words = visible(span.name) + (f"  {visible(span.error)}" if span.error else "")
    return f"{style.dim(figures)}  {'  ' * depth}{style.mark(state)} {cut(words, room)}"
