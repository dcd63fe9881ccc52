"""What `validate --simulate --failures` finds: what comes of everything that can happen to a step,
and the rules that this breaks, as findings with their places.
"""

from collections.abc import Sequence
from typing import NamedTuple

from orchestrate.errors import Place
from orchestrate.library.checking import Report
from orchestrate.playbook.diagnostics import Diagnostic
from orchestrate.playbook.plan import Plan
from orchestrate.workflow import paths
from orchestrate.workflow.rehearsal.matrix import Breach, Matrix, happening
from orchestrate.workflow.rehearsal.rules import breaches
from orchestrate.workflow.structure import locate

RULE = "require-"
"""How the rule of such a finding begins: `require-rollback`."""

_UNDO = "add an `on_failure` that rolls back to it or around it, or `compensate` in a transaction"
_HINTS = {
    "rollback": _UNDO,
    "notify": "add `/notify` to an `on_failure` around it, or to `finally`",
    "no-leftovers": _UNDO,
    "no-needs-attention": "say `idempotent: true` where a step may run twice",
}
BROKEN_BY = {
    "rollback": "a failure or timeout, from the first step of `type: deployment` on, after which "
    "no handler or compensation runs that is there for failures and does more than tell or check "
    "something",
    "notify": "a failure or timeout after which no handler tells anybody: `/notify`, or a step of "
    "`type: notification`",
    "no-leftovers": "a failure or timeout that leaves something done and not undone",
    "no-needs-attention": "anything after which somebody must decide",
}
"""What breaks each of the rules."""
_MORE = "`validate --simulate --failures` shows all that can happen"


class Failures(NamedTuple):
    """What was found. `shown`: the matrix was asked for, not only the rules."""

    matrix: Matrix
    required: tuple[str, ...]
    breaches: tuple[Breach, ...]
    shown: bool


def with_failures(
    report: Report, matrix: Matrix, required: Sequence[str], *, shown: bool
) -> Report:
    """The report of a valid playbook with its failure matrix, and with an error for each step at
    which a rule is broken.
    """
    plan = report.plan
    assert plan is not None
    broken = breaches(matrix, required)
    findings = sorted(
        (*report.findings, *_findings(plan, broken, shown=shown)),
        key=lambda found: (found.place, found.severity),
    )
    failures = Failures(matrix, tuple(dict.fromkeys(required)), tuple(broken), shown)
    return report._replace(findings=tuple(findings), failures=failures)


def is_breach(finding: Diagnostic) -> bool:
    """Whether it says that such a rule is broken."""
    return finding.rule.startswith(RULE)


def _findings(plan: Plan, broken: Sequence[Breach], *, shown: bool) -> list[Diagnostic]:
    """One for each rule, step and reason, whatever the iteration."""
    found: dict[tuple[str, str, str], list[Breach]] = {}
    for breach in broken:
        key = breach.rule, paths.static(breach.row.path), breach.why
        found.setdefault(key, []).append(breach)
    return [
        Diagnostic(
            f"{RULE}{rule}",
            "error",
            f"{path} {_happenings(those)}: {why}",
            _place(plan, path),
            _HINTS[rule] if shown else f"{_HINTS[rule]}; {_MORE}",
        )
        for (rule, path, why), those in found.items()
    ]


def _happenings(broken: Sequence[Breach]) -> str:
    words = dict.fromkeys(happening(breach.row) for breach in broken)
    return f"({', '.join(words)})"


def _place(plan: Plan, path: str) -> Place:
    located = locate(plan, path)
    return located.step.place if located is not None else Place(plan.sources[0].path, 1, 1)
