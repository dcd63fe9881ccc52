"""Applies the rules to a checked playbook."""

from collections.abc import Iterable, Sequence

from orchestrate.playbook.diagnostics import Diagnostic
from orchestrate.playbook.linting.ignoring import Ignored, read_comments
from orchestrate.playbook.linting.model import Facts, Subject
from orchestrate.playbook.linting.rules import RULES
from orchestrate.playbook.nodes import MapNode
from orchestrate.playbook.plan import Plan


def lint(
    plan: Plan, document: MapNode, lines: Sequence[str], facts: Facts, ignored: Ignored
) -> list[Diagnostic]:
    """What the rules find in a playbook and no comment switches off, in order of place.

    `document` and `lines` are the playbook's own file; sub-playbooks are checked by themselves.
    """
    subject = Subject(plan, document, lines, facts)
    found: dict[Diagnostic, None] = {}
    for rule in RULES.values():
        if rule.find is None or rule.name in ignored.everywhere:
            continue
        for message, place, hint, length, step in rule.find(subject):
            if not ignored.covers(rule.name, place, step):
                found[Diagnostic(rule.name, rule.severity, message, place, hint, length)] = None
    return sorted((*found, *ignored.complaints), key=lambda each: each.place)


def ignored_in(file: str, lines: Sequence[str], settings: Iterable[str]) -> Ignored:
    """What a file's comments and the project's settings switch off."""
    comments = read_comments(file, lines)
    return comments._replace(everywhere=comments.everywhere | frozenset(settings))
