"""`library NAME`: one playbook: what it takes, what it does, what ran, which versions there are."""

from collections.abc import Iterator, Sequence
from statistics import median
from typing import NamedTuple

from orchestrate.app import App
from orchestrate.cli.console import out
from orchestrate.cli.formats import counted, cut, dump, duration, moment, rfc3339, value, visible
from orchestrate.cli.library.lists import entry_json, flaw, origin
from orchestrate.cli.style import Style, style_of
from orchestrate.cli.table import write_table
from orchestrate.commands.plan_calls import literal_calls
from orchestrate.commands.registry import Registry
from orchestrate.errors import CommandError
from orchestrate.library.listing import Entry, find_entry
from orchestrate.library.outline import OutlineLine, claims_of, outline
from orchestrate.library.plans import FALLBACK_ENVIRONMENT
from orchestrate.library.versions import Version, last_workflows, versions_of
from orchestrate.playbook.plan import Json, Parameter
from orchestrate.workflow.engine import Summary
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.standing import summary_json

_WORKFLOWS = 5
_VERSIONS = 10
_WIDEST_CALL = 80
_WIDEST_STEP = 40


class _Known(NamedTuple):
    """Everything that is shown."""

    entry: Entry
    commands: Sequence[tuple[str, str]]
    workflows: Sequence[Summary]
    versions: Sequence[Version]


def show_playbook(app: App, name: str, *, as_json: bool) -> int:
    """Print one playbook."""
    entry = find_entry(app.project, name)
    with app.open_workflows() as engine:
        workflows = last_workflows(engine, entry)
        versions = versions_of(engine, entry, workflows)
    commands = list(_commands(app.registry(FALLBACK_ENVIRONMENT), entry))
    known = _Known(entry, commands, workflows, versions)
    if as_json:
        out.line(dump(_json(known)))
    else:
        _show(style_of(out), known)
    return 0


def _commands(registry: Registry, entry: Entry) -> Iterator[tuple[str, str]]:
    """What it calls, and where that is."""
    if entry.plan is None:
        return
    for first in dict.fromkeys(words[0] for _, words in literal_calls(entry.plan)):
        try:
            yield first, registry.resolve((first,)).origin
        except CommandError:
            yield first, "not found"


def _show(style: Style, known: _Known) -> None:
    _head(style, known.entry)
    plan = known.entry.plan
    if plan is not None:
        if plan.parameters:
            _heading(style, "Parameters")
            rows = [_parameter_row(parameter) for parameter in plan.parameters]
            write_table(out, ("NAME", "TYPE", "DEFAULT", "DESCRIPTION"), rows)
        _heading(style, "Steps")
        lines = outline(plan)
        width = min(_WIDEST_STEP, max(len(_step(line)) for line in lines))
        for line in lines:
            out.line(_step_line(style, line, width))
    if known.commands:
        _heading(style, "Commands")
        width = max(len(visible(command)) for command, _ in known.commands)
        for command, where in known.commands:
            out.line(f"{visible(command).ljust(width)}  {style.dim(visible(where))}")
    _workflows(style, known.workflows)
    _heading(style, "Versions")
    headings = ("DIGEST", "VERSION", "WHERE", "RAN", "LAST")
    write_table(out, headings, [_version_row(it) for it in known.versions[:_VERSIONS]])


def _head(style: Style, entry: Entry) -> None:
    facts = " ".join(filter(None, (entry.version, entry.category, origin(entry))))
    out.line(f"{style.strong(visible(entry.name))}  {style.dim(visible(facts))}")
    if entry.description:
        out.line(f"  {visible(entry.description)}")
    out.line(f"  {style.dim('file')} {visible(entry.path)}")
    if entry.tags:
        out.line(f"  {style.dim('tags')} {visible(', '.join(entry.tags))}")
    if entry.plan is not None and entry.plan.environments is not None:
        out.line(f"  {style.dim('runs only in')} {', '.join(entry.plan.environments)}")
    if entry.plan is not None and (claims := claims_of(entry.plan)):
        out.line(f"  {style.dim('holds')} {visible(', '.join(claims))}")
    if entry.plan is None:
        out.line(f"  {flaw(style, entry)}: {visible(entry.problem)}")
        out.line(f"    see all of it: orchestrate validate --playbook {entry.name}")


def _heading(style: Style, text: str) -> None:
    out.line()
    out.line(style.strong(text))


def _parameter_row(parameter: Parameter) -> tuple[str, ...]:
    default = "required" if parameter.required else value(parameter.default)
    said = parameter.description
    if parameter.choices:
        said = f"{said} ({', '.join(map(value, parameter.choices))})".strip()
    kind = f"{parameter.type} (secret)" if parameter.secret else parameter.type
    return parameter.name, kind, default, said


def _step(line: OutlineLine) -> str:
    """The step's name below what contains it, and what else than its turn makes it run."""
    name = line.path.rpartition("/")[2]
    return f"{'  ' * line.depth}{f'{line.role}: ' if line.role else ''}{name}"


def _step_line(style: Style, line: OutlineLine, width: int) -> str:
    """A step: its name, what it does, and in brackets what else is said about it."""
    call = cut(visible(_telling(line.call)), _WIDEST_CALL)
    notes = f"  {style.dim(visible(_bracketed(line.notes)))}" if line.notes else ""
    return f"{_step(line).ljust(width)}  {call}{notes}"


def _telling(call: str) -> str:
    """The first line that says something; `set -eu` does not."""
    lines = [text.strip() for text in call.splitlines() if text.strip()]
    telling = [text for text in lines if not text.startswith(("set -", "#"))] or lines or [""]
    return f"{telling[0]} …" if len(telling) > 1 else telling[0]


def _bracketed(notes: Sequence[str]) -> str:
    return f"({', '.join(notes)})"


def _workflows(style: Style, workflows: Sequence[Summary]) -> None:
    _heading(style, "Last workflows")
    if not workflows:
        out.line("none")
        return
    rows = [
        (which.id, str(which.state), which.environment, moment(which.created_at), _took(which))
        for which in workflows[:_WORKFLOWS]
    ]
    write_table(out, ("ID", "STATE", "ENVIRONMENT", "STARTED", "TOOK"), rows, state=1)
    usual = _usual(workflows)
    if usual is not None:
        out.line(f"usually takes {duration(usual)}")


def _took(which: Summary) -> str:
    return "" if which.started_at is None else duration(_seconds(which))


def _seconds(which: Summary) -> float | None:
    if which.started_at is None or which.finished_at is None:
        return None
    return which.finished_at - which.started_at


def _usual(workflows: Sequence[Summary]) -> float | None:
    """The median of those that succeeded."""
    times = [
        seconds
        for which in workflows
        if which.state is State.SUCCEEDED and (seconds := _seconds(which)) is not None
    ]
    return median(times) if times else None


def _version_row(version: Version) -> tuple[str, ...]:
    where = ["file"] if version.current else []
    if version.commits:
        newest = version.commits[0]
        where.append(f"git {newest.revision[:8]} {cut(newest.subject, 40)}")
    ran = counted(len(version.workflows), "time") if version.workflows else ""
    last = version.workflows[0].created_at if version.workflows else None
    last = last or (version.commits[0].at if version.commits else None)
    where = where or ["only in workflows"]
    return version.digest[:12], version.declared or "", ", ".join(where), ran, moment(last)


def _json(known: _Known) -> dict[str, Json]:
    entry, plan = known.entry, known.entry.plan
    return {
        **entry_json(entry),
        "problem": entry.problem,
        "environments": None if plan is None or plan.environments is None
        else list(plan.environments),
        "holds": [] if plan is None else claims_of(plan),
        "parameters": [] if plan is None else [_parameter_json(it) for it in plan.parameters],
        "steps": [] if plan is None else [_step_json(line) for line in outline(plan)],
        "commands": [{"command": name, "origin": where} for name, where in known.commands],
        "workflows": [summary_json(which) for which in known.workflows[:_WORKFLOWS]],
        "usual_duration": _usual(known.workflows),
        "versions": [_version_json(version) for version in known.versions],
    }  # fmt: skip


def _parameter_json(parameter: Parameter) -> dict[str, Json]:
    return {
        "name": parameter.name,
        "type": parameter.type,
        "description": parameter.description,
        "required": parameter.required,
        "default": None if parameter.secret else parameter.default,
        "choices": None if parameter.choices is None else list(parameter.choices),
        "secret": parameter.secret,
    }


def _step_json(line: OutlineLine) -> dict[str, Json]:
    return {
        "path": line.path,
        "kind": line.kind,
        "role": line.role or None,
        "call": line.call,
        "notes": list(line.notes),
    }


def _version_json(version: Version) -> dict[str, Json]:
    return {
        "digest": version.digest,
        "current": version.current,
        "version": version.declared,
        "commits": [
            {"commit": it.revision, "at": rfc3339(it.at), "subject": it.subject}
            for it in version.commits
        ],
        "workflows": [which.id for which in version.workflows],
    }
