"""Coverage as a table, and what was never exercised."""

from collections.abc import Iterator, Sequence

from orchestrate.cli.style import Style
from orchestrate.workflow.scenarios.coverage import Count, Covered, percent
from orchestrate.workflow.scenarios.targets import KINDS, plural


def coverage_lines(coverage: Sequence[Covered], style: Style) -> Iterator[str]:
    """A row for each playbook, below it what was missed, then the total."""
    total = {kind: _sum(covered.counts[kind] for covered in coverage) for kind in KINDS}
    width = max(len("playbook"), *(len(covered.file) for covered in coverage), len("total"))
    heads = "".join(f"{plural(kind):>12}" for kind in KINDS)
    yield style.dim(f"{'playbook':<{width}}{heads}{'covered':>10}")
    for covered in coverage:
        counts = [covered.counts[kind] for kind in KINDS]
        full = not covered.missed
        row = f"{covered.file:<{width}}{_cells(counts)}{shown_percent(covered.percent):>10}"
        yield style.apply("good" if full else "warn", row)
        for target in covered.missed:
            yield f"  never: {target.kind} {target.name}  {style.dim(str(target.place))}"
    counts = list(total.values())
    yield style.strong(f"{'total':<{width}}{_cells(counts)}{shown_percent(percent(counts)):>10}")


def shown_percent(share: float) -> str:
    """Whole percent, rounded down: 100 % means all."""
    return f"{int(share)} %"


def _sum(counts: "Iterator[Count]") -> Count:
    listed = list(counts)
    return Count(sum(c.exercised for c in listed), sum(c.total for c in listed))


def _cells(counts: Sequence[Count]) -> str:
    texts = (f"{count.exercised}/{count.total}" if count.total else "-" for count in counts)
    return "".join(f"{text:>12}" for text in texts)
