"""Writes the manual page, docs/man/orchestrate.1, from the verbs themselves: `make manual`."""

import inspect
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from orchestrate.cli.main import cli
from orchestrate.cli.verbs import VERBS, LazyGroup

DOCS = Path(__file__).parent.parent / "docs"
FILE = DOCS / "man" / "orchestrate.1"
EXIT_CODE = re.compile(r"^\| (\d+) \| (.*) \|$", re.MULTILINE)
"""A line of the table in docs/cli.md."""
FILES = (
    ("orchestrate.toml", "settings of the project; it marks the project's folder"),
    ("playbooks/", "its playbooks; a folder that has it is a project, too"),
    ("commands/", "its slash commands"),
    ("environments/", "values of environments"),
    (".orchestrate/", "what happened: workflows, their journal and output"),
)
VARIABLES = (("ORCHESTRATE_STATE_DIR", "a directory in the place of .orchestrate/"),)


def page() -> str:
    """The whole page, as `man` reads it."""
    lines = [
        '.\\" Made by scripts/manual.py from the verbs themselves.',
        '.TH ORCHESTRATE 1 "" "orchestrate" "User Commands"',
        ".SH NAME",
        r"orchestrate \- run operations playbooks durably",
        ".SH SYNOPSIS",
        r".B orchestrate",
        r"\fIverb\fP [\fIoptions\fP]",
        ".br",
        r".B orchestrate \-\-playbook",
        r"\fIname\fP [\fIoptions\fP]",
        ".SH DESCRIPTION",
        *_text(
            "Playbooks are YAML files in playbooks/ that call commands, with parallel branches, "
            "conditions, loops, handlers, retries, timeouts, locks, approvals and transactions. A "
            "step whose end is recorded never runs twice; a step that runs when the engine dies "
            "keeps running and is picked up again; a playbook can be rehearsed before it runs.\n\n"
            "Without a verb, `orchestrate --playbook NAME` is `orchestrate run --playbook NAME`."
        ),
        ".SH VERBS",
        *_verbs(),
        ".SH EXIT STATUS",
        *_terms(EXIT_CODE.findall((DOCS / "cli.md").read_text("utf-8"))),
        ".SH ENVIRONMENT",
        *_terms(VARIABLES),
        ".SH FILES",
        *_terms(FILES),
    ]
    return "\n".join(lines) + "\n"


def _verbs() -> Iterator[str]:
    group = LazyGroup()
    context = click.Context(cli, info_name="orchestrate")
    for name, verb in VERBS.items():
        command = None if verb.hidden else group.get_command(context, name)
        if command is not None:
            yield from _verb(command, click.Context(command, info_name=name, parent=context))


def _verb(command: click.Command, context: click.Context) -> Iterator[str]:
    yield f".SS {_escaped(' '.join(_usage(command, context)))}"
    yield from _text(inspect.cleandoc(command.help or ""))
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None and record[1] and "--help" not in parameter.opts:
            yield from _terms([record])
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None and not inner.hidden:
                yield from _verb(inner, click.Context(inner, info_name=name, parent=context))


def _usage(command: click.Command, context: click.Context) -> Iterator[str]:
    yield context.command_path
    yield from command.collect_usage_pieces(context)


def _text(text: str) -> Iterator[str]:
    for number, paragraph in enumerate(text.split("\n\n")):
        if number:
            yield ".PP"
        yield _escaped(" ".join(paragraph.replace("\b", "").split()))


def _terms(terms: Iterable[tuple[str, str]]) -> Iterator[str]:
    for term, meaning in terms:
        yield ".TP"
        yield rf"\fB{_escaped(term)}\fP"
        yield _escaped(" ".join(meaning.split()))


def _escaped(text: str) -> str:
    """As roff reads it: dashes as typed, no escapes and no requests by accident."""
    text = text.replace("\\", r"\e").replace("-", r"\-").replace("`", r"\(ga")
    text = "".join(one if one.isascii() else rf"\[u{ord(one):04X}]" for one in text)
    return re.sub(r"^([.'])", r"\\&\1", text)


if __name__ == "__main__":
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(page())
