"""Rules about what people read: descriptions and labels."""

from collections.abc import Iterator

from orchestrate.playbook.linting.calls import CHANGE_LABELS, CHECK_LABELS
from orchestrate.playbook.linting.model import NOTE, WARNING, Finding, Rule, Subject
from orchestrate.playbook.nodes import Scalar
from orchestrate.playbook.spelling import nearest

_LABELS = tuple(sorted(CHANGE_LABELS | CHECK_LABELS | {"backup", "notification", "rollback"}))


def _no_description(subject: Subject) -> Iterator[Finding]:
    if not subject.plan.description.strip():
        name = subject.document.get("name")
        place = name.place if isinstance(name, Scalar) else subject.document.place
        length = len(name.text) if isinstance(name, Scalar) else 1
        yield Finding(
            "the playbook does not say what it is for",
            place,
            "add `description:`, one sentence for lists and for whoever is on call",
            length,
        )


def _misspelt_label(subject: Subject) -> Iterator[Finding]:
    meant: dict[str, str | None] = {}
    for located in subject.steps:
        label = located.step.label
        if label is None or label in _LABELS:
            continue
        if label not in meant:
            near = nearest(label, _LABELS)
            meant[label] = near if near is not None and abs(len(near) - len(label)) <= 1 else None
        near = meant[label]
        if near is not None and near[0] == label[0]:
            hint = f"if `{near}` is meant, write it: labels decide about idempotence and checks"
            yield subject.at_key(
                located.step, "type", f"the label `{label}` is nearly `{near}`", hint
            )


NO_DESCRIPTION = Rule(
    "no-description",
    NOTE,
    "the playbook has no description",
    "A playbook is found, chosen and trusted by its description: it is shown in lists, in searches "
    "and before a confirmation. One sentence that says what the playbook achieves is enough.",
    _no_description,
)
MISSPELT_LABEL = Rule(
    "misspelt-label",
    WARNING,
    "a label is nearly a well-known one",
    "Any word may be a label, so a misspelt `type: valdiation` is no error, but it loses what the "
    "well-known label means: `validation` and `test` are idempotent by default, and `deployment` "
    "is what rules and rehearsals look for.",
    _misspelt_label,
)
