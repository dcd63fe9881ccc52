"""What `validate` does, without a terminal: everything that can be known before a run.

A playbook is compiled anew, then compared with the environment where it shall run: whether it may
run there, whether the environment's values fit its parameters, whether what it calls exists.
Values of required parameters are not needed.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from orchestrate.commands.plan_calls import literal_calls
from orchestrate.commands.registry import Registry
from orchestrate.errors import CommandError, Place
from orchestrate.library.capacity import check_capacity
from orchestrate.library.catalogue import playbook_files
from orchestrate.library.placing import check_environment, check_in_place
from orchestrate.library.plans import Checked
from orchestrate.playbook.compile import Compilation
from orchestrate.playbook.diagnostics import Diagnostic, Diagnostics
from orchestrate.playbook.nodes import ListNode, MapNode, Node, Scalar
from orchestrate.playbook.plan import Plan
from orchestrate.project.fields import Problem, SettingsError, suggest
from orchestrate.project.model import Environment, Project
from orchestrate.project.settings import FILE_NAME
from orchestrate.project.toml_places import locate_key
from orchestrate.secrets.sources import check_sources

if TYPE_CHECKING:
    from orchestrate.library.dependencies.model import Dependency
    from orchestrate.library.failing import Failures
    from orchestrate.playbook.fixing.repairing import Repair
    from orchestrate.playbook.linting.model import Called
    from orchestrate.workflow.rehearsal.walk import Walked

RegistryFor = Callable[[Environment], Registry]


class Changes(NamedTuple):
    """What a repair changed in a playbook's file."""

    repairs: tuple["Repair", ...]
    difference: tuple[str, ...]
    """The lines of a unified difference, each with its end."""
    written: bool
    """False if they are only shown."""


class Report(NamedTuple):
    """What was found in one playbook. `findings`: errors, warnings and notes in order of place."""

    file: str
    """Its file as messages show it."""
    name: str
    """As it says, or else as its file is called."""
    plan: Plan | None
    """None if the playbook itself is wrong."""
    environment: Environment
    findings: tuple[Diagnostic, ...]
    diagnostics: Diagnostics
    """What the compiler found, with the texts of all files."""
    calls: Mapping[Place, Place]
    """Of each step that calls a command: where it stands, and where what it calls stands."""
    compilation: Compilation
    """What the compiler made of it."""
    changes: Changes | None = None
    """What was repaired before; None if that was not asked for."""
    dependencies: tuple["Dependency", ...] | None = None
    """What it needs beyond itself; None if that was not asked for."""
    simulation: "Walked | None" = None
    """What all ways through it lead to; None if that was not asked for, or it has errors."""
    failures: "Failures | None" = None
    """What comes of everything that can happen; None if nobody asked."""

    def count(self, severity: str) -> int:
        """How many findings are an error, a warning or a note."""
        return sum(found.severity == severity for found in self.findings)


def check(
    project: Project,
    registry_for: RegistryFor,
    name_or_path: str,
    environment: str | None,
    *,
    elsewhere: bool = False,
    text: bytes | None = None,
) -> Report:
    """Check a playbook for one environment.

    Without `environment`: the default of the playbook's own parameter of that name, else dev, or
    the first of its `environments` if it may not run there; so, too, with `elsewhere`, instead of
    an error. `text` is looked at in the place of what the file holds. Raises NotFoundError and
    SettingsError.
    """
    checked = check_in_place(project, name_or_path, environment, text, elsewhere=elsewhere)
    plan = checked.compilation.plan
    if plan is None:
        return _report(checked, [])
    check_environment(project, plan, checked)
    if plan.triggers:
        check_webhooks(project, plan, checked.compilation.diagnostics)
    check_capacity(dict(project.settings.capacity), plan, checked.compilation.diagnostics)
    registry = registry_for(checked.environment)
    report_commands(registry.check(plan), plan, checked.compilation, lenient=True)
    for error in check_sources(plan.secrets):
        checked.compilation.diagnostics.error(
            "unknown-value", error.message, error.place or plan.steps[0].place, hint=error.hint
        )
    return _report(checked, _lint(project, checked, plan, registry))


def check_all(
    project: Project, registry_for: RegistryFor, environment: str | None
) -> Iterator[Report]:
    """Check every playbook of the project, each for `environment` if it may run there."""
    for file in readable_files(project):
        yield check(project, registry_for, str(file), environment, elsewhere=True)


def readable_files(project: Project) -> Iterator[Path]:
    """The files of all playbooks; pipes, devices and links to nowhere hold none."""
    return (file for file in playbook_files(project) if file.is_file())


def check_webhooks(project: Project, plan: Plan, diagnostics: Diagnostics) -> None:
    """Warn of webhooks that nothing here would sign."""
    from orchestrate.playbook.triggers import SHARED_SECRET, WebhookTrigger

    if os.environ.get(SHARED_SECRET) or project.settings.webhook_secret:
        return
    for trigger in plan.triggers:
        if (
            isinstance(trigger, WebhookTrigger)
            and trigger.secret is None
            and trigger.signature != "none"
        ):
            diagnostics.warning(
                "webhook-without-secret",
                f"nothing here signs deliveries to {trigger.path}, so they are refused",
                trigger.place,
                hint=f"give it `secret: ${{secrets.NAME}}`, or set {SHARED_SECRET}",
            )


def check_settings(project: Project) -> None:
    """Raises SettingsError if `[lint] ignore` names a rule that there is not."""
    from orchestrate.playbook.linting.rules import RULES

    unknown = [name for name in project.settings.lint_ignore if name not in RULES]
    if not unknown:
        return
    file = project.root / FILE_NAME
    place = locate_key(str(file), file.read_text(encoding="utf-8"), ("lint", "ignore"))
    hint = "docs/lint-rules.md lists the rules."
    raise SettingsError(
        [
            Problem(
                place, f"lint.ignore: there is no rule `{name}`", suggest(name, [*RULES]) or hint
            )
            for name in unknown
        ]
    )


def _report(checked: Checked, lint: Iterable[Diagnostic]) -> Report:
    plan, diagnostics, documents, _ = checked.compilation
    findings = sorted((*diagnostics.found, *lint), key=lambda found: (found.place, found.severity))
    calls = dict(_places_of_calls(documents))
    name = plan.name if plan is not None else _name_of(checked)
    found = tuple(findings)
    return Report(
        checked.shown, name, plan, checked.environment, found, diagnostics, calls,
        checked.compilation,
    )  # fmt: skip


def _name_of(checked: Checked) -> str:
    """The name of a playbook that cannot be compiled."""
    document = checked.compilation.documents.get(checked.shown)
    for entry in document.entries if document is not None else ():
        if entry.key.text == "name" and isinstance(entry.value, Scalar) and entry.value.text:
            return entry.value.text
    return Path(checked.shown).stem


def _lint(
    project: Project, checked: Checked, plan: Plan, registry: Registry
) -> tuple[Diagnostic, ...]:
    """What the rules find. What they are told to ignore is taken out of the compiler's warnings,
    too.
    """
    from orchestrate.playbook.linting.linter import ignored_in, lint
    from orchestrate.playbook.linting.model import Facts

    _, diagnostics, documents, _ = checked.compilation
    lines = diagnostics.texts[checked.shown]
    ignored = ignored_in(checked.shown, lines, project.settings.lint_ignore)
    diagnostics.found[:] = [
        found
        for found in diagnostics.found
        if found.severity == "error" or not ignored.covers(found.rule, found.place, None)
    ]
    environment = checked.environment
    facts = Facts(_Calls(registry), environment=environment.name, variables=environment.variables)
    if environment.protected:
        facts = facts._replace(protected=facts.protected | {environment.name})
    return tuple(lint(plan, documents[checked.shown], lines, facts, ignored))


class _Calls:
    """What commands are, asked of the registry once for each beginning."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._known: dict[tuple[str, ...], Called] = {}

    def __call__(self, words: Sequence[str]) -> "Called":
        head = tuple(words[:2])
        found = self._known.get(head)
        if found is None:
            found = self._known[head] = self._look_up(words)
        return found

    def _look_up(self, words: Sequence[str]) -> "Called":
        from orchestrate.playbook.linting.model import Called

        try:
            resolved = self._registry.resolve(words)
        except CommandError:
            return Called()
        mapping = self._registry.mapping_of(words[0])
        remote = mapping is not None and mapping.ssh is not None
        return Called(remote, resolved.read_only)


def report_commands(
    problems: Sequence[tuple[Place, str, str]],
    plan: Plan,
    compilation: Compilation,
    *,
    lenient: bool = False,
) -> None:
    """Report what a plan calls and cannot be called (`Registry.check` found it).

    `lenient`: a program that is missing on PATH is only a warning, since the playbook may be meant
    for another machine.
    """
    if not problems:
        return
    diagnostics = compilation.diagnostics
    places = dict(_places_of_calls(compilation.documents))
    words = {place: call[0] for place, call in literal_calls(plan)}
    for place, message, hint in problems:
        report = diagnostics.warning if lenient and "/" not in words[place] else diagnostics.error
        report("command-not-found", message, places.get(place, place), hint=hint)


def _places_of_calls(documents: Mapping[str, MapNode]) -> Iterator[tuple[Place, Place]]:
    """Of each step: where it stands, and where what it calls stands. Plans hold the former only."""
    nodes: list[Node] = list(documents.values())
    while nodes:
        node = nodes.pop()
        if isinstance(node, ListNode):
            nodes += node.items
        elif isinstance(node, MapNode):
            called = node.get("command") or node.get("script")
            if called is not None:
                yield node.place, called.place
            nodes += [entry.value for entry in node.entries]
