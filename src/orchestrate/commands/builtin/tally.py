"""What the checks of `/monitor` come to over all rounds."""

from collections.abc import Sequence

from orchestrate.commands.builtin.checks import CheckResult
from orchestrate.commands.builtin.context import say


class Tally:
    """What the checks came to, over all rounds."""

    def __init__(self) -> None:
        self.results: dict[str, list[CheckResult]] = {}

    def add(self, results: Sequence[CheckResult]) -> None:
        """Count one round, and say what changed since the last one."""
        for result in results:
            earlier = self.results.setdefault(result.name, [])
            if not earlier or earlier[-1].passed != result.passed:
                state = "pass" if result.passed else "FAIL"
                took = "" if result.latency is None else f" ({result.latency * 1000:.0f} ms)"
                say(f"{state}  {result.name}: {result.message}{took}")
            earlier.append(result)

    @property
    def total(self) -> int:
        """How many checks were done."""
        return sum(len(results) for results in self.results.values())

    @property
    def passed(self) -> int:
        """How many of them passed."""
        return sum(result.passed for results in self.results.values() for result in results)

    @property
    def share(self) -> float:
        """The share that passed, 0 to 1."""
        return self.passed / self.total

    def latencies(self) -> list[float]:
        """Every latency, sorted."""
        return sorted(
            result.latency
            for results in self.results.values()
            for result in results
            if result.latency is not None
        )


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """The value below which `share` of the sorted values lie; None without values."""
    if not ordered:
        return None
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
