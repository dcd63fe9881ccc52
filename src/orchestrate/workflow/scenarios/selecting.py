"""Which scenarios a pattern means."""

from orchestrate.workflow.scenarios.outcomes import matches


def selects(pattern: str, scenario: str) -> bool:
    """Whether the pattern is a part of `file::name`, letters of either case; `*` and `?` are
    wildcards, `not` before it turns it round.
    """
    wanted = pattern.strip().lower()
    if wanted.startswith("not "):
        return not selects(wanted.removeprefix("not "), scenario)
    return matches(f"*{wanted}*", scenario.lower())
