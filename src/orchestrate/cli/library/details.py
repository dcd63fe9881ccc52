"""`library NAME`: one playbook: what it takes, what it does, what ran, which versions there are."""

from collections.abc import Sequence

from orchestrate.app import App
from orchestrate.cli.console import out
from orchestrate.cli.formats import counted, cut, dump, duration, moment, value, visible
from orchestrate.cli.library.lists import flaw, origin
from orchestrate.cli.style import Style, style_of
from orchestrate.cli.table import write_table
from orchestrate.library.details import Known, details_json, known_of
from orchestrate.library.listing import Entry
from orchestrate.library.outline import OutlineLine, claims_of, outline
from orchestrate.library.plans import FALLBACK_ENVIRONMENT
from orchestrate.library.versions import Version
from orchestrate.playbook.plan import Parameter
from orchestrate.workflow.engine import Summary
from orchestrate.workflow.standing import took, usual_duration

_WORKFLOWS = 5
_VERSIONS = 10
_WIDEST_CALL = 80
_WIDEST_STEP = 40


def show_playbook(app: App, name: str, *, as_json: bool) -> int:
    """Print one playbook."""
    with app.open_workflows() as engine:
        known = known_of(app.project, app.registry(FALLBACK_ENVIRONMENT), engine, name)
    if as_json:
        out.line(dump(details_json(known)))
    else:
        _show(style_of(out), known)
    return 0


def _show(style: Style, known: Known) -> None:
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
    usual = usual_duration(workflows)
    if usual is not None:
        out.line(f"usually takes {duration(usual)}")


def _took(which: Summary) -> str:
    return "" if which.started_at is None else duration(took(which))


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
