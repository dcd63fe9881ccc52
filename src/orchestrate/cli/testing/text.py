"""The report for people: a dot or a line for each scenario, failures in full at the end."""

from collections.abc import Iterator

from orchestrate.cli.console import Stream
from orchestrate.cli.formats import counted
from orchestrate.cli.style import style_of
from orchestrate.library.testing.results import FAILED, INVALID, PASSED, Result, Results
from orchestrate.workflow.scenarios.judging import Verdict
from orchestrate.workflow.scenarios.reading import Invalid
from orchestrate.workflow.scenarios.telling import Teller

_WIDTH = 80
_LETTERS = {PASSED: ".", FAILED: "F", INVALID: "E"}
_STYLES = {PASSED: "good", FAILED: "bad", INVALID: "bad"}


class TextReport:
    """Writes while the run goes on. `verbose`: a line for each scenario instead of a dot."""

    def __init__(self, stream: Stream, teller: Teller, total: int, *, verbose: bool) -> None:
        self._stream = stream
        self._teller = teller
        self._style = style_of(stream)
        self._width = self._style.width or _WIDTH
        self._verbose = verbose
        self._total = total
        self._done = 0
        self._file = ""
        self._column = 0

    def begin(self) -> None:
        """How many there are."""
        self._stream.line(self._style.strong(f"{counted(self._total, 'scenario')}"))
        self._stream.line()

    def add(self, result: Result) -> None:
        """One more has ended."""
        self._done += 1
        if self._verbose:
            self._line(result)
            return
        file = result.scenario.file
        if file != self._file:
            self._end_line()
            self._file = file
            self._write(f"{file} ")
        elif self._column >= self._width - 7:
            self._end_line()
        self._write(self._style.apply(_STYLES[result.outcome], _LETTERS[result.outcome]), 1)

    def _line(self, result: Result) -> None:
        word = self._style.apply(_STYLES[result.outcome], result.outcome.upper())
        self._stream.line(f"{result.id} {word}{self._percent(len(result.id) + 8)}")

    def _write(self, text: str, columns: int | None = None) -> None:
        self._stream.write(text)
        self._column += len(text) if columns is None else columns

    def _end_line(self) -> None:
        if self._column:
            self._stream.line(self._percent(self._column, before=1))
            self._column = 0

    def _percent(self, column: int, before: int = 0) -> str:
        share = f"[{100 * (self._done - before if self._file else self._done) // self._total:3d}%]"
        return self._style.dim(share.rjust(max(len(share) + 1, self._width - column)))

    def end(self, run: Results) -> None:
        """Everything that has to be said about it."""
        if not self._verbose and self._column:
            self._stream.line(self._percent(self._column))
        self._section(run, INVALID, "invalid")
        self._section(run, FAILED, "failures")
        self._warnings(run)
        if run.coverage is not None:
            from orchestrate.cli.testing.coverage import coverage_lines

            self._rule("coverage")
            for line in coverage_lines(run.coverage, self._style):
                self._stream.line(line)
        self._short_summary(run)
        self._summary(run)

    def _rule(self, title: str, letter: str = "=", style: str = "strong") -> None:
        self._stream.line()
        line = f" {title} ".center(self._width, letter)
        self._stream.line(self._style.apply(style, line))

    def _section(self, run: Results, outcome: str, title: str) -> None:
        chosen = [result for result in run.results if result.outcome == outcome]
        if not chosen:
            return
        self._rule(title)
        told: set[str] = set()
        for result in chosen:
            self._stream.line(self._style.bad(f" {result.scenario.name or result.id} ".center(
                self._width, "_")))  # fmt: skip
            for block in self._blocks(result):
                again = block in told
                told.add(block)
                first = block.split("\n")[0]
                self._stream.line(f"{first} (as above)" if again else block)

    def _blocks(self, result: Result) -> Iterator[str]:
        if isinstance(result.verdict, Invalid):
            yield from result.verdict.faults
        else:
            yield from self._teller.verdict(result.verdict)

    def _warnings(self, run: Results) -> None:
        verdicts = [r.verdict for r in run.results if isinstance(r.verdict, Verdict)]
        listed = [warning for verdict in verdicts for warning in verdict.warnings]
        if listed:
            self._rule("warnings", style="warn")
            for warning in listed:
                self._stream.line(self._teller.mismatch(warning, "warning"))

    def _short_summary(self, run: Results) -> None:
        red = [result for result in run.results if result.outcome != PASSED]
        if not red:
            return
        self._rule("summary")
        for result in red:
            word = self._style.bad(result.outcome.upper())
            self._stream.line(f"{word} {result.id} - {_first(result)}")

    def _summary(self, run: Results) -> None:
        counts = [f"{run.count(o)} {o}" for o in (FAILED, INVALID, PASSED) if run.count(o)]
        if run.deselected:
            counts.append(f"{run.deselected} deselected")
        if run.not_run:
            counts.append(f"{run.not_run} not run")
        if run.warnings:
            counts.append(counted(run.warnings, "warning"))
        red = run.count(FAILED) or run.count(INVALID)
        style = "bad" if red else "good"
        self._rule(f"{', '.join(counts)} in {run.seconds:.2f}s", style=style)


def _first(result: Result) -> str:
    """Why it is red, in a line."""
    if isinstance(result.verdict, Invalid):
        head = result.verdict.faults[0].split("\n")[0] if result.verdict.faults else ""
        return head.partition(": ")[2] or head
    mismatch = result.verdict.mismatches[0]
    return f"{mismatch.key}: {mismatch.message}".split("\n")[0]
