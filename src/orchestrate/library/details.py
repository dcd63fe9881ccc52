"""One playbook: what it takes, what it does, what ran, which versions there are; and as JSON."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from orchestrate.commands.plan_calls import literal_calls
from orchestrate.commands.registry import Registry
from orchestrate.errors import CommandError
from orchestrate.library.listing import Entry, find_entry
from orchestrate.library.outline import OutlineLine, claims_of, outline
from orchestrate.library.versions import Version, last_workflows, versions_of
from orchestrate.playbook.plan import Json, Parameter
from orchestrate.project.model import Project
from orchestrate.workflow.engine import Engine, Summary
from orchestrate.workflow.moments import rfc3339
from orchestrate.workflow.standing import summary_json, usual_duration

_WORKFLOWS = 5


class Known(NamedTuple):
    """Everything that is known of one."""

    entry: Entry
    commands: Sequence[tuple[str, str]]
    workflows: Sequence[Summary]
    versions: Sequence[Version]


def known_of(project: Project, registry: Registry, engine: Engine, name: str) -> Known:
    """Everything about a playbook, by name or path. Raises NotFoundError and ConflictError."""
    entry = find_entry(project, name)
    workflows = last_workflows(engine, entry)
    versions = versions_of(engine, entry, workflows)
    return Known(entry, list(_commands(registry, entry)), workflows, versions)


def details_json(known: Known) -> dict[str, Json]:
    """As `library NAME --json` prints it."""
    entry, plan = known.entry, known.entry.plan
    return {
        **entry_json(entry),
        "problem": entry.problem,
        "environments": None if plan is None or plan.environments is None
        else list(plan.environments),
        "holds": [] if plan is None else claims_of(plan),
        "parameters": [] if plan is None else [parameter_json(it) for it in plan.parameters],
        "steps": [] if plan is None else [_step_json(line) for line in outline(plan)],
        "commands": [{"command": name, "origin": where} for name, where in known.commands],
        "workflows": [summary_json(which) for which in known.workflows[:_WORKFLOWS]],
        "usual_duration": usual_duration(known.workflows),
        "versions": [_version_json(version) for version in known.versions],
    }  # fmt: skip


def entry_json(entry: Entry) -> dict[str, Json]:
    """A playbook in a list, for programs."""
    return {
        "name": entry.name,
        "path": entry.path,
        "origin": origin(entry),
        "category": entry.category,
        "description": entry.description,
        "tags": list(entry.tags),
        "version": entry.version,
        "valid": entry.plan is not None,
        "errors": entry.errors,
    }


def origin(entry: Entry) -> str:
    """Where it comes from."""
    return "shipped" if entry.shipped else "project"


def parameter_json(parameter: Parameter) -> dict[str, Json]:
    """A parameter; what a secret one is by default stays secret."""
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


def _commands(registry: Registry, entry: Entry) -> Iterator[tuple[str, str]]:
    """What it calls, and where that is."""
    if entry.plan is None:
        return
    for first in dict.fromkeys(words[0] for _, words in literal_calls(entry.plan)):
        try:
            yield first, registry.resolve((first,)).origin
        except CommandError:
            yield first, "not found"
