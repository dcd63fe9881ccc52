"""What a notice says in words: what, where, who, which step, its last lines, how long, and what to
type next. Plain text, without the markup of any system.
"""

import json
from collections.abc import Iterable
from typing import NamedTuple

from orchestrate.integrations.message import FailedStep, Notice
from orchestrate.playbook.plan import Json
from orchestrate.playbook.spelled import spelled_duration

_HAPPENED = {
    "start": "started",
    "success": "succeeded",
    "failure": "failed",
    "pause": "is paused",
    "approval": "waits for approval",
    "recovery": "succeeded again",
}
_BY_STATE = {
    "cancelled": "was cancelled",
    "completed": "was completed by hand",
    "needs_attention": "needs attention",
}
_PARAMETERS = 300
"""Characters of parameters in one line."""


class Command(NamedTuple):
    """What to type, and what for."""

    purpose: str
    line: str


def headline(notice: Notice) -> str:
    """One line: what happened to which playbook, where."""
    return f"{notice.playbook} {happened(notice)} in {notice.environment}"


def happened(notice: Notice) -> str:
    """The verb: `failed`, `is paused`."""
    if notice.kind != "recovery" and notice.state in _BY_STATE:
        return _BY_STATE[notice.state]
    if notice.kind == "success" and notice.recovered:
        return _HAPPENED["recovery"]
    return _HAPPENED[notice.kind]


def facts(notice: Notice) -> list[tuple[str, str]]:
    """Names and values, without those that would be empty."""
    took = "" if notice.duration is None else spelled_duration(notice.duration)
    given = [
        ("Workflow", notice.workflow),
        ("Environment", notice.environment),
        ("Version", notice.version),
        ("Started by", notice.actor),
        ("Took" if notice.is_over else "Since the start", took),
        ("Steps", _steps(notice)),
        ("Parameters", _parameters(notice)),
    ]
    if notice.kind == "start":
        given = [each for each in given if each[0] not in ("Since the start", "Steps")]
    return [(name, value) for name, value in given if value]


def failing(failed: FailedStep) -> str:
    """Which step failed, how often it was tried, and how it ended."""
    about: list[str] = []
    if failed.attempt > 1:
        about.append(f"{failed.attempt} attempts")
    if failed.exit_code is not None:
        about.append(f"exit code {failed.exit_code}")
    tail = f" ({', '.join(about)})" if about else ""
    return f"{failed.path}{tail}" if failed.path else f"the workflow itself{tail}"


def why(notice: Notice) -> str:
    """The sentence that says why: of the step that failed, else of the workflow."""
    if notice.kind != "failure" or notice.failed is None or not notice.failed.message:
        return notice.reason
    # How the step ended is said with its name.
    told = notice.failed.message == f"exit code {notice.failed.exit_code}"
    return notice.reason if told else notice.failed.message


def commands(notice: Notice) -> list[Command]:
    """What a person may type next."""
    workflow = notice.workflow
    resume = Command("go on from there", f"orchestrate resume --workflow {workflow}")
    status = f"orchestrate status --workflow {workflow}"
    match notice.kind:
        case "start":
            return [Command("watch it", f"{status} --follow")]
        case "pause" | "failure" if notice.state == "needs_attention":
            return [Command("see what is open", status), resume]
        case "pause":
            return [Command("go on", resume.line)]
        case "approval":
            line = notice.approval.command if notice.approval is not None else status
            return [Command("answer", line)]
        case "failure" if notice.state == "cancelled":
            return [Command("start it anew", f"orchestrate rerun {workflow}")]
        case "failure":
            path = notice.failed.path if notice.failed is not None else ""
            step = f" --step {_quoted(path)}" if path else ""
            return [Command("see all of its output", f"orchestrate logs {workflow}{step}"), resume]
        case _:
            return []


def plain(notice: Notice) -> str:
    """All of it as text, for systems without markup."""
    lines = [f"{name}: {value}" for name, value in facts(notice)]
    if notice.kind == "failure" and notice.failed is not None:
        lines.append(f"Failed step: {failing(notice.failed)}")
    if why(notice):
        lines.append(f"Why: {why(notice)}")
    if notice.kind == "approval" and notice.approval is not None:
        lines += [f"Question: {notice.approval.message}", f"Who may answer: {answerers(notice)}"]
    if output(notice):
        lines += ["Its last lines:", *(f"  {line}" for line in output(notice).splitlines())]
    lines += [f"To {command.purpose}: {command.line}" for command in commands(notice)]
    if notice.link is not None:
        lines.append(notice.link)
    return "\n".join(lines)


def output(notice: Notice) -> str:
    """The last lines of the step that failed, if a failure is told of."""
    if notice.kind != "failure" or notice.failed is None:
        return ""
    return notice.failed.output.strip("\n")


def answerers(notice: Notice) -> str:
    """Who may answer the approval that is asked for."""
    if notice.approval is None or not notice.approval.approvers:
        return "anybody"
    return ", ".join(notice.approval.approvers)


def shortened(text: str, limit: int) -> str:
    """The beginning of `text`, at most `limit` characters."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def last_lines(text: str, limit: int) -> str:
    """The end of `text`, at most `limit` characters, from the beginning of a line if it can be."""
    if len(text) <= limit:
        return text
    tail = text[len(text) - limit + 2 :]
    _, newline, whole = tail.partition("\n")
    return f"…\n{whole if newline and whole else tail}"


def _steps(notice: Notice) -> str:
    return ", ".join(f"{count} {state}" for state, count in notice.metrics.steps.items() if count)


def _parameters(notice: Notice) -> str:
    said: Iterable[str] = (f"{name}={_value(each)}" for name, each in notice.parameters.items())
    return shortened(" ".join(" ".join(said).split()), _PARAMETERS)


def _value(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _quoted(path: str) -> str:
    """A step path as a shell takes it: those of iterations have brackets and may have blanks."""
    plain_path = all(each.isalnum() or each in "/-_.:@%+=" for each in path)
    return path if plain_path else "'" + path.replace("'", "'\\''") + "'"
