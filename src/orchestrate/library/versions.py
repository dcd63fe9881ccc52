"""The versions of a playbook: what its file is now, what git remembers, what ran.

A version is named by the SHA-256 of the file, of which a few characters suffice, by a git revision,
or as `current`. Of what ran and is in no file any more only the plan is left; two such versions are
compared step by step.
"""

import hashlib
import re
from collections.abc import Iterable
from typing import NamedTuple

from orchestrate.errors import ConflictError, NotFoundError
from orchestrate.library.catalogue import find_playbook, shown_path
from orchestrate.library.history import Commit, History
from orchestrate.library.listing import Entry
from orchestrate.library.outline import as_written, outline
from orchestrate.library.plans import read_source
from orchestrate.playbook.plan import Plan
from orchestrate.project.model import Project
from orchestrate.workflow.engine import Engine, Filter, Summary

CURRENT = "current"
_WORKFLOWS = 200
"""Workflows that are looked at, the newest first."""
_SHORTEST = 4
_VERSION = re.compile(rb"""^version[ \t]*:[ \t]*(["']?)([^"'#\r\n]+?)\1[ \t]*(?:#.*)?$""", re.M)


class Version(NamedTuple):
    """One text of a playbook. `text` is None if only the plan of what ran is left."""

    digest: str
    current: bool
    commits: tuple[Commit, ...]
    workflows: tuple[Summary, ...]
    """Those that ran it, newest first."""
    declared: str | None
    """Its `version:`."""
    text: bytes | None
    plans: tuple[str, ...]
    """Digests of the plans that it was part of: with another sub-playbook there is another plan."""


class Side(NamedTuple):
    """One side of a comparison."""

    label: str
    lines: tuple[str, ...]


def last_workflows(engine: Engine, entry: Entry) -> list[Summary]:
    """The newest workflows of a playbook."""
    name = entry.plan.name if entry.plan is not None else entry.name
    return list(engine.find(Filter(playbook=name, limit=_WORKFLOWS)))


def versions_of(engine: Engine, entry: Entry, workflows: Iterable[Summary]) -> list[Version]:
    """Every version that is known: the current one, then by when it was last met."""
    found = _Versions(entry)
    found.add_current()
    for commit in History(entry.file).commits() if not entry.shipped else ():
        found.add_commit(commit)
    for workflow in workflows:
        found.add_workflow(engine, workflow)
    return sorted(found.all(), key=lambda it: (it.current, _last_met(it)), reverse=True)


def compare(
    engine: Engine,
    project: Project,
    entry: Entry,
    versions: Iterable[Version],
    asked: tuple[str, str],
) -> tuple[Side, Side, bool]:
    """Two versions, and whether they are compared by their texts (else by their steps)."""
    listed = list(versions)
    sides = [_find(entry, listed, wanted) for wanted in asked]
    if all(side.text is not None for side in sides):
        lines = [(side.text or b"").decode("utf-8", "replace").splitlines() for side in sides]
    else:
        lines = [_steps(_plan_of(engine, project, entry, side)) for side in sides]
    one, other = (
        Side(_label(wanted, side), tuple(text))
        for wanted, side, text in zip(asked, sides, lines, strict=True)
    )
    return one, other, all(side.text is not None for side in sides)


class _Versions:
    """Versions by the digest of their file."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry
        self._found: dict[str, Version] = {}
        self._plans: dict[str, str] = {}

    def all(self) -> list[Version]:
        """As far as they were added."""
        return list(self._found.values())

    def add_current(self) -> None:
        """What the file is now."""
        if self._entry.file.is_file():
            text = read_source(self._entry.file)
            declared = self._entry.version
            self._change(digest_of(text), current=True, text=text, declared=declared)

    def add_commit(self, commit: Commit) -> None:
        """What git remembers."""
        version = self._put(digest_of(commit.text))
        self._change(
            version.digest,
            commits=(*version.commits, commit),
            text=commit.text,
            declared=version.declared or _declared_version(commit.text),
        )

    def add_workflow(self, engine: Engine, workflow: Summary) -> None:
        """What ran."""
        created = engine.events(workflow.id, 0, 1)[0].data
        plan_digest = str(created["plan"])
        digest = self._plans.get(plan_digest)
        if digest is None:
            digest = engine.plan(workflow.id).sources[0].digest
            self._plans[plan_digest] = digest
        version = self._put(digest)
        declared = created.get("version")
        self._change(
            digest,
            workflows=(*version.workflows, workflow),
            declared=version.declared or (None if declared is None else str(declared)),
            plans=tuple(dict.fromkeys((*version.plans, plan_digest))),
        )

    def _put(self, digest: str) -> Version:
        return self._found.setdefault(digest, _unknown(digest))

    def _change(self, digest: str, **fields: object) -> None:
        self._found[digest] = self._put(digest)._replace(**fields)


def _unknown(digest: str) -> Version:
    return Version(
        digest, current=False, commits=(), workflows=(), declared=None, text=None, plans=()
    )


def _declared_version(text: bytes) -> str | None:
    """What a text says its version is, found without reading it as YAML."""
    found = _VERSION.search(text)
    return found.group(2).decode("utf-8", "replace") if found else None


def digest_of(text: bytes) -> str:
    """The name of a version."""
    return hashlib.sha256(text).hexdigest()


def _last_met(version: Version) -> float:
    times = [commit.at for commit in version.commits]
    times += [workflow.created_at for workflow in version.workflows]
    return max(times, default=0.0)


def _find(entry: Entry, versions: list[Version], wanted: str) -> Version:
    """The version that a word names."""
    if wanted == CURRENT:
        return next(version for version in versions if version.current)
    fitting = [version for version in versions if _is_called(version, wanted.lower())]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        listed = ", ".join(version.digest[:12] for version in fitting)
        raise ConflictError(
            f"{wanted} could be several versions: {listed}", hint="Write more of its digest."
        )
    text = None if entry.shipped else History(entry.file).text_at(wanted)
    if text is None:
        listed = ", ".join(version.digest[:12] for version in versions[:10])
        raise NotFoundError(
            f"{entry.name} has no version {wanted}",
            hint=f"There are {CURRENT}, {listed}; git revisions that have the file are known, too.",
        )
    known = next((version for version in versions if version.digest == digest_of(text)), None)
    return known or _unknown(digest_of(text))._replace(text=text)


def _is_called(version: Version, wanted: str) -> bool:
    names = (version.digest, *version.plans, *(commit.revision for commit in version.commits))
    return len(wanted) >= _SHORTEST and any(name.startswith(wanted) for name in names)


def _label(wanted: str, version: Version) -> str:
    digest = version.digest[:12]
    return digest if version.digest.startswith(wanted) else f"{wanted} ({digest})"


def _plan_of(engine: Engine, project: Project, entry: Entry, version: Version) -> Plan:
    """The plan that ran, or that the text makes now."""
    if version.text is None:
        return engine.plan(version.workflows[0].id)
    from orchestrate.playbook.compile import compile_playbook

    def load(name: str) -> tuple[str, bytes] | None:
        try:
            file = find_playbook(project, name, beside=entry.file.parent)
        except NotFoundError:
            return None
        return shown_path(project, file), read_source(file)

    return compile_playbook(entry.path, version.text, load)


def _steps(plan: Plan) -> list[str]:
    """What a plan does, one line for each parameter and step."""
    parameters = [
        f"parameter {it.name}: {it.type}"
        + ("" if it.required or it.secret else f" = {as_written(it.default)}")
        for it in plan.parameters
    ]
    return parameters + [
        f"{'  ' * line.depth}{line.path}: {' '.join(line.call.split())}"
        + "".join(f" [{note}]" for note in line.notes)
        for line in outline(plan)
    ]
