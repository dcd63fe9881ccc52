"""The results of a test run, as every report reads them."""

from collections.abc import Sequence
from typing import NamedTuple

from orchestrate.workflow.scenarios.coverage import Covered, percent
from orchestrate.workflow.scenarios.judging import Verdict
from orchestrate.workflow.scenarios.reading import Invalid, Scenario

PASSED = "passed"
FAILED = "failed"
INVALID = "invalid"


class Result(NamedTuple):
    """One scenario. `seconds` are real ones."""

    verdict: Verdict | Invalid
    seconds: float

    @property
    def outcome(self) -> str:
        """passed, failed or invalid."""
        if isinstance(self.verdict, Invalid):
            return INVALID
        return PASSED if self.verdict.passed else FAILED

    @property
    def id(self) -> str:
        """File and name."""
        return self.scenario.id

    @property
    def scenario(self) -> Scenario | Invalid:
        """The scenario itself."""
        return self.verdict if isinstance(self.verdict, Invalid) else self.verdict.scenario


class Results(NamedTuple):
    """A whole run."""

    results: Sequence[Result]
    seconds: float
    deselected: int
    """Scenarios that `-k` left out."""
    not_run: int
    """Scenarios that `-x` did not come to."""
    coverage: Sequence[Covered] | None

    def count(self, outcome: str) -> int:
        """How many ended so."""
        return sum(result.outcome == outcome for result in self.results)

    @property
    def warnings(self) -> int:
        """How many warnings there are."""
        verdicts = (result.verdict for result in self.results)
        return sum(len(v.warnings) for v in verdicts if isinstance(v, Verdict))


def total_percent(coverage: Sequence[Covered]) -> float:
    """The share of everything that was exercised, 0 to 100."""
    return percent(count for covered in coverage for count in covered.counts.values())
