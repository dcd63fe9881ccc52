"""Rules that a failure matrix can be held to."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from orchestrate.errors import UsageError
from orchestrate.workflow.outcomes import State
from orchestrate.workflow.rehearsal.matrix import FAILURES, Breach, Matrix, Row
from orchestrate.workflow.rehearsal.parts import DEPLOYMENT, is_reaction

Rule = Callable[[Matrix], Iterable[tuple[Row, str]]]


def breaches(matrix: Matrix, wanted: Sequence[str]) -> list[Breach]:
    """The rows that break one of the rules. Raises UsageError for a rule that does not exist."""
    check_rules(wanted)
    return [
        Breach(rule, row, why) for rule in dict.fromkeys(wanted) for row, why in RULES[rule](matrix)
    ]


def check_rules(wanted: Iterable[str], origin: str = "--require") -> None:
    """Raises UsageError if there is no such rule."""
    from orchestrate.playbook.diagnostics import nearest

    for rule in wanted:
        if rule not in RULES:
            near = nearest(rule, RULES)
            meant = f"did you mean `{near}`? " if near else ""
            raise UsageError(
                f"{origin} {rule}: there is no such rule",
                hint=f"{meant}The rules are {', '.join(RULES)}.",
            )


def vacuous(matrix: Matrix, wanted: Sequence[str]) -> Mapping[str, str]:
    """The rules that had nothing to look at, and why."""
    if "rollback" in wanted and not any(row.deployed for row in matrix.rows):
        why = f"no step has the type {DEPLOYMENT}; give it to those that change what people use"
        return {"rollback": f"nothing to check, {why}"}
    return {}


def _rollback(matrix: Matrix) -> Iterable[tuple[Row, str]]:
    """From the first `deployment` step on, no failure ends without a handler or compensation that
    is there for failures and does more than tell or check something. Whether these fail themselves
    is another question.
    """
    for row in _failed(matrix):
        if row.deployed and not row.reacted and not is_reaction(row.path):
            yield row, "no handler or compensation undoes anything"


def _notify(matrix: Matrix) -> Iterable[tuple[Row, str]]:
    """No failure ends without a handler that tells somebody, but for the failures of those."""
    telling = {step.path for step in matrix.steps if step.tells}
    for row in _failed(matrix):
        if not row.told and row.path not in telling:
            yield row, "nobody is told"


def _failed(matrix: Matrix) -> Iterable[Row]:
    """The failures after which the workflow has not succeeded."""
    for row in matrix.rows:
        if row.mishap in FAILURES and row.state != State.SUCCEEDED:
            yield row


def _no_needs_attention(matrix: Matrix) -> Iterable[tuple[Row, str]]:
    """Nothing ends so that somebody must decide."""
    for row in matrix.rows:
        if row.state == State.NEEDS_ATTENTION:
            parked = ", ".join(row.resume.decide)
            yield row, f"somebody must decide about {parked}" if parked else "needs attention"


def _no_leftovers(matrix: Matrix) -> Iterable[tuple[Row, str]]:
    """No failure leaves something done that nothing undid."""
    for row in matrix.rows:
        if row.mishap in FAILURES and (left := (*row.done, *row.partial)):
            more = f" and {len(left) - 3} more" if len(left) > 3 else ""
            yield row, f"nothing undoes {', '.join(left[:3])}{more}"


RULES: Mapping[str, Rule] = {
    "rollback": _rollback,
    "notify": _notify,
    "no-leftovers": _no_leftovers,
    "no-needs-attention": _no_needs_attention,
}
"""Every rule by its name."""
