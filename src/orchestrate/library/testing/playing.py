"""Playing collected scenarios, and what of their playbooks that exercised."""

import time
from collections.abc import Callable, Sequence

from orchestrate.library.scenarios import Collected, plans_to_cover
from orchestrate.library.testing.results import FAILED, INVALID, Result
from orchestrate.project.model import Project
from orchestrate.workflow.scenarios.coverage import Coverage, Covered
from orchestrate.workflow.scenarios.judging import Verdict, judge
from orchestrate.workflow.scenarios.reading import Invalid, Scenario


def play(
    chosen: Sequence[Scenario | Invalid],
    tell: Callable[[Result], object],
    *,
    strict: bool,
    stop: bool,
) -> list[Result]:
    """Play them in order; `tell` hears of each. `strict`: what nothing came for is a failure;
    `stop`: after the first that is not green.
    """
    results: list[Result] = []
    for item in chosen:
        begun = time.monotonic()
        verdict = item if isinstance(item, Invalid) else _judge(item, strict=strict)
        result = Result(verdict, time.monotonic() - begun)
        results.append(result)
        tell(result)
        if stop and result.outcome in (FAILED, INVALID):
            break
    return results


def _judge(scenario: Scenario, *, strict: bool) -> Verdict:
    verdict = judge(scenario)
    if strict:
        both = (*verdict.mismatches, *verdict.warnings)
        return verdict._replace(mismatches=both, warnings=())
    return verdict


def covered(
    project: Project,
    collected: Collected,
    results: Sequence[Result],
    left_out: Callable[[str], object],
) -> list[Covered]:
    """What was exercised, by playbook; `left_out` hears of those that have errors."""
    coverage = Coverage()
    for file, plan in plans_to_cover(project, collected):
        if plan is None:
            left_out(file)
        else:
            coverage.expect(plan, (file,))
    for result in results:
        verdict = result.verdict
        if isinstance(verdict, Verdict) and verdict.played is not None:
            coverage.add(verdict.scenario.plan, verdict.played.events)
    return coverage.by_file()
